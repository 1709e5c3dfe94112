//! Giving back, without the LMS: what begins it, what ends it, and what each answer leads to.

use super::*;
use crate::calendar::reading::{Reading, Verdict as V};
use crate::enrolment::apply_reading::apply_reading;
use crate::enrolment::apply_reading::tests::{at, link, policy, reading, waiting};
use crate::enrolment::lms_answer::{LmsOutcome, Reply};
use crate::enrolment::lms_order;
use crate::enrolment::operator_decision::OperatorDecision::Ignore;
use crate::enrolment::operator_decision::by_operator;
use crate::enrolment::policy::TakeBack;
use crate::enrolment::transitions::{State, StateColumn};
use crate::enrolment::wakeups::{WakeUpKind, entries};

const NOW: &str = "2026-11-21T13:00:00Z";

fn reinstates() -> Policy {
    Policy { take_back: TakeBack::Reinstate, ..policy() }
}

fn retry() -> Retry {
    Retry { first: Duration::seconds(30), most: Duration::hours(1) }
}

fn ended(outcome: LmsOutcome) -> Enrolment {
    let now = at("2026-11-21T12:10:00Z");
    let claimed = lms_order::claim(&waiting(), "token", None, &policy(), now, lms_order::LEASE).unwrap();
    let reply = Reply::new(outcome, Reach::Sent);
    lms_order::record(&claimed, "token", &reply, &policy(), retry(), 0.5, now).unwrap()
}

fn saw_by(row: &Enrolment, reading: &Reading, policy: &Policy) -> Enrolment {
    let link = link();
    apply_reading(row, &link, &link.stored_at().unwrap(), reading, policy, at(NOW))
        .unwrap_or_else(|| row.clone())
}

fn saw(row: &Enrolment, verdict: V, answered: &str) -> Enrolment {
    saw_by(row, &Reading { answered_at: Some(at(answered)), ..reading(verdict) }, &reinstates())
}

/// Cancelled by us at ten past noon, and accepted twenty minutes later.
fn wanted() -> Enrolment {
    saw(&ended(LmsOutcome::Done), V::Attending, "2026-11-21T12:30:00Z")
}

fn claimed(row: &Enrolment) -> Enrolment {
    claim(row, "token", None, &reinstates(), at(NOW), lms_order::LEASE).unwrap()
}

fn recorded(row: &Enrolment, reply: &Restored) -> Enrolment {
    record(row, "token", reply, &reinstates(), retry(), 1.0, at(NOW)).unwrap()
}

fn answered(outcome: RestoreOutcome) -> Enrolment {
    recorded(&claimed(&wanted()), &Restored::new(outcome, Reach::Sent))
}

fn back(row: &Enrolment) -> &GiveBack {
    row.attempt.give_back.as_ref().unwrap()
}

/// Wake-ups on the way to the LMS.
fn ways(row: &Enrolment) -> Vec<DateTime<Utc>> {
    let ways = entries(row).into_iter().filter(|entry| matches!(entry.what, WakeUpKind::Cancel { .. }));
    ways.map(|entry| entry.due).collect()
}

#[test]
fn what_we_have_cancelled_is_wanted_back_by_who_accepts_in_time() {
    let row = wanted();
    assert_eq!((row.generation, row.state, row.stand()), (2, State::Watched, StateColumn::BackWanted));
    assert_eq!((row.taken_back, ways(&row)), (None, vec![at(NOW)]));
    assert_eq!(back(&row).accepted, at("2026-11-21T12:30:00Z"));
    assert_eq!(saw(&row, V::Attending, "2026-11-21T12:30:00Z"), row, "the same again changes nothing");
    assert!(row.cancelled_by.is_some(), "it is gone until it is given back");
    let stored = serde_json::to_value(&row).unwrap();
    assert_eq!(serde_json::from_value::<Enrolment>(stored).unwrap(), row);
}

#[test]
fn what_was_not_seen_to_be_cancelled_by_us_is_for_a_person() {
    for outcome in [LmsOutcome::AlreadyCancelled, LmsOutcome::NotEnrolled] {
        let row = saw(&ended(outcome), V::Attending, "2026-11-21T12:30:00Z");
        assert_eq!((row.attempt.give_back.is_some(), row.taken_back.is_some()), (false, true), "{outcome:?}");
    }
    let seen = Reading { answered_at: Some(at("2026-11-21T12:30:00Z")), ..reading(V::Attending) };
    let recorded = saw_by(&ended(LmsOutcome::Done), &seen, &policy());
    assert_eq!((recorded.attempt.give_back.is_some(), recorded.taken_back.is_some()), (false, true));
    let late = saw(&ended(LmsOutcome::Done), V::Attending, "2026-11-23T12:30:00Z");
    assert_eq!((late.attempt.give_back.is_some(), late.taken_back), (false, None), "after the window");
}

#[test]
fn who_is_invited_anew_and_accepts_wants_it_back_too() {
    let begun = saw(&ended(LmsOutcome::Done), V::Attending, "2026-11-21T12:30:00Z");
    let mut invited = begun.clone();
    (invited.attempt.give_back, invited.given_up) = (None, Some(at("2026-11-21T12:10:00Z")));
    invited.cancelled_by = Some(back(&begun).decision.clone());
    let row = saw(&invited, V::Attending, "2026-11-21T12:45:00Z");
    assert_eq!(row.stand(), StateColumn::BackWanted);
}

#[test]
fn a_decline_that_comes_first_ends_it() {
    let declined = saw(&wanted(), V::Declined, "2026-11-21T12:50:00Z");
    assert_eq!((declined.state, declined.attempt.give_back), (State::Waiting, None));
}

/// The place of the generation before is gone all the same.
#[test]
fn who_takes_such_a_decline_back_wants_the_place_back_as_before() {
    let declined = saw(&wanted(), V::Declined, "2026-11-21T12:50:00Z");
    let again = saw(&declined, V::Attending, "2026-11-21T12:55:00Z");
    assert_eq!((again.generation, again.stand()), (2, StateColumn::BackWanted), "{:?}", again.story);
    assert_eq!(back(&again).accepted, at("2026-11-21T12:55:00Z"));
    // Of what a person was told the LMS is not asked anew, and the person is told anew.
    let declined = saw(&answered(RestoreOutcome::Full), V::Declined, "2026-11-21T12:50:00Z");
    assert_eq!((declined.state, declined.taken_back), (State::Waiting, None));
    let again = saw(&declined, V::Attending, "2026-11-21T12:55:00Z");
    assert_eq!((again.stand(), again.taken_back), (StateColumn::Watched, Some(at("2026-11-21T12:55:00Z"))));
}

#[test]
fn what_a_person_has_seen_to_is_not_wanted_back_again() {
    let seen_to =
        by_operator(&answered(RestoreOutcome::Full), Ignore, "olga", "given", None, at(NOW)).unwrap();
    assert_eq!((seen_to.taken_back, seen_to.given_up), (None, None));
    let declined = saw(&seen_to, V::Declined, "2026-11-21T12:50:00Z");
    let again = saw(&declined, V::Attending, "2026-11-21T12:55:00Z");
    assert_eq!((again.stand(), again.taken_back), (StateColumn::Watched, None));
}

#[test]
fn who_accepted_another_time_is_not_given_a_place_at_the_new_one_unasked() {
    let row = wanted();
    let start = row.start.map(|start| start + Duration::days(1));
    let anew = Reading { start, ..reading(V::Unanswered) };
    let moved = saw_by(&row, &anew, &reinstates());
    assert_eq!(
        (moved.stand(), moved.taken_back.is_some()),
        (StateColumn::Watched, true),
        "{:?}",
        moved.story
    );
    let same = saw_by(&row, &reading(V::Unanswered), &reinstates());
    assert_eq!(same.stand(), StateColumn::BackWanted, "{:?}", same.story);
}

/// Under the claim nothing is decided; what was seen meanwhile is looked at when it is over.
#[test]
fn a_decline_while_the_lms_is_asked_counts_afterwards() {
    let running = claimed(&wanted());
    let declined = saw(&running, V::Declined, "2026-11-21T12:50:00Z");
    assert_eq!(declined.stand(), StateColumn::BackRunning);
    let over = recorded(&declined, &Restored::new(RestoreOutcome::GivenBack, Reach::Sent));
    assert_eq!(over.parts[0].look, Some(at(NOW)));
    let looked = saw(&over, V::Declined, "2026-11-21T12:50:00Z");
    assert_eq!((looked.generation, looked.state), (2, State::Waiting), "{:?}", looked.story);
}

#[test]
fn each_answer_ends_where_it_should() {
    use RestoreOutcome as R;
    for outcome in [R::GivenBack, R::AlreadyHeld] {
        let row = answered(outcome);
        assert_eq!((row.stand(), row.taken_back, ways(&row)), (StateColumn::Watched, None, vec![]));
        assert_eq!((back(&row).outcome, row.given_up, &row.cancelled_by), (Some(outcome), None, &None));
        assert_eq!(saw(&row, V::Attending, "2026-11-21T12:50:00Z").stand(), StateColumn::Watched, "once");
    }
    for outcome in [
        R::Waitlisted,
        R::Requested,
        R::Full,
        R::Closed,
        R::Refused,
        R::UnknownLearner,
        R::UnknownSession,
        R::Unclear,
    ] {
        let row = answered(outcome);
        assert_eq!((row.stand(), ways(&row)), (StateColumn::Watched, vec![]), "{outcome:?}");
        assert_eq!(row.taken_back, Some(at("2026-11-21T12:30:00Z")), "{outcome:?}");
        assert!(row.story.last().unwrap().text.ends_with("A person is told."), "{:?}", row.story.last());
    }
    let again = answered(R::Outage);
    assert_eq!((again.stand(), back(&again).failures), (StateColumn::BackWanted, 1));
    assert!(back(&again).maybe_effected && ways(&again)[0] > at(NOW));
    let broken = answered(R::CredentialBroken);
    assert_eq!((broken.stand(), back(&broken).tries), (StateColumn::BackWanted, 0), "it does not count");
}

#[test]
fn what_was_given_back_by_an_attempt_whose_answer_was_lost_is_said_so() {
    let lost = Restored {
        before: Some(PlaceState::Cancelled),
        ..Restored::new(RestoreOutcome::Outage, Reach::Sent)
    };
    let again = recorded(&claimed(&wanted()), &lost);
    let due = ways(&again)[0];
    let running = claim(&again, "token", None, &reinstates(), due, lms_order::LEASE).unwrap();
    let held = Restored {
        before: Some(PlaceState::Held),
        ..Restored::new(RestoreOutcome::AlreadyHeld, Reach::Sent)
    };
    let row = recorded(&running, &held);
    assert_eq!(back(&row).outcome, Some(RestoreOutcome::GivenBack));
    assert_eq!(
        row.story.last().unwrap().text,
        "The learner has the place again: an attempt before has given it back, and its answer was lost. The \
         LMS showed the place as cancelled before and as held after."
    );
}

#[test]
fn whoever_is_killed_under_the_claim_is_taken_over_with_the_doubt() {
    let running = claimed(&wanted());
    let over = at(NOW) + lms_order::LEASE;
    assert_eq!(ways(&running), [over], "somebody comes by when the lease is over");
    assert_eq!(lapse(&running, at(NOW)), None);
    let lapsed = lapse(&running, over).unwrap();
    assert_eq!((lapsed.stand(), back(&lapsed).maybe_effected), (StateColumn::BackWanted, true));
    let reply = Restored::new(RestoreOutcome::GivenBack, Reach::Sent);
    assert_eq!(record(&lapsed, "token", &reply, &reinstates(), retry(), 1.0, over), None, "a lost claim");
}

#[test]
fn the_deadline_and_the_valve_hold_it_back_like_a_cancellation() {
    let row = wanted();
    let start = row.start.unwrap();
    assert_eq!(judge_deadline(&row, &reinstates(), start - Duration::seconds(1)), None);
    let late = judge_deadline(&row, &reinstates(), start).unwrap();
    assert_eq!((late.stand(), late.taken_back.is_some(), ways(&late)), (StateColumn::Watched, true, vec![]));
    let over = judge_deadline(&row, &reinstates(), row.end.unwrap()).unwrap();
    assert_eq!((over.stand(), over.taken_back, ways(&over)), (StateColumn::Watched, None, vec![]));
    assert_eq!(claim(&row, "token", None, &reinstates(), start, lms_order::LEASE), None);
    let later = later(&row, at("2026-11-21T14:00:00Z")).unwrap();
    assert_eq!(ways(&later), [at("2026-11-21T14:00:00Z")]);
    assert_eq!(claim(&later, "token", None, &reinstates(), at(NOW), lms_order::LEASE), None, "not due");
    let not_tried = Restored::new(RestoreOutcome::Outage, Reach::NotTried);
    let released = recorded(&claimed(&row), &not_tried);
    assert_eq!((back(&released).tries, back(&released).maybe_effected), (0, false));
}

#[test]
fn what_the_organizer_does_meanwhile_ends_it() {
    let cancelled = saw_by(&wanted(), &reading(V::CancelledByOrganizer), &reinstates());
    assert_eq!((cancelled.stand(), cancelled.taken_back), (StateColumn::Watched, None));
    let dropped = saw_by(&wanted(), &reading(V::DroppedByOrganizer), &reinstates());
    assert_eq!((dropped.stand(), dropped.taken_back.is_some()), (StateColumn::Watched, true));
}
