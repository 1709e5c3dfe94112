//! How several instances keep to one rate.
//!
//! A tick counts what it lets through, but not when it is sent: several instances at it may send a minute's
//! worth in a moment. So whoever sends has a share of the rate, and keeps to it by itself
//! ([`crate::lms::rate_limit`]): of all shares that are in force, the sum is the rate.
//!
//! Guarantees: in no stretch of time as long as the rate's `per` more requests are begun than the rate has,
//! by all instances together and however late a message is handled.
//!
//! - A share holds for [`LENGTH`]. Of one that is over, or made smaller, the requests may have been begun a
//!   moment ago: it counts for another `per`.
//! - Shares are even. Whoever comes anew finds no room at first, but is noted: the others make room when they
//!   next look at theirs.
//! - As long as little is let through (half of the rate, counted over all that may still be at it), nobody
//!   can exceed it, and nobody has to ask for a share: a quiet day costs no write. What was let through so is
//!   kept free of shares, and nothing is let through so for which the shares leave no room.
//! - What only looks something up has one request of the rate for itself, and no even part of it: who asks
//!   once in a while must not take from those who are at work.

use crate::enrolment::policy::Rate;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// All steps of an attempt end within this ([`crate::enrolment::lms_order::BUDGET`]).
const ATTEMPT: Duration = Duration::seconds(90);

/// How long a share holds: an attempt's time and some seconds, after which it is looked at again.
pub const LENGTH: Duration = Duration::seconds(110);

/// What was let through without a share is begun within this, or needs one.
pub const FREE: Duration = Duration::minutes(2);

/// A share of a connection's rate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateShare {
    /// The instance; empty: nobody's any more.
    pub holder: String,
    /// Of the rate's requests. 0: waits for room.
    pub requests: u32,
    pub until: DateTime<Utc>,
}

/// What was let through at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub at: DateTime<Utc>,
    /// Requests.
    pub count: u32,
}

/// How a rate is shared out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateShares {
    pub shares: Vec<RateShare>,
    /// What was let through without a share.
    pub free: Vec<Sent>,
}

impl RateShares {
    /// What a tick lets through, in requests, may go without a share; it is noted.
    pub fn goes_free(&mut self, requests: u32, rate: Rate, now: DateTime<Utc>) -> bool {
        self.forget_old(rate, now);
        let all_free = self.free_requests().saturating_add(requests);
        if all_free <= rate.requests / 2 && self.taken().saturating_add(all_free) <= rate.requests {
            self.free.push(Sent { at: now, count: requests });
            return true;
        }
        false
    }

    /// With the share that `holder` has from now on. `last`: until when starts are taken already by
    /// what it had.
    #[must_use]
    pub fn with_share(&self, holder: &str, last: DateTime<Utc>, rate: Rate, now: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        next.forget_old(rate, now);
        let free = next.free_requests();
        let (mine, mut others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut next.shares).into_iter().partition(|share| share.holder == holder);
        let mut holders: Vec<&str> = others
            .iter()
            .filter(|share| share.until > now && !share.holder.is_empty())
            .map(|share| share.holder.as_str())
            .chain([holder])
            .collect();
        holders.sort_unstable();
        let (count, rank) = (holders.len(), holders.iter().take_while(|other| **other != holder).count());
        let taken = of_all(&others);
        let room = rate.requests.max(1).saturating_sub(taken).saturating_sub(free);
        let requests = even(rate.requests.max(1), count, rank).min(room);
        let had = mine.iter().map(|share| share.requests).max().unwrap_or(0);
        if had > requests {
            let until = last.max(now);
            others.push(RateShare { holder: String::new(), requests: had - requests, until });
        }
        others.push(RateShare { holder: holder.to_owned(), requests, until: now + LENGTH });
        Self { shares: others, ..next }
    }

    /// With one request at a time until then, for what only looks something up. `None`: there is no room.
    #[must_use]
    pub fn with_permit(&self, until: DateTime<Utc>, rate: Rate, now: DateTime<Utc>) -> Option<Self> {
        let mut next = self.clone();
        next.forget_old(rate, now);
        let is_room = next.taken().saturating_add(next.free_requests()) < rate.requests.max(1);
        next.shares.push(RateShare { holder: String::new(), requests: 1, until });
        is_room.then_some(next)
    }

    /// Of what this holder has now.
    pub fn share_of(&self, holder: &str) -> u32 {
        self.shares.iter().find(|share| share.holder == holder).map_or(0, |share| share.requests)
    }

    fn taken(&self) -> u32 {
        of_all(&self.shares)
    }

    fn forget_old(&mut self, rate: Rate, now: DateTime<Utc>) {
        self.shares.retain(|share| share.until + rate.per > now);
        let begun = free_for(rate);
        self.free.retain(|sent| sent.at + begun > now);
    }

    fn free_requests(&self) -> u32 {
        self.free.iter().fold(0, |sum, sent| sum.saturating_add(sent.count))
    }
}

fn of_all(shares: &[RateShare]) -> u32 {
    shares.iter().fold(0, |sum, share| sum.saturating_add(share.requests))
}

/// How long a request may count that belongs to what was let through without a share.
fn free_for(rate: Rate) -> Duration {
    FREE + ATTEMPT + rate.per
}

/// An even part of `all`; the first ones get what is left over.
fn even(all: u32, count: usize, rank: usize) -> u32 {
    let count = u32::try_from(count.max(1)).unwrap_or(u32::MAX);
    let rank = u32::try_from(rank).unwrap_or(u32::MAX);
    all / count + u32::from(rank < all % count)
}

#[cfg(test)]
#[path = "rate_shares_tests.rs"]
mod tests;
