//! What we read of a calendar event: only what recognition and evidence need.

use crate::ids::{Address, EventId, ICalUid};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One copy of an event, as Graph showed it at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub id: EventId,
    pub ical_uid: Option<ICalUid>,
    /// Set on occurrences and exceptions of a series, in UTC.
    pub original_start: Option<DateTime<Utc>>,
    pub series_master: Option<EventId>,
    pub kind: EventKind,
    pub is_cancelled: bool,
    pub is_organizer: bool,
    pub organizer: Option<Address>,
    /// The answer of the mailbox's owner.
    pub response: Response,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// Everybody's answers; to be believed on the organizer's copy only (Graph shows `none` elsewhere).
    pub attendees: Vec<Attendee>,
    /// Whether the organizer wants answers; where not, Outlook sends none. `None`: not said.
    pub response_requested: Option<bool>,
    /// When this copy was made, by Exchange's clock.
    pub created: Option<DateTime<Utc>>,
    /// When this copy was last written, by Exchange's clock.
    pub modified: Option<DateTime<Utc>>,
    /// Present only when a tenant recognises by it.
    pub subject: Option<String>,
    /// Present only when a tenant recognises by it; plain text.
    pub body: Option<String>,
    /// Where it takes place, by its name, which may be empty. Present only when it is asked for.
    pub location: Option<String>,
    /// Values of the extended properties that were asked for, by property id.
    pub extended: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    SingleInstance,
    Occurrence,
    Exception,
    SeriesMaster,
}

/// An answer, and when it was given. Graph writes years 0001 and 4501 for "not answered": here that is
/// `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    pub answer: Answer,
    pub at: Option<DateTime<Utc>>,
}

impl Response {
    pub const NONE: Response = Response { answer: Answer::None, at: None };
}

/// `responseStatus.response`. An answer that Graph may invent later reads as [`Answer::None`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    None,
    Organizer,
    TentativelyAccepted,
    Accepted,
    Declined,
    NotResponded,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attendee {
    pub address: Address,
    pub response: Response,
    /// `resource` attendees (rooms) are never learners.
    pub is_resource: bool,
    /// The answer proposes another time.
    pub proposes: bool,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A learner's unanswered copy of an invitation to a session tomorrow.
    pub(crate) fn event(uid: &str) -> Event {
        Event {
            id: EventId::new(format!("copy-of-{uid}")),
            ical_uid: Some(ICalUid::new(uid)),
            original_start: None,
            series_master: None,
            kind: EventKind::SingleInstance,
            is_cancelled: false,
            is_organizer: false,
            organizer: Some(Address::new("learning@contoso.com")),
            response: Response { answer: Answer::NotResponded, at: None },
            start: "2026-11-22T09:00:00Z".parse().ok(),
            end: "2026-11-22T17:00:00Z".parse().ok(),
            attendees: Vec::new(),
            response_requested: None,
            created: None,
            modified: None,
            subject: None,
            body: None,
            location: None,
            extended: BTreeMap::new(),
        }
    }
}
