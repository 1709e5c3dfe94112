//! The stored tie between one calendar event in one mailbox and one (session, learner).

use crate::ids::{EventId, ICalUid, LearnerKey, SessionId, TenantName, UserId, hash};
use crate::messages::{EnrolmentRef, LinkRef};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub tenant: TenantName,
    /// The learner's mailbox.
    pub mailbox: UserId,
    /// The learner's copy. `None` when the link was made from the organizer's copy and the learner's was
    /// never seen.
    pub event: Option<EventId>,
    pub ical_uid: Option<ICalUid>,
    /// Set for an occurrence of a series, whose `iCalUId` may be the same for all.
    pub original_start: Option<DateTime<Utc>>,
    /// Set for an occurrence of a series, and for the series itself.
    #[serde(default)]
    pub series: Option<Series>,
    /// The organizer's address as a keyed hash: it tells which of the readable mailboxes to ask.
    pub organizer: Option<String>,
    /// The organizer's copy, once it was seen.
    pub organizer_event: Option<EventId>,
    /// The organizer's mailbox was asked for its copy while the learner's was there, and answered; or its
    /// list has shown the learner. Until then nobody can tell a copy that went because the organizer
    /// cancelled, or dropped the learner, from one that the learner removed.
    pub organizer_asked: bool,
    /// When the learner was seen in the organizer's list of attendees.
    pub listed_at: Option<DateTime<Utc>>,
    /// Keyed hashes of the addresses under which that was, at the last look. Links that were stored before
    /// have none: of them nobody can tell whether an entry is gone or has got another address.
    #[serde(default)]
    pub listed_as: BTreeSet<String>,
    /// The organizer has dropped the learner, and no copy was seen since.
    #[serde(default)]
    pub dropped: bool,
    pub session: SessionId,
    pub learner: LearnerKey,
    /// The learner is not in the directory, and the LMS knows learners by what only that says: the key is a
    /// keyed hash of the address, and a person must judge.
    #[serde(default)]
    pub outside: bool,
    /// When the invitation was made, by Exchange's clock.
    #[serde(default)]
    pub invited_at: Option<DateTime<Utc>>,
    /// When the organizer gave it another time last, as near as anybody could tell.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    /// The subject as a keyed hash, where there is no `iCalUId` to look for the item by.
    #[serde(default)]
    pub subject: Option<String>,
    /// The invitation says that no answer is wanted, so none is sent.
    #[serde(default)]
    pub wants_no_answer: bool,
    /// Newest times that were read.
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// When the link was stored, where the event had no time then; none also for those of old.
    #[serde(default)]
    pub noted: Option<DateTime<Utc>>,
}

/// The series that an occurrence belongs to. Notifications name its master only, and only the master is
/// listed by its `iCalUId` (reference/graph-events.md#series).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The master in the learner's mailbox, once it was seen.
    pub master: Option<EventId>,
    /// The master's `iCalUId`; an occurrence's may be the same or its own.
    pub uid: Option<ICalUid>,
}

impl Link {
    /// True for the series itself: no place hangs on it, it leads to its occurrences.
    pub fn is_master(&self) -> bool {
        let master = self.series.as_ref().and_then(|series| series.master.as_ref());
        self.original_start.is_none() && master.is_some() && master == self.event.as_ref()
    }

    /// True when both are of one series: by its `iCalUId` where that is known, else by the master.
    pub fn is_of(&self, series: &Series) -> bool {
        self.series.as_ref().is_some_and(|own| match (&own.uid, &series.uid) {
            (Some(own), Some(uid)) => own == uid,
            (None, _) | (_, None) => own.master.is_some() && own.master == series.master,
        })
    }

    /// Between which times the calendar shows the item, as far as we know: wide enough for any time zone.
    pub fn around(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        around(self.start, self.end)
    }

    /// By which the copy is found when it is not under its id any more.
    pub fn search_uid(&self) -> Option<&ICalUid> {
        self.series.as_ref().and_then(|series| series.uid.as_ref()).or(self.ical_uid.as_ref())
    }

    /// Where the link is stored: under the event by which it was made.
    pub fn stored_at(&self) -> Option<LinkRef> {
        match (&self.event, &self.organizer_event) {
            (Some(event), _) => Some(LinkRef::of_event(&self.tenant, &self.mailbox, event)),
            (None, Some(event)) => Some(LinkRef::by_organizer(&self.tenant, &self.mailbox, event)),
            (None, None) => None,
        }
    }

    /// Names the calendar item across all mailboxes and copies: `iCalUId` and, for an occurrence, its
    /// original start. Two links with the same part key are two sights of one item, not two parts of a
    /// session.
    pub fn part_key(&self) -> String {
        match (&self.event, &self.organizer_event) {
            (Some(event), _) | (None, Some(event)) => {
                Self::key_of(self.ical_uid.as_ref(), self.original_start, event)
            }
            (None, None) => Self::key_of(self.ical_uid.as_ref(), self.original_start, &EventId::new("")),
        }
    }

    /// The part key of an event; its own id stands in where it has no `iCalUId`.
    pub fn key_of(uid: Option<&ICalUid>, original_start: Option<DateTime<Utc>>, event: &EventId) -> String {
        let uid = uid.map_or(event.as_str(), ICalUid::as_str);
        let start = original_start.map(|at| at.to_rfc3339()).unwrap_or_default();
        hash(&format!("{uid}\n{start}"))
    }

    pub fn enrolment(&self) -> EnrolmentRef {
        EnrolmentRef::of(&self.tenant, &self.session, &self.learner)
    }
}

/// A day before the start to a day after the end; nothing where no start is known.
pub fn around(
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let start = start?;
    let end = end.unwrap_or(start).max(start);
    Some((start - Duration::days(1), end + Duration::days(1)))
}
