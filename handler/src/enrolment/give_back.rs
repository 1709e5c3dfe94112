//! Giving back at the LMS what was cancelled there, when the learner accepts again in time
//! (`policy.take_back = "reinstate"`).
//!
//! Guarantees: only what the LMS was seen to cancel for us is given back, in the generation that the
//! acceptance began, and once: the row says that the LMS is about to be asked before it is, and whoever finds
//! that nobody recorded an answer says so to the connector, which reads before it writes. It goes the way of
//! a cancellation: valve, deadline, mode, rate and evidence read again. Where the place can't be given back a
//! person is told, as where nobody tries.

use crate::clock::whole_millis;
use crate::enrolment::attempt::{Claim, ConnectorIdentity, GiveBack};
use crate::enrolment::backoff;
use crate::enrolment::decision::Decision;
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::lms_answer::{Reach, RestoreOutcome, Restored};
use crate::enrolment::place_state::PlaceState;
use crate::enrolment::policy::{Policy, Retry};
use crate::enrolment::transitions::{Action, BackStep, Event, cell};
use crate::enrolment::wording::{minute, shown};
use chrono::{DateTime, Duration, Utc};

/// The learner accepted, in time, what `decision` had cancelled.
pub(super) fn want(row: &mut Enrolment, decision: Decision, accepted: DateTime<Utc>, now: DateTime<Utc>) {
    row.attempt.give_back = Some(GiveBack {
        decision,
        accepted,
        session_start: row.start,
        decided_at: now,
        due: Some(now),
        claim: None,
        tries: 0,
        failures: 0,
        maybe_effected: false,
        connector: None,
        lms_before: None,
        lms_after: None,
        outcome: None,
    });
    row.tell(now, SELF, "The LMS is to be asked to give the place back.");
}

/// What is pending is over without the LMS; a person is told.
pub(super) fn tell(row: &mut Enrolment, why: &str, now: DateTime<Utc>) {
    if let Some(wanted) = row.attempt.give_back.as_mut() {
        row.cancelled_by = None;
        row.taken_back = Some(wanted.accepted);
        let doubt = if wanted.maybe_effected { MAYBE } else { "" };
        (wanted.due, wanted.claim) = (None, None);
        row.tell(now, SELF, format!("{why} The place is not given back: a person is told.{doubt}"));
    }
}

/// What is pending is over, and nobody misses it.
pub(super) fn drop(row: &mut Enrolment, why: &str, now: DateTime<Utc>) {
    if row.attempt.give_back.take().is_some() {
        row.tell(now, SELF, format!("{why} The place is not given back any more."));
    }
}

const MAYBE: &str = " An attempt before may have given it back without an answer.";

/// Tells a person instead of asking the LMS. `None` when nothing is pending any more.
pub fn to_person(row: &Enrolment, why: &str, now: DateTime<Utc>) -> Option<Enrolment> {
    is_wanted(row).then(|| {
        let mut next = row.clone();
        tell(&mut next, why, whole_millis(now));
        next
    })
}

/// It is wanted, and nobody is at it.
pub fn is_wanted(row: &Enrolment) -> bool {
    cell(row.stand(), Event::Due) == Action::Back(BackStep::Claim)
}

/// Past the deadline a person is told; of a session that is over nobody.
pub fn judge_deadline(row: &Enrolment, policy: &Policy, now: DateTime<Utc>) -> Option<Enrolment> {
    let deadline = row.deadline(policy.deadline).filter(|deadline| *deadline <= now)?;
    let is_over = row.end.is_some_and(|end| end.max(deadline) <= now);
    let event = if is_over { Event::Ended } else { Event::DeadlinePassed };
    let now = whole_millis(now);
    let mut next = row.clone();
    let Action::Back(step) = cell(row.stand(), event) else { return None };
    match step {
        BackStep::Drop => drop(&mut next, "The session has ended.", now),
        BackStep::Tell => tell(&mut next, "The deadline has come.", now),
        BackStep::Claim | BackStep::Lapse | BackStep::Again | BackStep::Release | BackStep::Keep => {
            return None;
        }
    }
    Some(next)
}

/// Not now: the valve is closed, or the evidence can't be read.
pub fn later(row: &Enrolment, until: DateTime<Utc>) -> Option<Enrolment> {
    if !is_wanted(row) {
        return None;
    }
    let mut next = row.clone();
    next.attempt.give_back.as_mut()?.due = Some(whole_millis(until));
    Some(next)
}

/// The row says that the LMS is about to be asked, before it is.
pub fn claim(
    row: &Enrolment,
    token: &str,
    by: Option<&ConnectorIdentity>,
    policy: &Policy,
    now: DateTime<Utc>,
    lease: Duration,
) -> Option<Enrolment> {
    if !is_wanted(row) || judge_deadline(row, policy, now).is_some() {
        return None;
    }
    let mut next = row.clone();
    let wanted = next.attempt.give_back.as_mut().filter(|wanted| wanted.due.is_some_and(|due| due <= now))?;
    wanted.due = None;
    wanted.tries += 1;
    wanted.connector = by.cloned();
    wanted.claim = Some(Claim { token: token.to_owned(), until: whole_millis(now + lease) });
    let text = format!("Attempt {}: the LMS is asked to give the place back.", wanted.tries);
    next.tell(now, SELF, text);
    Some(next)
}

/// Nobody recorded what became of an attempt: it waits again, with that doubt.
pub fn lapse(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    if cell(row.stand(), Event::ClaimRunOut) != Action::Back(BackStep::Lapse) {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    let wanted = next.attempt.give_back.as_mut()?;
    wanted.claim.take_if(|claim| claim.until <= now)?;
    (wanted.due, wanted.maybe_effected) = (Some(now), true);
    next.tell(now, SELF, format!("Whoever asked the LMS to give the place back did not come back.{MAYBE}"));
    Some(next)
}

/// Records what became of the attempt that `token` claimed. `None` when that claim is not in force any more.
/// The calendar is looked at again afterwards: what was seen under the claim has decided nothing.
pub fn record(
    row: &Enrolment,
    token: &str,
    reply: &Restored,
    policy: &Policy,
    retry: Retry,
    dice: f64,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    let now = whole_millis(now);
    let mut next = row.clone();
    let deadline = row.deadline(policy.deadline);
    let wanted = next.attempt.give_back.as_mut()?;
    wanted.claim.take_if(|claim| claim.token == token)?;
    let since = wanted.lms_before.and(reply.before);
    wanted.lms_before = wanted.lms_before.or(reply.before);
    wanted.lms_after = reply.after.or(since).or(wanted.lms_after);
    let is_ours = reply.outcome == RestoreOutcome::AlreadyHeld
        && wanted.maybe_effected
        && wanted.lms_before.is_some_and(PlaceState::is_gone);
    let outcome = if is_ours { RestoreOutcome::GivenBack } else { reply.outcome };
    let wait = reply.retry_after.and_then(|wait| Duration::from_std(wait).ok());
    let event = match reply.reach {
        Reach::NotTried if reply.outcome == RestoreOutcome::Outage => Event::ValveClosed,
        Reach::NotTried | Reach::NotReached | Reach::Sent => Event::Restored(outcome),
    };
    let said = said(reply, outcome, is_ours, wanted);
    let Action::Back(step) = cell(row.stand(), event) else { return None };
    match step {
        BackStep::Keep => {
            (wanted.outcome, wanted.maybe_effected) = (Some(outcome), false);
            (next.given_up, next.cancelled_by) = (None, None);
            next.tell(now, SELF, said);
        }
        BackStep::Tell => {
            wanted.outcome = Some(outcome);
            wanted.maybe_effected = outcome == RestoreOutcome::Unclear;
            next.taken_back = Some(wanted.accepted);
            next.tell(now, SELF, format!("{said} A person is told."));
        }
        BackStep::Again => {
            wanted.failures += 1;
            wanted.maybe_effected |= reply.reach == Reach::Sent;
            let due = whole_millis(backoff::next(retry, wanted.failures, wait, dice, now, deadline));
            wanted.due = Some(due);
            next.tell(now, SELF, format!("{said} To be asked again at {}.", minute(due)));
        }
        BackStep::Release => {
            wanted.tries = wanted.tries.saturating_sub(1);
            wanted.due = Some(whole_millis(now + retry.first.max(wait.unwrap_or_default())));
            next.tell(now, SELF, format!("{said} Put back; this attempt does not count."));
        }
        BackStep::Claim | BackStep::Lapse | BackStep::Drop => return None,
    }
    for part in &mut next.parts {
        part.look = Some(part.look.map_or(now, |look| look.min(now)));
    }
    Some(next)
}

fn said(reply: &Restored, outcome: RestoreOutcome, is_ours: bool, wanted: &GiveBack) -> String {
    let sentence = match outcome {
        RestoreOutcome::GivenBack if is_ours => {
            "The learner has the place again: an attempt before has given it back, and its answer was lost"
        }
        RestoreOutcome::GivenBack => "The LMS has given the place back",
        RestoreOutcome::AlreadyHeld => "The LMS shows that the learner has the place already",
        RestoreOutcome::Waitlisted => "The LMS has no place left; the learner is on its wait list",
        RestoreOutcome::Requested => "The place is asked for at the LMS, where somebody has to grant it",
        RestoreOutcome::Full => "The LMS has no place left, or others wait for one; nobody is passed over",
        RestoreOutcome::Closed => "The session takes nobody any more",
        RestoreOutcome::Refused => "The LMS refuses to give the place back",
        RestoreOutcome::UnknownLearner => "The LMS does not know the learner",
        RestoreOutcome::UnknownSession => "The LMS does not know the session",
        RestoreOutcome::Outage => "The LMS could not be reached or could not answer",
        RestoreOutcome::CredentialBroken => "The LMS does not accept our credential",
        RestoreOutcome::Unclear => "The LMS gave an answer that can't be understood",
    };
    let status = reply.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    let shown = match reply.before.or(reply.after) {
        Some(_) => shown(wanted.lms_before, wanted.lms_after),
        None => String::new(),
    };
    match &reply.message {
        Some(message) => format!("{sentence}{status}: {message}.{shown}"),
        None => format!("{sentence}{status}.{shown}"),
    }
}

#[cfg(test)]
#[path = "give_back_tests.rs"]
mod tests;
