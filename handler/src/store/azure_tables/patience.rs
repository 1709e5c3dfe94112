//! How long a call waits for a service that is busy.
//!
//! Bounded: after [`Patience::whole`] the caller hears that the store is not available, and its message comes
//! again. What may have been done already is never repeated: a second insert would find the first one's row
//! and call it somebody else's.

use crate::backoff::{doubled, jittered};
use std::time::Duration;

/// Waits of `first`, doubling to `most`, each between a half and the whole of it, `whole` in all.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub first: Duration,
    pub most: Duration,
    pub whole: Duration,
}

impl Default for Patience {
    /// A partition that is too hot is split by the service within seconds; a whole minute would outlast a
    /// claim's budget.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            most: Duration::from_secs(4),
            whole: Duration::from_secs(12),
        }
    }
}

impl Patience {
    /// How long to wait after so many tries and so much time; `None` when patience is at its end.
    pub fn wait(&self, tries: u32, passed: Duration, asked: Option<Duration>) -> Option<Duration> {
        let most = doubled(self.first, self.most, tries.saturating_sub(1));
        let wait = jittered(most / 2, most, rand::random()).max(asked.unwrap_or_default());
        (passed.saturating_add(wait) <= self.whole).then_some(wait)
    }
}

/// What came of one try, as far as the next one is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried<'a> {
    /// Nothing was sent.
    NotConnected,
    /// It may have been done, or not.
    NoAnswer,
    Answered {
        status: u16,
        code: Option<&'a str>,
    },
}

/// Whether to try again. `repeatable`: doing it twice is the same as doing it once, in what it answers too.
pub(super) fn again(tried: Tried<'_>, repeatable: bool) -> bool {
    match tried {
        Tried::NotConnected => true,
        Tried::NoAnswer => repeatable,
        Tried::Answered { status: 429, .. } | Tried::Answered { status: 503, code: Some("ServerBusy") } => {
            true
        }
        // A time-out or a gateway's own answer: the service may have done it.
        Tried::Answered { status: 408 | 500 | 502 | 503 | 504, .. } => repeatable,
        Tried::Answered { .. } => false,
    }
}

#[cfg(test)]
#[path = "patience_tests.rs"]
mod tests;
