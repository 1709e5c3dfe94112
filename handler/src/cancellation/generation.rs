//! When a new generation begins: the learner has a place again, or asks for one, after the cancellation came to its end.
//!
//! Guarantees: a generation begins at Exchange's own time of what began it, so that an old decline, however late it shows up,
//! can't cancel a new place; the same evidence begins no second one.

use crate::calendar::verdict::{Reading, Verdict};
use crate::cancellation::enrolment::{Enrolment, OutcomeKind, Part, SELF, Seen};
use crate::cancellation::see::looks;
use crate::cancellation::table::{Event, State};
use crate::cancellation::words::minute;
use crate::config::Policy;
use crate::lms::LmsOutcome;
use chrono::{DateTime, Duration, Utc};

/// Evidence that is newer than what a finished row stands on, with the time at which a new generation would begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fresh {
    Attending(DateTime<Utc>),
    Invited(DateTime<Utc>),
    Declined(DateTime<Utc>),
}

/// Whether this reading is newer than what the row, which is done or expired, came to its end with.
///
/// Answers are compared with the decline that the row stands on, both by Exchange's clock; where nobody knows when that was,
/// with the end. A decline must be newer than the end itself: pressing Decline twice is one decline.
pub(super) fn fresh(row: &Enrolment, part: &Part, reading: &Reading) -> Option<Fresh> {
    match row.state {
        State::Done | State::Expired => {}
        State::Watched | State::Waiting | State::Running | State::Review => return None,
    }
    let ended = row.outcome.as_ref()?.at;
    let declined = row.decision.as_ref().and_then(|decision| decision.declined_at);
    // Of several items, one that was not declined had its say when the place was decided.
    let outvoted = row.parts.len() > 1 && part.decline.is_none();
    let basis = declined.filter(|_| !outvoted).unwrap_or(ended);
    match reading.verdict {
        // Of a copy that is gone, the organizer's list may still tell that the learner accepted after the decline.
        Verdict::Attending | Verdict::Removed => reading.answered_at.filter(|at| *at > basis).map(Fresh::Attending),
        Verdict::Unanswered => {
            let invited = reading.invited?;
            let kept = part.is_there() && part.back.is_none_or(|back| invited.modified.is_some_and(|at| at > back));
            invited.since(basis, kept).map(Fresh::Invited)
        }
        Verdict::Declined => {
            // The rest of a place that is given up already: the learner clears the calendar.
            let follows_up = row.parts.len() > 1 && part.reading.as_ref().is_some_and(Seen::is_in);
            let newer = |at: &DateTime<Utc>| *at > ended && declined.is_none_or(|old| *at > old);
            let known = part.decline.as_ref().is_some_and(|decline| decline.answered_at >= reading.answered_at);
            // This decline is to count in the generation that it begins, and none that was given before it.
            let just_before = |at: DateTime<Utc>| Fresh::Declined(at - Duration::milliseconds(1));
            reading.answered_at.filter(newer).filter(|_| !follows_up && !known).map(just_before)
        }
        Verdict::Ended
        | Verdict::CancelledByOrganizer
        | Verdict::DroppedByOrganizer
        | Verdict::Unseen
        | Verdict::Unknown => None,
    }
}

impl Fresh {
    /// The row of the table for it.
    pub(super) fn event(self) -> Event {
        match self {
            Fresh::Attending(_) => Event::AttendingAnew,
            Fresh::Invited(_) => Event::InvitedAnew,
            Fresh::Declined(_) => Event::DeclinedAnew,
        }
    }

    /// The same event of the table, said of evidence that is newer.
    pub(super) fn upgrade(self, event: Event) -> Event {
        match (self, event) {
            (Fresh::Attending(_), Event::Attending)
            // The time of what came too late is not what an invitation to another time is measured by.
            | (Fresh::Invited(_), Event::Unanswered | Event::UnansweredMoved)
            | (Fresh::Declined(_), Event::Declined) => self.event(),
            (_, event) => event,
        }
    }
}

/// The row of the next generation, before this reading is judged in it.
pub(super) fn begin(row: &Enrolment, fresh: Fresh, part: &str, policy: &Policy, now: DateTime<Utc>) -> Enrolment {
    let began = match fresh {
        Fresh::Attending(at) | Fresh::Invited(at) | Fresh::Declined(at) => at,
    };
    let [first, ..] = looks(now, policy.settle);
    let mut next = row.next_generation(began, part, first);
    let why = match fresh {
        Fresh::Attending(at) => format!("the learner accepted at {} what had been given up.", minute(at)),
        Fresh::Invited(at) => format!("there is a new invitation, of {}.", minute(at)),
        Fresh::Declined(_) => "the learner declined once more, after the first decline had come to its end.".to_owned(),
    };
    next.tell(now, SELF, format!("Generation {} begins: {why}", next.generation));
    next.given_up = row.outcome.as_ref().filter(|end| gave_up(end.kind)).map(|end| end.at);
    if let Fresh::Attending(at) = fresh {
        take_back(&mut next, Some(at), policy, now);
    }
    next
}

fn gave_up(end: OutcomeKind) -> bool {
    match end {
        OutcomeKind::Lms(LmsOutcome::Superseded) | OutcomeKind::WouldHaveCancelled | OutcomeKind::TooLate => false,
        OutcomeKind::Lms(_) => true,
    }
}

/// The learner takes part again although the place had been given up. Whether it was given back at the LMS, by hand or with a
/// new invitation, is for a person to see: soon after the cancellation somebody is told, later it is a new story.
pub(super) fn take_back(row: &mut Enrolment, accepted: Option<DateTime<Utc>>, policy: &Policy, now: DateTime<Utc>) {
    let Some(given_up) = row.given_up.take() else { return };
    let accepted = accepted.unwrap_or(now);
    if accepted <= given_up + policy.take_back_window {
        row.taken_back = Some(accepted);
        row.tell(now, SELF, "The LMS is not asked to give the place back: a person is told.");
    }
}

#[cfg(test)]
#[path = "generation_tests.rs"]
mod tests;
