//! Generations: what begins one, and what does not.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

use super::*;
use crate::calendar::reading::{Invited, Reading, Source, Verdict as V};
use crate::enrolment::apply_reading::apply_reading;
use crate::enrolment::apply_reading::tests::{at, link, noon, policy, reading, waiting};
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::lms_order;
use crate::enrolment::operator_decision::{OperatorDecision, by_operator};
use crate::enrolment::part::{Part, PartReading};
use crate::enrolment::policy::Retry;
use chrono::Duration;

/// The learner declined a minute before noon; the LMS cancelled the place at ten past.
fn done() -> Enrolment {
    ended(LmsOutcome::Done)
}

fn ended(outcome: LmsOutcome) -> Enrolment {
    let now = at("2026-11-21T12:10:00Z");
    let claimed = lms_order::claim(&waiting(), "token", None, &policy(), now, lms_order::LEASE).unwrap();
    let reply = Reply { status: Some(200), ..Reply::new(outcome, Reach::Sent) };
    let retry = Retry { first: Duration::seconds(30), most: Duration::hours(1) };
    lms_order::record(&claimed, "token", &reply, &policy(), retry, 0.5, now).unwrap()
}

fn saw(row: &Enrolment, reading: &Reading, now: &str) -> Enrolment {
    let link = link();
    apply_reading(row, &link, &link.stored_at().unwrap(), reading, &policy(), at(now))
        .unwrap_or_else(|| row.clone())
}

fn answered(verdict: V, time: &str) -> Reading {
    Reading { answered_at: Some(at(time)), ..reading(verdict) }
}

fn invited(created: &str, modified: &str) -> Reading {
    let invited = Some(Invited { created: Some(at(created)), modified: Some(at(modified)) });
    Reading { invited, ..reading(V::Unanswered) }
}

const LATER: &str = "2026-11-21T13:00:00Z";

#[test]
fn a_later_acceptance_begins_the_next_generation_at_exchanges_time_and_a_person_is_told() {
    let row = saw(&done(), &answered(V::Attending, "2026-11-21T12:30:00Z"), LATER);
    assert_eq!((row.generation, row.state), (2, State::Watched));
    assert_eq!(row.generation_began, Some(at("2026-11-21T12:30:00Z")));
    assert_eq!(
        (row.taken_back, row.attempt.outcome.clone(), row.attempt.tries),
        (row.generation_began, None, 0)
    );
    assert_eq!(row.told, done().told + 3, "its lines go on where the others ended: {:?}", row.story);
    assert!(row.story[0].text.starts_with("Generation 2 begins"));

    let again = saw(&row, &answered(V::Attending, "2026-11-21T12:30:00Z"), LATER);
    assert_eq!(again, row, "the same evidence begins no other");
    let declined = saw(&row, &answered(V::Declined, "2026-11-21T12:40:00Z"), LATER);
    assert_eq!((declined.generation, declined.state, declined.taken_back), (2, State::Waiting, None));
}

/// An acceptance that is read after the cancellation, on the copy or, where that is gone, in the list.
#[test]
fn what_a_later_or_older_acceptance_is_taken_for() {
    use State::{Done, Watched};
    const NEXT_DAY: &str = "2026-11-22T13:00:00Z";
    for (what, verdict, answered_at, seen, generation, state, taken_back) in [
        // Later than the decline, earlier than its end.
        ("while the LMS was asked", V::Attending, Some("2026-11-21T12:09:00Z"), LATER, 2, Watched, true),
        // The removal is judged in the new generation.
        ("only the list shows it", V::Removed, Some("2026-11-21T12:30:00Z"), LATER, 2, Watched, true),
        ("only the list shows an old one", V::Removed, Some("2026-11-20T12:30:00Z"), LATER, 1, Done, false),
        ("an old one", V::Attending, Some("2026-11-20T12:00:00Z"), LATER, 1, Done, false),
        ("one without a time", V::Attending, None, LATER, 1, Done, false),
        ("after the window", V::Attending, Some("2026-11-22T12:30:00Z"), NEXT_DAY, 2, Watched, false),
    ] {
        let accepted = Reading { answered_at: answered_at.map(at), ..reading(verdict) };
        let row = saw(&done(), &accepted, seen);
        assert_eq!(
            (row.generation, row.state, row.taken_back.is_some()),
            (generation, state, taken_back),
            "{what}"
        );
        if generation == 2 {
            assert_eq!(row.parts[0].look.is_some(), verdict == V::Removed, "{what}");
        }
    }
}

#[test]
fn what_was_not_cancelled_by_us_is_not_taken_back() {
    for (outcome, told) in [
        (LmsOutcome::Done, true),
        (LmsOutcome::AlreadyCancelled, true),
        (LmsOutcome::NotEnrolled, true),
        (LmsOutcome::Superseded, false),
    ] {
        let row = saw(&ended(outcome), &answered(V::Attending, "2026-11-21T12:30:00Z"), LATER);
        assert_eq!((row.generation, row.taken_back.is_some()), (2, told), "{outcome:?}");
    }
    let observed = lms_order::observe(&waiting(), at("2026-11-21T12:10:00Z")).unwrap();
    let row = saw(&observed, &answered(V::Attending, "2026-11-21T12:30:00Z"), LATER);
    assert_eq!((row.generation, row.taken_back), (2, None));
}

#[test]
fn a_new_invitation_begins_the_next_generation() {
    let anew = saw(&done(), &invited("2026-11-21T12:20:00Z", "2026-11-21T12:21:00Z"), LATER);
    assert_eq!((anew.generation, anew.generation_began), (2, Some(at("2026-11-21T12:20:00Z"))));
    assert_eq!((anew.state, anew.taken_back), (State::Watched, None));
    let back = saw(&anew, &answered(V::Attending, "2026-11-21T12:30:00Z"), LATER);
    assert_eq!(
        (back.generation, back.taken_back.is_some()),
        (2, true),
        "nobody knows whether there is a place again"
    );
    let late = saw(&anew, &answered(V::Attending, "2026-11-22T12:30:00Z"), "2026-11-22T12:31:00Z");
    assert_eq!((late.generation, late.taken_back), (2, None));
    let kept = saw(&done(), &invited("2026-11-01T09:00:00Z", "2026-11-21T12:20:00Z"), LATER);
    assert_eq!(
        kept.generation_began,
        Some(at("2026-11-21T12:20:00Z")),
        "the copy that was kept is written anew"
    );
    let old = saw(&done(), &invited("2026-11-01T09:00:00Z", "2026-11-20T09:00:00Z"), LATER);
    assert_eq!(old.generation, 1, "an old copy that shows up again");
}

#[test]
fn a_copy_that_was_gone_and_comes_back_unanswered_is_no_new_invitation() {
    let back = invited("2026-11-01T09:00:00Z", "2026-11-21T12:20:00Z");
    assert_eq!(saw(&done(), &back, LATER).generation, 2, "kept, and written anew");
    let gone = saw(&done(), &reading(V::Unseen), LATER);
    assert_eq!(saw(&gone, &back, LATER).generation, 1);
    let again = saw(&saw(&gone, &back, LATER), &back, LATER);
    assert_eq!(again.generation, 1, "the same reading once more");
    let moved = saw(&again, &invited("2026-11-01T09:00:00Z", "2026-11-21T12:40:00Z"), LATER);
    assert_eq!(moved.generation, 2, "written anew since it is back");
    let mut by_list = done();
    by_list.parts[0].reading =
        Some(PartReading { verdict: V::Declined, source: Source::OrganizerCopy, answered_at: None });
    assert_eq!(saw(&by_list, &back, LATER).generation, 1);
}

fn again(row: &Enrolment, time: &str) -> Enrolment {
    saw(row, &answered(V::Declined, time), LATER)
}

#[test]
fn a_decline_that_is_merely_newer_than_the_end_is_counted_and_decides_nothing() {
    let mut row = done();
    for (time, count) in [
        ("2026-11-21T11:59:00Z", 0),
        ("2026-11-21T12:05:00Z", 0),
        // Pressed twice, or sent by a second device.
        ("2026-11-21T12:20:00Z", 0),
        ("2026-11-21T12:20:01Z", 1),
        ("2026-11-21T12:20:01Z", 1),
        ("2026-11-21T12:30:00Z", 2),
        ("2026-11-21T12:25:00Z", 2),
        ("2026-11-21T12:40:00Z", 3),
    ] {
        row = again(&row, time);
        assert_eq!((row.generation, row.state), (1, State::Done), "{time}");
        assert_eq!(row.attempt.repeats, count, "{time}");
    }
    assert_eq!(row.told, done().told + 3, "{:?}", row.story);
    for minute in 0..100 {
        let at = at("2026-11-21T14:00:00Z") + Duration::minutes(minute);
        let read = Reading { answered_at: Some(at), ..reading(V::Declined) };
        row = saw(&row, &read, "2026-11-22T00:00:00Z");
    }
    assert_eq!(row.attempt.repeats, 103);
    assert!(row.told < done().told + 10, "the story is not washed away");
}

#[test]
fn a_decline_of_what_was_seen_again_since_begins_the_next_generation() {
    let decides = |row: &Enrolment, reading: &Reading| {
        let row = saw(row, reading, LATER);
        assert_eq!((row.generation, row.state, row.decisions), (2, State::Waiting, 1), "{:?}", row.story);
        let just_before = reading.answered_at.unwrap() - Duration::milliseconds(1);
        assert_eq!(row.generation_began, Some(just_before), "so that this decline counts, and none before");
    };
    let declined = answered(V::Declined, "2026-11-21T12:30:00Z");
    // An acceptance of which nobody knows the time.
    let timeless = Reading { answered_at: None, ..reading(V::Attending) };
    let accepted = saw(&done(), &timeless, "2026-11-21T12:20:00Z");
    assert_eq!(accepted.generation, 1);
    decides(&accepted, &declined);
    // … and the copy went before the organizer knew of the decline.
    let gone = saw(&accepted, &reading(V::Removed), "2026-11-21T12:30:00Z");
    decides(&gone, &Reading { source: Source::OrganizerCopy, ..declined.clone() });
    // The copy came back as it had been, unanswered.
    let back = saw(
        &saw(&done(), &reading(V::Removed), LATER),
        &invited("2026-11-01T09:00:00Z", "2026-11-20T09:00:00Z"),
        LATER,
    );
    assert_eq!(back.generation, 1);
    decides(&back, &declined);
    // The copy was made since.
    let made = Some(Invited { created: Some(at("2026-11-21T12:20:00Z")), modified: None });
    decides(&done(), &Reading { invited: made, ..declined.clone() });
    // Another time of the session.
    decides(&done(), &Reading { start: Some(at("2026-11-24T09:00:00Z")), ..declined.clone() });
}

#[test]
fn an_answer_that_was_known_before_the_invitation_was_there_again_answers_nothing() {
    let from_list = |time| Reading { source: Source::OrganizerCopy, ..answered(V::Declined, time) };
    let back = invited("2026-11-01T09:00:00Z", "2026-11-20T09:00:00Z");
    let listed = saw(&done(), &from_list("2026-11-21T12:30:00Z"), LATER);
    assert_eq!((listed.generation, listed.attempt.repeats), (1, 1));
    // The copy is back as it was, and goes again: the list shows what it showed before.
    let there = saw(&saw(&listed, &reading(V::Removed), LATER), &back, LATER);
    assert_eq!(saw(&there, &from_list("2026-11-21T12:30:00Z"), LATER).generation, 1);
    assert_eq!(saw(&there, &from_list("2026-11-21T12:50:00Z"), LATER).generation, 2);
}

#[test]
fn what_was_seen_before_the_decision_makes_no_new_decline() {
    let mut made_before = answered(V::Declined, "2026-11-21T12:30:00Z");
    made_before.invited = Some(Invited { created: Some(at("2026-11-01T09:00:00Z")), modified: None });
    assert_eq!(saw(&done(), &made_before, LATER).generation, 1);
    // Of several items, the one that was not declined before is the rest of what is given up.
    let mut several = done();
    several.parts.push(Part { key: "other".into(), ..several.parts[0].clone() });
    several.parts[0] = Part { decline: None, open: true, ..several.parts[0].clone() };
    let row = again(&several, "2026-11-21T12:30:00Z");
    assert_eq!((row.generation, row.attempt.repeats), (1, 0));
}

#[test]
fn an_answer_that_comes_again_to_what_a_person_ignored_is_not_asked_about_again() {
    // Asked because the session was moved; the person says that the decline was meant for the old time.
    let moved = Reading { start: Some(at("2026-11-24T09:00:00Z")), ..reading(V::Unanswered) };
    let asked = saw(&waiting(), &moved, "2026-11-21T12:02:00Z");
    let ignored =
        by_operator(&asked, OperatorDecision::Ignore, "bo", "she comes", None, at("2026-11-21T12:10:00Z"))
            .unwrap();
    // The new time is still waiting for its answer: this is one.
    let at_new_time = |time| Reading { start: moved.start, ..answered(V::Declined, time) };
    let declined = saw(&ignored, &at_new_time("2026-11-21T12:30:00Z"), LATER);
    assert_eq!((declined.state, declined.decisions), (State::Waiting, 2));
    // Ignored once more; now only a phone says the same.
    let mut split = declined;
    split.ask_person(crate::enrolment::decision::ReviewCause::Lms, "", noon());
    let ignored =
        by_operator(&split, OperatorDecision::Ignore, "bo", "she comes", None, at("2026-11-21T12:40:00Z"))
            .unwrap();
    let row = saw(&ignored, &at_new_time("2026-11-21T13:00:00Z"), "2026-11-21T13:01:00Z");
    assert_eq!((row.state, row.attempt.repeats), (State::Watched, 1));
    let accepted = saw(&row, &answered(V::Attending, "2026-11-21T13:10:00Z"), "2026-11-21T13:11:00Z");
    let row = saw(&accepted, &at_new_time("2026-11-21T13:20:00Z"), "2026-11-21T13:21:00Z");
    assert_eq!((row.state, row.decisions), (State::Waiting, 3));
}

#[test]
fn a_clock_that_is_behind_exchanges_does_not_make_one_decline_two() {
    // By our clock the place was cancelled before the learner declined, by Exchange's.
    let mut row = done();
    row.attempt.outcome.as_mut().unwrap().at = at("2026-11-21T11:58:00Z");
    let row = saw(&row, &reading(V::Declined), LATER);
    assert_eq!((row.generation, row.state), (1, State::Done));
}

#[test]
fn removals_after_the_end_begin_nothing() {
    for verdict in [V::Removed, V::Unseen, V::Unknown, V::DroppedByOrganizer, V::CancelledByOrganizer] {
        let row = saw(&done(), &reading(verdict), LATER);
        assert_eq!((row.generation, row.state), (1, State::Done), "{verdict:?}");
    }
}

#[test]
fn what_came_too_late_is_decided_when_the_session_moves_and_the_learner_declines_again() {
    let expired = saw(&waiting(), &reading(V::Ended), "2026-11-23T17:00:00Z");
    assert_eq!(expired.state, State::Expired);
    let moved = |verdict, time| Reading {
        start: Some(at("2026-12-01T09:00:00Z")),
        end: Some(at("2026-12-01T17:00:00Z")),
        ..answered(verdict, time)
    };
    let row = saw(&expired, &moved(V::Declined, "2026-11-24T09:00:00Z"), "2026-11-24T09:05:00Z");
    assert_eq!(
        (row.generation, row.state, row.decisions),
        (1, State::Waiting, 2),
        "nothing was cancelled before"
    );
    let repeated = saw(&expired, &answered(V::Declined, "2026-11-24T09:00:00Z"), "2026-11-24T09:05:00Z");
    assert_eq!(repeated.state, State::Expired, "the same once more, and no other time");
    let invited = Some(Invited { created: None, modified: Some(at("2026-11-24T08:00:00Z")) });
    let anew = Reading { invited, answered_at: None, ..moved(V::Unanswered, LATER) };
    assert_eq!(saw(&expired, &anew, "2026-11-24T09:05:00Z").state, State::Watched, "invited to another time");
    let same = saw(&expired, &moved(V::Declined, "2026-11-21T11:59:00Z"), "2026-11-24T09:05:00Z");
    assert_eq!(same.state, State::Expired, "the same decline stays too late");
}

#[test]
fn a_person_sees_to_a_place_that_is_wanted_back() {
    let row = saw(&done(), &answered(V::Attending, "2026-11-21T12:30:00Z"), LATER);
    assert_eq!(crate::enrolment::wakeups::entries(&row).len(), 1, "it waits for a person");
    let row = by_operator(&row, OperatorDecision::Ignore, "bo", "place given back", None, noon()).unwrap();
    assert_eq!((row.state, row.taken_back), (State::Watched, None));
    assert!(crate::enrolment::wakeups::entries(&row).is_empty());
    assert!(by_operator(&row, OperatorDecision::Ignore, "bo", "again", None, noon()).is_err());
}

#[test]
fn the_finished_generation_is_kept_without_wake_ups() {
    let mut row = done();
    row.parts[0].look = Some(noon());
    assert!(crate::enrolment::wakeups::entries(&row.archived()).is_empty());
    assert_eq!(row.archived().story, row.story);
}

#[test]
fn a_list_that_was_overtaken_undoes_no_decline() {
    let from_list = |time: Option<&str>| Reading {
        source: Source::OrganizerCopy,
        answered_at: time.map(at),
        ..reading(V::Attending)
    };
    for (time, state) in [
        (Some("2026-11-21T11:00:00Z"), State::Waiting),
        (None, State::Waiting),
        (Some("2026-11-21T12:01:00Z"), State::Watched),
    ] {
        assert_eq!(saw(&waiting(), &from_list(time), "2026-11-21T12:05:00Z").state, state, "{time:?}");
    }
}
