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
