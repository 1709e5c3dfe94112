//! What a reading of the calendar does to an enrolment.
//!
//! Guarantees: the same reading again changes nothing; a weak verdict is never decided at first sight but looked at again
//! after a fifteenth, a third and the whole of `policy.settle`; an unreadable mailbox changes nothing but the next look.

use crate::calendar::link::Link;
use crate::calendar::verdict::{Reading, Source, Strength, Verdict};
use crate::cancellation::enrolment::{
    Decision, Enrolment, Outcome, OutcomeKind, Part, Review, ReviewCause, SELF, Seen, whole_millis,
};
use crate::cancellation::retry;
use crate::cancellation::table::{Event, Move, Stand, State, cell};
use crate::config::{PartPolicy, Policy, WeakPolicy};
use crate::lms::{OrderEvidence, OrderVerdict};
use crate::message::LinkRef;
use chrono::{DateTime, Duration, Utc};

/// A cancellation is sent at least so long before the deadline, however long the grace: who declined in time is not told
/// that they were too late because of our own patience.
const BEFORE_DEADLINE: Duration = Duration::minutes(2);

/// The row after this reading of one of its links; `None` when nothing changes.
pub fn see(
    row: &Enrolment,
    link: &Link,
    at: &LinkRef,
    reading: &Reading,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    let now = whole_millis(now);
    let mut next = row.clone();

    let (settled, news) = match part_of(&mut next, link, at) {
        Some(part) => {
            let before = part.reading.clone();
            let settled = take(part, reading, policy, now);
            (settled, part.reading != before)
        }
        None => return None,
    };
    if reading.verdict.strength() == Strength::Strong {
        next.start = reading.start.or(next.start);
        next.end = reading.end.or(next.end);
    }
    if let Some(event) = combine(&next, reading, settled, policy) {
        step(&mut next, event, reading, policy, news, now);
    }
    (next != *row).then_some(next)
}

/// The part that this link is a sight of; a new one when the calendar item is new to us.
fn part_of<'a>(row: &'a mut Enrolment, link: &Link, at: &LinkRef) -> Option<&'a mut Part> {
    let key = link.part_key();
    let index = match row.parts.iter().position(|part| part.key == key) {
        Some(index) => {
            // A link that was made from the organizer's copy gives way to one that names the learner's.
            if let Some(part) = row.parts.get_mut(index)
                && part.link.row.starts_with(Link::BY_ORGANIZER)
            {
                part.link = at.clone();
            }
            index
        }
        None => {
            row.parts.push(Part { key, link: at.clone(), reading: None, weak_since: None, unreadable: 0, look: None });
            row.parts.len() - 1
        }
    };
    row.parts.get_mut(index)
}

/// Remembers the reading in the part and plans the next look. True when a weak reading has settled.
fn take(part: &mut Part, reading: &Reading, policy: &Policy, now: DateTime<Utc>) -> bool {
    match reading.verdict.strength() {
        Strength::Strong => {
            part.reading = Some(Seen::of(reading));
            part.weak_since = None;
            part.unreadable = 0;
            part.look = None;
            false
        }
        Strength::Weak => {
            let since = *part.weak_since.get_or_insert(now);
            part.unreadable = 0;
            // A strong decline does not fade: what was read then stays what is known.
            let fades = part.reading.as_ref().is_some_and(|seen| seen.verdict == Verdict::Declined);
            if !fades {
                part.reading = Some(Seen::of(reading));
            }
            part.look = looks(since, policy.settle).into_iter().find(|look| *look > now);
            part.look.is_none()
        }
        Strength::None => {
            // Hints that come before the planned look don't count as looks, so that repeating them changes nothing.
            if part.look.is_none_or(|look| look <= now) {
                part.look = Some(whole_millis(now + retry::unreadable(part.unreadable)));
                part.unreadable = part.unreadable.saturating_add(1);
            }
            false
        }
    }
}

/// When a weak verdict that was first seen at `since` is looked at again.
pub fn looks(since: DateTime<Utc>, settle: Duration) -> [DateTime<Utc>; 3] {
    [settle / 15, settle / 3, settle].map(|after| whole_millis(since + after))
}

/// What all parts together say, as an event of the table; `None` when nothing follows yet.
///
/// The place of parts: one calendar item is the everyday case. Where several stand for one place, they cancel when all are
/// declined (or any is, with `part = "any"`); when they disagree, a person is asked.
fn combine(row: &Enrolment, reading: &Reading, settled: bool, policy: &Policy) -> Option<Event> {
    let verdict = match row.parts.as_slice() {
        [] | [_] => reading.verdict,
        parts => {
            let said: Vec<Verdict> =
                parts.iter().filter_map(|part| part.reading.as_ref()).map(|seen| seen.verdict).collect();
            let declined = said.iter().filter(|verdict| **verdict == Verdict::Declined).count();
            if declined > 0 && declined < parts.len() {
                match policy.part {
                    PartPolicy::Any => Verdict::Declined,
                    // Not all of them any more: what all had decided is withdrawn.
                    PartPolicy::All if reading.verdict == Verdict::Attending => Verdict::Attending,
                    PartPolicy::All => return None,
                    PartPolicy::Review => return Some(Event::Removed(WeakPolicy::Review)),
                }
            } else {
                reading.verdict
            }
        }
    };
    match verdict {
        Verdict::Declined if old_news(row, reading.answered_at) => None,
        Verdict::Declined => Some(Event::Declined),
        // The organizer knows of a positive answer that is later than the decline: that undoes it, whatever the removal means.
        Verdict::Removed if answered_since(row, reading.answered_at) => Some(Event::Attending),
        Verdict::Removed if settled && row.ignored.is_none() => Some(Event::Removed(policy.removed)),
        Verdict::Unseen if settled && row.ignored.is_none() => Some(Event::Unseen(policy.unseen)),
        Verdict::Removed | Verdict::Unseen | Verdict::Unknown => None,
        Verdict::Attending => Some(Event::Attending),
        Verdict::Unanswered => match &row.decision {
            Some(decision) if moved(decision.session_start, reading.start) => Some(Event::UnansweredMoved),
            Some(_) | None => Some(Event::Unanswered),
        },
        Verdict::CancelledByOrganizer => Some(Event::CancelledByOrganizer),
        Verdict::DroppedByOrganizer => Some(Event::DroppedByOrganizer),
        Verdict::Ended => Some(Event::Ended),
    }
}

fn moved(then: Option<DateTime<Utc>>, now: Option<DateTime<Utc>>) -> bool {
    matches!((then, now), (Some(then), Some(now)) if then != now)
}

/// A positive answer that was given after the decline that a pending cancellation stands on.
fn answered_since(row: &Enrolment, positive: Option<DateTime<Utc>>) -> bool {
    let stands = matches!(row.stand(), Stand::WaitingStrong | Stand::ReviewStrong);
    let declined_at = row.decision.as_ref().and_then(|decision| decision.declined_at);
    stands && matches!((declined_at, positive), (Some(declined), Some(positive)) if positive > declined)
}

/// A decline that a person has ignored, or that is the very one which waits for a person because the session was moved.
fn old_news(row: &Enrolment, answered_at: Option<DateTime<Utc>>) -> bool {
    if let Some(ignored) = &row.ignored {
        let since = ignored.answered_at.unwrap_or(ignored.at);
        return answered_at.is_none_or(|at| at <= since);
    }
    match (row.stand(), &row.decision) {
        (Stand::ReviewStrong, Some(decision)) => {
            answered_at.is_none_or(|at| decision.declined_at.is_some_and(|old| at <= old))
        }
        _ => false,
    }
}

/// Goes one step by the table.
/// `news`: this part was read otherwise before.
fn step(row: &mut Enrolment, event: Event, reading: &Reading, policy: &Policy, news: bool, now: DateTime<Utc>) {
    match cell(row.stand(), event) {
        Move::Stay => {}
        Move::Note => note(row, event, reading, news, now),
        Move::Decide => decide(row, reading, policy, now),
        Move::Strengthen => {
            if let Some(decision) = decision(reading, now) {
                let decided_at = row.decision.as_ref().map_or(now, |old| old.decided_at);
                row.decision = Some(Decision { decided_at, ..decision });
                row.tell(now, SELF, format!("{} That settles what was only a removal before.", sentence(reading)));
            }
        }
        // Whoever attends must not lose a place unseen: an attempt may have reached the LMS without an answer.
        Move::Withdraw if row.maybe_effected && matches!(event, Event::Attending | Event::Unanswered) => {
            doubt(row, now)
        }
        Move::Withdraw => {
            row.tell(now, SELF, format!("{} What was pending is withdrawn.", sentence(reading)));
            withdraw(row);
        }
        Move::Review => {
            if row.decision.is_none() {
                row.decision = decision(reading, now);
            }
            let why = review_reason(event);
            let moved = if event == Event::UnansweredMoved { format!(" {why}") } else { String::new() };
            row.tell(now, SELF, format!("{}{moved} A person is asked.", sentence(reading)));
            row.state = State::Review;
            row.due = None;
            row.review = Some(Review { cause: ReviewCause::Evidence, since: now, why: why.to_owned() });
        }
        Move::Expire => {
            row.tell(now, SELF, "The session has ended before the cancellation could be carried out.");
            expire(row, now);
        }
        // Readings don't cause these: they belong to the way to the LMS and to people.
        Move::ReviewLms
        | Move::Claim
        | Move::Release
        | Move::Again
        | Move::Finish
        | Move::Approve
        | Move::Ignore
        | Move::Refuse => {}
    }
}

/// What is remembered without a change of state. The place of generations: a positive answer after `done` begins a new one.
fn note(row: &mut Enrolment, event: Event, reading: &Reading, news: bool, now: DateTime<Utc>) {
    if event == Event::Attending {
        // Whoever attends may decline later with the same right as before a person said "ignore".
        row.ignored = None;
    }
    if !news {
        return;
    }
    match (event, row.state) {
        (Event::Attending, State::Done) => row.tell(now, SELF, format!("{} {TAKEN_BACK}", sentence(reading))),
        (Event::Attending | Event::CancelledByOrganizer | Event::DroppedByOrganizer | Event::Ended, _) => {
            row.tell(now, SELF, sentence(reading));
        }
        _ => {}
    }
}

const TAKEN_BACK: &str = "That is after the place was given up; the LMS is not asked to give it back.";

fn decide(row: &mut Enrolment, reading: &Reading, policy: &Policy, now: DateTime<Utc>) {
    let Some(decision) = decision(reading, now) else { return };
    row.review = None;
    row.ignored = None;
    row.decision = Some(decision);
    let deadline = row.deadline(policy.deadline);
    if deadline.is_some_and(|deadline| deadline <= now) {
        row.tell(now, SELF, format!("{} That is after the deadline: recorded as too late.", sentence(reading)));
        expire(row, now);
        return;
    }
    let due = match deadline {
        Some(deadline) => (now + policy.grace).min((deadline - BEFORE_DEADLINE).max(now)),
        None => now + policy.grace,
    };
    let due = whole_millis(due);
    row.state = State::Waiting;
    row.due = Some(due);
    row.attempts = 0;
    row.failures = 0;
    row.maybe_effected = false;
    row.outcome = None;
    row.unreadable_since = None;
    let text = format!("{} Decided to cancel the place; due {}.", sentence(reading), minute(due));
    row.tell(now, SELF, text);
}

/// To a person: only they can find out whether the place is gone, and whether to give it back.
pub(super) fn doubt(row: &mut Enrolment, now: DateTime<Utc>) {
    row.tell(now, SELF, format!("The learner takes part again. {DOUBT}"));
    row.state = State::Review;
    row.due = None;
    row.claim = None;
    row.review = Some(Review { cause: ReviewCause::Lms, since: now, why: DOUBT.to_owned() });
}

const DOUBT: &str =
    "An attempt may have cancelled the place at the LMS without an answer, so a person is asked to look there.";

fn withdraw(row: &mut Enrolment) {
    row.state = State::Watched;
    row.due = None;
    row.decision = None;
    row.review = None;
    row.outcome = None;
    row.attempts = 0;
    row.failures = 0;
    row.maybe_effected = false;
    row.unreadable_since = None;
}

pub(super) fn expire(row: &mut Enrolment, now: DateTime<Utc>) {
    row.state = State::Expired;
    row.due = None;
    row.claim = None;
    row.review = None;
    row.outcome = Some(Outcome { kind: OutcomeKind::TooLate, at: now, message: None });
}

/// The decision that this reading is good for.
fn decision(reading: &Reading, now: DateTime<Utc>) -> Option<Decision> {
    let verdict = match reading.verdict {
        Verdict::Declined => OrderVerdict::Declined,
        Verdict::Removed => OrderVerdict::Removed,
        Verdict::Unseen => OrderVerdict::Unseen,
        Verdict::Ended
        | Verdict::CancelledByOrganizer
        | Verdict::DroppedByOrganizer
        | Verdict::Attending
        | Verdict::Unanswered
        | Verdict::Unknown => return None,
    };
    let evidence = match reading.source {
        Source::LearnerCopy => OrderEvidence::LearnerCopy,
        Source::OrganizerCopy => OrderEvidence::OrganizerCopy,
        Source::Removal | Source::Nothing => OrderEvidence::Removal,
    };
    Some(Decision {
        verdict,
        evidence,
        declined_at: reading.answered_at.filter(|_| verdict == OrderVerdict::Declined),
        decided_at: now,
        session_start: reading.start,
        by: None,
    })
}

fn review_reason(event: Event) -> &'static str {
    match event {
        Event::UnansweredMoved => "The session was moved since the learner declined.",
        Event::Removed(_) => "The learner's copy is gone, and the organizer's shows no decline.",
        Event::Unseen(_) => "The learner's copy is gone, and there is no organizer's copy to ask.",
        Event::Declined
        | Event::Attending
        | Event::Unanswered
        | Event::CancelledByOrganizer
        | Event::DroppedByOrganizer
        | Event::Ended
        | Event::DeadlinePassed
        | Event::Due
        | Event::ClaimRunOut
        | Event::Lms(_)
        | Event::Approve
        | Event::Ignore
        | Event::Retry
        | Event::ValveClosed => "A person must decide.",
    }
}

/// One plain sentence about a reading.
fn sentence(reading: &Reading) -> String {
    let when = |at: Option<DateTime<Utc>>| at.map(|at| format!(" at {}", minute(at))).unwrap_or_default();
    match (reading.verdict, reading.source) {
        (Verdict::Declined, Source::OrganizerCopy) => {
            format!(
                "The learner's copy is gone, and the organizer's shows that the learner declined{}.",
                when(reading.answered_at)
            )
        }
        (Verdict::Declined, _) => format!("The learner's copy shows a decline{}.", when(reading.answered_at)),
        (Verdict::Removed, _) => "The learner's copy stays gone; the organizer's shows no decline.".to_owned(),
        (Verdict::Unseen, _) => "The learner's copy stays gone; there is no organizer's copy to ask.".to_owned(),
        (Verdict::Attending, _) => format!("The learner has accepted{}.", when(reading.answered_at)),
        (Verdict::Unanswered, _) => "The invitation is back in the learner's calendar, not answered.".to_owned(),
        (Verdict::CancelledByOrganizer, _) => "The organizer has cancelled the session.".to_owned(),
        (Verdict::DroppedByOrganizer, _) => "The organizer has taken the learner off the list.".to_owned(),
        (Verdict::Ended, _) => "The session has ended.".to_owned(),
        (Verdict::Unknown, _) => "Nothing could be read.".to_owned(),
    }
}

pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
#[path = "see_tests.rs"]
pub(crate) mod tests;
