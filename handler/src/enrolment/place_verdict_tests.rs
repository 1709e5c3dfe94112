//! Several calendar items for one place, under each policy.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

use crate::calendar::link::Link;
use crate::calendar::reading::{Reading, Verdict as V};
use crate::enrolment::apply_reading::apply_reading;
use crate::enrolment::apply_reading::tests::{at, link, noon, policy, reading};
use crate::enrolment::decision::ReviewCause;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::OrderVerdict;
use crate::enrolment::operator_decision::{OperatorDecision, by_operator};
use crate::enrolment::part::Part;
use crate::enrolment::policy::{PartPolicy, Policy, WeakPolicy};
use crate::enrolment::transitions::State;
use crate::ids::{EventId, ICalUid};
use chrono::{DateTime, Duration, Utc};

fn part(n: u8) -> Link {
    Link {
        ical_uid: Some(ICalUid::new(format!("lms-1-part-{n}"))),
        event: Some(EventId::new(format!("copy-{n}"))),
        ..link()
    }
}

fn minutes(n: i64) -> DateTime<Utc> {
    noon() + Duration::minutes(n)
}

fn with(part: PartPolicy) -> Policy {
    Policy { part, ..policy() }
}

fn saw(row: &Enrolment, n: u8, reading: &Reading, policy: &Policy, now: DateTime<Utc>) -> Enrolment {
    let link = part(n);
    apply_reading(row, &link, &link.stored_at().unwrap(), reading, policy, now).unwrap_or_else(|| row.clone())
}

fn sees(row: &Enrolment, n: u8, verdict: V, policy: &Policy, now: DateTime<Utc>) -> Enrolment {
    saw(row, n, &reading(verdict), policy, now)
}

/// Two items, neither answered.
fn two(policy: &Policy) -> Enrolment {
    let row = sees(&Enrolment::watched(&part(1), noon()), 1, V::Unanswered, policy, noon());
    sees(&row, 2, V::Unanswered, policy, noon())
}

#[test]
fn one_decline_of_two_is_decided_by_the_policy() {
    for (policy, state) in [
        (PartPolicy::Any, State::Waiting),
        (PartPolicy::All, State::Watched),
        (PartPolicy::Review, State::Watched),
    ] {
        let policy = with(policy);
        let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
        assert_eq!(row.state, state, "{:?}", policy.part);
    }
}

#[test]
fn who_declines_only_some_is_left_to_a_person_once_that_has_settled() {
    let policy = with(PartPolicy::Review);
    let mut row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
    let looks: Vec<_> = row.parts.iter().map(|part| part.look).collect();
    assert_eq!(looks, [Some(minutes(3)), Some(minutes(3))], "both are looked at again");
    for later in [3, 11, 31] {
        assert_eq!(row.state, State::Watched, "before minute {later}");
        row = sees(&row, 1, V::Declined, &policy, minutes(later));
        row = sees(&row, 2, V::Attending, &policy, minutes(later));
    }
    assert_eq!((row.state, row.attempt.review.unwrap().cause), (State::Review, ReviewCause::Parts));
    assert_eq!(row.decision.unwrap().verdict, OrderVerdict::Declined);
}

#[test]
fn who_declines_one_after_the_other_is_decided_when_all_are() {
    for policy in [PartPolicy::All, PartPolicy::Review] {
        let policy = with(policy);
        let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
        let row = sees(&row, 2, V::Declined, &policy, minutes(2));
        assert_eq!((row.state, row.attempt.due), (State::Waiting, Some(minutes(12))), "{:?}", policy.part);
        assert_eq!(row.split_since, None);
        let said = &row.story.last().unwrap().text;
        assert!(said.contains("Of 2 items for this place, 2 are given up."), "{said}");
    }
}

#[test]
fn all_declined_is_decided_after_a_person_was_asked_about_some() {
    let policy = with(PartPolicy::Review);
    let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
    let row = sees(&row, 1, V::Declined, &policy, minutes(31));
    assert_eq!(row.state, State::Review);
    // The other was declined earlier than the one we know of, and nobody told us.
    let earlier = Reading { answered_at: Some(at("2026-11-21T11:00:00Z")), ..reading(V::Declined) };
    let row = saw(&row, 2, &earlier, &policy, minutes(40));
    assert_eq!(row.state, State::Waiting);
}

#[test]
fn who_takes_part_in_one_again_keeps_the_place_or_a_person_is_asked() {
    for (policy, state) in [
        (PartPolicy::Any, State::Waiting),
        (PartPolicy::All, State::Watched),
        (PartPolicy::Review, State::Review),
    ] {
        let policy = with(policy);
        let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
        let row = sees(&row, 2, V::Declined, &policy, minutes(2));
        assert_eq!(row.state, State::Waiting);
        let row = sees(&row, 2, V::Attending, &policy, minutes(3));
        assert_eq!(row.state, state, "{:?}: at once, since it would be sent else", policy.part);
        let row = sees(&row, 1, V::Attending, &policy, minutes(4));
        assert_eq!(row.state, State::Watched, "{:?}: nothing is declined any more", policy.part);
    }
}

#[test]
fn an_item_that_turns_up_while_a_cancellation_is_pending_asks_a_person() {
    let policy = with(PartPolicy::Review);
    let row = sees(&Enrolment::watched(&part(1), noon()), 1, V::Declined, &policy, minutes(1));
    assert_eq!(row.state, State::Waiting);
    let row = sees(&row, 2, V::Unanswered, &policy, minutes(2));
    assert_eq!(row.state, State::Review);
}

#[test]
fn what_a_person_approved_is_not_asked_again() {
    let policy = with(PartPolicy::Review);
    let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
    let row = sees(&row, 1, V::Declined, &policy, minutes(31));
    let row = by_operator(&row, OperatorDecision::Approve, "bo", "she called", None, minutes(40)).unwrap();
    let row = sees(&row, 2, V::Attending, &policy, minutes(41));
    assert_eq!(row.state, State::Waiting);
    let ignored = by_operator(
        &Enrolment { state: State::Review, ..row },
        OperatorDecision::Ignore,
        "bo",
        "she stays",
        None,
        minutes(42),
    );
    let row = sees(&ignored.unwrap(), 1, V::Declined, &policy, minutes(90));
    assert_eq!(row.state, State::Watched, "the same decline is not brought up again");
}

#[test]
fn items_that_count_no_more_have_no_say() {
    let policy = with(PartPolicy::Review);
    for gone in [V::CancelledByOrganizer, V::DroppedByOrganizer, V::Ended] {
        let row = sees(&two(&policy), 2, gone, &policy, minutes(1));
        let row = sees(&row, 1, V::Declined, &policy, minutes(2));
        assert_eq!(row.state, State::Waiting, "{gone:?}");
    }
    let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
    let row = sees(&row, 1, V::DroppedByOrganizer, &policy, minutes(2));
    let row = sees(&row, 2, V::Declined, &policy, minutes(3));
    assert_eq!(row.state, State::Waiting, "who was dropped after declining has declined");
}

#[test]
fn the_decline_of_one_item_does_not_fade() {
    let policy = with(PartPolicy::Review);
    for then in [V::DroppedByOrganizer, V::Unanswered, V::Removed, V::Unseen] {
        let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
        let row = sees(&row, 1, then, &policy, minutes(2));
        let row = sees(&row, 2, V::Attending, &policy, minutes(32));
        assert_eq!(row.state, State::Review, "{then:?}");
    }
}

#[test]
fn a_session_whose_items_are_all_cancelled_is_cancelled() {
    let policy = with(PartPolicy::All);
    let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
    let row = sees(&row, 2, V::Declined, &policy, minutes(2));
    let row = sees(&row, 1, V::CancelledByOrganizer, &policy, minutes(3));
    assert_eq!(row.state, State::Waiting, "the other one is declined still");
    let row = sees(&row, 2, V::CancelledByOrganizer, &policy, minutes(4));
    assert_eq!(row.state, State::Watched);
}

#[test]
fn removed_items_count_when_they_have_settled_and_the_weakest_decides() {
    let policy = Policy { removed: WeakPolicy::Cancel, ..with(PartPolicy::All) };
    let row = sees(&two(&policy), 1, V::Declined, &policy, minutes(1));
    let row = sees(&row, 2, V::Removed, &policy, minutes(2));
    assert_eq!(row.state, State::Watched);
    let row = sees(&row, 2, V::Removed, &policy, minutes(32));
    assert_eq!((row.state, row.decision.unwrap().verdict), (State::Waiting, OrderVerdict::Removed));
}

#[test]
fn the_session_starts_with_its_first_item_that_is_not_cancelled() {
    let policy = with(PartPolicy::Any);
    let later = Some(at("2026-12-01T09:00:00Z"));
    let row = saw(&two(&policy), 2, &Reading { start: later, ..reading(V::Unanswered) }, &policy, minutes(1));
    assert_eq!(row.start, Some(at("2026-11-23T09:00:00Z")));
    let row = sees(&row, 1, V::CancelledByOrganizer, &policy, minutes(2));
    assert_eq!(row.start, later);
}

#[test]
fn the_session_starts_with_its_first_item() {
    let policy = with(PartPolicy::Any);
    let second = Reading {
        start: Some(at("2026-12-01T09:00:00Z")),
        end: Some(at("2026-12-01T17:00:00Z")),
        ..reading(V::Unanswered)
    };
    let row = saw(&two(&policy), 2, &second, &policy, minutes(1));
    assert_eq!((row.start, row.end), (Some(at("2026-11-23T09:00:00Z")), Some(at("2026-12-01T17:00:00Z"))));
    let row = sees(&row, 1, V::Ended, &policy, at("2026-11-24T09:00:00Z"));
    let row = saw(&row, 2, &Reading { verdict: V::Declined, ..second }, &policy, at("2026-11-24T10:00:00Z"));
    assert_eq!(row.state, State::Waiting, "each item has its own deadline, and that of the second is ahead");
}

#[test]
fn each_item_has_its_own_deadline() {
    let policy = Policy { deadline: Duration::days(2), ..with(PartPolicy::Any) };
    let later = Reading { start: Some(at("2026-12-01T09:00:00Z")), ..reading(V::Unanswered) };
    let two = saw(&two(&policy), 2, &later, &policy, minutes(1));
    let (late, early) = (at("2026-11-22T09:00:00Z"), at("2026-11-21T08:00:00Z"));
    for (part, when, start, state) in [
        (1, late, reading(V::Declined).start, State::Expired),
        (1, early, reading(V::Declined).start, State::Waiting),
        (2, late, later.start, State::Waiting),
    ] {
        let declined = Reading { start, ..reading(V::Declined) };
        let row = saw(&two, part, &declined, &policy, when);
        assert_eq!(row.state, state, "item {part} at {when}");
    }
}

#[test]
fn an_item_that_the_organizer_cancelled_has_no_say_when_it_is_tidied_away() {
    for part in [PartPolicy::Any, PartPolicy::All, PartPolicy::Review] {
        let policy = with(part);
        let row = sees(
            &sees(&two(&policy), 2, V::Attending, &policy, noon()),
            1,
            V::CancelledByOrganizer,
            &policy,
            noon(),
        );
        let row = sees(&sees(&row, 1, V::Unseen, &policy, minutes(1)), 1, V::Unseen, &policy, minutes(40));
        assert_eq!(row.state, State::Watched, "{part:?}");
        // Nor in the generation after: there the other item speaks alone.
        let next = row.next_generation(minutes(50), "", minutes(52));
        assert!(next.parts.iter().any(|part| part.is_called_off()), "{part:?}");
        let next = sees(&next, 2, V::Attending, &policy, minutes(52));
        let next = sees(&sees(&next, 1, V::Unseen, &policy, minutes(52)), 1, V::Unseen, &policy, minutes(99));
        assert_eq!(next.state, State::Watched, "{part:?}");
    }
}

/// The first item was declined, and the place was given anew with a second one.
fn given_anew(policy: &Policy) -> Enrolment {
    let row = sees(&Enrolment::watched(&part(1), noon()), 1, V::Unanswered, policy, noon());
    let mut row = sees(&row, 1, V::Declined, policy, minutes(1));
    row.parts.push(Part::new(&part(2), &part(2).stored_at().unwrap()));
    let next = row.next_generation(minutes(10), &part(2).part_key(), minutes(12));
    sees(&next, 2, V::Unanswered, policy, minutes(12))
}

#[test]
fn what_was_given_up_before_says_nothing_of_a_place_that_is_given_anew() {
    let declined = Reading { declined_before: true, ..reading(V::Unanswered) };
    let accepted = Reading { answered_at: Some(minutes(-5)), ..reading(V::Removed) };
    let old = [declined, accepted, reading(V::Removed), reading(V::Unseen), reading(V::Unknown)];
    for policy in [PartPolicy::Any, PartPolicy::All, PartPolicy::Review].map(with) {
        for shown in &old {
            let row = saw(&given_anew(&policy), 1, shown, &policy, minutes(12));
            let row = saw(&row, 1, shown, &policy, minutes(99));
            assert_eq!(row.state, State::Watched, "{:?} {shown:?}", policy.part);
            let row = sees(&row, 2, V::Declined, &policy, minutes(100));
            assert_eq!(row.state, State::Waiting, "{:?} {shown:?}", policy.part);
        }
    }
}

#[test]
fn what_was_given_up_before_has_its_say_again_with_something_new() {
    let accepted_since = Reading { answered_at: Some(minutes(50)), ..reading(V::Removed) };
    let policy = with(PartPolicy::All);
    for (shown, state) in [
        (reading(V::Attending), State::Watched),
        (reading(V::Unanswered), State::Watched),
        (reading(V::Declined), State::Waiting),
        (reading(V::CancelledByOrganizer), State::Waiting),
        // It is gone, and has not settled.
        (accepted_since, State::Watched),
    ] {
        let row = saw(&given_anew(&policy), 1, &shown, &policy, minutes(60));
        let row = sees(&row, 2, V::Declined, &policy, minutes(61));
        assert_eq!(row.state, state, "{shown:?}");
    }
}
