//! What is to become of one event, by the LMS's word and by what Regrets knows of the place.

use super::content::Content;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// It is to stand, and to say this. `seen_at`: when the reading began that says so.
    Stand { content: Box<Content>, seen_at: DateTime<Utc> },
    /// It is to be called off, with mail.
    CallOff { why: CallOff, seen_at: DateTime<Utc> },
    /// Whoever it was for declined, and lost the place by it then: they are not written to any more.
    LetGo { at: DateTime<Utc> },
    /// Nothing changes, whatever was wanted before.
    Hold(Hold),
}

impl Wish {
    /// All that is to stand.
    pub fn content(&self) -> Option<&Content> {
        match self {
            Self::Stand { content, .. } => Some(content.as_ref()),
            Self::CallOff { .. } | Self::LetGo { .. } | Self::Hold(_) => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOff {
    /// The session, or this part of it, is cancelled, for the reason that the LMS gives.
    Session { reason: Option<String> },
    /// The place is not held any more, and not because of a decline.
    Withdrawn,
    /// Publishing was taken back as a whole; the place is as it was.
    Unpublished,
    /// The way into the meeting is of another kind now, which an event can't take on: another one is made.
    Replaced,
    /// A person took it away, and a person wants it made again.
    TakenAway,
}

/// Why nothing is to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// The reading was doubtful, or the LMS's state is one that nobody knows.
    Doubtful,
    /// A draft, hidden, or without a date: nobody is invited, and what stands stays.
    NotYet,
    /// The place is asked for, or on the wait list.
    Pending,
    /// A decline is being judged or carried out.
    Declining,
    /// The room has not accepted.
    Room,
    /// A person must say so first.
    Person,
    /// Learners have no events of their own: they are invited to the session's.
    ForAll,
    /// More than one event takes.
    Crowded,
    /// Not one of those who are written to while it is tried.
    NotChosen,
    /// Nobody to write to: no address, or a test.
    Nobody,
}
