//! A place: one learner in one session, as the *set* of the LMS's records says.
//!
//! It is held while one of its records is; a tombstone ends only its own record; a record of which nobody
//! knows what it says neither gives a place nor takes one.

use super::place_record::{Person, PlaceRecord, RecordId, RecordState};
use crate::ids::{LearnerKey, SessionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub session: SessionId,
    pub learner: LearnerKey,
    pub records: BTreeMap<RecordId, PlaceRecord>,
}

/// What the records say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holding {
    /// At least one gives the seat.
    Held,
    /// None does, and one may come to: asked for, on the wait list, invited.
    Pending,
    /// Every one has ended.
    NotHeld,
    /// None gives it, and one can't be understood, or its person can't be seen any more.
    Unknown,
}

/// Why a record's person is nobody to write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreachable {
    /// A test account or a test order.
    Test,
    /// The LMS shows no address: it has none, or this token may not see it.
    NoAddress,
}

impl Place {
    pub fn new(session: SessionId, learner: LearnerKey) -> Self {
        Self { session, learner, records: BTreeMap::new() }
    }

    /// A newer reading of one record. One that suddenly shows no address was read with lesser rights: who it
    /// is about stays known.
    pub fn learn(&mut self, record: PlaceRecord) {
        let known = self.records.get(&record.id).and_then(|known| known.person.address.clone());
        let mut record = record;
        if record.person.address.is_none() {
            record.person.address = known;
        }
        self.records.insert(record.id.clone(), record);
    }

    pub fn holding(&self) -> Holding {
        let states = || self.records.values().filter(|one| !one.person.is_test).map(|one| &one.state);
        if states().any(RecordState::holds) {
            return Holding::Held;
        }
        if states().any(|state| matches!(state, RecordState::Unknown(_))) {
            return Holding::Unknown;
        }
        if states().all(RecordState::ends) { Holding::NotHeld } else { Holding::Pending }
    }

    /// By what the LMS calls whoever holds it; their address where it tells no name.
    pub fn called(&self) -> Option<String> {
        let person = self.person().ok()?;
        let address = || person.address.as_ref().map(|address| address.as_str().to_owned());
        person.name.clone().filter(|name| !name.trim().is_empty()).or_else(address)
    }

    /// The person to write to, of a record that holds the seat where one does.
    pub fn person(&self) -> Result<&Person, Unreachable> {
        let mut people: Vec<&PlaceRecord> = self.records.values().filter(|one| !one.person.is_test).collect();
        people.sort_by_key(|one| (!one.state.holds(), one.person.address.is_none()));
        match people.first() {
            None => Err(Unreachable::Test),
            Some(one) if one.person.address.is_none() => Err(Unreachable::NoAddress),
            Some(one) => Ok(&one.person),
        }
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
