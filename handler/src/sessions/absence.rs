//! What was known and is not there any more.
//!
//! Nothing is removed by absence alone: a complete pass must miss it *and* a single read say that it is gone;
//! where the LMS has no single read, two complete passes one after the other must miss it. Answers that only
//! say "not for you" or nothing never count.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Since when, and how often, a known id has been missed by complete passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    pub since: DateTime<Utc>,
    /// Complete passes that missed it, one after the other.
    pub passes: u32,
}

/// What a single read of one id said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SingleRead {
    There,
    /// 404, 410, or the answer that the connector declares for it.
    Gone,
    /// 401, 403, an outage, an answer that can't be understood: nothing is known.
    Unknown,
}

/// What one pass says of one known id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    There,
    Missing,
    /// The pass proves no absence.
    Doubtful,
}

/// What is to be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is there, or nobody knows better.
    Keep(Option<Absence>),
    /// The LMS is to be asked for this one.
    Ask(Absence),
    /// It is gone.
    Gone,
}

/// After a pass. `has_single_read`: the LMS can be asked for one id.
pub fn after_pass(known: Option<Absence>, seen: Seen, has_single_read: bool, now: DateTime<Utc>) -> Step {
    let missed = match seen {
        Seen::There => return Step::Keep(None),
        Seen::Doubtful => return Step::Keep(known),
        Seen::Missing => match known {
            None => Absence { since: now, passes: 1 },
            Some(Absence { since, passes }) => Absence { since, passes: passes.saturating_add(1) },
        },
    };
    match (has_single_read, missed.passes) {
        (true, _) => Step::Ask(missed),
        (false, ..=1) => Step::Keep(Some(missed)),
        (false, _) => Step::Gone,
    }
}

/// After the single read that [`Step::Ask`] wanted.
pub fn after_read(missed: Absence, read: SingleRead) -> Step {
    match read {
        SingleRead::There => Step::Keep(None),
        SingleRead::Gone => Step::Gone,
        SingleRead::Unknown => Step::Keep(Some(missed)),
    }
}

#[cfg(test)]
#[path = "absence_tests.rs"]
mod tests;
