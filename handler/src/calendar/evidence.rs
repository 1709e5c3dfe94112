//! What the two copies of an event say now. Gathered by `jobs::observe::gather_evidence`, judged by
//! [`super::verdict`].

use crate::calendar::event::{Answer, Response};
use crate::ids::EventId;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub learner: LearnerCopy,
    pub organizer: OrganizerCopy,
}

#[derive(Debug, Clone, PartialEq)]
pub enum LearnerCopy {
    /// In a calendar: under its id, or found again by `iCalUId` after a move (then under a new id). That it
    /// answers by its id is not enough: what lies in Deleted Items, or is held, may do that too.
    There(CopyState),
    /// The mailbox answered, and no calendar of it shows the copy, neither under its id nor by its `iCalUId`.
    Gone,
    /// The mailbox answered, and the copy is not under its id. By what it could be found elsewhere is not
    /// known, so whether it was moved or is gone can't be told.
    Unfindable,
    /// No mailbox that we may read, by our own rules: a guest, or somebody who is not watched, or not any
    /// more.
    NotOurs,
    /// No mailbox that we can read, by Graph's word: an unlicensed or disabled account, outside the app's
    /// scope. That may be mended.
    Refused,
    /// Graph failed; it may answer later.
    Unreadable,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CopyState {
    pub event: EventId,
    pub response: Response,
    pub is_cancelled: bool,
    /// When this copy was made and last written, by Exchange's clock: a new invitation makes or rewrites it.
    pub created: Option<DateTime<Utc>>,
    pub modified: Option<DateTime<Utc>>,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum OrganizerCopy {
    There {
        event: EventId,
        is_cancelled: bool,
        entry: AttendeeEntry,
        /// Keyed hashes of the addresses under which the learner is in the list.
        listed_as: BTreeSet<String>,
        /// The learner has proposed another time.
        proposes: bool,
        start: Option<DateTime<Utc>>,
        end: Option<DateTime<Utc>>,
    },
    /// The organizer's mailbox answered, and there is no such event in it.
    Gone,
    /// The organizer's series is there, and this occurrence is not in it any more.
    OccurrenceGone,
    /// No organizer's mailbox is ours to read: mail from outside, another tenant, not configured, refused.
    NotOurs,
    /// A key is missing by which it could be found, or its mailbox, which is configured, refuses us: that it
    /// could not be asked for is not that there is none.
    Unasked,
    /// Graph failed; it may answer later.
    Unreadable,
    /// Not needed: the learner's copy says enough.
    NotAsked,
}

/// What the organizer's list of attendees says of the learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttendeeEntry {
    Absent,
    /// Not found, and the list holds Exchange names that the directory does not know: one of them may be the
    /// learner's.
    Unclear,
    Listed(Response),
    /// In the list more than once, and the answers disagree without a time by which the newer one could be
    /// told.
    Disputed,
}

impl AttendeeEntry {
    /// What several entries of one person (primary address, alias, Exchange name) say together: the newest
    /// answer counts, one with a time before one without. Whoever answered one of them has answered.
    pub fn together(entries: &[Response]) -> Self {
        let stance = |response: &Response| match response.answer {
            Answer::Declined => Some(false),
            Answer::Accepted | Answer::TentativelyAccepted => Some(true),
            Answer::None | Answer::Organizer | Answer::NotResponded => None,
        };
        let answers: Vec<&Response> = entries.iter().filter(|response| stance(response).is_some()).collect();
        let newest = answers.iter().filter_map(|response| response.at).max();
        // Without any time: all of them.
        let mut newest = answers.into_iter().filter(|response| response.at == newest);
        match (newest.next(), entries) {
            (Some(first), _) if newest.all(|other| stance(other) == stance(first)) => Self::Listed(*first),
            (Some(_), _) => Self::Disputed,
            (None, [silent, ..]) => Self::Listed(*silent),
            (None, []) => Self::Absent,
        }
    }

    pub fn is_listed(&self) -> bool {
        match self {
            Self::Listed(_) | Self::Disputed => true,
            Self::Absent | Self::Unclear => false,
        }
    }
}

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
