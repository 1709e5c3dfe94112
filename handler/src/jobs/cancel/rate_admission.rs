//! A share of a connection's rate for this instance, before the LMS is asked
//! ([`crate::enrolment::rate_shares`]).
//!
//! Why shares: a start time for each message would not hold, because a message that comes late is sent beside
//! those that come in time, and one cancellation is several requests whose times nobody knows beforehand. A
//! permit for each request would cost a write each. A share costs one read and one write in
//! [`LENGTH`] less an attempt's time, and only while much is let through; each request keeps to it in memory.
//!
//! Guarantee: the share in memory is never larger, and never longer, than the one in the ledger: made smaller
//! before that is written, and larger after.

use crate::enrolment::lms_order::BUDGET;
use crate::enrolment::rate_shares::LENGTH;
use crate::enrolment::valve::Valve;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::valves;
use crate::lms::rate_limit::Share;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use std::time::Duration as Real;
use tokio::time::Instant;

/// Whoever finds no room asks again after so long at the earliest.
const AGAIN: Real = Real::from_secs(10);

/// Whether this instance may ask the LMS now. `free_until`: without a share until then.
pub(super) async fn may_ask(
    app: &AppContext,
    context: &TenantContext,
    free_until: Option<DateTime<Utc>>,
) -> Result<bool, StoreError> {
    let (lease, rate) = (context.share.lease(), context.tenant.lms.rate);
    let mut share = lease.share.lock().await;
    // By this process's clock before the store's: the share ends here no later than there.
    let here = Instant::now();
    let known = *share;
    if let Some(known) = known {
        // Enough for a whole attempt.
        if known.requests > 0 && known.until >= here + BUDGET {
            return Ok(true);
        }
        if known.requests == 0 && known.until >= here + BUDGET + AGAIN {
            return Ok(false);
        }
    }
    let now = app.ledger.now().await?;
    if free_until.is_some_and(|until| now < until) {
        // All that goes so is no more than half of the rate; who still goes by a share keeps to that.
        let half = (rate.requests / 2).max(1);
        let held = known.filter(|known| known.requests > 0 && known.until > here);
        let requests = held.map_or(half, |known| known.requests.min(half));
        context.lms.keep_to(Share { requests, until: here + BUDGET });
        return Ok(true);
    }
    let until = here + LENGTH.to_std().unwrap_or(BUDGET);
    let mut taken = 0;
    valves::change_valve(&app.ledger, &context.tenant.name, now, |valve| {
        taken = valve.rate.with_share(&lease.holder, now, rate, now).share_of(&lease.holder);
        // What is begun already under a larger one counts until it is.
        let larger = known.filter(|known| known.requests > taken);
        let last =
            larger.and_then(|known| context.lms.keep_to(Share { requests: taken, until: known.until }));
        let ahead = last.map(|last| last.saturating_duration_since(here)).unwrap_or_default();
        let last = now + Duration::from_std(ahead).unwrap_or(LENGTH);
        Some(Valve { rate: valve.rate.with_share(&lease.holder, last, rate, now), ..valve.clone() })
    })
    .await?;
    let next = Share { requests: taken, until };
    *share = Some(next);
    context.lms.keep_to(next);
    Ok(taken > 0)
}

/// Whether something may be looked up now, or the place of a test given back, which takes so long at most: by
/// this instance's share, or with one request at a time.
pub(in crate::jobs) async fn may_look(
    app: &AppContext,
    context: &TenantContext,
    time: Real,
) -> Result<bool, StoreError> {
    let (lease, rate) = (context.share.lease(), context.tenant.lms.rate);
    let share = lease.share.lock().await;
    let here = Instant::now();
    if share.is_some_and(|share| share.requests > 0 && share.until >= here + time) {
        return Ok(true);
    }
    let now = app.ledger.now().await?;
    let until = now + Duration::from_std(time).unwrap_or(LENGTH);
    let mut is_room = false;
    valves::change_valve(&app.ledger, &context.tenant.name, now, |valve| {
        let next = valve.rate.with_permit(until, rate, now);
        is_room = next.is_some();
        next.map(|rate| Valve { rate, ..valve.clone() })
    })
    .await?;
    if is_room {
        context.lms.keep_to(Share { requests: 1, until: here + time });
    }
    Ok(is_room)
}
