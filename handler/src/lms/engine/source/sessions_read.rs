//! The sessions of a pass, put together with dates that other readings give.
//!
//! Guarantee: a session whose dates were not all read and understood is kept out, so that none of them is
//! taken for gone.

use super::read::{Around, Entries};
use super::row::Row;
use super::session::{MOST_PARTS, apart, session};
use crate::ids::SessionId;
use crate::lms::recipe::reading::{Gives, Reading};
use crate::lms::recipe::template::Variables;
use crate::sessions::pass::{Doubt, Pass, Quarantined};
use crate::sessions::session::{Part, PartId, Session, SessionState};
use std::collections::{BTreeMap, BTreeSet};

/// Values of the entries around a list or an entry: name and value, from the outermost.
type Chain = Vec<(String, String)>;

pub(super) struct SessionsRead {
    pass: Pass<SessionId, Session>,
    /// Some reading gives dates of sessions.
    has_dates: bool,
    /// What stands around each session.
    chains: BTreeMap<SessionId, Chain>,
    dates: Vec<Date>,
    gaps: Vec<Gap>,
    /// One of their dates is not understood.
    spoiled: BTreeSet<SessionId>,
}

/// A date, and what it says is its session.
struct Date {
    session: SessionId,
    part: Part,
    at: String,
}

/// Dates may be missing here.
struct Gap {
    around: Chain,
    /// What was listed by this reading is not touched: what is missing would stand under other entries.
    but_under: Option<String>,
}

impl SessionsRead {
    pub(super) fn new(readings: &[Reading]) -> Self {
        Self {
            pass: Pass::default(),
            has_dates: readings.iter().any(|reading| matches!(reading.gives, Gives::Part(_))),
            chains: BTreeMap::new(),
            dates: Vec::new(),
            gaps: Vec::new(),
            spoiled: BTreeSet::new(),
        }
    }

    pub(super) fn finish(mut self) -> Pass<SessionId, Session> {
        if self.has_dates {
            self.put_together();
        }
        for session in self.pass.found.values_mut() {
            session.parts.sort_by_key(|part| part.span.start());
            if session.state == SessionState::Scheduled && session.parts.is_empty() {
                session.state = SessionState::Undated;
            }
        }
        self.pass
    }

    fn put_together(&mut self) {
        let mut known: BTreeMap<SessionId, SessionId> = BTreeMap::new();
        for session in self.pass.found.values() {
            known.extend(session.aliases.iter().map(|alias| (alias.clone(), session.id.clone())));
        }
        // An id is nobody's alias.
        known.extend(self.pass.found.keys().map(|id| (id.clone(), id.clone())));
        let mut parts: BTreeMap<SessionId, BTreeMap<PartId, Part>> = BTreeMap::new();
        for date in std::mem::take(&mut self.dates) {
            let Some(id) = known.get(&date.session) else {
                if !self.pass.has(&date.session) {
                    let problem = "it is a date of a session that no reading gives".to_owned();
                    let id = Some(date.session.to_string());
                    self.pass.quarantine(Quarantined { id, at: date.at, problem });
                }
                continue;
            };
            let own = date.part.id.clone();
            let before = parts.entry(id.clone()).or_default().insert(own.clone(), date.part.clone());
            if before.is_some_and(|before| before != date.part) {
                self.pass.doubt(Doubt::Twice { id: own.0 });
            }
        }
        for (id, chain) in std::mem::take(&mut self.chains) {
            let dates = parts.remove(&id).unwrap_or_default();
            let why = if self.spoiled.contains(&id) {
                Some("one of its dates is not understood".to_owned())
            } else if dates.len() > MOST_PARTS {
                Some(format!("{} dates: at most {MOST_PARTS}", dates.len()))
            } else if self.gaps.iter().any(|gap| gap.touches(&chain)) {
                Some("its dates were not read to their end".to_owned())
            } else {
                None
            };
            match (why, self.pass.found.get_mut(&id)) {
                (None, Some(session)) => session.parts.extend(dates.into_values()),
                (Some(problem), Some(_)) => {
                    self.pass.found.remove(&id);
                    let at = "sessions.parts".to_owned();
                    self.pass.quarantine(Quarantined { id: Some(id.to_string()), at, problem });
                }
                (_, None) => {}
            }
        }
    }
}

impl Entries for SessionsRead {
    fn entry(
        &mut self,
        reading: &Reading,
        at: &str,
        around: Around<'_>,
        row: &Row<'_>,
        variables: &dyn Variables,
    ) {
        match &reading.gives {
            Gives::Session(fields) => match session(fields, row, variables) {
                Ok(session) => {
                    if self.has_dates {
                        self.chains.insert(session.id.clone(), chain(around));
                    }
                    self.pass.see(session.id.clone(), session);
                }
                Err(unmapped) => self.pass.quarantine(unmapped.quarantined(at)),
            },
            Gives::Part(fields) => match apart(fields, row, variables) {
                Ok((session, part)) => self.dates.push(Date { session, part, at: at.to_owned() }),
                Err(unmapped) => {
                    match &unmapped.id {
                        Some(session) => _ = self.spoiled.insert(SessionId::new(session.clone())),
                        None => self.gaps.push(Gap { around: chain(around), but_under: None }),
                    }
                    self.pass.quarantine(unmapped.quarantined(at));
                }
            },
            Gives::Parents | Gives::Place(_) => {}
        }
    }

    fn doubt(&mut self, reading: &Reading, around: Around<'_>, doubt: Doubt) {
        if self.has_dates {
            let gap = match &reading.gives {
                Gives::Part(_) => Some(None),
                Gives::Parents => Some(Some(format!("{}.", reading.step.name))),
                // Dates may be listed under each of them.
                Gives::Session(_) if !reading.step.take.is_empty() => {
                    Some(Some(format!("{}.", reading.step.name)))
                }
                Gives::Session(_) | Gives::Place(_) => None,
            };
            let gap = gap.map(|but_under| Gap { around: chain(around), but_under });
            self.gaps.extend(gap);
        }
        self.pass.doubt(doubt);
    }
}

impl Gap {
    /// Whether what is missing may belong to what stands among these.
    fn touches(&self, chain: &Chain) -> bool {
        let is_beside = self.around.iter().zip(chain).all(|(here, there)| here == there);
        let is_listed = |under: &String| chain.iter().any(|(name, _)| name.starts_with(under.as_str()));
        is_beside && !self.but_under.as_ref().is_some_and(is_listed)
    }
}

fn chain(around: Around<'_>) -> Chain {
    around.iter().map(|(step, name, value)| (format!("{step}.{name}"), value.clone())).collect()
}

#[cfg(test)]
#[path = "sessions_read_tests.rs"]
mod tests;
