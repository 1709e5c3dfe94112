//! What the room has said that is invited to a session's own event.
//!
//! Guarantees: a room that declines, says nothing for an hour, or is too small is told to a person once for
//! each answer, with rooms that are free then; what it says is written down after that, so that no kill
//! leaves one of which nobody is told.

use crate::calendar::event::Event;
use crate::calendar::room::Room;
use crate::graph::port::Mailbox;
use crate::ids::{Address, hash};
use crate::jobs::JobError;
use crate::jobs::publish::act::EventContext;
use crate::jobs::publish::published::Published;
use crate::ledger::alert_members;
use crate::ledger::alerts::AlertKind;
use crate::publishing::booking::{Booking, Said};
use crate::publishing::content::listed;
use crate::publishing::written::Written;
use chrono::{DateTime, Utc};

/// So many free rooms are named.
const NAMED: usize = 5;
/// So many are asked for at once.
const ASKED: usize = 20;

impl EventContext<'_> {
    pub(super) async fn seen_booking(
        &self,
        row: &Written,
        found: &Event,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Option<Booking>, JobError> {
        let Some(room) = found.attendees.iter().find(|one| one.is_resource) else { return Ok(None) };
        let said = Said::of(room.response.answer);
        let booking = Booking::seen(row.booking.as_ref(), listed(&room.address), said, now);
        if let Some(next) = booking.next_look(now) {
            published.wait(next);
        }
        let seats = self.room(&room.address).and_then(|known| known.capacity);
        let held = self.facts.attending().held;
        let is_small = seats.is_some_and(|seats| (seats as usize) < held);
        let what = match (booking.is_lost(now), said) {
            (true, Said::Declined) => "has declined",
            (true, Said::Nothing | Said::Accepted | Said::Tentative) => "does not answer",
            (false, _) if is_small => "is too small",
            (false, Said::Nothing | Said::Accepted | Said::Tentative | Said::Declined) => {
                return Ok(Some(booking));
            }
        };
        self.tell(&room.address, what, (found, held)).await?;
        Ok(Some(booking))
    }

    fn room(&self, address: &Address) -> Option<&Room> {
        self.facts.rooms.iter().find(|known| known.address == *address)
    }

    async fn tell(&self, room: &Address, what: &str, (event, held): (&Event, usize)) -> Result<(), JobError> {
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        let (session, part) = (self.key.session.as_str(), &self.key.part.0);
        let start = event.start.map(|start| start.format("%Y-%m-%d %H:%M UTC").to_string());
        let start = start.unwrap_or_default();
        let member = hash(&format!("{session}\n{part}\n{}\n{what}\n{start}", room.as_str()));
        if alert_members::is_noted(ledger, tenant, AlertKind::Room, &member).await? {
            return Ok(());
        }
        let free = self.free(room, (event, held)).await;
        let free = match &free[..] {
            [] => "no other room is known to be free".to_owned(),
            free => format!("free then: {}", free.join(", ")),
        };
        let generally = AlertKind::Room.step();
        let room = room.as_str();
        let step = format!("Newest: {room} {what} for session {session}, {start}; {free}. {generally}");
        tracing::warn!(%tenant, session, room, start, what, free, "a room is not booked");
        Ok(alert_members::note_telling(ledger, tenant, AlertKind::Room, &member, &step).await?)
    }

    /// Rooms that seat all and are free for that time; none where nobody can tell.
    async fn free(&self, room: &Address, (event, held): (&Event, usize)) -> Vec<String> {
        let Some(between) = event.start.zip(event.end) else { return Vec::new() };
        let building = self.room(room).and_then(|known| known.building.clone());
        let mut fit: Vec<&Room> = self.facts.rooms.iter().collect();
        fit.retain(|one| {
            one.is_bookable && one.address != *room && one.capacity.is_none_or(|seats| seats as usize >= held)
        });
        // In the same house first, then the smallest that will do.
        fit.sort_by_key(|one| (one.building != building, one.capacity.unwrap_or(u32::MAX)));
        let asked: Vec<Address> = fit.into_iter().take(ASKED).map(|one| one.address.clone()).collect();
        if asked.is_empty() {
            return Vec::new();
        }
        let organizer = Mailbox::Id(self.organizer.clone());
        match self.context.graph.free_rooms(&organizer, &asked, between).await {
            Ok(free) => {
                let free = asked.iter().filter(|one| free.contains(one)).take(NAMED);
                free.map(|one| one.as_str().to_owned()).collect()
            }
            Err(failure) => {
                let tenant = &self.context.tenant.name;
                tracing::warn!(%tenant, %failure, "free rooms can't be looked for");
                Vec::new()
            }
        }
    }
}
