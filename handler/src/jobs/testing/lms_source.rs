//! An LMS that tells of its sessions and places what a test has it tell.

use crate::ids::SessionId;
use crate::lms::{Budget, RosterReach, Source};
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::{Doubt, Pass, Quarantined};
use crate::sessions::place_record::{PlaceRecord, RecordId};
use crate::sessions::session::Session;
use async_trait::async_trait;
use std::sync::{Arc, Mutex};

#[derive(Clone)]
pub(crate) struct TellingSource {
    pub(crate) reach: RosterReach,
    pub(crate) told: Arc<Mutex<Told>>,
}

#[derive(Default)]
pub(crate) struct Told {
    pub(crate) sessions: Vec<Session>,
    pub(crate) places: Vec<PlaceRecord>,
    pub(crate) doubt: Option<Doubt>,
    pub(crate) not_understood: Option<Quarantined>,
    /// How often each was read: the list, and places.
    pub(crate) read: (usize, usize),
}

impl TellingSource {
    pub(crate) fn new(reach: RosterReach) -> Self {
        Self { reach, told: Arc::default() }
    }

    pub(crate) fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap());
    }
}

#[async_trait]
impl Source for TellingSource {
    fn roster_reach(&self) -> RosterReach {
        self.reach
    }

    fn has_single_read(&self) -> bool {
        true
    }

    async fn sessions(&self, _budget: Budget) -> Pass<SessionId, Session> {
        let mut told = self.told.lock().unwrap();
        told.read.0 += 1;
        let mut pass = Pass::default();
        told.sessions.iter().for_each(|one| pass.see(one.id.clone(), one.clone()));
        told.doubt.iter().for_each(|doubt| pass.doubt(doubt.clone()));
        told.not_understood.iter().for_each(|entry| pass.quarantine(entry.clone()));
        pass
    }

    async fn roster(&self, of: Option<&SessionId>, _budget: Budget) -> Pass<RecordId, PlaceRecord> {
        let mut told = self.told.lock().unwrap();
        told.read.1 += 1;
        let mut pass = Pass::default();
        let meant = told.places.iter().filter(|one| of.is_none_or(|of| one.session == *of));
        meant.for_each(|one| pass.see(one.id.clone(), one.clone()));
        told.doubt.iter().for_each(|doubt| pass.doubt(doubt.clone()));
        pass
    }

    async fn is_there(&self, session: &SessionId, _budget: Budget) -> SingleRead {
        match self.told.lock().unwrap().sessions.iter().any(|one| one.id == *session) {
            true => SingleRead::There,
            false => SingleRead::Gone,
        }
    }
}
