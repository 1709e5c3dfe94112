//! One record of the LMS that says something about a place: a booking, an enrolment, an order's position.

use crate::ids::{Address, LearnerKey, SessionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceRecord {
    /// The LMS's own id of the record.
    pub id: RecordId,
    pub session: SessionId,
    pub person: Person,
    pub state: RecordState,
    /// When it came into this state, where the LMS says so.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
}

/// The LMS's id of a record: text, however long its digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub String);

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// What the LMS knows them by, and is told when their place is cancelled.
    pub learner: LearnerKey,
    /// None: the token may not see it, or the LMS has none. Nobody is invited by a guess.
    pub address: Option<Address>,
    #[serde(default)]
    pub name: Option<String>,
    /// IETF language tag.
    #[serde(default)]
    pub language: Option<String>,
    /// A test order or a test account: never a learner.
    #[serde(default)]
    pub is_test: bool,
}

/// There is no default, as with sessions: presence says nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordState {
    Held,
    Requested,
    Waitlisted,
    Invited,
    Declined,
    Cancelled,
    Attended,
    NoShow,
    /// Deleted, and the LMS says so. It ends this record only.
    Tombstone,
    /// The LMS's own word.
    Unknown(String),
}

impl RecordState {
    /// The learner has the seat, or had it.
    pub fn holds(&self) -> bool {
        match self {
            Self::Held | Self::Attended | Self::NoShow => true,
            Self::Requested
            | Self::Waitlisted
            | Self::Invited
            | Self::Declined
            | Self::Cancelled
            | Self::Tombstone
            | Self::Unknown(_) => false,
        }
    }

    /// The LMS says that this record gives no seat, and none is to come of it.
    pub fn ends(&self) -> bool {
        match self {
            Self::Declined | Self::Cancelled | Self::Tombstone => true,
            Self::Held
            | Self::Requested
            | Self::Waitlisted
            | Self::Invited
            | Self::Attended
            | Self::NoShow
            | Self::Unknown(_) => false,
        }
    }
}
