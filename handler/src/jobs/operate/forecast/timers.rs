//! How often the timers fire: as `functions/<name>/function.json` says, and the default of
//! `REGRETS_DISPATCH_CRON`. A test holds these against the files.

use chrono::Duration;

/// `renew-subscriptions`.
pub const PLAN: Duration = Duration::minutes(5);
/// `dispatch-due`.
pub const DISPATCH: Duration = Duration::minutes(1);
/// `sync-sessions`.
pub const SYNC: Duration = Duration::minutes(5);
/// `housekeeping`.
pub const HOUSEKEEPING: Duration = Duration::hours(1);

const DAY: Duration = Duration::days(1);

pub fn hours(of: Duration) -> f64 {
    of.as_seconds_f64() / 3_600.0
}

/// How often something happens in a day that happens once in this time.
pub fn a_day(once_in: Duration) -> f64 {
    DAY.as_seconds_f64() / once_in.as_seconds_f64().max(1.0)
}

/// What is due so long after it was done last is found by the first planning round after that. It was done
/// some moments after a round, so that the round exactly then comes too early.
pub fn found_after(rest: Duration) -> Duration {
    let rounds = rest.num_seconds().div_euclid(PLAN.num_seconds()) + 1;
    PLAN * i32::try_from(rounds).unwrap_or(i32::MAX)
}

#[cfg(test)]
#[path = "timers_tests.rs"]
mod tests;
