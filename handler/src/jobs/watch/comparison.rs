//! What a comparison of a calendar found.

use crate::messages::Hint;
use chrono::{DateTime, Utc};

/// What a comparison found.
pub struct Compared {
    pub asked: DateTime<Utc>,
    pub hints: Vec<Hint>,
    /// When the next session of this mailbox starts, as far as anybody knows.
    pub next_start: Option<DateTime<Utc>>,
    /// Some of it was read by earlier invocations, and stands in rows of its own.
    pub was_kept: bool,
}

/// The first of these that is yet to come.
pub(crate) fn next(starts: Vec<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    starts.into_iter().filter(|start| *start > now).min()
}
