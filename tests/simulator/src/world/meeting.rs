//! What a meeting is to its organizer: who is invited and how, and what an answer refers to. Copies know
//! nothing of it.

use super::details::Details;
use super::draft::WantedKind;
use super::item::{Answer, Exception, Invitee, Party, Series, ShowAs, Slot, Status};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A meeting as its organizer thinks of it, wherever copies of it are.
#[derive(Debug, Clone, Serialize)]
pub struct Meeting {
    pub session: String,
    pub ical_uid: String,
    pub subject: String,
    pub body: String,
    pub organizer: Party,
    /// There is an organizer's copy in a mailbox.
    pub has_original: bool,
    pub slot: Slot,
    /// Dates in this time zone.
    pub all_day: Option<String>,
    /// Original starts of a series, without those that the organizer cancelled.
    pub occurrences: Vec<DateTime<Utc>>,
    /// Occurrences that the organizer moved, by their original starts.
    pub moved: BTreeMap<DateTime<Utc>, Moved>,
    /// Who is in the organizer's list.
    pub attendees: Vec<Party>,
    /// Who has the invitation and is not in the list.
    pub unlisted: Vec<Unlisted>,
    pub rooms: Vec<Party>,
    /// Addresses of the list in lower case: who need not come.
    pub optional: BTreeSet<String>,
    pub details: Details,
    /// Whether the organizer wants answers.
    pub response_requested: bool,
    pub sequence: u32,
    pub cancelled: bool,
}

/// An occurrence at another time than the series gives it.
#[derive(Debug, Clone, Serialize)]
pub struct Moved {
    pub slot: Slot,
    /// How often it was moved.
    pub times: u32,
}

/// How somebody got an invitation without being in the organizer's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Way {
    Forwarded,
    /// Through a distribution list of this address.
    List(String),
}

#[derive(Debug, Clone, Serialize)]
pub struct Unlisted {
    pub party: Party,
    pub way: Way,
}

impl Meeting {
    /// What an answer refers to: the meeting's sequence, and how often that occurrence was moved in it.
    pub(super) fn version(&self, occurrence: Option<DateTime<Utc>>) -> (u32, u32) {
        let moved = occurrence.and_then(|start| self.moved.get(&start)).map_or(0, |moved| moved.times);
        (self.sequence, moved)
    }

    /// In the organizer's list; rooms are, too.
    pub(super) fn lists(&self, address: &str) -> bool {
        self.attendees.iter().chain(&self.rooms).any(|party| party.is(address))
    }

    pub(super) fn unlisted(&self, address: &str) -> Option<&Unlisted> {
        self.unlisted.iter().find(|known| known.party.is(address))
    }

    /// Everybody who has an invitation, listed or not, and the rooms.
    pub(super) fn addressees(&self) -> Vec<String> {
        let unlisted = self.unlisted.iter().map(|known| &known.party);
        self.attendees.iter().chain(unlisted).chain(&self.rooms).map(|party| party.address.clone()).collect()
    }

    /// How somebody stands in the organizer's list.
    pub(super) fn kind_of(&self, address: &str) -> Option<WantedKind> {
        if self.rooms.iter().any(|room| room.is(address)) {
            return Some(WantedKind::Resource);
        }
        let is_listed = self.attendees.iter().any(|party| party.is(address));
        is_listed.then(|| match self.optional.contains(&address.to_lowercase()) {
            true => WantedKind::Optional,
            false => WantedKind::Required,
        })
    }

    /// The list of attendees, with the same answer for all.
    pub(super) fn invitees(&self, status: Status) -> Vec<Invitee> {
        let invitee = |party: &Party, is_resource| Invitee {
            is_resource,
            is_optional: self.optional.contains(&party.address.to_lowercase()),
            ..Invitee::new(party.clone(), status)
        };
        let people = self.attendees.iter().map(|party| invitee(party, false));
        people.chain(self.rooms.iter().map(|room| invitee(room, true))).collect()
    }

    /// The list as an attendee is shown it: where it is hidden, with nobody else in it.
    pub(super) fn shown_to(&self, address: &str, status: Status) -> Vec<Invitee> {
        let mut invitees = self.invitees(status);
        invitees.retain(|one| !self.details.hide_attendees || one.party.is(address));
        invitees
    }

    /// Messages that one change of everything sends to each: exceptions of a series are told by themselves.
    pub(super) fn messages(&self) -> usize {
        1 + self.moved.len()
    }

    /// The series as an invitation sent now tells of it.
    pub(super) fn series(&self) -> Series {
        let mut series = Series::of(&self.occurrences);
        for one in series.occurrences_mut() {
            one.exception = self.moved.get(&one.start).map(|moved| Exception {
                slot: moved.slot,
                status: Status::unanswered(Answer::NotResponded),
                show_as: ShowAs::Tentative,
                is_cancelled: false,
                invitees: None,
            });
        }
        series
    }

    /// Takes an address off the list, and with a distribution list those behind it. Gives all who lose their
    /// invitation.
    pub(super) fn strike(&mut self, address: &str) -> Vec<String> {
        let mut struck = vec![address.to_owned()];
        self.attendees.retain(|known| !known.is(address));
        self.unlisted.retain(|known| match &known.way {
            Way::List(list) if list.eq_ignore_ascii_case(address) => {
                struck.push(known.party.address.clone());
                false
            }
            Way::List(_) | Way::Forwarded => !known.party.is(address),
        });
        struck
    }
}
