//! From what a recipe came to, to what is told of it.

use super::attempt::Attempt;
use super::finding::{End, Finding};
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::place_state::PlaceState;
use crate::lms::recipe::words::StepOutcome;

/// Characters of our own words; those of the LMS have a measure of their own.
const OURS: usize = 300;

/// Where, why, and the LMS's words, fit to be kept and shown.
pub(super) fn message(attempt: &Attempt<'_>, finding: &Finding) -> Option<String> {
    let mut redactor = attempt.redactor.clone();
    for value in attempt.taken.values() {
        redactor.name(value);
    }
    let words = finding.words.as_deref().and_then(|words| redactor.quote(words));
    // A word of the LMS may be among ours.
    let why = finding.why.as_ref().map(|why| redactor.show(why, false));
    let why: Option<String> = why.map(|why| why.chars().take(OURS).collect());
    let at = Some(&finding.at).filter(|at| !at.is_empty()).map(|at| format!("`{at}`"));
    let parts: Vec<String> = at.into_iter().chain(why).chain(words).collect();
    (parts.len() > 1 || finding.why.is_some()).then(|| parts.join(": "))
}

/// How far the attempt came: a read alone leaves nothing behind at the LMS.
pub(super) fn reach(attempt: &Attempt<'_>) -> Reach {
    if attempt.wrote { Reach::Sent } else { Reach::NotReached }
}

/// The reply to an attempt that ended there.
pub(super) fn ended(attempt: &Attempt<'_>, finding: &Finding) -> Reply {
    let (outcome, reach) = match finding.end {
        End::NoRoom if !attempt.wrote => (LmsOutcome::Outage, Reach::NotTried),
        End::NoRoom => (LmsOutcome::Outage, Reach::Sent),
        // Something was to be said, and nothing was.
        End::Through => (LmsOutcome::Unclear, reach(attempt)),
        End::State(state) => (by_state(state), reach(attempt)),
        End::Outcome(outcome) => (by_outcome(outcome), reach(attempt)),
    };
    Reply {
        message: message(attempt, finding),
        status: finding.status,
        retry_after: finding.retry_after,
        ..Reply::new(outcome, reach)
    }
}

/// What it means for a cancellation that the place is so, before anything is written.
fn by_state(state: PlaceState) -> LmsOutcome {
    match state {
        PlaceState::Absent => LmsOutcome::NotEnrolled,
        PlaceState::Cancelled => LmsOutcome::AlreadyCancelled,
        PlaceState::Attended => LmsOutcome::TooLate,
        PlaceState::HeldElsewhere => LmsOutcome::HeldElsewhere,
        PlaceState::Held | PlaceState::Waitlisted | PlaceState::Requested => LmsOutcome::Unclear,
    }
}

fn by_outcome(outcome: StepOutcome) -> LmsOutcome {
    match outcome {
        StepOutcome::AlreadyCancelled => LmsOutcome::AlreadyCancelled,
        StepOutcome::NotEnrolled => LmsOutcome::NotEnrolled,
        StepOutcome::UnknownLearner => LmsOutcome::UnknownLearner,
        StepOutcome::UnknownSession => LmsOutcome::UnknownSession,
        StepOutcome::TooLate => LmsOutcome::TooLate,
        StepOutcome::Refused => LmsOutcome::Refused,
        StepOutcome::HeldElsewhere => LmsOutcome::HeldElsewhere,
        StepOutcome::AuthBroken => LmsOutcome::CredentialBroken,
        StepOutcome::ConfigBroken => LmsOutcome::Unexpected,
        StepOutcome::Retry | StepOutcome::UnknownOutcome => LmsOutcome::Outage,
        // `done` is for whoever has seen it; the others are no answers to a cancellation.
        StepOutcome::Done | StepOutcome::Full | StepOutcome::Closed | StepOutcome::Unclear => {
            LmsOutcome::Unclear
        }
    }
}
