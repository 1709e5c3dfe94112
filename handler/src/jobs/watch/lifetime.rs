//! How long a subscription lives, and when it is renewed.
//!
//! Guarantees: what the service grants decides, not what was asked for; a renewal falls at half of the granted life, spread by
//! the mailbox's own share, so that what was made together is not renewed together, and is so every time it is asked.

use crate::ids::{TenantName, UserId, hash};
use crate::jobs::context::AppContext;
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// How long a subscription is asked to live, unless the service allows less
/// (reference/graph-notifications.md#subscription-life).
pub const LIFE: Duration = Duration::minutes(4_200);

/// Renewed no sooner than this, however short a life was granted: else each round would do nothing but renew.
const SOONEST: Duration = Duration::minutes(1);

#[derive(Serialize, Deserialize)]
struct LifeRow {
    minutes: u32,
}

const LEARNED: Singleton<LifeRow> = Singleton::new("subscription-life");

/// How long a subscription may live here: our wish, or what the service allowed last.
pub async fn requested_life(app: &AppContext, tenant: &TenantName) -> Result<Duration, StoreError> {
    let learned = LEARNED.read(&app.ledger, tenant).await?;
    Ok(learned.map_or(LIFE, |learned| LIFE.min(Duration::minutes(i64::from(learned.minutes)))))
}

/// The service has named the longest life that it allows.
pub async fn remember_limit(app: &AppContext, tenant: &TenantName, most: u32) -> Result<Duration, StoreError> {
    // Ten minutes less than it says, for clocks that differ.
    let minutes = most.saturating_sub(10).max(1);
    LEARNED.update(&app.ledger, tenant, |_| Some(LifeRow { minutes })).await?;
    Ok(Duration::minutes(i64::from(minutes)))
}

/// When a subscription that lives from now until `expires` is renewed: at half of that time, less up to a tenth of it.
pub fn renewal(user: &UserId, now: DateTime<Utc>, expires: DateTime<Utc>) -> DateTime<Utc> {
    let life = expires - now;
    now + (life / 2 - jitter(user, life / 10)).max(SOONEST)
}

/// This mailbox's own part of `most`: the same one every time.
pub fn jitter(user: &UserId, most: Duration) -> Duration {
    const PARTS: u64 = 9_973;
    let sum = hash(user.as_str()).bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let part = i64::try_from(sum % PARTS).unwrap_or_default();
    Duration::milliseconds(most.num_milliseconds() / PARTS as i64 * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn renewals_of_what_was_made_together_are_spread_evenly_and_repeatably() {
        let expires = now() + Duration::hours(70);
        let due = |n: u32| renewal(&UserId::new(format!("user-{n}")), now(), expires);
        let mut tenths = [0; 10];
        for n in 0..10_000 {
            let before_half = now() + Duration::hours(35) - due(n);
            assert!(before_half >= Duration::zero() && before_half < Duration::hours(7), "{before_half}");
            tenths[(before_half.num_minutes() / 42) as usize] += 1;
            assert_eq!(due(n), due(n));
        }
        assert!(tenths.iter().all(|count| (850..1_150).contains(count)), "{tenths:?}");
    }

    #[test]
    fn a_life_that_is_over_when_it_is_granted_does_not_bring_us_back_at_once() {
        for minutes in [-60, 0, 1] {
            assert_eq!(renewal(&"a".into(), now(), now() + Duration::minutes(minutes)), now() + SOONEST);
        }
    }
}
