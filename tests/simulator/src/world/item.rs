//! One copy of a meeting in one mailbox. Copies know nothing of each other: only `iCalUId` ties them.

use super::details::Details;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::IntoStaticStr;

/// `responseStatus.response` (handler/reference/graph-events.md#answers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum Answer {
    None,
    Organizer,
    TentativelyAccepted,
    Accepted,
    Declined,
    NotResponded,
}

impl Answer {
    /// Graph's word for it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An answer and when it was given; no time means that Graph shows a year that stands for never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub answer: Answer,
    pub at: Option<DateTime<Utc>>,
}

impl Status {
    pub fn unanswered(answer: Answer) -> Self {
        Self { answer, at: None }
    }

    pub fn given(answer: Answer, at: DateTime<Utc>) -> Self {
        Self { answer, at: Some(at) }
    }
}

/// A name and an address, as in `emailAddress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub name: String,
    pub address: String,
}

impl Party {
    /// Addresses are compared without case (handler/reference/graph-directory.md#finding-people).
    pub fn is(&self, address: &str) -> bool {
        self.address.eq_ignore_ascii_case(address)
    }
}

/// A stretch of time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// One entry of `attendees`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Invitee {
    pub party: Party,
    /// `type` is `resource` instead of `required`: a room.
    pub is_resource: bool,
    /// `type` is `optional`.
    pub is_optional: bool,
    pub status: Status,
    pub proposed: Option<Slot>,
}

impl Invitee {
    /// A person who is required and has proposed nothing.
    pub fn new(party: Party, status: Status) -> Self {
        Self { party, is_resource: false, is_optional: false, status, proposed: None }
    }
}

/// `showAs`: answers set the first three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum ShowAs {
    Free,
    Tentative,
    Busy,
    Oof,
    WorkingElsewhere,
    Unknown,
}

impl ShowAs {
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether a copy is of one meeting or of a series of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Series {
    Single,
    Master { occurrences: Vec<Occurrence> },
}

impl Series {
    /// A series (or, without starts, a single meeting) in which nothing out of the ordinary has happened.
    pub fn of(starts: &[DateTime<Utc>]) -> Self {
        let plain = |start: &DateTime<Utc>| Occurrence { start: *start, is_lost: false, exception: None };
        match starts {
            [] => Self::Single,
            starts => Self::Master { occurrences: starts.iter().map(plain).collect() },
        }
    }

    /// The occurrences, none of a single meeting; lost ones too.
    pub fn occurrences(&self) -> &[Occurrence] {
        match self {
            Self::Single => &[],
            Self::Master { occurrences } => occurrences,
        }
    }

    pub fn occurrences_mut(&mut self) -> &mut [Occurrence] {
        match self {
            Self::Single => &mut [],
            Self::Master { occurrences } => occurrences,
        }
    }
}

/// One occurrence in one copy of a series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Occurrence {
    /// The start that the series gives it (`originalStart`): what it is known by, whatever becomes of it.
    pub start: DateTime<Utc>,
    /// Not shown any more; the master has it among its `cancelledOccurrences`.
    pub is_lost: bool,
    /// What differs from the series.
    pub exception: Option<Exception>,
}

/// An occurrence that has become something of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    pub slot: Slot,
    pub status: Status,
    pub show_as: ShowAs,
    pub is_cancelled: bool,
    /// A list of attendees of its own; `None`: the master's.
    pub invitees: Option<Vec<Invitee>>,
}

/// One copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Shown when `Prefer: IdType="ImmutableId"` is sent.
    pub immutable: String,
    /// Shown otherwise; changes whenever the item moves.
    pub mutable: String,
    /// Id of the calendar that holds it.
    pub calendar: String,
    /// `false`: it lies in Deleted Items, where no calendar call finds it.
    pub live: bool,
    pub ical_uid: String,
    pub subject: String,
    /// As Exchange keeps it ([`super::text`]).
    pub body: String,
    pub details: Details,
    pub slot: Slot,
    /// An all-day event: dates in this time zone, whose midnights the slot has.
    pub all_day: Option<String>,
    pub organizer: Party,
    pub is_organizer: bool,
    pub is_cancelled: bool,
    pub invitees: Vec<Invitee>,
    /// The answer of the mailbox's owner.
    pub status: Status,
    pub show_as: ShowAs,
    /// `responseRequested`.
    pub response_requested: bool,
    pub series: Series,
    /// Single-value extended properties of this copy: they do not travel to others.
    pub extended: BTreeMap<String, String>,
    pub created: DateTime<Utc>,
    pub modified: DateTime<Utc>,
    /// Counts the writes; the etag and the change key follow it.
    pub version: u32,
}

impl Item {
    /// Notes a write.
    pub fn touch(&mut self, now: DateTime<Utc>) {
        self.modified = now;
        self.version += 1;
    }

    pub fn change_key(&self) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(format!(
            "{}/{}",
            self.version,
            self.modified.timestamp()
        ))
    }

    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.change_key())
    }

    /// The invitee of this address.
    pub fn invitee_mut(&mut self, address: &str) -> Option<&mut Invitee> {
        self.invitees.iter_mut().find(|invitee| invitee.party.is(address))
    }

    /// The occurrence of this original start, if the copy still shows it.
    pub fn occurrence_mut(&mut self, start: DateTime<Utc>) -> Option<&mut Occurrence> {
        self.series.occurrences_mut().iter_mut().find(|one| one.start == start && !one.is_lost)
    }

    /// The exception of this original start, made from the series if there was none; lost ones come back.
    /// `None`: the series has no such occurrence.
    pub fn exception_mut(&mut self, start: DateTime<Utc>) -> Option<&mut Exception> {
        let slot = Slot { start, end: start + self.slot.length() };
        let (status, show_as) = (self.status, self.show_as);
        let plain = Exception { slot, status, show_as, is_cancelled: false, invitees: None };
        let one = self.series.occurrences_mut().iter_mut().find(|one| one.start == start)?;
        one.is_lost = false;
        Some(one.exception.get_or_insert(plain))
    }
}

/// Seven decimals and `Z`, as Exchange writes times.
pub fn stamp(time: DateTime<Utc>) -> String {
    let nanos = time.to_rfc3339_opts(SecondsFormat::Nanos, true);
    format!("{}Z", nanos.get(..27).unwrap_or(&nanos))
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
