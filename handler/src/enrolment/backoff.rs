//! When to try again: exponential with jitter, bounded by the deadline and not by a number of tries.

use crate::backoff::{doubled, jittered};
use crate::enrolment::policy::Retry;
use chrono::{DateTime, Duration, Utc};

/// How long to wait after the `failures`-th failure in a row (1 or more): doubling from `first` to `most`, of
/// which a random part between a half and the whole is taken (`dice` in 0..1), so that what failed together
/// does not come back together. `at_least` is the LMS's `Retry-After`.
pub fn wait(retry: Retry, failures: u32, at_least: Option<Duration>, dice: f64) -> Duration {
    let whole = doubled(to_std(retry.first), to_std(retry.most), failures.saturating_sub(1));
    to_chrono(jittered(whole / 2, whole, dice)).max(at_least.unwrap_or(Duration::zero()))
}

/// The time of the next try, never after the deadline: at the deadline itself the cancellation is looked at a
/// last time and becomes `expired`.
pub fn next(
    retry: Retry,
    failures: u32,
    at_least: Option<Duration>,
    dice: f64,
    now: DateTime<Utc>,
    deadline: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    let at = now + wait(retry, failures, at_least, dice);
    match deadline {
        Some(deadline) if deadline > now => at.min(deadline),
        Some(_) | None => at,
    }
}

/// How long to wait before an event whose mailbox could not be read is looked at again: 30 seconds, doubling
/// to an hour.
pub fn unreadable(tries: u32) -> Duration {
    to_chrono(doubled(to_std(Duration::seconds(30)), to_std(Duration::hours(1)), tries))
}

fn to_std(duration: Duration) -> std::time::Duration {
    duration.to_std().unwrap_or_default()
}

fn to_chrono(duration: std::time::Duration) -> Duration {
    Duration::from_std(duration).unwrap_or_default()
}

#[cfg(test)]
#[path = "backoff_tests.rs"]
mod tests;
