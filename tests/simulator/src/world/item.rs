//! One copy of a meeting in one mailbox. Copies know nothing of each other: only `iCalUId` ties them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `responseStatus.response` (facts sheet 6).
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

impl Answer {
    /// Graph's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Organizer => "organizer",
            Self::TentativelyAccepted => "tentativelyAccepted",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::NotResponded => "notResponded",
        }
    }
}

/// An answer and when it was given; no time means that Graph shows year 0001.
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
    /// Addresses are compared without case (facts sheet 10).
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
    pub status: Status,
    pub proposed: Option<Slot>,
}

/// `showAs`, as far as answers set it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ShowAs {
    Free,
    Tentative,
    Busy,
}

impl ShowAs {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Tentative => "tentative",
            Self::Busy => "busy",
        }
    }
}

/// Where an occurrence stands in its series.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "type")]
pub enum Series {
    Single,
    /// The starts of the occurrences that this copy still shows, each as long as the master; and those it lost.
    Master {
        starts: Vec<DateTime<Utc>>,
        lost: Vec<DateTime<Utc>>,
    },
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
    pub body: String,
    pub slot: Slot,
    pub organizer: Party,
    pub is_organizer: bool,
    pub is_cancelled: bool,
    pub invitees: Vec<Invitee>,
    /// The answer of the mailbox's owner.
    pub status: Status,
    pub show_as: ShowAs,
    pub series: Series,
    /// Answers to single occurrences, on the organizer's copy: by start, then by address in lower case.
    pub exceptions: BTreeMap<DateTime<Utc>, BTreeMap<String, Status>>,
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
        base64::engine::general_purpose::STANDARD.encode(format!("{}/{}", self.version, self.modified.timestamp()))
    }

    pub fn etag(&self) -> String {
        format!("W/\"{}\"", self.change_key())
    }

    /// The invitee of this address.
    pub fn invitee_mut(&mut self, address: &str) -> Option<&mut Invitee> {
        self.invitees.iter_mut().find(|invitee| invitee.party.is(address))
    }
}

/// Seven decimals and `Z`, as Exchange writes times.
pub fn stamp(time: DateTime<Utc>) -> String {
    let nanos = time.to_rfc3339_opts(SecondsFormat::Nanos, true);
    format!("{}Z", nanos.get(..27).unwrap_or(&nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_seven_decimals() {
        let time: DateTime<Utc> = "2026-01-15T09:30:00.123456789Z".parse().unwrap();
        assert_eq!(stamp(time), "2026-01-15T09:30:00.1234567Z");
    }
}
