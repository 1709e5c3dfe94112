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
mod tests {
    use super::*;

    #[test]
    fn rests_grow_to_the_bound_and_begin_anew() {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_millis(900), 4);
        let mut rests = Vec::new();
        for _ in 0..4 {
            rests.push(backoff.rest().as_millis());
            backoff.was_taken();
        }
        assert_eq!(rests, [100, 400, 900, 900]);
        backoff.begin_anew();
        assert_eq!(backoff.rest(), Duration::from_millis(100));
    }
}
