//! What the oracle of publishing knows: for each learner and instructor what they were last told, held
//! against what the LMS says each time everything has come to rest. Nothing of rows, plans and acts.

use super::play::led;
use crate::publishing::testing::{record, session};
use crate::sessions::place_record::{PlaceRecord, RecordState};
use crate::sessions::session::{Session, SessionState};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const NAMES: [&str; 3] = ["ana", "ben", "cem"];
/// Who may lead the session.
pub(super) const LEADERS: [&str; 2] = ["ina", "jo"];

/// What the LMS shows of a learner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Nothing,
    Held,
    Cancelled,
    Waitlisted,
    /// In a word that nobody knows.
    Odd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Scheduled,
    Cancelled,
    Draft,
}

/// What the LMS says.
#[derive(Debug, Clone)]
pub(super) struct Lms {
    pub(super) stage: Stage,
    pub(super) hour: u32,
    pub(super) is_renamed: bool,
    pub(super) shows: [Shown; NAMES.len()],
    pub(super) leads: [bool; LEADERS.len()],
}

impl Lms {
    fn leaders(&self) -> BTreeSet<&'static str> {
        LEADERS.into_iter().zip(self.leads).filter(|(_, leads)| *leads).map(|(name, _)| name).collect()
    }

    pub(super) fn session(&self) -> Session {
        Session {
            state: match self.stage {
                Stage::Scheduled => SessionState::Scheduled,
                Stage::Cancelled => SessionState::Cancelled,
                Stage::Draft => SessionState::Draft,
            },
            title: if self.is_renamed { "First aid, again".into() } else { "First aid".into() },
            ..led(session(self.hour), &self.leaders().into_iter().collect::<Vec<_>>())
        }
    }

    pub(super) fn places(&self) -> Vec<PlaceRecord> {
        let one = |(name, shown): (&&str, &Shown)| {
            let state = match shown {
                Shown::Nothing => return None,
                Shown::Held => RecordState::Held,
                Shown::Cancelled => RecordState::Cancelled,
                Shown::Waitlisted => RecordState::Waitlisted,
                Shown::Odd => RecordState::Unknown("parked".into()),
            };
            Some(record(&format!("r-{name}"), name, state))
        };
        NAMES.iter().zip(&self.shows).filter_map(one).collect()
    }
}

/// What somebody was told last: hour and title.
pub(super) type Told = (u32, bool);

#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) told: BTreeMap<&'static str, Told>,
    /// What those who lead it were told last, and who they are.
    pub(super) own: Option<(Told, BTreeSet<&'static str>)>,
    /// When the organization's calendar shows it.
    pub(super) shown: Option<u32>,
    pub(super) mails: Vec<(String, &'static str)>,
    /// Of whom nobody knows any more what they were told; of those who lead it.
    forgotten: BTreeSet<&'static str>,
    is_own_forgotten: bool,
    /// What a record was, where it is not shown any more: gone for whoever it was for.
    pub(super) known: BTreeMap<&'static str, Shown>,
}

impl Model {
    /// Nobody knows any more what was told.
    pub(super) fn forget(&mut self) {
        self.forgotten = self.told.keys().copied().collect();
        self.is_own_forgotten = true;
    }

    /// Somebody has read what the LMS says.
    pub(super) fn read(&mut self, lms: &Lms) {
        for (name, shown) in NAMES.into_iter().zip(lms.shows) {
            // What was there and is not shown any more was taken away; what has ended stays ended.
            let known = match (shown, self.known.get(name)) {
                (Shown::Nothing, None) => continue,
                (Shown::Nothing, Some(_)) => Shown::Cancelled,
                (shown, _) => shown,
            };
            self.known.insert(name, known);
        }
    }

    /// All that was read is published.
    pub(super) fn publish(&mut self, lms: &Lms) {
        let wanted = (lms.hour, lms.is_renamed);
        for name in NAMES {
            let stands = match (lms.stage, self.known.get(name)) {
                (Stage::Draft, _) | (_, None) => continue,
                (Stage::Cancelled, Some(_)) | (Stage::Scheduled, Some(Shown::Cancelled)) => false,
                (Stage::Scheduled, Some(Shown::Held)) => true,
                (Stage::Scheduled, Some(Shown::Waitlisted | Shown::Odd | Shown::Nothing)) => continue,
            };
            let is_forgotten = self.forgotten.remove(name);
            let why = match (stands, self.told.get(name)) {
                (false, None) => continue,
                (false, Some(_)) => {
                    self.told.remove(name);
                    "cancelled"
                }
                (true, None) => {
                    self.told.insert(name, wanted);
                    "invited"
                }
                (true, Some(told)) if told.0 != wanted.0 || is_forgotten && *told != wanted => {
                    self.told.insert(name, wanted);
                    "changed"
                }
                (true, Some(_)) => continue,
            };
            self.mails.push((name.to_owned(), why));
        }
        self.publish_own(lms);
    }
}

impl Model {
    fn publish_own(&mut self, lms: &Lms) {
        match lms.stage {
            Stage::Draft => return,
            Stage::Cancelled => self.shown = None,
            Stage::Scheduled => self.shown = Some(lms.hour),
        }
        let (wanted, leaders) = ((lms.hour, lms.is_renamed), lms.leaders());
        let stands = lms.stage == Stage::Scheduled && !leaders.is_empty();
        let is_forgotten = std::mem::take(&mut self.is_own_forgotten);
        let mut mail = |names: &BTreeSet<&'static str>, why| {
            self.mails.extend(names.iter().map(|name| ((*name).to_owned(), why)));
        };
        match self.own.take() {
            None if stands => {
                mail(&leaders, "invited");
                self.own = Some((wanted, leaders));
            }
            None => {}
            Some((_, listed)) if !stands => mail(&listed, "cancelled"),
            Some((mut told, listed)) => {
                let stay: BTreeSet<&str> = listed.intersection(&leaders).copied().collect();
                if told.0 != wanted.0 || is_forgotten && told != wanted {
                    // Who leaves hears that alone, unless nobody would be left.
                    mail(if stay.is_empty() { &listed } else { &stay }, "changed");
                    told = wanted;
                }
                mail(&leaders.difference(&listed).copied().collect(), "invited");
                mail(&listed.difference(&leaders).copied().collect(), "cancelled");
                self.own = Some((told, leaders));
            }
        }
    }
}
