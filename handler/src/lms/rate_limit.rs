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
    /// At most `requests`, oldest first; the latest may be in the future.
    starts: Mutex<VecDeque<Instant>>,
}

impl Pace {
    /// A rate of no requests, which the configuration refuses, counts as one.
    pub fn new(rate: Rate) -> Self {
        let requests = usize::try_from(rate.requests).unwrap_or(usize::MAX).max(1);
        let per = rate.per.to_std().unwrap_or(Duration::ZERO);
        Self { requests, per, starts: Mutex::default() }
    }

    /// Takes the next free start, which is to be waited for; `None`, and nothing is taken, when it is after
    /// `latest`.
    pub fn reserve(&self, latest: Instant) -> Option<Instant> {
        let mut starts = self.starts.lock();
        let now = Instant::now();
        let start = match starts.front() {
            Some(oldest) if starts.len() >= self.requests => (*oldest + self.per).max(now),
            Some(_) | None => now,
        };
        if start > latest {
            return None;
        }
        if starts.len() >= self.requests {
            starts.pop_front();
        }
        starts.push_back(start);
        Some(start)
    }
}

#[cfg(test)]
#[path = "rate_limit_tests.rs"]
mod tests;
