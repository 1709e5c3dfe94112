//! One cancellation: read, write, read again.
//!
//! Guarantees:
//! - "Done" is said only when the place was read after the write and is gone, or, of a connector that says it
//!   can't read back, by an answer whose rule says so. Whose answer was lost does not matter.
//! - Nothing is written for a place that is not held, that was given after the decision, or whose session has
//!   begun; nor where more than the place would be taken away and that is not allowed.
//! - What nobody knows after a write is `Outage` with `Reach::Sent`: the next attempt reads first. So does
//!   whoever takes over from a process that was killed at any line.

use super::attempt::Attempt;
use super::core::Core;
use super::finding::{End, Finding};
use super::look::{forget, look, read, reading_back};
use super::reply::{ended, message, reach};
use super::room::before_writing;
use super::run_steps::run;
use super::variables::Subject;
use crate::enrolment::lms_answer::{LmsOutcome, Reply};
use crate::enrolment::place_state::PlaceState;
use crate::lms::recipe::connector::{RecipeKind, Verified};
use crate::lms::recipe::words::{StepOutcome, Verdict};
use crate::lms::{Budget, Order};
use std::time::Duration;
use tokio::time::{sleep, timeout_at};

/// A reading is not begun with less.
const LEAST: Duration = Duration::from_secs(1);

pub(super) async fn cancel(core: &Core, order: &Order, budget: Budget) -> Reply {
    let mut attempt = Attempt::new(core, Subject::Order(order), budget);
    let lock = core.learners.of(&order.learner);
    let _alone = match lock {
        Some(lock) => match timeout_at(budget.starts.min(budget.ends), lock.lock()).await {
            Ok(guard) => Some(guard),
            Err(_) => {
                let why = "not sent: another cancellation of the same learner is on its way";
                return ended(&attempt, &Finding::because(End::NoRoom, why));
            }
        },
        None => None,
    };
    let reply = read_and_write(&mut attempt, order).await;
    Reply { pause: attempt.pause, ..reply }
}

async fn read_and_write(attempt: &mut Attempt<'_>, order: &Order) -> Reply {
    let seen = look(attempt).await;
    let before = seen.state();
    let reply = match seen.end {
        // A connector that can't read.
        End::Through => None,
        End::State(state) if state.is_to_cancel() => left_alone(attempt, order, &seen),
        End::State(_) | End::Outcome(_) | End::NoRoom => Some(ended(attempt, &seen)),
    };
    if let Some(reply) = reply {
        let was_ours = before.is_some_and(PlaceState::is_gone) && order.may_be_repeated;
        let reply = Reply { before, ..reply };
        return if was_ours { tidied(attempt, reply).await } else { reply };
    }
    if let Err(finding) = before_writing(attempt, RecipeKind::Write) {
        return Reply { before, ..ended(attempt, &finding) };
    }
    let written = run(attempt, RecipeKind::Write).await;
    if written.finds_nothing() {
        forget(attempt).await;
    }
    let reply = match Written::of(&written, attempt.core.file.about.verified) {
        Written::Ended => ended(attempt, &written),
        Written::Said(outcome) => match reading_back(attempt) {
            Some(recipe) => verified(attempt, recipe, &written, Written::Said(outcome)).await,
            None => Reply { outcome, ..ended(attempt, &written) },
        },
        believed @ (Written::Well | Written::Doubt | Written::Unclear) => match reading_back(attempt) {
            Some(recipe) => verified(attempt, recipe, &written, believed).await,
            None => ended(attempt, &written),
        },
    };
    let reply = Reply { before, ..reply };
    if reply.outcome == LmsOutcome::Done { tidied(attempt, reply).await } else { reply }
}

/// A place that is there, and is not to be touched.
pub(super) fn left_alone(attempt: &Attempt<'_>, order: &Order, seen: &Finding) -> Option<Reply> {
    let (outcome, why) = if seen.started {
        (LmsOutcome::TooLate, "the LMS says that the session has begun")
    } else if seen.given.is_some_and(|given| given > order.decided_at) {
        (LmsOutcome::Superseded, "the place was given after the cancellation was decided")
    } else {
        return None;
    };
    Some(Reply { outcome, ..ended(attempt, &Finding { why: Some(why.to_owned()), ..seen.clone() }) })
}

/// What the write's own answer is worth.
#[derive(Clone, Copy)]
enum Written {
    /// It was answered well.
    Well,
    /// It says that it is done, or that there was nothing to do.
    Said(LmsOutcome),
    /// Nobody knows.
    Doubt,
    /// A person would have to know.
    Unclear,
    /// It was not carried out, and that is that.
    Ended,
}

impl Written {
    fn of(written: &Finding, verified: Verified) -> Self {
        match written.end {
            End::Through => Self::Well,
            End::State(state) => match (state, verified) {
                (PlaceState::Cancelled | PlaceState::Absent, Verified::Answer) => {
                    Self::Said(LmsOutcome::Done)
                }
                _ => Self::Well,
            },
            End::NoRoom => Self::Ended,
            End::Outcome(outcome) => match outcome {
                StepOutcome::Done if verified == Verified::Answer => Self::Said(LmsOutcome::Done),
                StepOutcome::Done => Self::Well,
                StepOutcome::AlreadyCancelled => Self::Said(LmsOutcome::AlreadyCancelled),
                StepOutcome::NotEnrolled => Self::Said(LmsOutcome::NotEnrolled),
                StepOutcome::UnknownOutcome => Self::Doubt,
                StepOutcome::Unclear => Self::Unclear,
                StepOutcome::UnknownLearner
                | StepOutcome::UnknownSession
                | StepOutcome::TooLate
                | StepOutcome::Refused
                | StepOutcome::HeldElsewhere
                | StepOutcome::Full
                | StepOutcome::Closed
                | StepOutcome::AuthBroken
                | StepOutcome::ConfigBroken
                | StepOutcome::Retry => Self::Ended,
            },
        }
    }
}

/// The place is read again, and that decides.
async fn verified(
    attempt: &mut Attempt<'_>,
    recipe: RecipeKind,
    written: &Finding,
    believed: Written,
) -> Reply {
    let finding = read_back(attempt, recipe).await;
    let after = finding.state();
    let still = Finding {
        at: written.at.clone(),
        words: written.words.clone(),
        retry_after: finding.retry_after.max(written.retry_after),
        ..finding.clone()
    };
    let reach = reach(attempt);
    let reply = |outcome, why: &str, status| Reply {
        outcome,
        reach,
        status,
        after,
        ..ended(attempt, &Finding { why: Some(why.to_owned()), ..still.clone() })
    };
    match after {
        Some(PlaceState::Cancelled | PlaceState::Absent) => {
            let outcome = match believed {
                Written::Said(outcome) => outcome,
                Written::Well | Written::Doubt | Written::Unclear | Written::Ended => LmsOutcome::Done,
            };
            Reply { after, status: written.status, ..Reply::new(outcome, reach) }
        }
        Some(PlaceState::HeldElsewhere) => {
            reply(LmsOutcome::HeldElsewhere, "the learner is still held another way", written.status)
        }
        Some(PlaceState::Attended) => {
            reply(LmsOutcome::TooLate, "the LMS says that the session has begun", written.status)
        }
        Some(PlaceState::Held | PlaceState::Waitlisted | PlaceState::Requested) => match believed {
            Written::Well | Written::Said(_) => {
                let why = "the cancellation was answered well, and the place is still there";
                reply(still_held(attempt.core.file.after_write.still_held), why, None)
            }
            Written::Doubt => {
                let why = "nobody knows what became of the cancellation, and the place is still there";
                reply(LmsOutcome::Outage, why, written.status)
            }
            Written::Unclear | Written::Ended => Reply { after, ..ended(attempt, written) },
        },
        None => {
            let why = match (&finding.why, &written.why) {
                (Some(read), _) => format!("what became of the cancellation can't be read now: {read}"),
                (None, _) => "what became of the cancellation can't be read now".to_owned(),
            };
            reply(LmsOutcome::Outage, &why, finding.status)
        }
    }
}

fn still_held(verdict: Verdict) -> LmsOutcome {
    match verdict {
        Verdict::Outcome(StepOutcome::HeldElsewhere) => LmsOutcome::HeldElsewhere,
        Verdict::Outcome(StepOutcome::Retry | StepOutcome::UnknownOutcome) => LmsOutcome::Outage,
        Verdict::Outcome(StepOutcome::Refused) => LmsOutcome::Refused,
        Verdict::Outcome(_) | Verdict::State(_) | Verdict::Ok => LmsOutcome::Unclear,
    }
}

/// Once, or as often as the file says of an LMS whose readings come late. That it is still there is only
/// believed after all of them.
async fn read_back(attempt: &mut Attempt<'_>, recipe: RecipeKind) -> Finding {
    let after_write = attempt.core.file.after_write.clone();
    let mut finding = read(attempt, recipe).await;
    for _ in 1..after_write.reads {
        if !finding.state().is_some_and(PlaceState::is_to_cancel) {
            break;
        }
        if attempt.budget.left() < after_write.wait + LEAST {
            return Finding::because(End::NoRoom, "no time is left to read as often as this LMS needs");
        }
        sleep(after_write.wait).await;
        finding = read(attempt, recipe).await;
    }
    finding
}

/// What hangs on the place is ended, too. That this fails changes nothing of the outcome, and is told.
async fn tidied(attempt: &mut Attempt<'_>, reply: Reply) -> Reply {
    if attempt.core.file.recipes.tidy.is_empty() {
        return reply;
    }
    attempt.reads_back = Duration::ZERO;
    let finding = run(attempt, RecipeKind::Tidy).await;
    match finding.end {
        End::Through | End::State(_) => reply,
        End::Outcome(StepOutcome::Done | StepOutcome::AlreadyCancelled | StepOutcome::NotEnrolled) => reply,
        End::Outcome(_) | End::NoRoom => {
            let said = message(attempt, &finding).unwrap_or_default();
            let told = format!("what hangs on the place could not be tidied up: {said}");
            Reply {
                message: Some(reply.message.map_or(told.clone(), |old| format!("{old}; {told}"))),
                ..reply
            }
        }
    }
}

#[cfg(test)]
#[path = "cancel_tests.rs"]
mod tests;
