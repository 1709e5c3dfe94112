//! What an operator decides about an enrolment.

use crate::clock::whole_millis;
use crate::enrolment::decision::{Decision, Ignored};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::Policy;
use crate::enrolment::transitions::{Action, Event, State, StateColumn, cell};
use crate::enrolment::wording::minute;
use chrono::{DateTime, Utc};

/// A person's word after the deadline: it must say that it may be late. The error is a sentence for that
/// person.
pub fn after_deadline(
    next: Enrolment,
    what: OperatorDecision,
    late: bool,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Enrolment, String> {
    let Some(deadline) = next.deadline(policy.deadline).filter(|deadline| *deadline <= now) else {
        return Ok(next);
    };
    if what == OperatorDecision::Ignore || next.state != State::Waiting {
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

/// What a person decides. The error is a sentence for that person.
///
/// `behind`: what holds back what is sent now, as a sentence; `None` while the valve is open.
pub fn by_operator(
    row: &Enrolment,
    what: OperatorDecision,
    by: &str,
    reason: &str,
    behind: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Enrolment, String> {
    let now = whole_millis(now);
    let mut next = row.clone();
    if what == OperatorDecision::Ignore && row.taken_back.is_some() && row.state == State::Watched {
        (next.taken_back, next.given_up, next.cancelled_by) = (None, None, None);
        next.tell(now, by, format!("Seen to that the learner accepted again: {reason}"));
        return Ok(next);
    }
    let event = match what {
        OperatorDecision::Approve => Event::Approve,
        OperatorDecision::Ignore => Event::Ignore,
        OperatorDecision::Retry => Event::Retry,
    };
    match cell(row.stand(), event) {
        Action::Approve => {
            next.attempt.failures = 0;
            if row.state != State::Waiting {
                send_anew(&mut next, (what == OperatorDecision::Approve).then_some(by));
            }
            next.attempt.due = Some(now);
            let word = if what == OperatorDecision::Approve { "Approved" } else { "Asked to try again" };
            let behind = behind.map(|why| format!(" (held back at that time: {why})")).unwrap_or_default();
            next.tell(now, by, format!("{word}: {reason}{behind}"));
            Ok(next)
        }
        Action::Ignore => {
            let answered_at = row.decision.as_ref().and_then(|decision| decision.declined_at);
            next.settle(State::Watched);
            next.ignored = Some(Ignored { at: now, by: by.to_owned(), answered_at });
            next.decision = None;
            // Whoever ignores it has looked at the LMS.
            next.maybe_effected = false;
            if row.stand() == StateColumn::ReviewLms {
                (next.given_up, next.cancelled_by) = (None, None);
            }
            next.tell(now, by, format!("Ignored: {reason}"));
            Ok(next)
        }
        Action::Stay
        | Action::Note
        | Action::Decide
        | Action::Strengthen
        | Action::Withdraw
        | Action::Review
        | Action::ReviewLms
        | Action::Expire
        | Action::Claim
        | Action::Release
        | Action::Lapse
        | Action::Again
        | Action::Finish
        | Action::Begin
        | Action::Back(_)
        | Action::Refuse => Err(refusal(row.state, what).to_owned()),
    }
}

/// On a person's word, to the LMS. What was sent before and answered, or given up, is asked for under a
/// number of its own: a receiver answers one id but once. What was never sent goes under the number that it
/// has.
fn send_anew(row: &mut Enrolment, approved: Option<&str>) {
    let (was_sent, decision) = (row.attempt.order.is_some(), row.decision.take());
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorDecision {
    Approve,
    Ignore,
    Retry,
}

fn refusal(state: State, what: OperatorDecision) -> &'static str {
    match (state, what) {
        (State::Watched, _) => "nothing is pending for this enrolment",
        (State::Waiting, _) => {
            "this cancellation is on its way; it does not wait for a person (retry sends it now)"
        }
        (State::Running, _) => "the LMS is being asked at this moment; try again in a few minutes",
        (State::Done, _) => "this cancellation is done; there is nothing left to decide",
        (State::Expired, _) => {
            "this cancellation came too late; retry with \"late\": true (--late) has the LMS asked all the \
             same"
        }
        (State::Review, _) => "this waits for a decision on the evidence: approve it or ignore it",
    }
}
