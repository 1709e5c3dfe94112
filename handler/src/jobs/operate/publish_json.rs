//! The types of `tenants/{tenant}/publish` in the management JSON.

use crate::ids::TenantName;
use crate::jobs::operate::management_json::At;
use serde::{Deserialize, Serialize};

/// What is published for a tenant, and what would be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Publishing {
    pub tenant: TenantName,
    /// `off`, `preview`, `on`.
    pub state: String,
    pub source: Source,
    /// What is due, and was counted; not those that may go out already.
    pub waiting: Counts,
    /// Sessions of which it is not known yet whether somebody is to be mailed.
    pub not_counted: usize,
    /// A person is asked about these, by `confirm`.
    pub held: Option<Held>,
    /// More is missing than may be believed: a person is asked, by `confirm`.
    pub vanished: Vec<Vanished>,
    /// The first of those that wait, by their starts.
    pub sessions: Vec<WaitingSession>,
}

/// How reading the LMS goes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Sessions that are there and not over.
    pub sessions: usize,
    /// Of them, those whose places were never read from one end to the other.
    pub places_unread: usize,
    /// When the last reading began that had no doubt.
    pub read: Option<At>,
    /// Since when none had.
    pub doubtful_since: Option<At>,
    pub doubts: Vec<String>,
    /// Entries that are kept out: where, and why.
    pub not_understood: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub sessions: usize,
    pub invitations: u64,
    pub changes: u64,
    pub cancellations: u64,
    /// People who are mailed, each as often as they are.
    pub mails: u64,
}

/// What stands in calendars and is not over, and whether it is being called off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Withdrawing {
    pub tenant: TenantName,
    pub sessions: usize,
    pub events: usize,
    /// People who are mailed when it is.
    pub mails: u64,
    pub asked_by: Option<String>,
    pub asked_at: Option<At>,
}

/// What people took away in organizers' calendars, and what it would take to make it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Again {
    pub tenant: TenantName,
    pub sessions: usize,
    /// Those that would be made again.
    pub events: usize,
    /// People who would be mailed.
    pub mails: u64,
    /// Events that are gone, and that nobody wants any more.
    pub unwanted: u64,
    /// Calendars from which so much has vanished that nothing is written there.
    pub stopped: Vec<StoppedCalendar>,
    /// The first of the sessions, by their starts.
    pub of: Vec<AgainSession>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoppedCalendar {
    pub organizer: String,
    pub since: At,
    /// So many had vanished, of so many.
    pub events: u64,
    pub of: u64,
    /// In words.
    pub cause: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgainSession {
    /// The LMS's id.
    pub session: String,
    pub title: String,
    pub start: Option<At>,
    pub events: usize,
    pub mails: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub since: At,
    pub sessions: u32,
    pub mails: u32,
    /// Nothing was ever let out.
    pub is_first: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vanished {
    /// `sessions`, `places`.
    pub what: String,
    pub since: At,
    pub missing: u64,
    pub known: u64,
    /// They are there under other ids.
    pub is_named_anew: bool,
    pub confirmed_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingSession {
    /// The LMS's id.
    pub session: String,
    pub title: String,
    pub start: Option<At>,
    pub invitations: u32,
    pub changes: u32,
    pub cancellations: u32,
    pub mails: u32,
}
