//! A cancellation that came too late: by whose delay? What the learner did too late is not the alert that we
//! were too late.

use crate::enrolment::decision::Decision;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::Policy;
use chrono::{DateTime, Duration, Utc};

/// Whose delay it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// The learner declined, or took the copy away, when it was too late already.
    Learners,
    /// They did it in time, and it was held up; or nobody can tell, as where only the LMS has such a
    /// deadline.
    Ours,
}

/// Of a row that has expired.
pub fn whose_delay(row: &Enrolment, policy: &Policy) -> Delay {
    of(row.decision.as_ref(), row.start, policy)
}

fn of(decision: Option<&Decision>, start: Option<DateTime<Utc>>, policy: &Policy) -> Delay {
    let Some(decision) = decision else { return Delay::Ours };
    let settle = if decision.is_strong() { Duration::zero() } else { policy.settle };
    // Where nobody knows when: when it was seen first.
    let did = decision.declined_at.unwrap_or(decision.decided_at - settle);
    // As the session stood then: one that was moved since is not the learner's delay.
    match decision.session_start.or(start) {
        Some(start) if did >= start - policy.deadline => Delay::Learners,
        Some(_) | None => Delay::Ours,
    }
}

#[cfg(test)]
#[path = "delay_tests.rs"]
mod tests;
