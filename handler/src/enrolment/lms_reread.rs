//! Reading the LMS: was a place given anew that had been given up?

use crate::clock::whole_millis;
use crate::enrolment::attempt::{OutcomeKind, Reread};
use crate::enrolment::backoff;
use crate::enrolment::decision::ReviewCause;
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::lms_answer::Place;
use crate::enrolment::policy::Policy;
use crate::enrolment::transitions::{Action, Event, State, cell};
use crate::enrolment::wording::review_reason;
use chrono::{DateTime, Utc};

/// The LMS is to be read: the learner's answer came again after the place was given up, and somebody may have
/// given it anew.
pub fn to_be_read(row: &Enrolment, now: DateTime<Utc>) -> Option<Enrolment> {
    let gave_up =
        row.attempt.outcome.as_ref().is_some_and(|outcome| matches!(outcome.kind, OutcomeKind::Lms(_)));
    (row.state == State::Done && gave_up)
        .then(|| due_at(row, Some(Reread { due: whole_millis(now), failures: 0 })))
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
    let reread = row.attempt.reread.as_ref().filter(|reread| reread.due <= now)?;
    let now = whole_millis(now);
    let deadline = row.deadline(policy.deadline);
    let late = deadline.is_some_and(|deadline| deadline <= now);
    let mut next = due_at(row, None);
    match place {
        Place::Unknown if late => next.tell(
            now,
            SELF,
            "The LMS could not be read before the deadline, to see whether the place was given anew.",
        ),
        Place::Unknown => {
            let failures = reread.failures.saturating_add(1);
            let due = whole_millis(backoff::next(retry, failures, None, dice, now, deadline));
            next.attempt.reread = Some(Reread { due, failures });
        }
        Place::Gone => {}
        Place::Given if cell(row.stand(), Event::GivenAnew) != Action::Review => {}
        Place::Given if late => {
            next.tell(now, SELF, format!("{} That is after the deadline.", review_reason(Event::GivenAnew)))
        }
        Place::Given => {
            let why = review_reason(Event::GivenAnew);
            next.ask_person(ReviewCause::Decline, why, now);
            next.tell(now, SELF, format!("{why} A person is asked."));
        }
    }
    Some(next)
}

/// The valve is closed: the LMS is read later.
pub fn read_later(row: &Enrolment, until: DateTime<Utc>) -> Option<Enrolment> {
    let reread = row.attempt.reread.as_ref()?;
    Some(due_at(row, Some(Reread { due: whole_millis(until), ..reread.clone() })))
}

fn due_at(row: &Enrolment, reread: Option<Reread>) -> Enrolment {
    let mut next = row.clone();
    next.attempt.reread = reread;
    next
}
