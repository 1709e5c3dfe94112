//! What Graph is asked to make of an event, or to change in it: as values, checked by whoever read them.

use super::Meeting;
use super::details::{Importance, Place, Sensitivity};
use super::item::{Answer, Party, ShowAs, Slot};
use std::collections::BTreeMap;

/// What is `None` stays as it is, or as a new event has it.
#[derive(Debug, Clone, Default)]
pub struct EventEdit {
    pub subject: Option<String>,
    /// As it is kept ([`super::text::kept`]).
    pub body: Option<String>,
    pub when: Option<Span>,
    pub places: Option<Vec<Place>>,
    /// The whole list: who is missing is called off.
    pub attendees: Option<Vec<Wanted>>,
    pub response_requested: Option<bool>,
    pub allow_proposals: Option<bool>,
    pub hide_attendees: Option<bool>,
    pub importance: Option<Importance>,
    pub sensitivity: Option<Sensitivity>,
    pub online: Option<bool>,
    /// What follows is the organizer's own, and no copy of an attendee has it.
    pub show_as: Option<ShowAs>,
    pub is_reminder_on: Option<bool>,
    pub reminder_minutes: Option<u32>,
    pub categories: Option<Vec<String>>,
    pub extended: BTreeMap<String, String>,
}

/// From when to when, and how it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub slot: Slot,
    /// Dates in this time zone.
    pub all_day: Option<String>,
    /// The zones of start and end.
    pub zones: (String, String),
}

/// One of a list of attendees that is written.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub party: Party,
    pub kind: WantedKind,
    /// The answer that was written along with it.
    pub status: Option<Answer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedKind {
    Required,
    Optional,
    Resource,
}

impl EventEdit {
    /// Something of what attendees are told is written, with whatever value.
    fn names_news(&self) -> bool {
        self.subject.is_some()
            || self.body.is_some()
            || self.when.is_some()
            || self.places.is_some()
            || self.response_requested.is_some()
            || self.allow_proposals.is_some()
            || self.hide_attendees.is_some()
            || self.importance.is_some()
            || self.sensitivity.is_some()
            || self.online.is_some()
    }

    /// Something of the organizer's own is written.
    pub(super) fn names_own(&self) -> bool {
        self.show_as.is_some()
            || self.is_reminder_on.is_some()
            || self.reminder_minutes.is_some()
            || self.categories.is_some()
            || !self.extended.is_empty()
    }

    /// Something beside the list of attendees is written.
    pub(super) fn names_more_than_attendees(&self) -> bool {
        self.names_news() || self.names_own()
    }

    /// Attendees are told of it; `equal`: of values that are what they were, too.
    pub(super) fn has_news(&self, before: &Meeting, equal: bool) -> bool {
        let Meeting { details, .. } = before;
        if equal {
            return self.names_news();
        }
        differs(&self.subject, &before.subject)
            || differs(&self.body, &before.body)
            || self.moves(before)
            || differs(&self.places, &details.places)
            || differs(&self.response_requested, &before.response_requested)
            || differs(&self.allow_proposals, &details.allow_proposals)
            || differs(&self.hide_attendees, &details.hide_attendees)
            || differs(&self.importance, &details.importance)
            || differs(&self.sensitivity, &details.sensitivity)
            || self.online == Some(true) && details.online.is_none()
    }

    /// The time is another one.
    pub(super) fn moves(&self, before: &Meeting) -> bool {
        self.when.as_ref().is_some_and(|when| {
            when.slot != before.slot || when.all_day.is_some() != before.all_day.is_some()
        })
    }

    /// The list that is written: each address once, and the organizer not at all.
    pub(super) fn listed(&self, organizer: &Party) -> Option<Vec<Wanted>> {
        let mut listed: Vec<Wanted> = Vec::new();
        for wanted in self.attendees.as_ref()? {
            let is_known = listed.iter().any(|known| known.party.is(&wanted.party.address));
            if !is_known && !organizer.is(&wanted.party.address) {
                listed.push(wanted.clone());
            }
        }
        Some(listed)
    }
}

fn differs<T: PartialEq>(wanted: &Option<T>, is: &T) -> bool {
    wanted.as_ref().is_some_and(|wanted| wanted != is)
}
