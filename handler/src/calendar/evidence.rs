//! What the two copies of an event say now. Gathered by `work::gather`, judged by [`super::verdict`].

use crate::calendar::event::Response;
use crate::ids::EventId;
use chrono::{DateTime, Utc};

#[derive(Debug, Clone, PartialEq)]
pub struct Evidence {
    pub learner: LearnerCopy,
    pub organizer: OrganizerCopy,
}

#[derive(Debug, Clone, PartialEq)]
pub enum LearnerCopy {
    /// There: under its id, or found again by `iCalUId` after a move (then under a new id).
    There(Sight),
    /// The mailbox answered, and the copy is neither under its id nor found by `iCalUId`.
    Gone,
    /// No mailbox of ours: a guest, an unlicensed or disabled account, outside the app's scope.
    NotOurs,
    /// Graph failed; it may answer later.
    Unreadable,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
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
        /// The learner's entry in the list of attendees; `None` when the learner is not in it.
        entry: Option<Response>,
        start: Option<DateTime<Utc>>,
        end: Option<DateTime<Utc>>,
    },
    /// The organizer's mailbox answered, and there is no such event in it.
    Gone,
    /// The organizer's series is there, and this occurrence is not in it any more.
    OccurrenceGone,
    /// No organizer's mailbox is ours to read: mail from outside, another tenant, not configured, refused.
    NotOurs,
    /// Graph failed; it may answer later.
    Unreadable,
    /// Not needed: the learner's copy says enough.
    NotAsked,
}
