//! Gives a place back: only one that is seen to be gone, and "given back" only when it was read again and is
//! there. A write whose answer was lost is seen by the next attempt's first reading.

use super::attempt::Attempt;
use super::core::Core;
use super::finding::{End, Finding};
use super::look::{look, read, reading_again};
use super::reply::{ended, message, reach};
use super::room::before_writing;
use super::run_steps::run;
use super::variables::Subject;
use crate::enrolment::lms_answer::{Reach, RestoreOutcome, Restored};
use crate::enrolment::place_state::PlaceState;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::words::StepOutcome;
use crate::lms::{Budget, Order};
use tokio::time::timeout_at;

pub(super) async fn restore(core: &Core, order: &Order, budget: Budget) -> Restored {
    let mut attempt = Attempt::new(core, Subject::Order(order), budget);
    if core.file.recipes.restore.is_empty() {
        let why = "this connector can't give a place back".to_owned();
        return Restored { message: Some(why), ..Restored::new(RestoreOutcome::Refused, Reach::NotTried) };
    }
    let _alone = match core.learners.of(&order.learner) {
        Some(lock) => match timeout_at(budget.starts.min(budget.ends), lock.lock()).await {
            Ok(guard) => Some(guard),
            Err(_) => {
                let why = "not sent: another request for the same learner is on its way";
                return as_is(&attempt, &Finding::because(End::NoRoom, why));
            }
        },
        None => None,
    };
    let restored = read_and_write(&mut attempt, order).await;
    Restored { pause: attempt.pause, ..restored }
}

async fn read_and_write(attempt: &mut Attempt<'_>, order: &Order) -> Restored {
    let seen = look(attempt).await;
    let before = seen.state();
    let is_gone = before.is_some_and(PlaceState::is_gone);
    if !is_gone || seen.started {
        let restored = before_anything(attempt, &seen, order);
        return Restored { before, ..restored };
    }
    if let Err(finding) = before_writing(attempt, RecipeKind::Restore) {
        return Restored { before, ..as_is(attempt, &finding) };
    }
    let written = run(attempt, RecipeKind::Restore).await;
    let restored = match (written.end, reading_again(attempt)) {
        // What was answered, and is not seen to be done, is for a person: asked again it would be answered
        // the same for ever.
        (End::Through | End::State(_) | End::Outcome(StepOutcome::Unclear), Some(recipe)) => {
            read_again(attempt, recipe, &written, true).await
        }
        (End::Outcome(StepOutcome::UnknownOutcome), Some(recipe)) => {
            read_again(attempt, recipe, &written, false).await
        }
        (_, _) => as_is(attempt, &written),
    };
    Restored { before, ..restored }
}

/// The place is there already, or nothing can be done.
fn before_anything(attempt: &Attempt<'_>, seen: &Finding, order: &Order) -> Restored {
    let held = if order.may_be_repeated { RestoreOutcome::GivenBack } else { RestoreOutcome::AlreadyHeld };
    let outcome = match seen.state() {
        Some(PlaceState::Held | PlaceState::HeldElsewhere) => held,
        Some(PlaceState::Waitlisted) => RestoreOutcome::Waitlisted,
        Some(PlaceState::Requested) => RestoreOutcome::Requested,
        Some(PlaceState::Attended) => RestoreOutcome::Closed,
        // The session has begun.
        Some(PlaceState::Cancelled | PlaceState::Absent) => RestoreOutcome::Closed,
        None => return as_is(attempt, seen),
    };
    Restored {
        status: seen.status,
        message: message(attempt, seen),
        ..Restored::new(outcome, reach(attempt))
    }
}

async fn read_again(
    attempt: &mut Attempt<'_>,
    recipe: RecipeKind,
    written: &Finding,
    was_answered: bool,
) -> Restored {
    let finding = read(attempt, recipe).await;
    let after = finding.state();
    let outcome = match after {
        Some(PlaceState::Held) => RestoreOutcome::GivenBack,
        Some(PlaceState::Waitlisted) => RestoreOutcome::Waitlisted,
        Some(PlaceState::Requested) => RestoreOutcome::Requested,
        Some(PlaceState::Cancelled | PlaceState::Absent) if !was_answered => RestoreOutcome::Outage,
        Some(_) => RestoreOutcome::Unclear,
        None => RestoreOutcome::Outage,
    };
    let told = match (outcome, after) {
        (RestoreOutcome::Outage | RestoreOutcome::Unclear, Some(state)) => {
            let why = format!("after the place was to be given back the LMS shows it as `{}`", state.word());
            message(attempt, &Finding { why: Some(why), ..written.clone() })
        }
        (_, None) => message(attempt, &finding),
        (_, Some(_)) => None,
    };
    Restored {
        message: told,
        status: written.status,
        retry_after: finding.retry_after.max(written.retry_after),
        after,
        ..Restored::new(outcome, Reach::Sent)
    }
}

fn as_is(attempt: &Attempt<'_>, finding: &Finding) -> Restored {
    let outcome = match finding.end {
        End::NoRoom => RestoreOutcome::Outage,
        End::Through | End::State(_) => RestoreOutcome::Unclear,
        End::Outcome(outcome) => match outcome {
            StepOutcome::Full => RestoreOutcome::Full,
            StepOutcome::Closed | StepOutcome::TooLate => RestoreOutcome::Closed,
            StepOutcome::Refused | StepOutcome::HeldElsewhere => RestoreOutcome::Refused,
            StepOutcome::UnknownLearner => RestoreOutcome::UnknownLearner,
            StepOutcome::UnknownSession => RestoreOutcome::UnknownSession,
            StepOutcome::Retry | StepOutcome::UnknownOutcome => RestoreOutcome::Outage,
            StepOutcome::AuthBroken => RestoreOutcome::CredentialBroken,
            StepOutcome::Done
            | StepOutcome::AlreadyCancelled
            | StepOutcome::NotEnrolled
            | StepOutcome::ConfigBroken
            | StepOutcome::Unclear => RestoreOutcome::Unclear,
        },
    };
    // What an attempt that ended so says beside its outcome is the same as of a cancellation.
    let said = ended(attempt, finding);
    Restored {
        message: said.message,
        status: said.status,
        retry_after: said.retry_after,
        ..Restored::new(outcome, said.reach)
    }
}

#[cfg(test)]
#[path = "restore_tests.rs"]
mod tests;
