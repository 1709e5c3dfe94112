//! Who is listed in an event for all: instructors, the room and every learner, none of whom sees another.
//!
//! Guarantees: whoever declined stays listed, so that nobody is mailed about it; held again by the LMS's
//! later word, they are taken off and then listed anew, because Outlook has taken their copy away and a list
//! that is as it was mails nobody; doubt neither lists anybody nor takes anybody off; no more are listed than
//! Exchange keeps answers of.

use super::content::{Attendee, AttendeeKind, listed};
use super::event_key::Audience;
use super::policy::Events;
use super::standing::Decline;
use super::written::Written;
use crate::ids::Address;
use crate::sessions::place::Holding;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// From so many on Exchange may keep no answers (reference/graph-publishing.md#sending-limits).
pub const MOST: usize = 400;

/// Whether a session is published so: as long as anything of it stands, as it was published first.
pub fn is_for_all<'a>(written: impl Iterator<Item = &'a Written>, wanted: Events) -> bool {
    let out = written.filter(|row| row.is_out() && row.key.audience != Audience::Calendar);
    let ways: Vec<bool> = out.map(|row| row.for_all).collect();
    match (ways.as_slice(), wanted) {
        ([], Events::Session) => true,
        ([], Events::Learner) => false,
        (ways, Events::Learner | Events::Session) => ways.iter().all(|for_all| *for_all),
    }
}

/// What is known of one learner when the list is made.
#[derive(Debug, Clone, Copy)]
pub struct Seat {
    pub holding: Holding,
    /// When the reading began that says so.
    pub seen_at: DateTime<Utc>,
    pub decline: Decline,
    /// `None`: not listed now.
    pub listed_at: Option<DateTime<Utc>>,
}

impl Seat {
    /// They lost it by declining the invitation that stands, or one before.
    fn lost_at(&self) -> Option<DateTime<Utc>> {
        match self.decline {
            Decline::LostPlace { at } => self.listed_at.is_none_or(|listed| listed <= at).then_some(at),
            Decline::None | Decline::Judged => None,
        }
    }

    /// Whether they are to be listed.
    pub fn is_listed(&self) -> bool {
        let is_there = self.listed_at.is_some();
        if let Some(lost) = self.lost_at() {
            let is_given_again = self.holding == Holding::Held && self.seen_at > lost;
            // Taken off first, so that the next list invites them.
            return is_there != is_given_again;
        }
        match (self.decline, self.holding) {
            (Decline::Judged, _) | (_, Holding::Pending | Holding::Unknown) => is_there,
            (_, Holding::Held) => true,
            (_, Holding::NotHeld) => false,
        }
    }
}

/// When somebody was listed who is now.
pub fn listed_at(row: &Written, address: &Address) -> Option<DateTime<Utc>> {
    let who = listed(address);
    let is_listed = row.listed.contains(&who);
    let at = row.relisted.get(&who).copied().or(row.made_at);
    is_listed.then(|| at.unwrap_or(DateTime::<Utc>::MIN_UTC))
}

/// Of these as many as one event takes, and how many learners it does not. Whoever is listed stays; where no
/// learner is yet, it is all of them or none.
pub fn fitting(
    mut all: BTreeMap<Address, Attendee>,
    is_listed: &BTreeSet<String>,
) -> (BTreeMap<Address, Attendee>, usize) {
    let beyond = all.len().saturating_sub(MOST);
    if beyond == 0 {
        return (all, 0);
    }
    let learners = all.iter().filter(|(_, one)| one.kind == AttendeeKind::Learner);
    let learners: Vec<Address> = learners.map(|(address, _)| address.clone()).collect();
    let (old, new): (Vec<&Address>, Vec<&Address>) =
        learners.iter().partition(|address| is_listed.contains(&listed(address)));
    let left = if old.is_empty() { new.len() } else { beyond.min(new.len()) };
    for address in new.iter().rev().take(left) {
        all.remove(*address);
    }
    (all, left)
}

#[cfg(test)]
#[path = "seats_tests.rs"]
mod tests;
