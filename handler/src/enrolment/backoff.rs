//! When to try again: exponential with jitter, bounded by the deadline and not by a number of tries.

use crate::backoff::{doubled, jittered};
use crate::enrolment::policy::Retry;
use chrono::{DateTime, Duration, Utc};

/// How long to wait after the `failures`-th failure in a row (1 or more): doubling from `first` to `most`, of which a random
/// part between a half and the whole is taken (`dice` in 0..1), so that what failed together does not come back together.
/// `at_least` is the LMS's `Retry-After`.
pub fn wait(retry: Retry, failures: u32, at_least: Option<Duration>, dice: f64) -> Duration {
    let whole = doubled(to_std(retry.first), to_std(retry.most), failures.saturating_sub(1));
    to_chrono(jittered(whole / 2, whole, dice)).max(at_least.unwrap_or(Duration::zero()))
}

/// The time of the next try, never after the deadline: at the deadline itself the cancellation is looked at a last time and
/// becomes `expired`.
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

/// How long to wait before an event whose mailbox could not be read is looked at again: 30 seconds, doubling to an hour.
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
mod tests {
    use super::*;

    fn retry() -> Retry {
        Retry { first: Duration::seconds(30), most: Duration::hours(1) }
    }

    #[test]
    fn doubles_from_first_to_most() {
        let whole: Vec<i64> = (1..=9).map(|n| wait(retry(), n, None, 1.0).num_seconds()).collect();
        assert_eq!(whole, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(wait(retry(), u32::MAX, None, 1.0).num_seconds(), 3600);
    }

    #[test]
    fn jitter_takes_between_half_and_all() {
        assert_eq!(wait(retry(), 2, None, 0.0).num_seconds(), 30);
        assert_eq!(wait(retry(), 2, None, 0.5).num_seconds(), 45);
        assert_eq!(wait(retry(), 2, None, 1.0).num_seconds(), 60);
    }

    #[test]
    fn retry_after_is_a_lower_bound() {
        assert_eq!(wait(retry(), 1, Some(Duration::seconds(100)), 1.0).num_seconds(), 100);
        assert_eq!(wait(retry(), 8, Some(Duration::seconds(100)), 1.0).num_seconds(), 3600);
    }

    #[test]
    fn the_last_look_is_at_the_deadline() {
        let now: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
        let deadline = now + Duration::minutes(10);
        assert_eq!(next(retry(), 8, None, 1.0, now, Some(deadline)), deadline);
        assert_eq!(next(retry(), 1, None, 1.0, now, Some(deadline)), now + Duration::seconds(30));
        assert_eq!(next(retry(), 1, None, 1.0, now, None), now + Duration::seconds(30));
    }

    #[test]
    fn unreadable_mailboxes_are_asked_from_half_a_minute_to_an_hour() {
        let waits: Vec<i64> = (0..9).map(|n| unreadable(n).num_seconds()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }
}
