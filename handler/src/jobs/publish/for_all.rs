//! Learners in the session's own event (`events = "session"`).
//!
//! Guarantees: a session keeps the way in which it was published first, as long as anything of it stands, so
//! that another word in the configuration calls nobody off and invites nobody twice; learners wait for the
//! room, and for the link, as they do for events of their own; of more than one event takes a person is told,
//! once for each session.

use crate::ids::{Address, LearnerKey, hash};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::facts::{SessionFacts, row_of};
use crate::ledger::alert_members;
use crate::ledger::alerts::AlertKind;
use crate::ledger::source_places::SourcePlace;
use crate::publishing::content::{Attendee, AttendeeKind, listed};
use crate::publishing::event_key::{Audience, EventKey};
use crate::publishing::seats::{self, Seat};
use crate::publishing::standing::{Decline, is_held};
use crate::publishing::written::{Meeting, Stand, Written};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// The room's answer is looked for again after so long.
const SOON: TimeDelta = TimeDelta::minutes(1);

/// Learners of one event.
pub(super) struct Seated {
    pub(super) listed: BTreeMap<Address, Attendee>,
    /// Until then others wait for the room.
    pub(super) waits: Option<DateTime<Utc>>,
}

impl SessionFacts {
    /// Learners who are to be listed in the session's own event, now or once the room has accepted.
    pub(super) fn learners(&self, row: &Written) -> BTreeMap<Address, Attendee> {
        let listed = |place: &SourcePlace| {
            let (address, name) = reached(place)?;
            let seat = self.seat(place, seats::listed_at(row, &address));
            let is_listed = self.chosen.includes(Some(&address)) && seat.is_listed();
            is_listed.then_some((address, Attendee { name, kind: AttendeeKind::Learner }))
        };
        self.places.values().filter_map(listed).collect()
    }

    /// Those of them who are to be listed now.
    pub(super) fn seated(
        &self,
        key: &EventKey,
        row: &Written,
        mut learners: BTreeMap<Address, Attendee>,
    ) -> Seated {
        let room = self.room_awaited(key, row);
        let so_many = learners.len();
        learners.retain(|address, _| room.is_none() || row.listed.contains(&listed(address)));
        Seated { waits: room.filter(|_| learners.len() < so_many), listed: learners }
    }

    fn seat(&self, place: &SourcePlace, listed_at: Option<DateTime<Utc>>) -> Seat {
        let learner = &place.place.learner;
        Seat {
            holding: place.place.holding(),
            seen_at: self.place_seen_at(Some(place)),
            decline: self.declines.get(learner).copied().unwrap_or(Decline::None),
            listed_at,
        }
    }

    /// Whoever is listed under this address and holds a place, or held one.
    pub(super) fn learner_at(&self, address: &Address) -> Option<&LearnerKey> {
        let is_theirs = |place: &&SourcePlace| reached(place).is_some_and(|(own, _)| own == *address);
        self.places.values().find(is_theirs).map(|place| &place.place.learner)
    }

    /// It concerns nobody who is a learner only.
    pub(super) fn leads(&self, address: &Address) -> bool {
        let leads = |one: &crate::sessions::session::Instructor| one.address.as_ref() == Some(address);
        !self.for_all || self.source.session.instructors.iter().any(leads)
    }

    /// Until when learners who are new wait for the room of this event.
    fn room_awaited(&self, key: &EventKey, row: &Written) -> Option<DateTime<Utc>> {
        self.publisher.rooms.as_ref().filter(|rooms| rooms.first)?;
        let (part, room) = (self.source.session.part(&key.part)?, self.room(key)?);
        let room = self.chosen.includes(Some(&room)).then(|| listed(&room))?;
        let (now, soon) = (self.read_at, self.read_at + SOON);
        match row.booking.as_ref().filter(|booking| booking.room == room) {
            Some(booking) => booking.awaited(part.span.start(), now).map(|until| until.min(soon)),
            // It is invited, and was not read since.
            None if row.listed.contains(&room) => {
                let made = row.made_at.unwrap_or(now);
                (now < made + Meeting::PATIENCE).then_some(soon)
            }
            None => (row.stand != Stand::Stands).then_some(soon),
        }
    }

    /// Until when this event is not made, or not all are listed in it.
    pub(super) fn waits_for_all(&self, key: &EventKey, row: &Written, now: DateTime<Utc>) -> Waits {
        if !self.for_all || key.audience != Audience::Session {
            return Waits::default();
        }
        let is_held = self
            .source
            .session
            .part(&key.part)
            .is_some_and(|part| is_held(&self.source.session, self.source.gone.is_some(), part));
        let meeting = row.meeting.as_ref().filter(|meeting| !meeting.is_of_event);
        Waits {
            made: meeting.and_then(|meeting| meeting.awaited(now)).map(|until| until.min(now + SOON)),
            listed: self
                .seated(key, row, self.learners(row))
                .waits
                .filter(|_| is_held && row.stand == Stand::Stands),
        }
    }

    /// Learners whom an event does not take.
    pub(super) fn left_out(&self, row: &Written) -> usize {
        let instructors = &self.source.session.instructors;
        let mut all = crate::publishing::session_event::instructors(instructors, &row.organizer);
        all.extend(self.learners(row));
        seats::fitting(all, &row.listed).1
    }

    /// Tells a person of events that don't take all, once for each of them.
    pub(super) async fn tell_of_crowds(
        &self,
        app: &AppContext,
        context: &TenantContext,
    ) -> Result<(), JobError> {
        let own = self.keys_of_parts().into_iter().filter(|key| key.audience == Audience::Session);
        for key in own.filter(|_| self.for_all) {
            let row = row_of(self.written.get(&key), &key, &self.publisher);
            let left = self.left_out(&row);
            if left == 0 {
                continue;
            }
            let (ledger, tenant) = (&app.ledger, &context.tenant.name);
            let (session, most) = (key.session.as_str(), seats::MOST);
            tracing::warn!(%tenant, session, left, most, "an event does not take all");
            let member = hash(&format!("{session}\n{}", key.part.0));
            if alert_members::is_noted(ledger, tenant, AlertKind::SessionCrowded, &member).await? {
                continue;
            }
            let generally = AlertKind::SessionCrowded.step();
            let step = format!("Newest: {left} learners of session {session}. {generally}");
            alert_members::note_telling(ledger, tenant, AlertKind::SessionCrowded, &member, &step).await?;
        }
        Ok(())
    }
}

/// For what an event for all waits.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Waits {
    /// The link.
    pub(super) made: Option<DateTime<Utc>>,
    /// The room.
    pub(super) listed: Option<DateTime<Utc>>,
}

/// Under which address somebody is written to; that by which they were known, where they are nobody to write
/// to any more.
fn reached(place: &SourcePlace) -> Option<(Address, Option<String>)> {
    let records = place.place.records.values().map(|record| &record.person);
    let person = place.place.person().ok().or_else(|| {
        let mut records = records;
        records.find(|person| person.address.is_some())
    })?;
    let address = person.address.clone().filter(Address::is_smtp)?;
    Some((address, person.name.clone()))
}
