//! How long to wait: as long as the answer asks, else exponentially, with full jitter.

use crate::backoff::{doubled, jittered};
use crate::http;
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

/// What Graph or Entra asks for; nothing to wait for is an answer, too
/// (reference/graph-limits.md#retry-after).
pub(super) fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    http::retry_after::parse(value, now, LONGEST)
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
        jittered(LEAST, doubled(FIRST, MOST, attempt), self.0.random())
    }
}

#[cfg(test)]
#[path = "backoff_tests.rs"]
mod tests;
