//! What people can do, as data: the same shapes serve the control API and tests.

use super::item::Slot;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// A new meeting. `ical_uid` defaults to `lms-{session}@{organizer's domain}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Invite {
    pub organizer: String,
    pub attendees: Vec<String>,
    pub session: String,
    #[serde(default = "training")]
    pub subject: String,
    #[serde(default)]
    pub body: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    #[serde(default)]
    pub ical_uid: Option<String>,
    /// Sent as a mail from outside Exchange: no organizer's copy exists anywhere.
    #[serde(default)]
    pub from_outside: bool,
    /// Starts of the occurrences; empty for a single meeting.
    #[serde(default)]
    pub occurrences: Vec<DateTime<Utc>>,
    /// An all-day meeting: dates in this time zone. `start` and `end` are its midnights there.
    #[serde(default)]
    pub all_day: Option<String>,
    /// Rooms among the attendees.
    #[serde(default)]
    pub rooms: Vec<String>,
    /// Extended properties of the organizer's copy.
    #[serde(default)]
    pub extended: BTreeMap<String, String>,
    /// The LMS gets the session, and the attendees a place in it.
    #[serde(default = "yes")]
    pub enrol: bool,
    /// `responseRequested`: where it is false, no answer is mailed to the organizer.
    #[serde(default = "yes")]
    pub response_requested: bool,
}

fn yes() -> bool {
    true
}

fn training() -> String {
    "Fire safety basics".to_owned()
}

impl Invite {
    /// A single meeting in which everybody gets a place.
    pub fn new(
        session: &str,
        organizer: &str,
        attendees: &[&str],
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Self {
        Self {
            organizer: organizer.to_owned(),
            attendees: attendees.iter().map(|address| (*address).to_owned()).collect(),
            session: session.to_owned(),
            subject: training(),
            body: String::new(),
            start,
            end,
            ical_uid: None,
            from_outside: false,
            occurrences: Vec::new(),
            all_day: None,
            rooms: Vec::new(),
            extended: BTreeMap::new(),
            enrol: true,
            response_requested: true,
        }
    }
}

/// A learner accepts, accepts tentatively, declines or deletes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reply {
    pub learner: String,
    /// Session or `iCalUId`.
    pub session: String,
    /// Whether the organizer is told. Default: yes, but no for a plain delete.
    #[serde(default)]
    pub respond: Option<bool>,
    /// Whether a declined copy stays in the calendar. Default: the mailbox's setting.
    #[serde(default)]
    pub keep: Option<bool>,
    /// When the response mail arrives, in milliseconds of real time. Default: by chance, within the options.
    #[serde(default)]
    pub mail_after_ms: Option<u64>,
    /// The response mail is sent and never arrives.
    #[serde(default)]
    pub mail_lost: bool,
    /// Another time, proposed with a decline or a tentative answer.
    #[serde(default)]
    pub propose: Option<Slot>,
    /// The delegate who answers for the learner. Nothing but the response mail shows it.
    #[serde(default)]
    pub by: Option<String>,
    /// Only this occurrence of a series: its start.
    #[serde(default)]
    pub occurrence: Option<DateTime<Utc>>,
}

impl Reply {
    pub fn new(learner: &str, session: &str) -> Self {
        Self { learner: learner.to_owned(), session: session.to_owned(), ..Self::default() }
    }

    /// Nobody is told.
    pub fn silent(mut self) -> Self {
        self.respond = Some(false);
        self
    }

    /// The declined copy stays (or not), whatever the mailbox's setting.
    pub fn keep(mut self, keep: bool) -> Self {
        self.keep = Some(keep);
        self
    }

    /// The organizer is told, and never hears of it.
    pub fn mail_lost(mut self) -> Self {
        self.mail_lost = true;
        self
    }

    /// One occurrence of a series.
    pub fn of(mut self, occurrence: DateTime<Utc>) -> Self {
        self.occurrence = Some(occurrence);
        self
    }

    pub fn mail_after(mut self, after: std::time::Duration) -> Self {
        self.mail_after_ms = Some(u64::try_from(after.as_millis()).unwrap_or(u64::MAX));
        self
    }
}

/// A learner moves their copy to another calendar of the mailbox, which is made if need be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub learner: String,
    pub session: String,
    pub calendar: String,
}

/// Somebody and a session: `drop`, `restore`, `clean_up`, `auto_decline`, `remove_cancelled`, `touch`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Who {
    pub learner: String,
    pub session: String,
}

/// Somebody: `empty_calendar`, `disable_mailbox`, `enable_mailbox`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Whom {
    pub learner: String,
}

/// A learner passes the invitation on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    pub learner: String,
    pub to: String,
    pub session: String,
    /// Whether that gives them a place in the LMS, too.
    #[serde(default)]
    pub enrol: bool,
}

/// A distribution list, new or with other members; invitations sent before are not affected.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    pub address: String,
    pub members: Vec<String>,
}

/// Somebody's default calendar, to be among somebody else's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareCalendar {
    pub from: String,
    pub with: String,
}

/// The organizer invites somebody (again).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reinvite {
    pub learner: String,
    pub session: String,
    #[serde(default = "yes")]
    pub enrol: bool,
}

/// The organizer cancels.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    pub session: String,
}

/// The organizer moves the meeting to another time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retime {
    pub session: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// The organizer cancels one occurrence.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CancelOccurrence {
    pub session: String,
    /// Its start in the series.
    pub occurrence: DateTime<Utc>,
}

/// The organizer moves one occurrence to another time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetimeOccurrence {
    pub session: String,
    /// Its start in the series, which stays its `originalStart`.
    pub occurrence: DateTime<Utc>,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// An act that makes no sense in the world as it is.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActError {
    #[error("no meeting of the session or iCalUId '{0}': invite to it first")]
    NoMeeting(String),
    #[error("a meeting with the iCalUId '{0}' exists already: give another one")]
    DoubleUid(String),
    #[error("the organizer has cancelled '{0}': nobody can be invited to it any more")]
    CalledOff(String),
    #[error("'{0}' is the address of nobody in any tenant")]
    Nobody(String),
    #[error("'{learner}' is not invited to '{session}'")]
    NotInvited { learner: String, session: String },
    #[error("'{learner}' is invited to '{session}' already")]
    InvitedAlready { learner: String, session: String },
    #[error(
        "'{learner}' got the invitation to '{session}' from somebody else and is not in the organizer's list"
    )]
    NotListed { learner: String, session: String },
    #[error("'{learner}' has no copy of '{session}' in the calendar")]
    NoCopy { learner: String, session: String },
    #[error("'{learner}' has a copy of '{session}' in the calendar: nothing is to be restored")]
    HasCopy { learner: String, session: String },
    #[error("'{learner}' has no copy of '{session}' in Deleted Items")]
    NothingBinned { learner: String, session: String },
    #[error("the copy of '{session}' that '{learner}' has is not cancelled: delete or decline it")]
    NotCancelled { learner: String, session: String },
    #[error("the meeting has no occurrence that starts at {0}")]
    NoOccurrence(DateTime<Utc>),
    #[error("the end must come after the start")]
    Backwards,
    #[error("another time is proposed with a decline or a tentative answer, not when accepting")]
    NoProposal,
    #[error("the mailbox of '{0}' is disabled: enable it first")]
    Disabled(String),
    #[error("'{0}' has no mailbox here that could be disabled")]
    NoMailbox(String),
    #[error("the mailbox of '{0}' is not disabled")]
    NotDisabled(String),
    #[error("the calendar of '{from}' can't be shared with '{with}': {why}")]
    NoSharing { from: String, with: String, why: &'static str },
    #[error("'{0}' is the address of a person: a distribution list needs its own")]
    NoList(String),
}
