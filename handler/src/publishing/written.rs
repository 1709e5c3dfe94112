//! The row of one event: what was wanted of it last, and what is under way.
//!
//! Guarantees: an act is in the row before Graph is asked for it, with the invitation that it belongs to;
//! what a lost answer did is found by the event's own key before anything is done again.

use super::booking::Booking;
use super::content::{Field, Fingerprints};
use super::event_key::{EventKey, Invitation};
use super::shown::Shown;
use super::wish::CallOff;
use crate::calendar::event::Event;
use crate::ids::{Address, EventId, ICalUid};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    pub key: EventKey,
    pub invitation: Invitation,
    /// In whose mailbox: kept for each event, so that another default orphans nothing.
    pub organizer: Address,
    pub stand: Stand,
    /// Of the organizer's copy.
    #[serde(default)]
    pub event: Option<EventId>,
    #[serde(default)]
    pub ical_uid: Option<ICalUid>,
    /// What the last act that was carried out wanted.
    #[serde(default)]
    pub wanted: Fingerprints,
    /// Who is invited, as it was written: [`super::content::listed`].
    #[serde(default)]
    pub listed: BTreeSet<String>,
    /// Of an event for all: when those were listed who were not invited with it.
    #[serde(default)]
    pub relisted: BTreeMap<String, DateTime<Utc>>,
    /// Of a session's own event: learners are invited to it, too, and none has an event of their own.
    #[serde(default)]
    pub for_all: bool,
    /// Of a session's own event: the room that is invited to it.
    #[serde(default)]
    pub booking: Option<Booking>,
    /// Of a session's own event: the online meeting that belongs to it.
    #[serde(default)]
    pub meeting: Option<Meeting>,
    /// Of a session's own event: when it was read, as it was written last.
    #[serde(default)]
    pub read_at: Option<DateTime<Utc>>,
    /// When it begins and ends, as it was written.
    #[serde(default)]
    pub start: Option<DateTime<Utc>>,
    #[serde(default)]
    pub end: Option<DateTime<Utc>>,
    /// When this invitation went out: a decline from before it is none of it.
    #[serde(default)]
    pub made_at: Option<DateTime<Utc>>,
    /// What is under way.
    #[serde(default)]
    pub act: Option<Underway>,
    /// Since when an edit waits for others.
    #[serde(default)]
    pub edited: Option<DateTime<Utc>>,
    /// What Graph has refused, and was not done; until the next act that is.
    #[serde(default)]
    pub refused: Option<Refused>,
    /// Since when it is missed in the calendar: a person may have taken it away.
    #[serde(default)]
    pub missing: Option<DateTime<Utc>>,
    /// What it showed after our last write, or after the last edit of a person's that was told of.
    #[serde(default)]
    pub shown: Option<Shown>,
    /// When Exchange wrote it last, as its answer to our last write said.
    #[serde(default)]
    pub modified: Option<DateTime<Utc>>,
    /// Fields whose edit by a person is undone; and those of which one was, until the LMS changes them.
    #[serde(default)]
    pub undo: BTreeSet<Field>,
    #[serde(default)]
    pub undone: BTreeSet<Field>,
}

/// An online meeting that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meeting {
    /// Since when: learners' invitations wait for its link for a while.
    pub since: DateTime<Utc>,
    /// It is the event's own: that event's text is never written again, because the meeting is told in it.
    #[serde(default)]
    pub is_of_event: bool,
    #[serde(default)]
    pub link: Option<Url>,
    /// Of one in no calendar: from when to when it was last told to take place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl Meeting {
    /// For so long learners' invitations wait for its link.
    pub const PATIENCE: TimeDelta = TimeDelta::minutes(15);

    pub fn begun(since: DateTime<Utc>, is_of_event: bool) -> Self {
        Self { since, is_of_event, link: None, told: None }
    }

    /// Until when they wait; `None`: no longer.
    pub fn awaited(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = self.since + Self::PATIENCE;
        (self.link.is_none() && now < until).then_some(until)
    }
}

/// An act that was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// In a row.
    pub tries: u32,
    /// Not again before.
    pub until: DateTime<Utc>,
    /// What Graph said.
    pub code: String,
}

/// Where the event stands, as far as our own acts go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// Never written.
    None,
    Stands,
    /// Called off with mail. Another reading, begun later, may invite anew.
    CalledOff {
        at: DateTime<Utc>,
        why: CallOff,
    },
    /// Left alone, because whoever it was for declined it.
    LetGo {
        at: DateTime<Utc>,
    },
    /// A person deleted or cancelled it in the calendar: not made again unasked.
    TakenAway {
        at: DateTime<Utc>,
    },
}

/// An act that Graph was, or is, asked for, and that may have been done: it is looked up before anything is
/// asked again. What was certainly not done is no act under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Underway {
    pub act: Act,
    pub since: DateTime<Utc>,
}

/// One request to Graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Mails everybody listed.
    Create { invitation: Invitation, wanted: Fingerprints },
    /// Never together with attendees: all others would be mailed, too.
    Update { fields: BTreeSet<Field>, wanted: Fingerprints },
    /// The list of attendees alone: mails only whom it concerns. Where something else is to be told after it,
    /// only those are taken off who leave: they are not told of it, and who is new is told once.
    Attendees {
        wanted: Fingerprints,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        takes_off: bool,
    },
    /// `/cancel`, with words; where nobody is invited, it is deleted.
    Cancel { why: CallOff },
}

impl Written {
    pub fn new(key: EventKey, organizer: Address) -> Self {
        Self {
            key,
            invitation: Invitation::FIRST,
            organizer,
            stand: Stand::None,
            event: None,
            ical_uid: None,
            wanted: Fingerprints::default(),
            listed: BTreeSet::new(),
            relisted: BTreeMap::new(),
            for_all: false,
            booking: None,
            meeting: None,
            read_at: None,
            start: None,
            end: None,
            made_at: None,
            act: None,
            edited: None,
            refused: None,
            missing: None,
            shown: None,
            modified: None,
            undo: BTreeSet::new(),
            undone: BTreeSet::new(),
        }
    }

    /// An event of it may be in the calendar of which nobody knows the id yet.
    pub fn is_being_made(&self) -> bool {
        matches!(self.act, Some(Underway { act: Act::Create { .. }, .. }))
    }

    /// A person took it away, and it is to be there again: where it was put back meanwhile, that is it.
    pub fn is_wanted_back(&self) -> bool {
        matches!(self.stand, Stand::CalledOff { why: CallOff::TakenAway, .. })
    }

    /// It stands, and says what `wanted` says.
    #[must_use]
    pub fn stands(&self, wanted: Fingerprints, span: (DateTime<Utc>, DateTime<Utc>)) -> Self {
        Self { stand: Stand::Stands, wanted, start: Some(span.0), end: Some(span.1), ..self.at_rest() }
    }

    /// Nothing of it is under way, waits, was refused, or is missed.
    #[must_use]
    pub fn at_rest(&self) -> Self {
        let (edited, read_at, undo) = (None, None, BTreeSet::new());
        Self { act: None, edited, refused: None, missing: None, read_at, undo, ..self.clone() }
    }

    /// As our own write has left it; `None`: that is not known, and learned when it is read.
    #[must_use]
    pub fn showing(self, event: Option<&Event>) -> Self {
        Self { shown: event.map(Shown::of), modified: event.and_then(|event| event.modified), ..self }
    }

    /// It shows what was seen last, as far as both are known.
    pub fn shows(&self, event: &Event) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.differing(&Shown::of(event)).is_empty())
    }

    /// Fields of which an edit was undone, and of which the LMS says the same still.
    pub fn undone_still(&self, wanted: &Fingerprints) -> BTreeSet<Field> {
        let changed = self.wanted.differing(wanted);
        self.undone.difference(&changed).copied().collect()
    }

    /// It does not stand any more.
    #[must_use]
    pub fn gone(&self, stand: Stand) -> Self {
        // What is in no calendar goes on without it.
        let meeting = self.meeting.clone().filter(|meeting| !meeting.is_of_event);
        let (listed, relisted, undone) = (BTreeSet::new(), BTreeMap::new(), BTreeSet::new());
        let gone = Self { stand, event: None, listed, relisted, booking: None, meeting, ..self.at_rest() };
        Self { undone, ..gone }.showing(None)
    }

    /// It stands in calendars, as far as our own acts go, or may come to.
    pub fn is_out(&self) -> bool {
        let is_out = match self.stand {
            Stand::Stands | Stand::LetGo { .. } | Stand::TakenAway { .. } => true,
            Stand::None | Stand::CalledOff { .. } => false,
        };
        is_out || self.act.is_some() || self.is_wanted_back()
    }

    /// The list was written; whoever is new to it is so since then.
    #[must_use]
    pub fn listing(&self, listed: BTreeSet<String>, at: DateTime<Utc>) -> Self {
        let mut relisted = self.relisted.clone();
        relisted.retain(|who, _| listed.contains(who));
        relisted.extend(listed.difference(&self.listed).map(|who| (who.clone(), at)));
        Self { listed, relisted, ..self.clone() }
    }
}
