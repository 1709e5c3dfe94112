//! How long to wait: as long as the answer asks, else exponentially, with full jitter.

use chrono::{DateTime, Utc};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const MOST: Duration = Duration::from_secs(16);
/// Not at once again, however the dice fall.
const LEAST: Duration = Duration::from_millis(50);

/// No wait is longer, whatever is asked for: nobody means it, and times must not overflow.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads `Retry-After`: seconds, whole or decimal (reference/graph-limits.md#retry-after), or an HTTP
/// date. A date that has passed is no wait; what can't be read is no header.
pub(super) fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok().map(|wait| wait.min(LONGEST));
    }
    let date = DateTime::<Utc>::from(httpdate::parse_http_date(value).ok()?);
    Some((date - now).to_std().unwrap_or(Duration::ZERO).min(LONGEST))
}

/// The waits where nobody names one.
pub(super) struct Backoff(StdRng);

impl Backoff {
    /// `seed` makes the waits repeatable, for tests.
    pub(super) fn new(seed: Option<u64>) -> Self {
        Self(seed.map_or_else(StdRng::from_os_rng, StdRng::seed_from_u64))
    }

    /// The wait after the failed `attempt`, counted from 0.
    pub(super) fn after(&mut self, attempt: u32) -> Duration {
        let most = FIRST.saturating_mul(2_u32.saturating_pow(attempt)).min(MOST);
        self.0.random_range(LEAST..=most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_every_form() {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        for (value, expected) in [
            ("11", Some(11_000)),
            ("2.128", Some(2_128)),
            (" 0 ", Some(0)),
            ("Sat, 21 Nov 2026 10:00:30 GMT", Some(30_000)),
            ("Sat, 21 Nov 2026 09:00:00 GMT", Some(0)),
            ("1e15", Some(86_400_000)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400_000)),
            ("-1", None),
            ("NaN", None),
            ("1e400", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(retry_after(value, now), expected.map(Duration::from_millis), "{value:?}");
        }
    }

    #[test]
    fn the_wait_grows_within_bounds_and_is_spread() {
        let mut backoff = Backoff::new(Some(7));
        for (attempt, most) in [(0, 500), (1, 1_000), (3, 4_000), (5, 16_000), (40, 16_000)] {
            let waits: Vec<_> = (0..200).map(|_| backoff.after(attempt)).collect();
            let (low, high) = (waits.iter().min().unwrap(), waits.iter().max().unwrap());
            let most = Duration::from_millis(most);
            assert!(*low >= LEAST && *high <= most, "{attempt}: {low:?} to {high:?}");
            assert!(*low < most / 4 && *high > most * 3 / 4, "{attempt}: not spread: {low:?} to {high:?}");
        }
    }
}
