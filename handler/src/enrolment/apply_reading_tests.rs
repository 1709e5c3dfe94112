//! Readings, one after the other, on one row.
#![allow(clippy::wildcard_enum_match_arm, reason = "a test names what it is about")]

use super::*;
use crate::calendar::reading::{LearnerSide, Reading, Source, Verdict as V};
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::OrderVerdict;
use crate::enrolment::operator_decision::{OperatorDecision, by_operator};
use crate::enrolment::policy::{Policy, PolicyMode, WeakPolicy};
use crate::enrolment::transitions::StateColumn;
use crate::ids::{EventId, ICalUid, LearnerKey, SessionId, TenantName, UserId};
use std::collections::BTreeSet;

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn noon() -> DateTime<Utc> {
    at("2026-11-21T12:00:00Z")
}

pub(crate) fn policy() -> Policy {
    Policy { mode: PolicyMode::Act, unseen: WeakPolicy::Cancel, ..Policy::default() }
}

pub(crate) fn link() -> Link {
    Link {
        tenant: TenantName::new("contoso"),
        mailbox: UserId::new("ana"),
        event: Some(EventId::new("copy")),
        ical_uid: Some(ICalUid::new("lms-1")),
        original_start: None,
        series: None,
        organizer: None,
        organizer_asked: false,
        organizer_event: None,
        listed_at: None,
        listed_as: BTreeSet::new(),
        dropped: false,
        session: SessionId::new("1"),
        learner: LearnerKey::new("ana@contoso.com"),
        outside: false,
        invited_at: None,
        updated_at: None,
        subject: None,
        wants_no_answer: false,
        start: Some(at("2026-11-23T09:00:00Z")),
        end: Some(at("2026-11-23T17:00:00Z")),
        noted: None,
    }
}

pub(crate) fn reading(verdict: V) -> Reading {
    let source = match verdict {
        V::Removed | V::Unseen => Source::Removal,
        V::Unknown => Source::Nothing,
        V::DroppedByOrganizer => Source::OrganizerCopy,
        _ => Source::LearnerCopy,
    };
    Reading {
        verdict,
        source,
        row: 0,
        invited: None,
        answered_at: (verdict == V::Declined).then(|| at("2026-11-21T11:59:00Z")),
        start: link().start,
        end: link().end,
        event: None,
        organizer_event: None,
        listed: false,
        listed_as: BTreeSet::new(),
        side: match verdict {
            V::Removed | V::Unseen | V::DroppedByOrganizer => LearnerSide::Gone,
            V::Unknown => LearnerSide::Unreadable,
            _ => LearnerSide::There,
        },
        lasting: false,
        declined_before: false,
        meanwhile: None,
    }
}

/// A row from before such names were known for what they are.
#[test]
fn whoever_is_known_by_a_name_of_exchanges_own_is_a_case_for_a_person() {
    let link = Link { learner: LearnerKey::new("/o=exchangelabs/cn=recipients/cn=ana"), ..link() };
    for verdict in [V::Declined, V::Removed, V::Unseen] {
        let policy = Policy { removed: WeakPolicy::Cancel, unseen: WeakPolicy::Cancel, ..policy() };
        let at = link.stored_at().unwrap();
        let row = Enrolment::watched(&link, noon());
        let row = apply_reading(&row, &link, &at, &reading(verdict), &policy, noon()).unwrap();
        let row = apply_reading(&row, &link, &at, &reading(verdict), &policy, noon() + policy.settle)
            .unwrap_or(row);
        assert_eq!(row.state, State::Review, "{verdict:?}");
    }
}

/// Nobody can say whether they are in time.
#[test]
fn a_decline_of_a_session_whose_start_nobody_knows_goes_to_a_person_where_there_is_a_deadline() {
    let link = Link { start: None, ..link() };
    let reading = Reading { start: None, ..reading(V::Declined) };
    for (deadline, state) in [(Duration::zero(), State::Waiting), (Duration::days(1), State::Review)] {
        let policy = Policy { deadline, ..policy() };
        let row = Enrolment::watched(&link, noon());
        let row = apply_reading(&row, &link, &link.stored_at().unwrap(), &reading, &policy, noon()).unwrap();
        assert_eq!(row.state, state, "{deadline}");
    }
}

/// Sees a verdict at a time; the row stays as it is when nothing changes.
pub(crate) fn saw(row: &Enrolment, verdict: V, now: DateTime<Utc>) -> Enrolment {
    let link = link();
    let at = link.stored_at().unwrap();
    apply_reading(row, &link, &at, &reading(verdict), &policy(), now).unwrap_or_else(|| row.clone())
}

pub(crate) fn watched() -> Enrolment {
    saw(&Enrolment::watched(&link(), noon()), V::Unanswered, noon())
}

pub(crate) fn waiting() -> Enrolment {
    saw(&watched(), V::Declined, noon())
}

fn minutes(n: i64) -> DateTime<Utc> {
    noon() + Duration::minutes(n)
}

#[test]
fn a_decline_waits_for_the_grace() {
    let row = waiting();
    assert_eq!((row.state, row.attempt.due), (State::Waiting, Some(minutes(10))));
    let decision = row.decision.clone().unwrap();
    assert_eq!(decision.verdict, OrderVerdict::Declined);
    assert_eq!(decision.declined_at, Some(at("2026-11-21T11:59:00Z")));
}

#[test]
fn the_same_reading_again_changes_nothing() {
    for verdict in [V::Declined, V::Attending, V::Unanswered, V::Ended, V::CancelledByOrganizer] {
        let once = saw(&watched(), verdict, minutes(1));
        let twice = saw(&once, verdict, minutes(2));
        assert_eq!(once, twice, "{verdict:?}");
    }
    let weak = saw(&watched(), V::Unseen, minutes(0));
    assert_eq!(weak, saw(&weak, V::Unseen, minutes(1)), "between two looks");
    let unknown = saw(&watched(), V::Unknown, minutes(0));
    assert_eq!(unknown, saw(&unknown, V::Unknown, minutes(0)));
}

#[test]
fn a_weak_verdict_is_looked_at_after_a_fifteenth_a_third_and_the_whole_of_settle() {
    let mut row = watched();
    let mut looks = Vec::new();
    let mut now = noon();
    for _ in 0..10 {
        row = saw(&row, V::Unseen, now);
        match row.parts[0].look {
            Some(look) => {
                assert_eq!(row.state, State::Watched, "not decided before it has settled");
                looks.push((look - noon()).num_minutes());
                now = look;
            }
            None => break,
        }
    }
    assert_eq!(looks, [2, 10, 30]);
    assert_eq!((row.state, row.attempt.due), (State::Waiting, Some(minutes(40))));
    assert_eq!(row.decision.unwrap().verdict, OrderVerdict::Unseen);
}

#[test]
fn the_policy_applies_to_the_last_reading() {
    let row = saw(&watched(), V::Unseen, minutes(0));
    let row = saw(&row, V::Unseen, minutes(10));
    let row = saw(&row, V::Removed, minutes(30));
    assert_eq!(row.state, State::Review, "removed = review, although unseen = cancel");
}

#[test]
fn a_copy_that_comes_back_ends_the_settling() {
    let row = saw(&watched(), V::Unseen, minutes(0));
    let row = saw(&row, V::Unanswered, minutes(2));
    assert_eq!((row.parts[0].look, row.parts[0].weak_since), (None, None));
    let row = saw(&row, V::Unseen, minutes(30));
    assert_eq!(row.state, State::Watched, "a new removal settles anew");
}

#[test]
fn an_unreadable_mailbox_only_plans_the_next_look() {
    let row = waiting();
    let blind = saw(&row, V::Unknown, minutes(1));
    assert_eq!((blind.state, blind.attempt.due), (row.state, row.attempt.due));
    assert_eq!(
        blind.verdict().map(|seen| seen.verdict),
        Some(V::Declined),
        "what was known is not forgotten"
    );
    let mut now = minutes(1);
    let mut waits = Vec::new();
    let mut row = blind;
    for _ in 0..9 {
        let look = row.parts[0].look.unwrap();
        waits.push((look - now).num_seconds());
        now = look;
        row = saw(&row, V::Unknown, now);
    }
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    let seen = saw(&row, V::Declined, now);
    assert_eq!(seen.parts[0].look, None);
}

#[test]
fn hints_about_an_unreadable_mailbox_are_no_looks() {
    let row = saw(&waiting(), V::Unknown, minutes(1));
    let link = link();
    let hinted = minutes(1) + Duration::seconds(29);
    assert_eq!(
        apply_reading(&row, &link, &link.stored_at().unwrap(), &reading(V::Unknown), &policy(), hinted),
        None
    );
}

#[test]
fn a_learner_who_accepts_again_keeps_the_place_and_may_decline_again() {
    let row = saw(&waiting(), V::Attending, minutes(5));
    assert_eq!((row.state, row.attempt.due, row.decision.clone()), (State::Watched, None, None));
    let row = saw(&row, V::Declined, minutes(6));
    assert_eq!((row.state, row.attempt.due), (State::Waiting, Some(minutes(16))));
}

#[test]
fn a_strong_decline_does_not_fade() {
    for verdict in [V::Removed, V::Unseen] {
        let mut row = waiting();
        for minute in [1, 3, 11, 31, 60] {
            row = saw(&row, verdict, minutes(minute));
        }
        assert_eq!((row.state, row.attempt.due), (State::Waiting, Some(minutes(10))), "{verdict:?}");
        assert_eq!(row.decision.unwrap().verdict, OrderVerdict::Declined);
    }
}

#[test]
fn an_older_answer_of_the_organizers_list_takes_no_later_decline_back() {
    let policy = policy();
    let (link, listed) = (link(), |verdict, answered| Reading {
        answered_at: Some(at(answered)),
        source: Source::OrganizerCopy,
        ..reading(verdict)
    });
    let sees = |row: &Enrolment, reading: &Reading, now| {
        apply_reading(row, &link, &link.stored_at().unwrap(), reading, &policy, now)
            .unwrap_or_else(|| row.clone())
    };
    // The learner's own copy showed the decline of 11:59, whose mail never went out; the mail of an earlier
    // one did.
    let declined = sees(&waiting(), &listed(V::Declined, "2026-11-21T11:50:00Z"), minutes(1));
    let overtaken = sees(&declined, &listed(V::Attending, "2026-11-21T11:55:00Z"), minutes(2));
    assert_eq!(overtaken.state, State::Waiting);
    let known = overtaken.parts[0].decline.as_ref().and_then(|decline| decline.answered_at);
    assert_eq!(known, Some(at("2026-11-21T11:59:00Z")));
    let changed = sees(&overtaken, &listed(V::Attending, "2026-11-21T12:02:00Z"), minutes(3));
    assert_eq!(changed.state, State::Watched);
}

#[test]
fn a_weak_decision_is_replaced_by_a_strong_reading() {
    let mut row = saw(&watched(), V::Unseen, minutes(0));
    row = saw(&row, V::Unseen, minutes(30));
    assert_eq!(row.stand(), StateColumn::WaitingWeak);
    let declined = saw(&row, V::Declined, minutes(31));
    assert_eq!((declined.stand(), declined.attempt.due), (StateColumn::WaitingStrong, row.attempt.due));
    let back = saw(&row, V::Unanswered, minutes(31));
    assert_eq!(back.state, State::Watched);
}

#[test]
fn unanswered_withdraws_nothing_but_a_moved_session_goes_to_a_person() {
    let row = saw(&waiting(), V::Unanswered, minutes(1));
    assert_eq!(row.state, State::Waiting);
    let link = link();
    let moved = Reading { start: Some(at("2026-11-24T09:00:00Z")), ..reading(V::Unanswered) };
    let row = apply_reading(&row, &link, &link.stored_at().unwrap(), &moved, &policy(), minutes(2)).unwrap();
    assert_eq!(row.stand(), StateColumn::ReviewStrong);
    let same_decline = saw(&row, V::Declined, minutes(3));
    assert_eq!(same_decline.stand(), StateColumn::ReviewStrong, "the old answer, read again");
    let again = Reading { answered_at: Some(minutes(3)), ..reading(V::Declined) };
    let row = apply_reading(&row, &link, &link.stored_at().unwrap(), &again, &policy(), minutes(4)).unwrap();
    assert_eq!(row.stand(), StateColumn::WaitingStrong, "declined anew, knowing the new time");
}

#[test]
fn a_decline_that_a_person_ignored_counts_no_more_but_a_later_one_does() {
    let link = link();
    let read = |row: &Enrolment, reading: &Reading, now| {
        apply_reading(row, &link, &link.stored_at().unwrap(), reading, &policy(), now)
            .unwrap_or_else(|| row.clone())
    };
    let moved = Reading { start: Some(at("2026-11-24T09:00:00Z")), ..reading(V::Unanswered) };
    let asked = read(&waiting(), &moved, minutes(2));
    let ignored =
        by_operator(&asked, OperatorDecision::Ignore, "olga", "she comes", None, minutes(3)).unwrap();
    assert_eq!(saw(&ignored, V::Declined, minutes(4)).state, State::Watched);
    let later = Reading { answered_at: Some(minutes(5)), ..reading(V::Declined) };
    assert_eq!(read(&ignored, &later, minutes(6)).state, State::Waiting);
}

#[test]
fn a_later_reading_withdraws_a_cancellation_ends_it_or_leaves_it() {
    for (what, row, verdict, state, due) in [
        ("accepted again", waiting(), V::Attending, State::Watched, None),
        ("cancelled by the organizer", waiting(), V::CancelledByOrganizer, State::Watched, None),
        ("taken off the list", waiting(), V::DroppedByOrganizer, State::Waiting, waiting().attempt.due),
        ("the answer is reset", waiting(), V::Unanswered, State::Waiting, waiting().attempt.due),
        ("over while it waits", waiting(), V::Ended, State::Expired, None),
        ("over, and never declined", watched(), V::Ended, State::Watched, None),
    ] {
        let row = saw(&row, verdict, minutes(1));
        assert_eq!((row.state, row.attempt.due), (state, due), "{what}");
    }
}

#[test]
fn a_near_deadline_cuts_the_grace_short_and_a_decline_after_it_is_recorded_as_too_late() {
    for (what, when, state, due, outcome) in [
        ("before", "2026-11-23T08:55:00Z", State::Waiting, Some("2026-11-23T08:58:00Z"), None),
        ("at once", "2026-11-23T08:59:30Z", State::Waiting, Some("2026-11-23T08:59:30Z"), None),
        ("after", "2026-11-23T09:00:00Z", State::Expired, None, Some(OutcomeKind::TooLate)),
    ] {
        let row = saw(&watched(), V::Declined, at(when));
        assert_eq!((row.state, row.attempt.due), (state, due.map(at)), "{what}");
        assert_eq!(row.attempt.outcome.map(|outcome| outcome.kind), outcome, "{what}");
    }
}

#[test]
fn a_session_that_moves_while_the_copy_is_gone_is_judged_by_its_new_start() {
    let (link, policy) = (link(), policy());
    let at_link = link.stored_at().unwrap();
    let gone = |start: &str| Reading {
        start: Some(at(start)),
        end: Some(at(start) + Duration::hours(8)),
        organizer_event: Some(EventId::new("org")),
        ..reading(V::Removed)
    };
    let (sooner, later) = (at("2026-11-23T08:30:00Z"), at("2026-11-23T09:10:00Z"));
    for (what, start, state) in [
        ("moved to the next day", "2026-11-24T09:00:00Z", State::Review),
        ("nobody is asked about what can't be cancelled any more", "2026-11-23T09:00:00Z", State::Expired),
    ] {
        let row = apply_reading(&watched(), &link, &at_link, &gone(start), &policy, sooner).unwrap();
        let row = apply_reading(&row, &link, &at_link, &gone(start), &policy, later).unwrap();
        assert_eq!((row.state, row.start), (state, Some(at(start))), "{what}");
    }
}

#[test]
fn two_sights_of_one_item_are_one_part() {
    let moved = Link { event: Some(EventId::new("under-a-new-id")), ..link() };
    let row = apply_reading(
        &watched(),
        &moved,
        &moved.stored_at().unwrap(),
        &reading(V::Declined),
        &policy(),
        noon(),
    )
    .unwrap();
    assert_eq!((row.parts.len(), row.state), (1, State::Waiting));
}

/// An invitation from outside whose cancellation came by mail: the learner tidies the cancelled copy away.
#[test]
fn what_the_organizer_has_cancelled_stays_cancelled_when_the_copy_is_tidied_away() {
    for gone in [V::Unseen, V::Removed, V::DroppedByOrganizer] {
        let mut row = saw(&watched(), V::CancelledByOrganizer, noon());
        for minutes in [0, 2, 10, 30, 60] {
            row = saw(&row, gone, noon() + Duration::minutes(minutes));
        }
        assert_eq!(row.state, State::Watched, "{gone:?}");
        assert_eq!(row.verdict().unwrap().verdict, V::CancelledByOrganizer, "{gone:?}");
        assert!(row.parts.iter().all(|part| part.look.is_none()), "{gone:?}: nothing is left to settle");
    }
    // Nor does it end in between: an unreadable mailbox says nothing.
    let row = saw(&saw(&watched(), V::CancelledByOrganizer, noon()), V::Unknown, noon());
    let row = saw(&row, V::Unseen, noon() + Duration::minutes(1));
    assert_eq!(saw(&row, V::Unseen, noon() + Duration::minutes(40)).state, State::Watched);
}

#[test]
fn a_copy_that_is_there_again_ends_what_the_organizer_cancelled() {
    let cancelled = saw(&watched(), V::CancelledByOrganizer, noon());
    let again = saw(&cancelled, V::Unanswered, noon() + Duration::minutes(1));
    let removed = saw(
        &saw(&again, V::Unseen, noon() + Duration::minutes(2)),
        V::Unseen,
        noon() + Duration::minutes(33),
    );
    assert_eq!(removed.state, State::Waiting, "what is removed now was not cancelled");

    // The organizer's copy, with the learner in its list, is one too, and so is the decline that it shows.
    let listed = |verdict| Reading {
        organizer_event: Some(EventId::new("original")),
        listed: true,
        ..reading(verdict)
    };
    let by_organizer = |reading: Reading| Reading { source: Source::OrganizerCopy, ..reading };
    let (link, at) = (link(), link().stored_at().unwrap());
    let declined =
        apply_reading(&cancelled, &link, &at, &by_organizer(listed(V::Declined)), &policy(), noon()).unwrap();
    assert_eq!(declined.state, State::Waiting);
    let not_in_it = Reading { listed: false, ..by_organizer(listed(V::DroppedByOrganizer)) };
    let dropped = apply_reading(&cancelled, &link, &at, &not_in_it, &policy(), noon())
        .unwrap_or_else(|| cancelled.clone());
    assert_eq!(dropped.verdict().unwrap().verdict, V::CancelledByOrganizer);
}

/// Rows from before it was kept know it by the last reading alone.
#[test]
fn a_stored_cancellation_of_the_organizer_is_sticky_too() {
    let row = saw(&watched(), V::CancelledByOrganizer, noon());
    let mut stored = serde_json::to_value(&row).unwrap();
    for part in stored["parts"].as_array_mut().unwrap() {
        part.as_object_mut().unwrap().remove("called_off").unwrap();
    }
    let old: Enrolment = serde_json::from_value(stored).unwrap();
    let tidied = saw(&saw(&old, V::Unseen, noon()), V::Unseen, noon() + Duration::minutes(40));
    assert_eq!(tidied.state, State::Watched);
}
