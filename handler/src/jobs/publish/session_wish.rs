//! What is to become of a session's own event, and of the one in the organization's calendar.
//!
//! Guarantees: while it is tried with a few, nobody else is written to, whoever was invited before; an event
//! that stands is kept true and taken back though such events are not wanted any more.

use crate::ids::Address;
use crate::jobs::publish::facts::SessionFacts;
use crate::publishing::content::{Attendee, AttendeeKind, listed};
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::policy::{Chosen, Instructors, Online};
use crate::publishing::seats;
use crate::publishing::session_event::{self, Facts, Purpose};
use crate::publishing::standing::Decline;
use crate::publishing::wish::{Hold, Wish};
use crate::publishing::words::Attending;
use crate::publishing::written::{Stand, Written};
use crate::sessions::place::Holding;
use std::collections::BTreeSet;

impl SessionFacts {
    /// One of each for each part.
    pub(super) fn keys_of_parts(&self) -> Vec<EventKey> {
        let session = &self.source.session;
        let has_own = self.for_all
            || !session.instructors.is_empty()
            || self.publisher.online.is_wanted()
            || self.publisher.rooms.is_some();
        let own = has_own.then_some(Audience::Session);
        let calendar = self.publisher.calendar.as_ref().map(|_| Audience::Calendar);
        own.into_iter().chain(calendar).flat_map(|audience| self.of_each_part(audience)).collect()
    }

    /// Those of the session's own events, whether they are wanted or not.
    pub(super) fn own_keys(&self) -> impl Iterator<Item = EventKey> {
        self.of_each_part(Audience::Session)
    }

    fn of_each_part(&self, audience: Audience) -> impl Iterator<Item = EventKey> {
        let session = &self.source.session;
        session.parts.iter().map(move |part| EventKey {
            session: session.id.clone(),
            part: part.id.clone(),
            audience: audience.clone(),
        })
    }

    pub(super) fn session_wish(&self, key: &EventKey, row: &Written) -> Wish {
        if !self.may_write(row) {
            return Wish::Hold(Hold::NotChosen);
        }
        let mut invited = match self.publisher.instructors {
            Instructors::None => Default::default(),
            Instructors::Count | Instructors::Names => {
                session_event::instructors(&self.source.session.instructors, &row.organizer)
            }
        };
        let room = self.room(key).filter(|room| self.chosen.includes(Some(room)));
        if let Some(room) = &room {
            let name = self.rooms.iter().find(|known| known.address == *room).map(|known| known.name.clone());
            invited.insert(room.clone(), Attendee { name, kind: AttendeeKind::Room });
        }
        if self.for_all {
            if row.stand != Stand::Stands && self.left_out(row) > 0 {
                return Wish::Hold(Hold::Crowded);
            }
            // Whoever leads it and holds a place is a learner.
            invited.extend(self.seated(key, row, self.learners(row)).listed);
            (invited, _) = seats::fitting(invited, &row.listed);
        }
        invited.retain(|address, _| self.chosen.includes(Some(address)));
        let makes_meeting = self.publisher.online == Online::Event;
        let purpose =
            Purpose { invited, attending: &self.attending(), room, makes_meeting, for_all: self.for_all };
        session_event::wish(&self.of_part(key), purpose, row)
    }

    pub(super) fn calendar_wish(&self, key: &EventKey, row: &Written) -> Wish {
        if self.publisher.calendar.is_none() && row.stand != Stand::Stands {
            return Wish::Hold(Hold::NotChosen);
        }
        session_event::in_calendar(&self.of_part(key))
    }

    pub(super) fn of_part(&self, key: &EventKey) -> Facts<'_> {
        Facts {
            session: &self.source.session,
            is_gone: self.source.gone.is_some(),
            part: self.source.session.part(&key.part),
            seen_at: self.source.seen_at,
            words: &self.words,
        }
    }

    /// Whoever is invited already would be mailed, too.
    fn may_write(&self, row: &Written) -> bool {
        match &self.chosen {
            Chosen::All => true,
            Chosen::These(addresses) => {
                let chosen: BTreeSet<String> = addresses.iter().map(listed).collect();
                row.listed.is_subset(&chosen)
            }
        }
    }

    /// The mailbox of the room that is to be booked.
    pub(super) fn room(&self, key: &EventKey) -> Option<Address> {
        let venue = self.source.session.part(&key.part)?.venue.as_ref()?;
        let room = self.publisher.rooms.as_ref()?.room(venue, &self.rooms)?;
        (room != self.publisher.organizer).then_some(room)
    }

    pub(super) fn attending(&self) -> Attending {
        let holds = |place: &&crate::ledger::source_places::SourcePlace| {
            let lost = matches!(self.declines.get(&place.place.learner), Some(Decline::LostPlace { .. }));
            !lost && place.place.holding() == Holding::Held
        };
        let held: Vec<_> = self.places.values().filter(holds).collect();
        let names = match self.publisher.instructors {
            Instructors::Names => Some(held.iter().filter_map(|place| place.place.called()).collect()),
            Instructors::None | Instructors::Count => None,
        };
        Attending {
            held: held.len(),
            names,
            as_of: self.source.places_seen_at.unwrap_or(self.source.seen_at),
        }
    }
}
