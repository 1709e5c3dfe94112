//! No more than `requests` in any stretch of time as long as `per`, in this process.
//!
//! A second guard: `dispatch-due` paces each connection for the whole app. It remembers the last `requests`
//! starts, so it is exact: a token bucket would let nearly twice as many through around an idle spell, and
//! one without bursts would spread what a tick let through over more time than an attempt has. Goes by
//! tokio's clock.

use crate::enrolment::policy::Rate;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug)]
pub struct Pace {
    requests: usize,
    per: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// At most `requests`, oldest first; the latest may be in the future.
    starts: VecDeque<Instant>,
    share: Option<Share>,
}

/// What this process may have of a rate that it shares with others ([`crate::enrolment::rate_shares`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Of the rate's requests; 0: none may be begun.
    pub requests: u32,
    /// None is begun later.
    pub until: Instant,
}

impl Pace {
    /// A rate of no requests, which the configuration refuses, counts as one.
    pub fn new(rate: Rate) -> Self {
        let requests = usize::try_from(rate.requests).unwrap_or(usize::MAX).max(1);
        let per = rate.per.to_std().unwrap_or(Duration::ZERO);
        Self { requests, per, state: Mutex::default() }
    }

    /// From now on no more than this share. Never told, it is the whole rate. Gives the last start that was
    /// taken before.
    pub fn keep_to(&self, share: Share) -> Option<Instant> {
        let mut state = self.state.lock();
        state.share = Some(share);
        state.starts.back().copied()
    }

    /// Takes the next free start, which is to be waited for; `None`, and nothing is taken, when it is after
    /// `latest`.
    pub fn reserve(&self, latest: Instant) -> Option<Instant> {
        self.reserve_all(1, latest, latest)?.pop_front()
    }

    /// Takes the next free starts for requests that belong together: the first by `first`, and all by
    /// `last`; `None`, and nothing is taken, when they don't fit.
    pub fn reserve_all(&self, count: usize, first: Instant, last: Instant) -> Option<VecDeque<Instant>> {
        let mut state = self.state.lock();
        let State { starts, share } = &mut *state;
        let requests = share.map_or(self.requests, |share| {
            usize::try_from(share.requests).unwrap_or(usize::MAX).min(self.requests)
        });
        if requests == 0 {
            return None;
        }
        let now = Instant::now();
        let mut reserved = VecDeque::with_capacity(count);
        for latest in std::iter::once(first).chain(std::iter::repeat(last)).take(count) {
            // Those that are taken here come behind those that were taken before.
            let before = (starts.len() + reserved.len()).checked_sub(requests);
            let oldest = before.and_then(|at| match at.checked_sub(starts.len()) {
                Some(at) => reserved.get(at),
                None => starts.get(at),
            });
            let start = oldest.map_or(now, |oldest: &Instant| (*oldest + self.per).max(now));
            if start > share.map_or(latest, |share| latest.min(share.until)) {
                return None;
            }
            reserved.push_back(start);
        }
        starts.extend(&reserved);
        let surplus = starts.len().saturating_sub(self.requests);
        starts.drain(..surplus);
        Some(reserved)
    }
}

#[cfg(test)]
#[path = "rate_limit_tests.rs"]
mod tests;
