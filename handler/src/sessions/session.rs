//! A dated session as the LMS describes it. The place hangs on the session, the calendar entry on its parts.

use super::moment::Span;
use crate::ids::{Address, SessionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    /// Other ids under which the LMS knows it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub aliases: BTreeSet<SessionId>,
    pub state: SessionState,
    /// Plain text, entities decoded once.
    pub title: String,
    /// Plain text.
    #[serde(default)]
    pub description: Option<String>,
    /// Why it was cancelled, in the LMS's words.
    #[serde(default)]
    pub reason: Option<String>,
    /// `None`: unlimited, or not told.
    #[serde(default)]
    pub capacity: Option<u32>,
    #[serde(default)]
    pub instructors: Vec<Instructor>,
    /// In the order of their starts. None: no date is known yet.
    pub parts: Vec<Part>,
}

/// There is no default: what is not in a connector's map is [`SessionState::Unknown`], which neither invites
/// nor removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    Draft,
    Scheduled,
    Undated,
    Cancelled,
    Finished,
    Hidden,
    /// The LMS's own word.
    Unknown(String),
}

/// One dated span of a session: a day of a course.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The LMS's id of it; where it has none, the session's with the part's number.
    pub id: PartId,
    #[serde(default)]
    pub title: Option<String>,
    pub span: Span,
    #[serde(default)]
    pub venue: Option<Venue>,
    /// For attendees. What only hosts may know is never read.
    #[serde(default)]
    pub link: Option<Url>,
    /// Cancelled, while the session goes on.
    #[serde(default)]
    pub cancelled: bool,
}

/// The LMS's id of a part within its session.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PartId(pub String);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Venue {
    /// As people read it.
    pub name: String,
    /// The LMS's id of the room, where it has one.
    #[serde(default)]
    pub room: Option<String>,
    /// The room's mailbox, where the LMS knows it.
    #[serde(default)]
    pub mailbox: Option<Address>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instructor {
    /// None: shown, and not invited.
    #[serde(default)]
    pub address: Option<Address>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub is_primary: bool,
}

impl Session {
    /// From the first part's start.
    pub fn start(&self) -> Option<DateTime<Utc>> {
        self.parts.iter().map(|part| part.span.start()).min()
    }

    /// To the last part's end.
    pub fn end(&self) -> Option<DateTime<Utc>> {
        self.parts.iter().map(|part| part.span.end()).max()
    }

    pub fn part(&self, id: &PartId) -> Option<&Part> {
        self.parts.iter().find(|part| part.id == *id)
    }
}
