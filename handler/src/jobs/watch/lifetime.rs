//! How long a subscription lives, and when it is renewed.
//!
//! Guarantees: what the service grants decides, not what was asked for; a renewal falls at half of the
//! granted life, spread by the mailbox's own share, so that what was made together is not renewed together,
//! and is so every time it is asked.

use crate::ids::{TenantName, UserId, hash};
use crate::jobs::context::AppContext;
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// How long a subscription is asked to live, unless the service allows less
/// (reference/graph-notifications.md#subscription-life).
pub const LIFE: Duration = Duration::minutes(4_200);

/// Renewed at this part of its life, less up to that part of it.
const PART: i32 = 2;
const SPREAD: i32 = 10;

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
pub async fn remember_limit(
    app: &AppContext,
    tenant: &TenantName,
    most: u32,
) -> Result<Duration, StoreError> {
    // Ten minutes less than it says, for clocks that differ.
    let minutes = most.saturating_sub(10).max(1);
    LEARNED.update(&app.ledger, tenant, |_| Some(LifeRow { minutes })).await?;
    Ok(Duration::minutes(i64::from(minutes)))
}

/// When a subscription that lives from now until `expires` is renewed: at half of that time, less up to a
/// tenth of it.
pub fn renewal(user: &UserId, now: DateTime<Utc>, expires: DateTime<Utc>) -> DateTime<Utc> {
    let life = expires - now;
    now + (life / PART - jitter(user, life / SPREAD)).max(SOONEST)
}

/// When one that lives so long is renewed, the mean of all mailboxes.
pub fn mean_renewal(life: Duration) -> Duration {
    life / PART - life / SPREAD / 2
}

/// This mailbox's own part of `most`: the same one every time.
pub fn jitter(user: &UserId, most: Duration) -> Duration {
    const PARTS: u64 = 9_973;
    let sum = hash(user.as_str())
        .bytes()
        .fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let part = i64::try_from(sum % PARTS).unwrap_or_default();
    Duration::milliseconds(most.num_milliseconds() / PARTS as i64 * part)
}

#[cfg(test)]
#[path = "lifetime_tests.rs"]
mod tests;
