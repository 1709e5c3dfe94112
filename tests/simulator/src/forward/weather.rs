//! What goes wrong with Graph and with the way to it, and when. Who asks at what moment decides nothing: the
//! same seed gives the same weather.

use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// From a moment on, until another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

impl Span {
    pub fn lasting(from: DateTime<Utc>, time: Duration) -> Self {
        Self { from, to: from + time }
    }

    pub fn holds(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }

    /// How much of it lies within another.
    pub fn shared(&self, other: &Span) -> Duration {
        (self.to.min(other.to) - self.from.max(other.from)).max(Duration::zero())
    }
}

/// The mailboxes' own spans.
pub type Spans = BTreeMap<Uuid, Vec<Span>>;

#[derive(Debug, Clone, Default)]
pub struct Weather {
    /// Every call fails; no notice arrives, and none is made up for later.
    pub graph_down: Vec<Span>,
    /// Our endpoint takes nothing: neither notices nor handshakes.
    pub endpoint_down: Vec<Span>,
    /// Nothing is told to anybody, although all subscriptions look healthy (reported: hours).
    pub silent: Vec<Span>,
    /// The same for single mailboxes.
    pub silent_for: Spans,
    /// Half of all calls are answered 429.
    pub throttled: Vec<Span>,
    /// The mailbox is on its way to another server: locked, and its notices come when it has arrived.
    pub moving: Spans,
    /// The mailbox is out of the app's scope.
    pub refused: Spans,
    /// The share of calls that are throttled at any time.
    pub throttle: f64,
    /// The share of new subscriptions whose answer is lost, so that Graph has one that nobody knows of.
    pub lost_answers: f64,
    /// From then on a subscription may live so many minutes at most.
    pub shorter: Option<(DateTime<Utc>, u32)>,
}

fn any(spans: &[Span], at: DateTime<Utc>) -> bool {
    spans.iter().any(|span| span.holds(at))
}

fn of(spans: &Spans, user: Uuid, at: DateTime<Utc>) -> Option<&Span> {
    spans.get(&user)?.iter().find(|span| span.holds(at))
}

impl Weather {
    pub fn is_graph_down(&self, at: DateTime<Utc>) -> bool {
        any(&self.graph_down, at)
    }

    pub fn is_endpoint_down(&self, at: DateTime<Utc>) -> bool {
        any(&self.endpoint_down, at)
    }

    pub fn is_silent(&self, user: Uuid, at: DateTime<Utc>) -> bool {
        any(&self.silent, at) || of(&self.silent_for, user, at).is_some()
    }

    pub fn is_throttled(&self, at: DateTime<Utc>) -> bool {
        any(&self.throttled, at)
    }

    pub fn is_refused(&self, user: Uuid, at: DateTime<Utc>) -> bool {
        of(&self.refused, user, at).is_some()
    }

    /// Until when the mailbox is under way.
    pub fn moving_until(&self, user: Uuid, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        of(&self.moving, user, at).map(|span| span.to)
    }

    /// How much of this time the mailbox could not be read, whatever anybody tried.
    pub fn unreadable(&self, user: Uuid, within: &Span) -> Duration {
        let own = self.moving.get(&user).into_iter().chain(self.refused.get(&user)).flatten();
        let spans = self.graph_down.iter().chain(&self.throttled).chain(own);
        spans.fold(Duration::zero(), |sum, span| sum + span.shared(within))
    }
}

/// A draw between 0 and 1 that depends on nothing but what it is asked for.
pub(super) fn draw(seed: u64, parts: [u64; 3]) -> f64 {
    let mix = |state: u64, part: u64| {
        let mut z = (state ^ part).wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mixed = parts.into_iter().fold(seed, mix);
    (mixed >> 11) as f64 / (1_u64 << 53) as f64
}

/// A person's part in a draw.
pub(super) fn of_user(user: Uuid) -> u64 {
    let (high, low) = user.as_u64_pair();
    high ^ low.rotate_left(1)
}

#[cfg(test)]
#[path = "weather_tests.rs"]
mod tests;
