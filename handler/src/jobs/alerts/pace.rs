//! How many messages one who is told gets, however many alerts of however many tenants there are: some at
//! once, then one in [`REFILL`]. What has no room is gathered into the next.

use crate::ledger::alert_outbox::Pace;
use chrono::{DateTime, Duration, Utc};

/// So many at once.
pub const BURST: u32 = 6;

/// One more in this time.
pub const REFILL: Duration = Duration::minutes(10);

const WHOLE: u32 = 1000;

/// What is left now.
fn left(pace: Option<Pace>, now: DateTime<Utc>) -> u32 {
    let Some(pace) = pace else { return BURST * WHOLE };
    let passed = (now - pace.at).num_milliseconds().max(0);
    let back = passed.saturating_mul(i64::from(WHOLE)) / REFILL.num_milliseconds();
    let back = u32::try_from(back).unwrap_or(u32::MAX);
    pace.left.saturating_add(back).min(BURST * WHOLE)
}

/// One message is spent; `None`: there is no room for one.
pub fn spend(pace: Option<Pace>, now: DateTime<Utc>) -> Option<Pace> {
    Some(Pace { left: left(pace, now).checked_sub(WHOLE)?, at: now })
}

#[cfg(test)]
#[path = "pace_tests.rs"]
mod tests;
