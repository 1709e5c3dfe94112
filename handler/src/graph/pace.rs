//! How fast subscriptions may be written: the service takes so many creations, renewals and deletions of one app in one tenant
//! within 20 seconds (facts sheet, section 9), and whoever breaks that limit is refused with all their other writes.
//!
//! Guarantee: in any stretch of that length no more leave than [`WriteLimit::most`]. No I/O; the time is a value. This is one
//! process's share: several instances must agree on the whole by other means.

use std::time::Duration;
use tokio::time::Instant;

/// At most so many writes within so long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WriteLimit {
    pub most: u32,
    pub within: Duration,
}

impl Default for WriteLimit {
    /// The documented 1,000, less a tenth: Graph counts them as they arrive, not as they leave.
    fn default() -> Self {
        Self { most: 900, within: Duration::from_secs(20) }
    }
}

/// A tenth of the limit may go at once, the rest follows evenly.
pub(super) struct Pace {
    limit: WriteLimit,
    /// What may go at `at`.
    room: f64,
    at: Option<Instant>,
}

impl Pace {
    pub(super) fn new(limit: WriteLimit) -> Self {
        Self { limit, room: Self::burst(limit), at: None }
    }

    fn burst(limit: WriteLimit) -> f64 {
        // A whole batch must fit.
        (f64::from(limit.most) / 10.0).max(super::queue::PARTS as f64)
    }

    fn per_second(&self) -> f64 {
        let spread = (f64::from(self.limit.most) - Self::burst(self.limit)).max(1.0);
        spread / self.limit.within.as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn room(&self, now: Instant) -> f64 {
        let since = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        (self.room + since.as_secs_f64() * self.per_second()).min(Self::burst(self.limit))
    }

    /// When this many may go together. At most a burst is waited for.
    pub(super) fn when(&self, wanted: usize, now: Instant) -> Instant {
        let missing = (wanted as f64).min(Self::burst(self.limit)) - self.room(now);
        match Duration::try_from_secs_f64(missing / self.per_second()) {
            // A moment more, so that rounding never finds a part of a write missing.
            Ok(wait) if !wait.is_zero() => now + wait + Duration::from_millis(1),
            // Negative: there is room.
            Ok(_) | Err(_) => now,
        }
    }

    pub(super) fn spend(&mut self, writes: usize, now: Instant) {
        self.room = self.room(now) - writes as f64;
        self.at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::VecDeque;

    #[test]
    fn no_stretch_of_the_length_holds_more_than_the_limit() {
        let limit = WriteLimit::default();
        let mut pace = Pace::new(limit);
        let begin = Instant::now();
        let (mut now, mut sent, mut gone) = (begin, 0, VecDeque::new());
        while now < begin + Duration::from_secs(200) {
            let when = pace.when(20, now);
            // Idle for a while in between, as at night.
            now = if sent == 2_000 { when + Duration::from_secs(60) } else { when };
            pace.spend(20, now);
            sent += 20;
            gone.push_back(now);
            while gone.front().is_some_and(|first| now - *first >= limit.within) {
                gone.pop_front();
            }
            assert!(gone.len() * 20 <= 900, "{} at {:?}", gone.len() * 20, now - begin);
        }
        assert!(sent > 5_000, "{sent} of 140 seconds' 6,300 or less");
    }
}
