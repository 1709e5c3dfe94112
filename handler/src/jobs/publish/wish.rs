//! What our own row of a place says of a decline.

use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::LmsOutcome;
use crate::enrolment::part::Part;
use crate::enrolment::transitions::State;
use crate::publishing::standing::Decline;
use chrono::{DateTime, Utc};

pub(super) fn decline(row: Option<&Enrolment>) -> Decline {
    let Some(row) = row else { return Decline::None };
    match row.state {
        // Seen and not settled: nobody knows yet what becomes of it.
        State::Watched if row.parts.iter().any(|part| part.is_given_up() && !part.is_called_off()) => {
            Decline::Judged
        }
        State::Watched => Decline::None,
        State::Waiting | State::Running | State::Review | State::Expired => Decline::Judged,
        State::Done => match &row.attempt.outcome {
            Some(outcome) if lost_place(outcome.kind) => Decline::LostPlace { at: outcome.at },
            Some(_) | None => Decline::Judged,
        },
    }
}

/// When the newest decline was given that the row knows of; some time where nobody knows when that was.
pub(super) fn declined_at(row: &Enrolment) -> Option<DateTime<Utc>> {
    let of_part = |part: &Part| {
        let decline = part.decline.as_ref().map(|decline| decline.answered_at.unwrap_or_default());
        decline.max(part.last_repeated())
    };
    let decided = row.decision.as_ref().and_then(|decision| decision.declined_at);
    row.parts.iter().filter_map(of_part).max().max(decided)
}

/// The LMS has no place of this learner any more, or shows one that was given since.
fn lost_place(kind: OutcomeKind) -> bool {
    match kind {
        OutcomeKind::Lms(outcome) => match outcome {
            LmsOutcome::Done
            | LmsOutcome::AlreadyCancelled
            | LmsOutcome::NotEnrolled
            | LmsOutcome::UnknownLearner
            | LmsOutcome::UnknownSession
            | LmsOutcome::Superseded => true,
            LmsOutcome::Accepted
            | LmsOutcome::TooLate
            | LmsOutcome::Refused
            | LmsOutcome::HeldElsewhere
            | LmsOutcome::Outage
            | LmsOutcome::CredentialBroken
            | LmsOutcome::EndpointGone
            | LmsOutcome::Unclear
            | LmsOutcome::Unexpected => false,
        },
        OutcomeKind::WouldHaveCancelled | OutcomeKind::TooLate => false,
    }
}
