//! When a new generation begins: the learner has a place again, or asks for one, after the cancellation came
//! to its end.
//!
//! Guarantees: a generation begins at Exchange's own time of what began it, so that an old decline, however
//! late it shows up, can't cancel a new place; the same evidence begins no second one. A decline begins one
//! only where it answers something that was seen since ([`answers`]): its time alone, however new, makes it
//! no new decline, because phones send one answer again and again. A decline without a usable time counts in
//! the first generation, and never against a newer one.

use crate::calendar::reading::{Reading, Verdict};
use crate::enrolment::apply_event::take_back;
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::lms_answer::LmsOutcome;
use crate::enrolment::part::Part;
use crate::enrolment::policy::Policy;
use crate::enrolment::settle_schedule::looks;
use crate::enrolment::transitions::{Event, State};
use crate::enrolment::wording::minute;
use chrono::{DateTime, Duration, Utc};

/// Evidence that is newer than what a finished row stands on, with the time at which a new generation would
/// begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewEvidence {
    Attending(DateTime<Utc>),
    Invited(DateTime<Utc>),
    Declined(DateTime<Utc>, AnswerTo),
}

/// What a decline may answer, that was not there when the one before was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AnswerTo {
    /// The item was seen accepted, or waiting for an answer.
    Open,
    /// The learner's copy was made since.
    Invitation(DateTime<Utc>),
    /// The session is at another time.
    NewTime,
}

/// A repetition is told, and counted, when it is so much newer than the end: pressing Decline twice is
/// nothing to tell of.
const REPEATED: Duration = Duration::minutes(10);

/// Whether this reading is newer than what the row, which is done or expired, came to its end with.
///
/// Answers are compared with the decline that the row stands on, both by Exchange's clock; where nobody knows
/// when that was, with the end. A decline must be newer than the end itself, and answer something.
pub(super) fn fresh(row: &Enrolment, part: &Part, reading: &Reading) -> Option<NewEvidence> {
    match row.state {
        State::Done | State::Expired => {}
        State::Watched | State::Waiting | State::Running | State::Review => return None,
    }
    let ended = row.attempt.outcome.as_ref()?.at;
    let declined = row.decision.as_ref().and_then(|decision| decision.declined_at);
    // Of several items, one that was not declined had its say when the place was decided.
    let outvoted = row.parts.len() > 1 && part.decline.is_none();
    let basis = declined.filter(|_| !outvoted).unwrap_or(ended);
    match reading.verdict {
        // Of a copy that is gone, the organizer's list may still tell that the learner accepted after the
        // decline.
        Verdict::Attending | Verdict::Removed => {
            reading.answered_at.filter(|at| *at > basis).map(NewEvidence::Attending)
        }
        Verdict::Unanswered => {
            let invited = reading.invited?;
            let kept =
                part.is_there() && part.back.is_none_or(|back| invited.modified.is_some_and(|at| at > back));
            invited.since(basis, kept).map(NewEvidence::Invited)
        }
        Verdict::Declined => {
            let at = reading.answered_at.filter(|at| *at > ended && declined.is_none_or(|old| *at > old))?;
            let known = part.decline.as_ref().is_some_and(|decline| decline.knows(Some(at)));
            // This decline is to count in the generation that it begins, and none that was given before it.
            let just_before = at - Duration::milliseconds(1);
            answers(row, part, reading, basis)
                .filter(|_| !known)
                .map(|to| NewEvidence::Declined(just_before, to))
        }
        Verdict::Ended
        | Verdict::CancelledByOrganizer
        | Verdict::DroppedByOrganizer
        | Verdict::Unseen
        | Verdict::Unknown => None,
    }
}

/// What this decline answers that came up after `basis`, when the one before had been given.
///
/// Where several items stand for the place, that the learner had not declined this one says nothing: it is
/// the rest of a place that is given up already, and the learner clears the calendar.
fn answers(row: &Enrolment, part: &Part, reading: &Reading, basis: DateTime<Utc>) -> Option<AnswerTo> {
    let single = row.parts.len() == 1;
    let made = reading.invited.and_then(|invited| invited.created);
    let made = made.filter(|made| *made > basis && reading.answered_at.is_some_and(|at| at >= *made));
    let then = match &part.decline {
        Some(decline) => decline.start,
        None => row.decision.as_ref().filter(|_| single).and_then(|decision| decision.session_start),
    };
    if single && part.is_open() {
        Some(AnswerTo::Open)
    } else if let Some(made) = made {
        Some(AnswerTo::Invitation(made))
    } else {
        matches!((then, reading.start), (Some(then), Some(now)) if then != now).then_some(AnswerTo::NewTime)
    }
}

/// Whether this is the known answer of a place that came to its end, or that a person was asked about, sent
/// once more. Then it is judged as the answer that it repeats.
pub(super) fn is_repeated(row: &Enrolment, part: &Part, reading: &Reading) -> bool {
    let rests = match row.state {
        State::Done | State::Expired | State::Review => true,
        // A removal that was ignored says nothing of a decline.
        State::Watched => row.ignored.as_ref().is_some_and(|ignored| ignored.answered_at.is_some()),
        State::Waiting | State::Running => false,
    };
    let Some(known) = part.decline.as_ref().filter(|_| rests && reading.verdict == Verdict::Declined) else {
        return false;
    };
    let basis = known.answered_at.or(row.decision.as_ref().map(|decision| decision.decided_at));
    match basis.filter(|basis| reading.answered_at.is_some_and(|at| at > *basis)) {
        Some(basis) => known.knows(reading.answered_at) || answers(row, part, reading, basis).is_none(),
        None => false,
    }
}

/// Counts the answer that came again after the end, and tells of it: the first few, and then more and more
/// rarely. `index`: of its part.
pub(super) fn count_repeated(row: &mut Enrolment, index: usize, reading: &Reading, now: DateTime<Utc>) {
    let Some(part) = row.parts.get(index).cloned() else { return };
    let end = match row.state {
        State::Done | State::Expired => row.attempt.outcome.as_ref().map(|outcome| outcome.at),
        State::Watched => row.ignored.as_ref().map(|ignored| ignored.at),
        State::Review => row.attempt.review.as_ref().map(|review| review.since),
        State::Waiting | State::Running => None,
    };
    // The first decline of one item of several is the rest of what is given up already.
    let Some((end, at)) =
        end.zip(reading.answered_at).filter(|_| row.parts.len() == 1 || part.decline.is_some())
    else {
        return;
    };
    let decides_nothing = match row.state {
        State::Done | State::Expired => reading.verdict == Verdict::Declined,
        State::Watched | State::Review => is_repeated(row, &part, reading),
        State::Waiting | State::Running => false,
    };
    let known =
        part.counted_at >= Some(at) || part.decline.as_ref().is_some_and(|decline| decline.knows(Some(at)));
    if !decides_nothing || known || at <= end + REPEATED {
        return;
    }
    if let Some(part) = row.parts.get_mut(index) {
        part.counted_at = Some(at);
    }
    row.attempt.repeats = row.attempt.repeats.saturating_add(1);
    let count = row.attempt.repeats;
    if count <= 3 || count.is_power_of_two() {
        let times = if count > 1 { format!(" That makes {count} times.") } else { String::new() };
        row.tell(now, SELF, format!("A decline came once more, of {}. {SAME_DECLINE}{times}", minute(at)));
    }
}

const SAME_DECLINE: &str =
    "Nothing was seen before it that it could be an answer to: it decides nothing, and the LMS is not asked.";

impl NewEvidence {
    /// The row of the table for it.
    pub(super) fn event(self) -> Event {
        match self {
            NewEvidence::Attending(_) => Event::AttendingAnew,
            NewEvidence::Invited(_) => Event::InvitedAnew,
            NewEvidence::Declined(..) => Event::DeclinedAnew,
        }
    }

    /// The same event of the table, said of evidence that is newer.
    pub(super) fn upgrade(self, event: Event) -> Event {
        match (self, event) {
            (NewEvidence::Attending(_), Event::Attending)
            // The time of what came too late is not what an invitation to another time is measured by.
            | (NewEvidence::Invited(_), Event::Unanswered | Event::UnansweredMoved)
            | (NewEvidence::Declined(..), Event::Declined) => self.event(),
            (_, event) => event,
        }
    }
}

/// The row of the next generation, before this reading is judged in it.
pub(super) fn begin(
    row: &Enrolment,
    fresh: NewEvidence,
    part: &str,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Enrolment {
    let began = match fresh {
        NewEvidence::Attending(at) | NewEvidence::Invited(at) | NewEvidence::Declined(at, _) => at,
    };
    let [first, ..] = looks(now, policy.settle);
    let mut next = row.next_generation(began, part, first);
    let why = match fresh {
        NewEvidence::Attending(at) => {
            format!("the learner accepted at {} what had been given up.", minute(at))
        }
        NewEvidence::Invited(at) => format!("there is a new invitation, of {}.", minute(at)),
        NewEvidence::Declined(_, AnswerTo::Open) => {
            "the invitation was there again, and the learner declined it once more.".to_owned()
        }
        NewEvidence::Declined(_, AnswerTo::Invitation(at)) => {
            format!("there is a new invitation, of {}, and the learner declined that too.", minute(at))
        }
        NewEvidence::Declined(_, AnswerTo::NewTime) => {
            "the session was moved, and the learner declined it once more.".to_owned()
        }
    };
    next.tell(now, SELF, format!("Generation {} begins: {why}", next.generation));
    next.given_up =
        row.attempt.outcome.as_ref().filter(|end| row.maybe_effected || gave_up(end.kind)).map(|end| end.at);
    next.cancelled_by = row
        .attempt
        .outcome
        .as_ref()
        .filter(|end| end.kind == OutcomeKind::Lms(LmsOutcome::Done))
        .and_then(|_| Some(row.attempt.order.as_ref()?.decision.clone()));
    if let NewEvidence::Attending(at) = fresh {
        take_back(&mut next, Some(at), policy, now);
    }
    next
}

fn gave_up(end: OutcomeKind) -> bool {
    match end {
        OutcomeKind::Lms(LmsOutcome::Superseded) | OutcomeKind::WouldHaveCancelled | OutcomeKind::TooLate => {
            false
        }
        OutcomeKind::Lms(_) => true,
    }
}

#[cfg(test)]
#[path = "generation_tests.rs"]
mod tests;
