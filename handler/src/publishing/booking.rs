//! Which room is booked for a part, and what the room has said.
//!
//! A room answers by itself, and decides anew when the time changes (reference/graph-publishing.md#rooms).
//! Guarantees: no room is booked by a guess: a name that two rooms have is none; nobody waits for a room
//! longer than four hours, nor until the day before.

use crate::calendar::event::Answer;
use crate::calendar::room::Room;
use crate::ids::Address;
use crate::sessions::session::Venue;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which room mailbox is booked for a session's venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rooms {
    pub by: RoomsBy,
    /// Learners are invited when the room has accepted, or has not for long.
    pub first: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomsBy {
    /// The LMS tells the mailbox.
    Address,
    /// The directory has one room of the venue's name.
    Name,
    /// By the venue's name, or the LMS's id of it, in lower case.
    Table(BTreeMap<String, Address>),
}

impl Rooms {
    /// The mailbox of the room that this venue is. `known`: the directory's rooms.
    pub fn room(&self, venue: &Venue, known: &[Room]) -> Option<Address> {
        match &self.by {
            RoomsBy::Address => venue.mailbox.clone().filter(|address| address.is_smtp()),
            RoomsBy::Table(table) => {
                let named = [venue.room.as_deref(), Some(&venue.name)];
                named.into_iter().flatten().find_map(|name| table.get(&spelled(name)).cloned())
            }
            RoomsBy::Name => {
                let wanted = spelled(&venue.name);
                let is_it = |room: &&Room| {
                    spelled(&room.name) == wanted
                        || room.nickname.as_deref().is_some_and(|name| spelled(name) == wanted)
                };
                let mut found = known.iter().filter(is_it);
                match (found.next(), found.next()) {
                    (Some(room), None) => Some(room.address.clone()),
                    (Some(_) | None, _) => None,
                }
            }
        }
    }
}

/// As names are compared.
pub fn spelled(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What a room was asked for, and has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// [`super::content::listed`].
    pub room: String,
    pub said: Said,
    /// Since when it says so.
    pub since: DateTime<Utc>,
    /// Since when learners may wait for it.
    pub asked: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    Nothing,
    Accepted,
    /// A person decides for it.
    Tentative,
    Declined,
}

impl Said {
    pub fn of(answer: Answer) -> Self {
        match answer {
            Answer::Accepted => Self::Accepted,
            Answer::TentativelyAccepted => Self::Tentative,
            Answer::Declined => Self::Declined,
            Answer::None | Answer::NotResponded | Answer::Organizer => Self::Nothing,
        }
    }
}

/// Within so long a room that answers by itself has answered.
const SILENCE: TimeDelta = TimeDelta::hours(1);
const QUICK: TimeDelta = TimeDelta::minutes(15);
const PATIENCE: TimeDelta = TimeDelta::hours(4);

impl Booking {
    /// What is known by what the event shows now.
    pub fn seen(known: Option<&Self>, room: String, said: Said, now: DateTime<Utc>) -> Self {
        match known.filter(|known| known.room == room) {
            Some(known) if known.said == said => known.clone(),
            Some(known) => Self { said, since: now, ..known.clone() },
            None => Self { room, said, since: now, asked: now },
        }
    }

    /// Until when learners' invitations wait for it, for what starts then; `None`: no longer.
    pub fn awaited(&self, start: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let latest = start - TimeDelta::days(1);
        let until = (self.asked + PATIENCE).min(latest).max(self.asked + QUICK);
        (self.said != Said::Accepted && now < until).then_some(until)
    }

    /// When it is to be looked at again; the organizer's calendar tells of an answer, too.
    pub fn next_look(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let age = now - self.since;
        match self.said {
            Said::Accepted | Said::Declined => None,
            Said::Nothing if age < QUICK => Some(now + TimeDelta::minutes(1)),
            Said::Nothing if age < SILENCE => Some((now + QUICK).min(self.since + SILENCE)),
            Said::Nothing | Said::Tentative => Some(now + TimeDelta::hours(6)),
        }
    }

    /// A person must see to it.
    pub fn is_lost(&self, now: DateTime<Utc>) -> bool {
        match self.said {
            Said::Declined => true,
            Said::Nothing => now - self.since >= SILENCE,
            Said::Accepted | Said::Tentative => false,
        }
    }
}

#[cfg(test)]
#[path = "booking_tests.rs"]
mod tests;
