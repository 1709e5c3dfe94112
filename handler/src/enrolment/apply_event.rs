//! One step by the table: what an event does to the row.
//!
//! Guarantee: whatever a step writes, it tells in the story.

use crate::calendar::reading::{Reading, Source, Verdict};
use crate::clock::whole_millis;
use crate::enrolment::attempt::{Outcome, OutcomeKind};
use crate::enrolment::decision::{Decision, ReviewCause};
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::give_back;
use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict};
use crate::enrolment::place_verdict::Basis;
use crate::enrolment::policy::{Policy, TakeBack};
use crate::enrolment::transitions::{Action, BackStep, Event, State, StateColumn, cell};
use crate::enrolment::wording::{minute, review_reason, sentence};
use crate::ids::Address;
use chrono::{DateTime, Duration, Utc};

/// A cancellation is sent at least so long before the deadline, however long the grace: who declined in time
/// is not told that they were too late because of our own patience.
const BEFORE_DEADLINE: Duration = Duration::minutes(2);

/// Goes one step by the table.
/// `news`: this part was read otherwise before.
pub(super) fn apply_event(
    row: &mut Enrolment,
    event: Event,
    basis: &Basis,
    reading: &Reading,
    policy: &Policy,
    news: bool,
    now: DateTime<Utc>,
) {
    let several = several(row);
    match cell(row.stand(), event) {
        Action::Stay => {}
        Action::Note => note(row, event, reading, policy, news, now),
        Action::Decide => decide(row, basis, reading, policy, now),
        Action::Strengthen => {
            if let Some(decision) = decision(row, basis, now) {
                let decided_at = row.decision.as_ref().map_or(now, |old| old.decided_at);
                row.decision = Some(Decision { decided_at, ..decision });
                row.tell(
                    now,
                    SELF,
                    format!("{} That settles what was only a removal before.", sentence(reading)),
                );
            }
        }
        // Whoever attends must not lose a place unseen: an attempt may have reached the LMS without an
        // answer.
        Action::Withdraw if row.maybe_effected && is_back(event) => doubt(row, &sentence(reading), now),
        Action::Withdraw => {
            let doubt = if row.maybe_effected { format!(" {MAYBE}") } else { String::new() };
            row.tell(
                now,
                SELF,
                format!("{}{several} What was pending is withdrawn.{doubt}", sentence(reading)),
            );
            withdraw(row, now);
            if matches!(event, Event::Attending | Event::AttendingAnew) {
                take_back(row, reading.answered_at, policy, now);
            }
        }
        Action::Review
            if event != Event::UnaskedInTime
                && row.deadline(policy.deadline).is_some_and(|deadline| deadline <= now) =>
        {
            if let (None, Some(decision)) = (&row.decision, decision(row, basis, now)) {
                row.decide(decision);
            }
            row.tell(
                now,
                SELF,
                format!("{}{several} That is after the deadline: recorded as too late.", sentence(reading)),
            );
            expire(row, now);
        }
        Action::Review => {
            // What a person is asked about is what an approval sends.
            if let Some(other) = decision(row, basis, now)
                .filter(|new| !row.decision.as_ref().is_some_and(|old| old.is_of(new)))
            {
                row.decide(other);
            }
            let for_person = only_a_person(row, policy);
            let why = match (for_person, basis.source) {
                (Some(why), _) => why,
                (None, Source::Disagreement) => DISAGREEMENT,
                (None, Source::LearnerCopy | Source::OrganizerCopy | Source::Removal | Source::Nothing) => {
                    review_reason(event)
                }
            };
            let cause = if event == Event::Split {
                ReviewCause::Parts
            } else if event == Event::UnansweredMoved || for_person.is_some() {
                ReviewCause::Decline
            } else {
                ReviewCause::Evidence
            };
            let told = if event == Event::UnansweredMoved {
                format!("{} {why}", sentence(reading))
            } else if event == Event::UnaskedInTime {
                format!("{why}{several}")
            } else {
                format!("{}{several}", sentence(reading))
            };
            row.tell(now, SELF, format!("{told} A person is asked."));
            row.ask_person(cause, why, now);
        }
        Action::Expire => {
            let doubt = if row.maybe_effected { format!(" {MAYBE}") } else { String::new() };
            row.tell(now, SELF, format!("The session has ended; the LMS is not asked any more.{doubt}"));
            expire(row, now);
        }
        Action::Back(BackStep::Tell) => give_back::tell(row, &sentence(reading), now),
        Action::Back(BackStep::Drop) => give_back::drop(row, &sentence(reading), now),
        // Readings don't cause these: they belong to the way to the LMS and to people.
        Action::Back(
            BackStep::Claim | BackStep::Lapse | BackStep::Again | BackStep::Release | BackStep::Keep,
        )
        | Action::ReviewLms
        | Action::Claim
        | Action::Release
        | Action::Lapse
        | Action::Again
        | Action::Finish
        | Action::Begin
        | Action::Approve
        | Action::Ignore
        | Action::Refuse => {}
    }
}

/// Which events say that the learner may have the place after all.
fn is_back(event: Event) -> bool {
    matches!(
        event,
        Event::Attending
            | Event::AttendingAnew
            | Event::Unanswered
            | Event::UnansweredMoved
            | Event::InvitedAnew
    )
}

/// Where several items stand for the place, how many of them are given up.
fn several(row: &Enrolment) -> String {
    let all = row.parts.iter().filter(|part| !part.past).count();
    let up = row.parts.iter().filter(|part| part.is_given_up());
    if all > 1 {
        format!(" Of {all} items for this place, {} are given up.", up.count())
    } else {
        String::new()
    }
}

/// What is remembered without a change of state.
fn note(
    row: &mut Enrolment,
    event: Event,
    reading: &Reading,
    policy: &Policy,
    news: bool,
    now: DateTime<Utc>,
) {
    if event == Event::Attending {
        // Whoever attends may decline later with the same right as before a person said "ignore".
        row.ignored = None;
        if row.stand() == StateColumn::Watched {
            take_back(row, reading.answered_at, policy, now);
        }
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

fn decide(row: &mut Enrolment, basis: &Basis, reading: &Reading, policy: &Policy, now: DateTime<Utc>) {
    let Some(decision) = decision(row, basis, now) else { return };
    let several = several(row);
    row.decide(decision);
    row.settle(State::Waiting);
    row.ignored = None;
    // A place that is gone stays so: whoever takes this decline back is back where they were. Of what has
    // ended with a person nobody tries anew.
    if row.taken_back.take().is_some() {
        row.cancelled_by = None;
    }
    let deadline = row.deadline(policy.deadline);
    if deadline.is_some_and(|deadline| deadline <= now) {
        row.tell(
            now,
            SELF,
            format!("{}{several} That is after the deadline: recorded as too late.", sentence(reading)),
        );
        expire(row, now);
        return;
    }
    let due = match deadline {
        Some(deadline) => (now + policy.grace).min((deadline - BEFORE_DEADLINE).max(now)),
        None => now + policy.grace,
    };
    let due = whole_millis(due);
    row.attempt.due = Some(due);
    let text = format!("{}{several} Decided to cancel the place; due {}.", sentence(reading), minute(due));
    row.tell(now, SELF, text);
}

/// Why nobody but a person may have this place cancelled, whatever the calendars say.
pub(super) fn only_a_person(row: &Enrolment, policy: &Policy) -> Option<&'static str> {
    if row.outside {
        Some(OUTSIDE)
    } else if Address::new(row.learner.as_str()).is_exchange_name() {
        Some(EXCHANGE_NAME)
    } else if !policy.deadline.is_zero() && row.start.is_none() {
        Some(NO_START)
    } else {
        None
    }
}

pub(crate) const EXCHANGE_NAME: &str =
    "All that is known of this person is a name of Exchange's own directory, which no LMS understands.";
const NO_START: &str =
    "Nobody knows when the session starts, so nobody but a person can say whether the deadline is over.";
const DISAGREEMENT: &str =
    "The organizer's list names the learner more than once, with answers that disagree.";
const OUTSIDE: &str =
    "This person is not in the directory, so nobody but a person can say what the LMS knows them by.";

/// To a person: only they can find out whether the place is gone, and whether to give it back.
fn doubt(row: &mut Enrolment, seen: &str, now: DateTime<Utc>) {
    row.tell(now, SELF, format!("{seen} {MAYBE} A person is asked to look there."));
    row.ask_person(ReviewCause::Lms, format!("{seen} {MAYBE}"), now);
}

/// What is not known of the LMS, wherever something is told that sounds as if nothing had happened there.
pub(super) const MAYBE: &str = "An attempt before may have cancelled the place at the LMS without an answer.";

fn withdraw(row: &mut Enrolment, now: DateTime<Utc>) {
    row.settle(State::Watched);
    row.decision = None;
    // Nobody takes part who could miss the place now. Should they ever, somebody is told.
    if std::mem::take(&mut row.maybe_effected) {
        (row.given_up, row.cancelled_by) = (Some(now), None);
    }
}

pub(super) fn expire(row: &mut Enrolment, now: DateTime<Utc>) {
    row.state = State::Expired;
    row.attempt.due = None;
    row.attempt.claim = None;
    row.attempt.review = None;
    row.attempt.outcome = Some(Outcome { kind: OutcomeKind::TooLate, at: now, message: None });
}

/// The decision that this basis is good for.
fn decision(row: &Enrolment, basis: &Basis, now: DateTime<Utc>) -> Option<Decision> {
    let verdict = match basis.verdict {
        Verdict::Declined => OrderVerdict::Declined,
        Verdict::Removed => OrderVerdict::Removed,
        Verdict::Unseen => OrderVerdict::Unseen,
        // Only a person can have it sent.
        Verdict::Unknown if basis.source == Source::Removal => OrderVerdict::Unseen,
        Verdict::Ended
        | Verdict::CancelledByOrganizer
        | Verdict::DroppedByOrganizer
        | Verdict::Attending
        | Verdict::Unanswered
        | Verdict::Unknown => return None,
    };
    let evidence = match basis.source {
        Source::LearnerCopy => OrderEvidence::LearnerCopy,
        Source::OrganizerCopy => OrderEvidence::OrganizerCopy,
        Source::Removal | Source::Disagreement | Source::Nothing => OrderEvidence::Removal,
    };
    Some(Decision {
        verdict,
        evidence,
        declined_at: basis.answered_at.filter(|_| verdict == OrderVerdict::Declined),
        decided_at: now,
        session_start: row.start,
        by: None,
        late: false,
        automatic: false,
    })
}

/// The learner takes part again although the place had been given up. Soon after the cancellation it is given
/// back where the policy says so and the LMS was seen to cancel it for us ([`give_back`]); else whether it
/// is, by hand or with a new invitation, is for a person to see, and somebody is told. Later it is a new
/// story.
pub(super) fn take_back(
    row: &mut Enrolment,
    accepted: Option<DateTime<Utc>>,
    policy: &Policy,
    now: DateTime<Utc>,
) {
    let Some(given_up) = row.given_up else { return };
    let accepted = accepted.unwrap_or(now);
    let is_under_way = row.stand() != StateColumn::Watched || row.taken_back.is_some();
    if is_under_way || accepted > given_up + policy.take_back_window {
        return;
    }
    match (policy.take_back, row.cancelled_by.clone()) {
        (TakeBack::Reinstate, Some(decision)) => give_back::want(row, decision, accepted, now),
        (TakeBack::Reinstate | TakeBack::Record, _) => {
            row.taken_back = Some(accepted);
            row.tell(now, SELF, "The LMS is not asked to give the place back: a person is told.");
        }
    }
}
