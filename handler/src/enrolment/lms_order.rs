//! What the way to the LMS, and people, do to an enrolment: due, claim, outcome, approve, ignore, retry,
//! valve.

use crate::clock::whole_millis;
use crate::enrolment::apply_event::{MAYBE, expire};
use crate::enrolment::attempt::{Claim, ConnectorIdentity, Outcome, OutcomeKind, SentOrder};
use crate::enrolment::backoff;
use crate::enrolment::deadline::judge_deadline;
use crate::enrolment::decision::{Decision, ReviewCause};
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::place_state::PlaceState;
use crate::enrolment::policy::Policy;
use crate::enrolment::transitions::{Action, Event, State, cell};
use crate::enrolment::wording::{minute, shown};
use chrono::{DateTime, Duration, Utc};

/// A claim holds for so long; whoever finds it older takes over (reference/rules.md#claims).
pub const LEASE: Duration = Duration::seconds(180);
/// All LMS steps of one attempt end within this, counted from before the claim.
pub const BUDGET: std::time::Duration = std::time::Duration::from_secs(90);

/// Claims the row for one attempt. `None` when it is not to be claimed now: in another state, or past the
/// deadline. `by`: what asks the LMS.
pub fn claim(
    row: &Enrolment,
    token: &str,
    by: Option<&ConnectorIdentity>,
    policy: &Policy,
    now: DateTime<Utc>,
    lease: Duration,
) -> Option<Enrolment> {
    if cell(row.stand(), Event::Due) != Action::Claim || judge_deadline(row, policy, now).is_some() {
        return None;
    }
    let mut next = row.clone();
    next.state = State::Running;
    next.attempt.due = None;
    next.attempt.tries += 1;
    next.decisions = row.number();
    if next.attempt.order.is_none() {
        let number = next.decisions;
        let ordered =
            |decision: &Decision| SentOrder { decision: decision.clone(), session_start: row.start, number };
        next.attempt.order = row.decision.as_ref().map(ordered);
    }
    next.attempt.claim = Some(Claim { token: token.to_owned(), until: whole_millis(now + lease) });
    let stored = match row.attempt.unreadable_since {
        Some(since) => {
            format!(" The calendar could not be read since {}; what was known then counts.", minute(since))
        }
        None => String::new(),
    };
    next.attempt.connector = by.cloned();
    let file = match by {
        Some(ConnectorIdentity { name, hash: Some(hash) }) => format!(" by the connector {name} ({hash})"),
        Some(ConnectorIdentity { hash: None, .. }) | None => String::new(),
    };
    let tries = next.attempt.tries;
    next.tell(now, SELF, format!("Attempt {tries}: the LMS is asked{file} to cancel the place.{stored}"));
    Some(next)
}

/// A claim whose lease is over, and of which nobody recorded an outcome: the LMS may have been reached or
/// not. It waits again, so that whoever takes over goes the whole way of a first attempt: deadline, valve,
/// evidence, mode and pilot. The order and its id stay. `None` when the row stands otherwise by now.
pub fn lapse(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    row.attempt.claim.as_ref().filter(|claim| claim.until <= now)?;
    if cell(row.stand(), Event::ClaimRunOut) != Action::Lapse {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.state = State::Waiting;
    next.attempt.claim = None;
    next.attempt.due = Some(now);
    next.maybe_effected = true;
    next.tell(
        now,
        SELF,
        format!("Attempt {}: whoever asked the LMS did not come back. {MAYBE}", row.attempt.tries),
    );
    Some(next)
}

/// Records what became of the attempt that `token` claimed. `None` when that claim is not in force any more.
pub fn record(
    row: &Enrolment,
    token: &str,
    reply: &Reply,
    policy: &Policy,
    retry: crate::enrolment::policy::Retry,
    dice: f64,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    if row.attempt.claim.as_ref().map(|claim| claim.token.as_str()) != Some(token) {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    note_shown(&mut next, reply);
    let is_late = is_done_before(row, reply);
    let reply = &Reply { outcome: if is_late { LmsOutcome::Done } else { reply.outcome }, ..reply.clone() };
    let outcome =
        || Some(Outcome { kind: OutcomeKind::Lms(reply.outcome), at: now, message: reply.message.clone() });
    let said = said(reply, is_late, &next);
    let wait = reply.retry_after.and_then(|wait| Duration::from_std(wait).ok());
    let event = match reply.reach {
        // Nothing was tried: as if the valve had been closed.
        Reach::NotTried => Event::ValveClosed,
        Reach::NotReached | Reach::Sent => Event::Lms(reply.outcome),
    };
    match cell(row.stand(), event) {
        Action::Finish => {
            next.state = State::Done;
            next.attempt.outcome = outcome();
            next.tell(now, SELF, said);
        }
        Action::Again => {
            next.state = State::Waiting;
            next.attempt.failures += 1;
            next.attempt.outcome = outcome();
            let due =
                backoff::next(retry, next.attempt.failures, wait, dice, now, row.deadline(policy.deadline));
            next.attempt.due = Some(whole_millis(due));
            next.tell(now, SELF, format!("{said} To be asked again at {}.", minute(due)));
        }
        Action::Release => {
            next.state = State::Waiting;
            next.attempt.tries = next.attempt.tries.saturating_sub(1);
            next.attempt.due = Some(whole_millis(now + retry.first.max(wait.unwrap_or_default())));
            let why = match reply.reach {
                Reach::NotTried => "Put back; this attempt does not count.",
                Reach::NotReached | Reach::Sent => {
                    "The connection is closed until that is mended; this attempt does not count."
                }
            };
            next.tell(now, SELF, format!("{said} {why}"));
        }
        Action::ReviewLms => {
            next.attempt.outcome = outcome();
            next.ask_person(ReviewCause::Lms, said.clone(), now);
            next.tell(now, SELF, format!("{said} A person is asked."));
        }
        Action::Expire => {
            next.tell(now, SELF, said);
            expire(&mut next, now);
            next.attempt.outcome = outcome();
        }
        Action::Stay
        | Action::Note
        | Action::Decide
        | Action::Strengthen
        | Action::Withdraw
        | Action::Review
        | Action::Begin
        | Action::Claim
        | Action::Lapse
        | Action::Approve
        | Action::Ignore
        | Action::Back(_)
        | Action::Refuse => return None,
    }
    next.attempt.claim = None;
    next.maybe_effected = match reply.outcome {
        // It may have done it and failed to say so, or do it later.
        LmsOutcome::Outage | LmsOutcome::Accepted => row.maybe_effected || reply.reach == Reach::Sent,
        LmsOutcome::Unclear | LmsOutcome::Unexpected => true,
        LmsOutcome::CredentialBroken | LmsOutcome::EndpointGone => row.maybe_effected,
        LmsOutcome::Done
        | LmsOutcome::AlreadyCancelled
        | LmsOutcome::NotEnrolled
        | LmsOutcome::Superseded
        | LmsOutcome::UnknownLearner
        | LmsOutcome::UnknownSession
        | LmsOutcome::TooLate
        | LmsOutcome::Refused
        | LmsOutcome::HeldElsewhere => false,
    };
    Some(next)
}

/// What the LMS showed first, and last, over all attempts of this decision.
fn note_shown(row: &mut Enrolment, reply: &Reply) {
    // What is seen before another attempt writes is what those before have left.
    let since = row.attempt.lms_before.and(reply.before);
    row.attempt.lms_before = row.attempt.lms_before.or(reply.before);
    row.attempt.lms_after = reply.after.or(since).or(row.attempt.lms_after);
}

/// The place is gone, it was seen to be there before an attempt of this decision, and what became of that
/// attempt nobody knew: it has done it, and its answer was lost.
fn is_done_before(row: &Enrolment, reply: &Reply) -> bool {
    let is_gone = matches!(reply.outcome, LmsOutcome::AlreadyCancelled | LmsOutcome::NotEnrolled);
    is_gone && row.maybe_effected && row.attempt.lms_before.is_some_and(PlaceState::is_to_cancel)
}

/// What sent this row to a person turned out to be an outage of the LMS: it waits again, and the next attempt
/// says the same under the same id. `None` when it stands otherwise by now, as when a person has decided
/// meanwhile.
pub fn after_all_an_outage(
    row: &Enrolment,
    not_before: Option<DateTime<Utc>>,
    policy: &Policy,
    retry: crate::enrolment::policy::Retry,
    dice: f64,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    let review = row.attempt.review.as_ref().filter(|review| review.cause == ReviewCause::Lms)?;
    let unexpected = |outcome: &Outcome| {
        // Other doubts about the LMS come later than the answer.
        outcome.kind == OutcomeKind::Lms(LmsOutcome::Unexpected) && outcome.at == review.since
    };
    let outcome = row.attempt.outcome.as_ref().filter(|outcome| unexpected(outcome))?;
    if row.attempt.order.is_none() || cell(row.stand(), Event::WasAnOutage) != Action::Again {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.state = State::Waiting;
    next.attempt.review = None;
    next.attempt.failures += 1;
    next.attempt.outcome = Some(Outcome { kind: OutcomeKind::Lms(LmsOutcome::Outage), ..outcome.clone() });
    let wait = not_before.map(|at| (at - now).max(Duration::zero()));
    let due = backoff::next(retry, next.attempt.failures, wait, dice, now, row.deadline(policy.deadline));
    next.attempt.due = Some(whole_millis(due));
    let text = format!(
        "Others were answered in the same way, so that was an outage of the LMS and nobody need decide. To \
         be asked again at {}.",
        minute(due)
    );
    next.tell(now, SELF, text);
    Some(next)
}

/// Mode `observe`: what would have been sent now is recorded instead. Only from `waiting`.
pub fn observe(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    if cell(row.stand(), Event::Due) != Action::Claim {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.state = State::Done;
    next.attempt.due = None;
    next.attempt.outcome = Some(Outcome { kind: OutcomeKind::WouldHaveCancelled, at: now, message: None });
    let text = match (row.maybe_effected, row.attempt.tries) {
        (true, _) => format!("Mode observe: the LMS is not asked any more. {MAYBE}"),
        (false, 0) => {
            "Mode observe: the place would have been cancelled now. The LMS was not asked.".to_owned()
        }
        (false, _) => {
            "Mode observe: the place would have been cancelled now. The LMS is not asked any more.".to_owned()
        }
    };
    next.tell(now, SELF, text);
    Some(next)
}

/// `is_late`: [`is_done_before`]. `row`: with what the LMS has shown by now.
fn said(reply: &Reply, is_late: bool, row: &Enrolment) -> String {
    let sentence = match reply.outcome {
        LmsOutcome::Done if is_late => {
            "The place is cancelled at the LMS: an attempt before has done it, and its answer was lost"
        }
        LmsOutcome::Outage if reply.is_no_answer() => {
            "Something answered that is no receiver's answer, so it counts as an outage"
        }
        LmsOutcome::Done => "The LMS has cancelled the place",
        LmsOutcome::Accepted => "The LMS has taken the request but not carried it out yet",
        LmsOutcome::AlreadyCancelled => "The LMS says that the place was cancelled already",
        LmsOutcome::NotEnrolled => "The LMS says that the learner has no place in the session",
        LmsOutcome::Superseded => "The LMS shows a place that was given after the decision; it is left alone",
        LmsOutcome::UnknownLearner => "The LMS does not know the learner",
        LmsOutcome::UnknownSession => "The LMS does not know the session",
        LmsOutcome::TooLate => "The LMS says that it is too late to cancel",
        LmsOutcome::Refused => "The LMS refuses to cancel the place",
        LmsOutcome::HeldElsewhere => {
            "The LMS still holds the learner in the session another way, which can't be ended from here"
        }
        LmsOutcome::Outage => "The LMS could not be reached or could not answer",
        LmsOutcome::CredentialBroken => "The LMS does not accept our credential",
        LmsOutcome::EndpointGone => "The LMS says that its endpoint is gone",
        LmsOutcome::Unclear => "The LMS gave an answer that can't be understood",
        LmsOutcome::Unexpected => "The answer is none that the LMS's receiver gives",
    };
    let status = reply.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    let shown = match reply.before.or(reply.after) {
        Some(_) => shown(row.attempt.lms_before, row.attempt.lms_after),
        None => String::new(),
    };
    match &reply.message {
        Some(message) => format!("{sentence}{status}: {message}.{shown}"),
        None => format!("{sentence}{status}.{shown}"),
    }
}

#[cfg(test)]
#[path = "lms_order_tests.rs"]
mod tests;
