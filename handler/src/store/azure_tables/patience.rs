//! How long a call waits for a service that is busy.
//!
//! Bounded: after [`Patience::whole`] the caller hears that the store is not available, and its message comes again. What may
//! have been done already is never repeated: a second insert would find the first one's row and call it somebody else's.

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
    /// A partition that is too hot is split by the service within seconds; a whole minute would outlast a claim's budget.
    fn default() -> Self {
        Self { first: Duration::from_millis(100), most: Duration::from_secs(4), whole: Duration::from_secs(12) }
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
        Tried::Answered { status: 429, .. } | Tried::Answered { status: 503, code: Some("ServerBusy") } => true,
        // A time-out or a gateway's own answer: the service may have done it.
        Tried::Answered { status: 408 | 500 | 502 | 503 | 504, .. } => repeatable,
        Tried::Answered { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let patience = Patience::default();
        let (mut passed, mut waits) = (Duration::ZERO, Vec::new());
        while let Some(wait) = patience.wait(waits.len() as u32 + 1, passed, None) {
            passed += wait;
            waits.push(wait);
        }
        assert!((6..=12).contains(&waits.len()), "{waits:?}");
        assert!(passed <= patience.whole, "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= patience.most) && waits[0] <= patience.first, "{waits:?}");
    }

    #[test]
    fn the_services_own_wish_is_obeyed_or_given_up_at_once() {
        let patience = Patience::default();
        let three = Duration::from_secs(3);
        assert_eq!(patience.wait(1, Duration::ZERO, Some(three)), Some(three));
        assert_eq!(patience.wait(1, Duration::ZERO, Some(Duration::from_secs(30))), None);
        assert!(patience.wait(u32::MAX, Duration::ZERO, None).is_some(), "doubling does not overflow");
    }

    #[test]
    fn only_what_was_surely_not_done_is_tried_again() {
        let answered = |status, code| Tried::Answered { status, code };
        for tried in [Tried::NotConnected, answered(429, None), answered(503, Some("ServerBusy"))] {
            assert!(again(tried, false) && again(tried, true), "{tried:?}");
        }
        for tried in
            [Tried::NoAnswer, answered(500, Some("OperationTimedOut")), answered(503, None), answered(502, None)]
        {
            assert!(!again(tried, false) && again(tried, true), "{tried:?}");
        }
        for tried in
            [answered(404, None), answered(409, None), answered(412, None), answered(403, None), answered(501, None)]
        {
            assert!(!again(tried, false) && !again(tried, true), "{tried:?}");
        }
    }
}
