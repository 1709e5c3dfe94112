//! What each connector reads of its fake: sessions, and who holds a place in them.
//!
//! - [`told`]: a pass as lines, for people. [`lies`]: what goes wrong on the way, and is no absence.
//! - [`files`]: tables and feeds.
//! - [`plugin`]: Face-to-face and Booking. [`moodle`]: the core. [`canvas`], [`totara`]: one each.
//! - [`recorded`]: as a real one answered. [`drafts`]: what nobody has seen.

mod canvas;
pub(crate) mod drafts;
mod files;
mod lies;
mod moodle;
mod plugin;
mod recorded;
mod totara;

use super::rig::ATTEMPT;
use regrets::ids::SessionId;
use regrets::lms::Budget;
use regrets::sessions::pass::Pass;
use regrets::sessions::place_record::{PlaceRecord, RecordId};
use regrets::sessions::session::{Part, Session};
use std::fmt::{Display, Write as _};

pub(crate) fn budget() -> Budget {
    Budget::of(ATTEMPT)
}

/// In UTC, with the zone in which it is shown.
fn part(part: &Part) -> String {
    let (start, end) = (part.span.start(), part.span.end());
    let mut line = format!("{} to {} {}", start.format("%F %R"), end.format("%R"), part.span.zone().name());
    if let Some(venue) = &part.venue {
        let _ = write!(line, " in {}", venue.name);
    }
    if part.cancelled {
        line.push_str(", off");
    }
    line
}

fn session(session: &Session) -> String {
    let mut line = format!("{} {:?} {}", session.id, session.state, session.title);
    for alias in &session.aliases {
        let _ = write!(line, " = {alias}");
    }
    if let Some(capacity) = session.capacity {
        let _ = write!(line, ", {capacity} places");
    }
    for one in &session.instructors {
        let address = one.address.as_ref().map_or("-", |address| address.as_str());
        let _ = write!(line, ", led by {} <{address}>", one.name.as_deref().unwrap_or("-"));
    }
    session.parts.iter().for_each(|one| line.push_str(&format!("\n    {}", part(one))));
    line
}

fn place(record: &PlaceRecord) -> String {
    let person = &record.person;
    let address = person.address.as_ref().map_or("-", |address| address.as_str());
    let name = person.name.as_deref().unwrap_or("-");
    let test = if person.is_test { ", a test" } else { "" };
    let learner = person.learner.as_str();
    format!("{} {:?} {learner} <{address}> {name}{test}", record.session, record.state)
}

fn all<K: Ord + Clone + Display, T: PartialEq>(pass: &Pass<K, T>, line: impl Fn(&T) -> String) -> String {
    let mut lines: Vec<String> = pass.found.values().map(line).collect();
    lines.extend(
        pass.quarantined
            .iter()
            .map(|out| format!("out: {} {} {}", out.id.as_deref().unwrap_or("-"), out.at, out.problem)),
    );
    lines.extend(pass.doubts.iter().map(|doubt| format!("doubt: {doubt}")));
    lines.join("\n")
}

pub(crate) fn sessions(pass: &Pass<SessionId, Session>) -> String {
    all(pass, session)
}

pub(crate) fn places(pass: &Pass<RecordId, PlaceRecord>) -> String {
    all(pass, place)
}
