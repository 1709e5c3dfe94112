//! A cancellation that came too late: by whose delay? What the learner did too late is not the alert that we were too late.

use crate::enrolment::decision::Decision;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::Policy;
use chrono::{DateTime, Duration, Utc};

/// Whose delay it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delay {
    /// The learner declined, or took the copy away, when it was too late already.
    Learners,
    /// They did it in time, and it was held up; or nobody can tell, as where only the LMS has such a deadline.
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
mod tests {
    use super::*;
    use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict};

    #[test]
    fn whoever_declined_before_the_deadline_was_not_late() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let start = at("2026-11-25T08:00:00Z");
        let policy = Policy { deadline: Duration::hours(24), settle: Duration::minutes(30), ..Policy::default() };
        let decided = |verdict, declined: Option<&str>, decided: &str| Decision {
            verdict,
            evidence: OrderEvidence::LearnerCopy,
            declined_at: declined.map(at),
            decided_at: at(decided),
            session_start: Some(start),
            automatic: false,
            by: None,
            late: false,
        };
        use OrderVerdict::{Declined, Removed};
        let rows = [
            (None, Delay::Ours),
            (Some(decided(Declined, Some("2026-11-24T07:59:59Z"), "2026-11-24T12:00:00Z")), Delay::Ours),
            (Some(decided(Declined, Some("2026-11-24T08:00:00Z"), "2026-11-24T08:00:05Z")), Delay::Learners),
            (Some(decided(Declined, None, "2026-11-24T07:00:00Z")), Delay::Ours),
            (Some(decided(Declined, None, "2026-11-24T09:00:00Z")), Delay::Learners),
            // A removal is decided when it has settled.
            (Some(decided(Removed, None, "2026-11-24T08:20:00Z")), Delay::Ours),
            (Some(decided(Removed, None, "2026-11-24T08:30:00Z")), Delay::Learners),
        ];
        for (n, (decision, expected)) in rows.into_iter().enumerate() {
            assert_eq!(of(decision.as_ref(), None, &policy), expected, "line {n}");
        }
    }
}
