//! Reads the sessions of an LMS, and who holds a place in them, as a connector file's readings say.
//!
//! Guarantees:
//! - nothing is changed at the LMS;
//! - what was not read to its end, contradicts itself or may not be seen is told as a doubt, and never as an
//!   absence; an entry that can't be understood is named and kept out, and the rest goes on;
//! - memory is that of one page and of what was found; there is an end to pages, entries and time.
//!
//! - [`read`]: lists, their pages, and what is listed under each entry; [`row`]: an entry. [`rows`],
//!   [`broken`]: whether all came.
//! - [`text`], [`time`], [`states`]: what stands in its fields. [`session`] with [`instructors`],
//!   [`place_record`]: what it becomes.
//! - [`sessions_read`]: sessions with dates that are listed apart from them.

mod broken;
mod instructors;
mod place_record;
mod read;
mod row;
mod rows;
mod session;
mod sessions_read;
mod states;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
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
use chrono::{DateTime, TimeDelta, Utc};
use read::{Around, Entries, read};
use row::Row;
use sessions_read::SessionsRead;
use std::fmt::Display;

/// What is asked for begins so long before, because clocks differ and what is written appears late.
const OVERLAP: TimeDelta = TimeDelta::minutes(10);

/// `since`: only what changed then or later.
pub(super) async fn sessions(
    core: &Core,
    since: Option<DateTime<Utc>>,
    budget: Budget,
) -> Pass<SessionId, Session> {
    let mut attempt = Attempt::new(core, Subject::Nobody, budget);
    attempt.since = since.map(begins);
    let mut sessions = SessionsRead::new(core.file.recipes.readings(RecipeKind::Sessions));
    read(&mut attempt, RecipeKind::Sessions, &mut sessions).await;
    let mut pass = sessions.finish();
    seen_since(&attempt, RecipeKind::Sessions, &mut pass);
    pass
}

/// `of`: where the roster is read for one session at a time. `since`: as of sessions.
pub(super) async fn roster(
    core: &Core,
    of: Option<&SessionId>,
    since: Option<DateTime<Utc>>,
    budget: Budget,
) -> Pass<RecordId, PlaceRecord> {
    let subject = of.map_or(Subject::Nobody, Subject::Session);
    let mut attempt = Attempt::new(core, subject, budget);
    attempt.since = since.map(begins);
    let mut records = Records { pass: Pass::default(), of };
    read(&mut attempt, RecipeKind::Roster, &mut records).await;
    seen_since(&attempt, RecipeKind::Roster, &mut records.pass);
    records.pass
}

fn begins(since: DateTime<Utc>) -> DateTime<Utc> {
    since.checked_sub_signed(OVERLAP).unwrap_or(since)
}

/// What only shows changes proves no absence; and a clock that is too far off may have hidden some.
fn seen_since<K: Ord + Clone + Display, T: PartialEq>(
    attempt: &Attempt<'_>,
    recipe: RecipeKind,
    pass: &mut Pass<K, T>,
) {
    if attempt.since.is_none() {
        return;
    }
    pass.is_whole = false;
    if let Some(off) = attempt.clock_ahead.filter(|ahead| ahead.abs() * 2 > OVERLAP) {
        let at = format!("{} (the LMS's clock is {} s off)", recipe.word(), off.num_seconds());
        pass.doubt(Doubt::NotEnded { at });
    }
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

struct Records<'s> {
    pass: Pass<RecordId, PlaceRecord>,
    of: Option<&'s SessionId>,
}

impl Entries for Records<'_> {
    fn entry(
        &mut self,
        reading: &Reading,
        at: &str,
        _: Around<'_>,
        row: &Row<'_>,
        variables: &dyn Variables,
    ) {
        let Gives::Place(fields) = &reading.gives else { return };
        match place_record::record(fields, self.of, row, variables) {
            Ok(record) => self.pass.see(record.id.clone(), record),
            Err(unmapped) => self.pass.quarantine(unmapped.quarantined(at)),
        }
    }

    fn doubt(&mut self, _: &Reading, _: Around<'_>, doubt: Doubt) {
        self.pass.doubt(doubt);
    }
}
