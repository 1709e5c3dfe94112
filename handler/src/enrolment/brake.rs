//! The brake: a clean-up script or a broken sync client must not empty a course. It counts decisions, not
//! sends: one more than the policy's number within its window, and the valve closes for everything that is
//! not sent yet, until a person opens it; from then on the count starts anew.

use crate::enrolment::policy::Brake;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One decision to cancel, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub at: DateTime<Utc>,
    /// Hash of the learner key.
    pub learner: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trip {
    No,
    /// Too many for one learner: only theirs are held back.
    Learner,
    /// Too many for the tenant.
    Tenant,
}

/// From when on decisions count: the window, but nothing from before the last opening by a person.
pub fn counts_from(brake: Brake, opened: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    let window = now - brake.within;
    opened.map_or(window, |opened| opened.max(window))
}

/// Judges the decisions that count, the newest one of `learner` included.
pub fn judge(decisions: &[Counted], learner: &str, brake: Brake) -> Trip {
    let theirs = decisions.iter().filter(|decision| decision.learner == learner).count();
    if decisions.len() > brake.decisions as usize {
        Trip::Tenant
    } else if theirs > brake.per_learner as usize {
        Trip::Learner
    } else {
        Trip::No
    }
}

#[cfg(test)]
#[path = "brake_tests.rs"]
mod tests;
