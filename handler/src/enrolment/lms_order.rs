//! What the way to the LMS, and people, do to an enrolment: due, claim, outcome, approve, ignore, retry, valve.

use crate::enrolment::apply_event::{MAYBE, expire};
use crate::enrolment::backoff;
use crate::enrolment::enrolment::{
    Claim, Decision, Enrolment, Ignored, Ordered, Outcome, OutcomeKind, Reread, Review, ReviewCause, SELF, whole_millis,
};
use crate::enrolment::lms_answer::{LmsOutcome, Place, Reach, Reply};
use crate::enrolment::policy::Policy;
use crate::enrolment::transitions::{Event, Move, State, cell};
use crate::enrolment::wording::{minute, review_reason};
use crate::ids::Address;
use chrono::{DateTime, Duration, Utc};

/// A claim holds for so long; whoever finds it older takes over (design, section 6, rule 4).
pub const LEASE: Duration = Duration::seconds(180);
/// All LMS steps of one attempt end within this, counted from before the claim.
pub const BUDGET: std::time::Duration = std::time::Duration::from_secs(90);

/// Claims the row for one attempt. `None` when it is not to be claimed now: in another state, or past the deadline.
pub fn claim(row: &Enrolment, token: &str, policy: &Policy, now: DateTime<Utc>, lease: Duration) -> Option<Enrolment> {
    if cell(row.stand(), Event::Due) != Move::Claim || judge_deadline(row, policy, now).is_some() {
        return None;
    }
    let mut next = row.clone();
    next.state = State::Running;
    next.due = None;
    next.attempts += 1;
    next.decisions = row.number();
    if next.order.is_none() {
        let number = next.decisions;
        let ordered = |decision: &Decision| Ordered { decision: decision.clone(), session_start: row.start, number };
        next.order = row.decision.as_ref().map(ordered);
    }
    next.claim = Some(Claim { token: token.to_owned(), until: whole_millis(now + lease) });
    let stored = match row.unreadable_since {
        Some(since) => format!(" The calendar could not be read since {}; what was known then counts.", minute(since)),
        None => String::new(),
    };
    next.tell(now, SELF, format!("Attempt {}: the LMS is asked to cancel the place.{stored}", next.attempts));
    Some(next)
}

/// A claim whose lease is over, and of which nobody recorded an outcome: the LMS may have been reached or not. It waits again,
/// so that whoever takes over goes the whole way of a first attempt: deadline, valve, evidence, mode and pilot. The order and
/// its id stay. `None` when the row stands otherwise by now.
pub fn lapse(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    row.claim.as_ref().filter(|claim| claim.until <= now)?;
    if cell(row.stand(), Event::ClaimRunOut) != Move::Lapse {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.state = State::Waiting;
    next.claim = None;
    next.due = Some(now);
    next.maybe_effected = true;
    next.tell(now, SELF, format!("Attempt {}: whoever asked the LMS did not come back. {MAYBE}", row.attempts));
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
    if row.claim.as_ref().map(|claim| claim.token.as_str()) != Some(token) {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    let outcome = || Some(Outcome { kind: OutcomeKind::Lms(reply.outcome), at: now, message: reply.message.clone() });
    let said = said(reply);
    let wait = reply.retry_after.and_then(|wait| Duration::from_std(wait).ok());
    let event = match reply.reach {
        // Nothing was tried: as if the valve had been closed.
        Reach::NotTried => Event::ValveClosed,
        Reach::NotReached | Reach::Sent => Event::Lms(reply.outcome),
    };
    match cell(row.stand(), event) {
        Move::Finish => {
            next.state = State::Done;
            next.outcome = outcome();
            next.tell(now, SELF, said);
        }
        Move::Again => {
            next.state = State::Waiting;
            next.failures += 1;
            next.outcome = outcome();
            let due = backoff::next(retry, next.failures, wait, dice, now, row.deadline(policy.deadline));
            next.due = Some(whole_millis(due));
            next.tell(now, SELF, format!("{said} To be asked again at {}.", minute(due)));
        }
        Move::Release => {
            next.state = State::Waiting;
            next.attempts = next.attempts.saturating_sub(1);
            next.due = Some(whole_millis(now + retry.first.max(wait.unwrap_or_default())));
            let why = match reply.reach {
                Reach::NotTried => "Put back; this attempt does not count.",
                Reach::NotReached | Reach::Sent => {
                    "The connection is closed until that is mended; this attempt does not count."
                }
            };
            next.tell(now, SELF, format!("{said} {why}"));
        }
        Move::ReviewLms => {
            next.state = State::Review;
            next.outcome = outcome();
            next.review = Some(Review { cause: ReviewCause::Lms, since: now, why: said.clone() });
            next.tell(now, SELF, format!("{said} A person is asked."));
        }
        Move::Expire => {
            next.tell(now, SELF, said);
            expire(&mut next, now);
            next.outcome = outcome();
        }
        Move::Stay
        | Move::Note
        | Move::Decide
        | Move::Strengthen
        | Move::Withdraw
        | Move::Review
        | Move::Begin
        | Move::Claim
        | Move::Lapse
        | Move::Approve
        | Move::Ignore
        | Move::Refuse => return None,
    }
    next.claim = None;
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
        | LmsOutcome::Refused => false,
    };
    Some(next)
}

/// What sent this row to a person turned out to be an outage of the LMS: it waits again, and the next attempt says the same
/// under the same id. `None` when it stands otherwise by now, as when a person has decided meanwhile.
pub fn after_all_an_outage(
    row: &Enrolment,
    not_before: Option<DateTime<Utc>>,
    policy: &Policy,
    retry: crate::enrolment::policy::Retry,
    dice: f64,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    let review = row.review.as_ref().filter(|review| review.cause == ReviewCause::Lms)?;
    let unexpected = |outcome: &Outcome| {
        // Other doubts about the LMS come later than the answer.
        outcome.kind == OutcomeKind::Lms(LmsOutcome::Unexpected) && outcome.at == review.since
    };
    let outcome = row.outcome.as_ref().filter(|outcome| unexpected(outcome))?;
    if row.order.is_none() || cell(row.stand(), Event::WasAnOutage) != Move::Again {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.state = State::Waiting;
    next.review = None;
    next.failures += 1;
    next.outcome = Some(Outcome { kind: OutcomeKind::Lms(LmsOutcome::Outage), ..outcome.clone() });
    let wait = not_before.map(|at| (at - now).max(Duration::zero()));
    let due = backoff::next(retry, next.failures, wait, dice, now, row.deadline(policy.deadline));
    next.due = Some(whole_millis(due));
    let text = format!(
        "Others were answered in the same way, so that was an outage of the LMS and nobody need decide. To be asked again at {}.",
        minute(due)
    );
    next.tell(now, SELF, text);
    Some(next)
}

/// Mode `observe`: what would have been sent now is recorded instead. Only from `waiting`.
pub fn observe(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    if cell(row.stand(), Event::Due) != Move::Claim {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.state = State::Done;
    next.due = None;
    next.outcome = Some(Outcome { kind: OutcomeKind::WouldHaveCancelled, at: now, message: None });
    let text = match (row.maybe_effected, row.attempts) {
        (true, _) => format!("Mode observe: the LMS is not asked any more. {MAYBE}"),
        (false, 0) => "Mode observe: the place would have been cancelled now. The LMS was not asked.".to_owned(),
        (false, _) => {
            "Mode observe: the place would have been cancelled now. The LMS is not asked any more.".to_owned()
        }
    };
    next.tell(now, SELF, text);
    Some(next)
}

/// The look just before the LMS found that nobody but a person may have this place cancelled. `None` when the row stands
/// otherwise by now, or a person has said so already.
pub fn to_person(row: &Enrolment, why: &str, now: DateTime<Utc>) -> Option<Enrolment> {
    // No LMS can be told a name of Exchange's own, whoever approves it.
    let can_be_told = !Address::new(row.learner.as_str()).is_exchange_name();
    let is_approved = can_be_told && row.decision.as_ref().is_some_and(|decision| decision.by.is_some());
    if is_approved || cell(row.stand(), Event::ForPerson) != Move::Review {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.state = State::Review;
    next.due = None;
    next.review = Some(Review { cause: ReviewCause::Decline, since: now, why: why.to_owned() });
    next.tell(now, SELF, format!("{why} A person is asked."));
    Some(next)
}

/// The mailbox declined by itself, and the policy has the place cancelled all the same; that is told once.
pub fn automatic(row: &Enrolment, why: &str, now: DateTime<Utc>) -> Option<Enrolment> {
    let mut next = row.clone();
    let decision = next.decision.as_mut().filter(|decision| !decision.automatic)?;
    decision.automatic = true;
    next.tell(whole_millis(now), SELF, format!("{why} The policy has the place cancelled all the same."));
    Some(next)
}

/// Past the deadline, what waits on a decline becomes `expired`, and what waits on a removal a person's to judge: nobody could
/// look afresh in time. That waits until the session is over. `None` when there is nothing to be done, the time has not come, or a
/// person has said that it may come late.
pub fn judge_deadline(row: &Enrolment, policy: &Policy, now: DateTime<Utc>) -> Option<Enrolment> {
    let deadline = row.deadline(policy.deadline).filter(|deadline| *deadline <= now)?;
    let is_over = row.end.is_some_and(|end| end.max(deadline) <= now);
    let may_be_late = row.decision.as_ref().is_some_and(|decision| decision.late);
    if may_be_late && !is_over {
        return None;
    }
    let event = if is_over { Event::Ended } else { Event::DeadlinePassed };
    let what = cell(row.stand(), event);
    let now = whole_millis(now);
    let mut next = row.clone();
    if what == Move::Review {
        unlooked(&mut next, UNLOOKED, now);
        return Some(next);
    }
    if what != Move::Expire {
        return None;
    }
    let doubt = if row.maybe_effected { format!(" {MAYBE}") } else { String::new() };
    next.tell(now, SELF, format!("The deadline has come; the LMS is not asked any more.{doubt}"));
    expire(&mut next, now);
    Some(next)
}

const UNLOOKED: &str = "The deadline has come, and the removal could not be looked at afresh and sent before it. It may still be approved \
                        as late.";
const UNLOOKED_UNDATED: &str = "The removal can't be looked at afresh, and nobody knows when the session begins, until when that could be waited for.";

fn unlooked(row: &mut Enrolment, why: &str, now: DateTime<Utc>) {
    row.tell(now, SELF, format!("{why} A person is asked."));
    row.state = State::Review;
    row.due = None;
    row.review = Some(Review { cause: ReviewCause::Evidence, since: now, why: why.to_owned() });
}

/// What waits on a removal is never sent without a fresh look.
pub fn needs_a_look(row: &Enrolment) -> bool {
    !row.decision.as_ref().is_some_and(Decision::is_strong)
}

/// A removal that can't be looked at afresh, and for which no deadline is known, goes to a person when the patience is over.
pub fn give_up_looking(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    (row.state == State::Waiting && needs_a_look(row)).then(|| {
        let mut next = row.clone();
        unlooked(&mut next, UNLOOKED_UNDATED, whole_millis(now));
        next
    })
}

/// A person's word after the deadline: it must say that it may be late. The error is a sentence for that person.
pub fn lately(
    next: Enrolment,
    what: PersonsWord,
    late: bool,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Enrolment, String> {
    let Some(deadline) = next.deadline(policy.deadline).filter(|deadline| *deadline <= now) else { return Ok(next) };
    if what == PersonsWord::Ignore || next.state != State::Waiting {
        return Ok(next);
    }
    if next.end.is_some_and(|end| end <= now) {
        return Err("the session has ended; its places can't be cancelled any more".to_owned());
    }
    if !late {
        let deadline = minute(deadline);
        return Err(format!(
            "the deadline passed at {deadline}; say \"late\": true (--late) to ask the LMS all the same"
        ));
    }
    let mut next = next;
    if let Some(decision) = &mut next.decision {
        decision.late = true;
    }
    Ok(next)
}

/// The valve is closed: back on the agenda until `until`; no attempt is counted and nothing is told, because it may happen
/// every few minutes for days.
pub fn put_back(row: &Enrolment, until: DateTime<Utc>) -> Option<Enrolment> {
    if cell(row.stand(), Event::ValveClosed) != Move::Release || row.state != State::Waiting {
        return None;
    }
    let mut next = row.clone();
    next.due = Some(whole_millis(until));
    Some(next)
}

/// The evidence could not be read again just before the LMS call. Within the policy's patience the row goes back on the
/// agenda; after it (`None`), the stored evidence counts.
pub fn be_patient(row: &Enrolment, policy: &Policy, now: DateTime<Utc>) -> Option<Enrolment> {
    let now = whole_millis(now);
    let mut next = row.clone();
    // From the first look that failed, whichever reason it had.
    let first = row.parts.iter().filter_map(|part| part.unknown_since).chain(row.unreadable_since).min();
    let since = first.unwrap_or(now).min(now);
    if row.unreadable_since.is_none() {
        next.tell(now, SELF, "The calendar can't be read again before the LMS is asked; waiting for it.");
    }
    next.unreadable_since = Some(since);
    let waited = now - since;
    // A removal waits for a fresh look, however long: at its deadline it goes to a person.
    let has_deadline = row.deadline(policy.deadline).is_some_and(|deadline| deadline > now);
    let ends = if needs_a_look(row) && has_deadline { DateTime::<Utc>::MAX_UTC } else { since + policy.recheck };
    if now >= ends || cell(row.stand(), Event::ValveClosed) != Move::Release || row.state != State::Waiting {
        return None;
    }
    // As long again as it took so far, at least half a minute: 30 s, 30 s, 1 min, 2 min, …
    let wait = waited.clamp(Duration::seconds(30), Duration::hours(1).max(policy.recheck));
    let due = (now + wait).min(ends);
    next.due = Some(whole_millis(match row.deadline(policy.deadline) {
        Some(deadline) if deadline > now => due.min(deadline),
        Some(_) | None => due,
    }));
    Some(next)
}

/// The evidence was read again.
pub fn readable_again(row: &Enrolment) -> Option<Enrolment> {
    row.unreadable_since.map(|_| Enrolment { unreadable_since: None, ..row.clone() })
}

/// What a person decides. The error is a sentence for that person.
///
/// `behind`: what holds back what is sent now, as a sentence; `None` while the valve is open.
pub fn by_person(
    row: &Enrolment,
    what: PersonsWord,
    by: &str,
    reason: &str,
    behind: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Enrolment, String> {
    let now = whole_millis(now);
    let mut next = row.clone();
    if what == PersonsWord::Ignore && row.taken_back.is_some() && row.state == State::Watched {
        next.taken_back = None;
        next.tell(now, by, format!("Seen to that the learner accepted again: {reason}"));
        return Ok(next);
    }
    let event = match what {
        PersonsWord::Approve => Event::Approve,
        PersonsWord::Ignore => Event::Ignore,
        PersonsWord::Retry => Event::Retry,
    };
    match cell(row.stand(), event) {
        Move::Approve => {
            next.failures = 0;
            if row.state != State::Waiting {
                send_anew(&mut next, (what == PersonsWord::Approve).then_some(by));
            }
            next.due = Some(now);
            let word = if what == PersonsWord::Approve { "Approved" } else { "Asked to try again" };
            let behind = behind.map(|why| format!(" (held back at that time: {why})")).unwrap_or_default();
            next.tell(now, by, format!("{word}: {reason}{behind}"));
            Ok(next)
        }
        Move::Ignore => {
            let answered_at = row.decision.as_ref().and_then(|decision| decision.declined_at);
            next.settle(State::Watched);
            next.ignored = Some(Ignored { at: now, by: by.to_owned(), answered_at });
            next.decision = None;
            // Whoever ignores it has looked at the LMS.
            next.maybe_effected = false;
            next.tell(now, by, format!("Ignored: {reason}"));
            Ok(next)
        }
        Move::Stay
        | Move::Note
        | Move::Decide
        | Move::Strengthen
        | Move::Withdraw
        | Move::Review
        | Move::ReviewLms
        | Move::Expire
        | Move::Claim
        | Move::Release
        | Move::Lapse
        | Move::Again
        | Move::Finish
        | Move::Begin
        | Move::Refuse => Err(refusal(row.state, what).to_owned()),
    }
}

/// On a person's word, to the LMS. What was sent before and answered, or given up, is asked for under a number of its own: a
/// receiver answers one id but once. What was never sent goes under the number that it has.
fn send_anew(row: &mut Enrolment, approved: Option<&str>) {
    let (was_sent, decision) = (row.order.is_some(), row.decision.take());
    let decision = decision.map(|decision| match approved {
        Some(by) => {
            let session_start = row.start.or(decision.session_start);
            Decision { by: Some(by.to_owned()), session_start, ..decision }
        }
        None => decision,
    });
    match decision {
        Some(decision) if was_sent => row.decide(decision),
        other => row.decision = other,
    }
    row.settle(State::Waiting);
}

/// The LMS is to be read: the learner's answer came again after the place was given up, and somebody may have given it anew.
pub fn to_be_read(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    let gave_up = row.outcome.as_ref().is_some_and(|outcome| matches!(outcome.kind, OutcomeKind::Lms(_)));
    let reread = Reread { due: whole_millis(now), failures: 0 };
    (row.state == State::Done && gave_up).then(|| Enrolment { reread: Some(reread), ..row.clone() })
}

/// What the LMS showed when it was read for [`to_be_read`]. `None` when nobody asks that any more.
pub fn read(
    row: &Enrolment,
    place: Place,
    policy: &Policy,
    retry: crate::enrolment::policy::Retry,
    dice: f64,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    let reread = row.reread.as_ref().filter(|reread| reread.due <= now)?;
    let now = whole_millis(now);
    let deadline = row.deadline(policy.deadline);
    let late = deadline.is_some_and(|deadline| deadline <= now);
    let mut next = Enrolment { reread: None, ..row.clone() };
    match place {
        Place::Unknown if late => next.tell(
            now,
            SELF,
            "The LMS could not be read before the deadline, to see whether the place was given anew.",
        ),
        Place::Unknown => {
            let failures = reread.failures.saturating_add(1);
            let due = whole_millis(backoff::next(retry, failures, None, dice, now, deadline));
            next.reread = Some(Reread { due, failures });
        }
        Place::Gone => {}
        Place::Given if cell(row.stand(), Event::GivenAnew) != Move::Review => {}
        Place::Given if late => {
            next.tell(now, SELF, format!("{} That is after the deadline.", review_reason(Event::GivenAnew)))
        }
        Place::Given => {
            let why = review_reason(Event::GivenAnew);
            next.state = State::Review;
            next.review = Some(Review { cause: ReviewCause::Decline, since: now, why: why.to_owned() });
            next.tell(now, SELF, format!("{why} A person is asked."));
        }
    }
    Some(next)
}

/// The valve is closed: the LMS is read later.
pub fn read_later(row: &Enrolment, until: DateTime<Utc>) -> Option<Enrolment> {
    let reread = row.reread.as_ref()?;
    Some(Enrolment { reread: Some(Reread { due: whole_millis(until), ..reread.clone() }), ..row.clone() })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonsWord {
    Approve,
    Ignore,
    Retry,
}

fn refusal(state: State, what: PersonsWord) -> &'static str {
    match (state, what) {
        (State::Watched, _) => "nothing is pending for this enrolment",
        (State::Waiting, _) => "this cancellation is on its way; it does not wait for a person (retry sends it now)",
        (State::Running, _) => "the LMS is being asked at this moment; try again in a few minutes",
        (State::Done, _) => "this cancellation is done; there is nothing left to decide",
        (State::Expired, _) => {
            "this cancellation came too late; retry with \"late\": true (--late) has the LMS asked all the same"
        }
        (State::Review, _) => "this waits for a decision on the evidence: approve it or ignore it",
    }
}

fn said(reply: &Reply) -> String {
    let sentence = match reply.outcome {
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
        LmsOutcome::Outage => "The LMS could not be reached or could not answer",
        LmsOutcome::CredentialBroken => "The LMS does not accept our credential",
        LmsOutcome::EndpointGone => "The LMS says that its endpoint is gone",
        LmsOutcome::Unclear => "The LMS gave an answer that can't be understood",
        LmsOutcome::Unexpected => "The answer is none that the LMS's receiver gives",
    };
    let status = reply.status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    match &reply.message {
        Some(message) => format!("{sentence}{status}: {message}."),
        None => format!("{sentence}{status}."),
    }
}

#[cfg(test)]
#[path = "lms_order_tests.rs"]
mod tests;
