//! Reads the sessions of an LMS, and who holds a place in them, as a connector file's readings say.
//!
//! Guarantees:
//! - nothing is changed at the LMS;
//! - what was not read to its end, contradicts itself or may not be seen is told as a doubt, and never as an
//!   absence; an entry that can't be understood is named and kept out, and the rest goes on;
//! - memory is that of one page and of what was found; there is an end to pages, entries and time.
//!
//! - [`read`]: lists, their pages, and what is listed under each entry; [`row`]: an entry.
//! - [`text`], [`time`], [`states`]: what stands in its fields. [`session`], [`place_record`]: what it
//!   becomes.

mod place_record;
mod read;
mod row;
mod session;
mod states;
#[cfg(test)]
mod testing;
mod text;
mod time;

use super::attempt::Attempt;
use super::core::Core;
use super::finding::End;
use super::run_steps::run;
use super::variables::Subject;
use crate::ids::SessionId;
use crate::lms::Budget;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::reading::{Gives, Reading};
use crate::lms::recipe::template::Variables;
use crate::lms::recipe::words::StepOutcome;
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::{Doubt, Pass};
use crate::sessions::place_record::{PlaceRecord, RecordId};
use crate::sessions::session::Session;
use read::{Entries, read};
use row::Row;

pub(super) async fn sessions(core: &Core, budget: Budget) -> Pass<SessionId, Session> {
    let mut attempt = Attempt::new(core, Subject::Nobody, budget);
    let mut sessions = Sessions::default();
    read(&mut attempt, RecipeKind::Sessions, &mut sessions).await;
    sessions.0
}

/// `of`: where the roster is read for one session at a time.
pub(super) async fn roster(
    core: &Core,
    of: Option<&SessionId>,
    budget: Budget,
) -> Pass<RecordId, PlaceRecord> {
    let subject = of.map_or(Subject::Nobody, Subject::Session);
    let mut attempt = Attempt::new(core, subject, budget);
    let mut records = Records { pass: Pass::default(), of };
    read(&mut attempt, RecipeKind::Roster, &mut records).await;
    records.pass
}

/// Whether one session is there. Gone is only what the LMS says in its own words: 404 and 410 that are not a
/// page of somebody in between, or what a rule makes of an answer.
pub(super) async fn session(core: &Core, session: &SessionId, budget: Budget) -> SingleRead {
    let mut attempt = Attempt::new(core, Subject::Session(session), budget);
    let finding = run(&mut attempt, RecipeKind::Session).await;
    match finding.end {
        End::Through if attempt.has_asked() => SingleRead::There,
        End::Outcome(StepOutcome::UnknownSession) => SingleRead::Gone,
        End::Through | End::Outcome(_) | End::State(_) | End::NoRoom => SingleRead::Unknown,
    }
}

#[derive(Default)]
struct Sessions(Pass<SessionId, Session>);

impl Entries for Sessions {
    fn entry(&mut self, reading: &Reading, at: &str, row: &Row<'_>, variables: &dyn Variables) {
        let Gives::Session(fields) = &reading.gives else { return };
        match session::session(fields, row, variables) {
            Ok(session) => self.0.see(session.id.clone(), session),
            Err(unmapped) => self.0.quarantine(unmapped.quarantined(at)),
        }
    }

    fn doubt(&mut self, doubt: Doubt) {
        self.0.doubt(doubt);
    }
}

struct Records<'s> {
    pass: Pass<RecordId, PlaceRecord>,
    of: Option<&'s SessionId>,
}

impl Entries for Records<'_> {
    fn entry(&mut self, reading: &Reading, at: &str, row: &Row<'_>, variables: &dyn Variables) {
        let Gives::Place(fields) = &reading.gives else { return };
        match place_record::record(fields, self.of, row, variables) {
            Ok(record) => self.pass.see(record.id.clone(), record),
            Err(unmapped) => self.pass.quarantine(unmapped.quarantined(at)),
        }
    }

    fn doubt(&mut self, doubt: Doubt) {
        self.pass.doubt(doubt);
    }
}
