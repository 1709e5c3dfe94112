//! After the deadline, and removals that nobody could look at afresh before it.

use crate::clock::whole_millis;
use crate::enrolment::apply_event::{MAYBE, expire};
use crate::enrolment::decision::{Decision, ReviewCause};
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::policy::Policy;
use crate::enrolment::transitions::{Action, Event, State, cell};
use chrono::{DateTime, Utc};

/// Past the deadline, what waits on a decline becomes `expired`, and what waits on a removal a person's to
/// judge: nobody could look afresh in time. That waits until the session is over. `None` when there is
/// nothing to be done, the time has not come, or a person has said that it may come late.
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
    if what == Action::Review {
        to_review_unlooked(&mut next, UNLOOKED, now);
        return Some(next);
    }
    if what != Action::Expire {
        return None;
    }
    let doubt = if row.maybe_effected { format!(" {MAYBE}") } else { String::new() };
    next.tell(now, SELF, format!("The deadline has come; the LMS is not asked any more.{doubt}"));
    expire(&mut next, now);
    Some(next)
}

const UNLOOKED: &str = "The deadline has come, and the removal could not be looked at afresh and sent before \
                        it. It may still be approved \
                        as late.";

const UNLOOKED_UNDATED: &str = "The removal can't be looked at afresh, and nobody knows when the session \
                                begins, until when that could be waited for.";

fn to_review_unlooked(row: &mut Enrolment, why: &str, now: DateTime<Utc>) {
    row.tell(now, SELF, format!("{why} A person is asked."));
    row.ask_person(ReviewCause::Evidence, why, now);
}

/// What waits on a removal is never sent without a fresh look.
pub fn needs_a_look(row: &Enrolment) -> bool {
    !row.decision.as_ref().is_some_and(Decision::is_strong)
}

/// A removal that can't be looked at afresh, and for which no deadline is known, goes to a person when the
/// patience is over.
pub fn give_up_looking(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    (row.state == State::Waiting && needs_a_look(row)).then(|| {
        let mut next = row.clone();
        to_review_unlooked(&mut next, UNLOOKED_UNDATED, whole_millis(now));
        next
    })
}
