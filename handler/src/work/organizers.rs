//! What organizers' calendars show: who is invited to which of our sessions. Read for hints about events that vanished
//! before they were linked, and by every resync.
//!
//! Guarantee: however many hints ask, the calendars are read at most once per `Timing::organizers_rest`, and whoever asks
//! gets a view that was read after they asked.

use crate::calendar::link::Link;
use crate::calendar::recognise::recognise;
use crate::graph::GraphError;
use crate::ids::{EventId, SessionId, UserId};
use crate::work::desk::{Desk, Office};
use crate::work::people::Person;
use crate::work::reading;
use chrono::{DateTime, Duration, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

#[derive(Default)]
pub struct Organizers {
    last: Mutex<Option<Arc<View>>>,
}

/// The invitations of all organizers at one moment.
pub struct View {
    asked: DateTime<Utc>,
    invitations: Vec<Invitation>,
    /// Keyed hash of an attendee's address → the invitations it is in.
    by_alias: HashMap<String, Vec<usize>>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Invitation {
    pub organizer: UserId,
    pub event: EventId,
    pub session: SessionId,
    pub part_key: String,
}

impl View {
    /// The invitations in whose list this person stands.
    pub fn of(&self, person: &Person) -> Vec<&Invitation> {
        let mut found: Vec<usize> =
            person.aliases.iter().filter_map(|alias| self.by_alias.get(alias)).flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|index| self.invitations.get(index)).collect()
    }
}

impl Organizers {
    /// A view that was read at or after `since`.
    pub async fn since(&self, office: &Office, desk: &Desk, since: DateTime<Utc>) -> Result<Arc<View>, GraphError> {
        let mut last = self.last.lock().await;
        if let Some(view) = last.as_ref() {
            if view.asked >= since {
                return Ok(Arc::clone(view));
            }
            let rest = (view.asked + office.timing.organizers_rest) - office.clock.now();
            if let Ok(rest) = rest.to_std() {
                // Whoever waits for the lock meanwhile shares what is read next.
                tokio::time::sleep(rest).await;
            }
        }
        let view = Arc::new(read(office, desk).await?);
        *last = Some(Arc::clone(&view));
        Ok(view)
    }
}

async fn read(office: &Office, desk: &Desk) -> Result<View, GraphError> {
    let asked = office.clock.now();
    let (from, to) = (asked - Duration::days(1), asked + office.timing.horizon);
    let mut view = View { asked, invitations: Vec::new(), by_alias: HashMap::new() };
    for address in &desk.tenant.watch.organizers {
        let Some(organizer) = desk.people.organizer(desk.graph.as_ref(), address).await? else { continue };
        let events = match reading::view(desk, &organizer, from, to).await {
            Ok(events) => events,
            // Named as readable, but it is not: the same as a sender without a calendar.
            Err(GraphError::NoMailbox(_) | GraphError::Refused(_)) => continue,
            Err(trouble) => return Err(trouble),
        };
        for event in events {
            let Some(session) = recognise(&event, &desk.tenant.recognise) else { continue };
            let part_key = Link::key_of(event.ical_uid.as_ref(), event.original_start, &event.id);
            let index = view.invitations.len();
            for attendee in event.attendees.iter().filter(|attendee| !attendee.is_resource) {
                view.by_alias.entry(desk.people.hash(&attendee.address)).or_default().push(index);
            }
            view.invitations.push(Invitation { organizer: organizer.clone(), event: event.id, session, part_key });
        }
    }
    Ok(view)
}
