//! How long to rest before the next look or try: longer each time, up to a bound.

use std::time::Duration;

#[derive(Debug, Clone)]
pub(crate) struct Backoff {
    first: Duration,
    most: Duration,
    factor: u32,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, most: Duration, factor: u32) -> Self {
        Self { first, most, factor, next: first.min(most) }
    }

    /// The rest that is due, until it is said that it was taken.
    pub(crate) fn rest(&self) -> Duration {
        self.next
    }

    pub(crate) fn was_taken(&mut self) {
        self.next = self.next.saturating_mul(self.factor).min(self.most);
    }

    pub(crate) fn begin_anew(&mut self) {
        self.next = self.first.min(self.most);
    }
}

#[cfg(test)]
#[path = "backoff_tests.rs"]
mod tests;
