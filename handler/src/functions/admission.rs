//! How many requests are served: anybody may send them.

use parking_lot::Mutex;
use tokio::time::Instant;

/// A bucket that is filled evenly, on this instance.
pub struct Admission {
    burst: f64,
    per_second: f64,
    state: Mutex<(f64, Option<Instant>)>,
}

impl Admission {
    pub fn new(burst: u16, per_second: u16) -> Self {
        let burst = f64::from(burst);
        Self { burst, per_second: f64::from(per_second), state: Mutex::new((burst, None)) }
    }

    /// Whether one more is served now.
    pub fn admits(&self, now: Instant) -> bool {
        let mut state = self.state.lock();
        let (left, since) = *state;
        let passed = since.map_or(0.0, |since| now.saturating_duration_since(since).as_secs_f64());
        let left = (left + passed * self.per_second).min(self.burst);
        let admits = left >= 1.0;
        *state = (if admits { left - 1.0 } else { left }, Some(now));
        admits
    }
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod tests;
