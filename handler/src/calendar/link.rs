//! The stored tie between one calendar event in one mailbox and one (session, learner).

use crate::ids::{EventId, ICalUid, LearnerKey, SessionId, TenantName, UserId, hash};
use crate::message::{EnrolmentRef, LinkRef};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub tenant: TenantName,
    /// The learner's mailbox.
    pub mailbox: UserId,
    /// The learner's copy. `None` when the link was made from the organizer's copy and the learner's was never seen.
    pub event: Option<EventId>,
    pub ical_uid: Option<ICalUid>,
    /// Set for an occurrence of a series, whose `iCalUId` may be the same for all.
    pub original_start: Option<DateTime<Utc>>,
    /// The organizer's address as a keyed hash: it tells which of the readable mailboxes to ask.
    pub organizer: Option<String>,
    /// The organizer's copy, once it was seen.
    pub organizer_event: Option<EventId>,
    /// The organizer's mailbox was asked for its copy, and answered.
    pub organizer_asked: bool,
    /// When the learner was seen in the organizer's list of attendees.
    pub listed_at: Option<DateTime<Utc>>,
    pub session: SessionId,
    pub learner: LearnerKey,
    /// Newest times that were read.
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
}

impl Link {
    /// How the row key of a link starts that was made from the organizer's copy.
    pub const BY_ORGANIZER: &'static str = "o-";

    /// Keys of the link that a notification about this event in this mailbox would name.
    pub fn reference(tenant: &TenantName, mailbox: &UserId, event: &EventId) -> LinkRef {
        LinkRef { partition: Self::partition(tenant, mailbox), row: format!("e-{}", hash(event.as_str())) }
    }

    /// Keys of a link that was made from the organizer's copy.
    pub fn reference_by_organizer(tenant: &TenantName, mailbox: &UserId, organizer_event: &EventId) -> LinkRef {
        LinkRef {
            partition: Self::partition(tenant, mailbox),
            row: format!("{}{}", Self::BY_ORGANIZER, hash(organizer_event.as_str())),
        }
    }

    pub fn partition(tenant: &TenantName, mailbox: &UserId) -> String {
        format!("{tenant}~{}", hash(mailbox.as_str()))
    }

    /// Where the link is stored: under the event by which it was made.
    pub fn stored_at(&self) -> Option<LinkRef> {
        match (&self.event, &self.organizer_event) {
            (Some(event), _) => Some(Self::reference(&self.tenant, &self.mailbox, event)),
            (None, Some(event)) => Some(Self::reference_by_organizer(&self.tenant, &self.mailbox, event)),
            (None, None) => None,
        }
    }

    /// Names the calendar item across all mailboxes and copies: `iCalUId` and, for an occurrence, its original start. Two
    /// links with the same part key are two sights of one item, not two parts of a session.
    pub fn part_key(&self) -> String {
        match (&self.event, &self.organizer_event) {
            (Some(event), _) | (None, Some(event)) => Self::key_of(self.ical_uid.as_ref(), self.original_start, event),
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
        enrolment_ref(&self.tenant, &self.session, &self.learner)
    }
}

/// Keys of the one row that holds the truth about this learner in this session.
pub fn enrolment_ref(tenant: &TenantName, session: &SessionId, learner: &LearnerKey) -> EnrolmentRef {
    EnrolmentRef { partition: format!("{tenant}~{}", hash(session.as_str())), row: hash(learner.as_str()) }
}
