//! reference/judging.md#verdicts, row by row: from the hint to the outcome.

use crate::calendar::event::{Answer, Event, Response};
use crate::calendar::reading::Verdict;
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::{LmsOutcome, OrderEvidence, OrderVerdict};
use crate::enrolment::policy::{Policy, PolicyMode, WeakPolicy};
use crate::enrolment::transitions::State;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::testing::graph::{FakeGraph, copy, original, unavailable};
use crate::jobs::testing::{ORGANIZER, World, address, contoso, minutes, noon, user};
use crate::messages::{ChangeType, Hint};
use crate::store::Table;
use chrono::Duration;

/// What is done to the calendar, and what that is read as.
type Case = (&'static str, fn(&World), Verdict);

const DONE: Option<OutcomeKind> = Some(OutcomeKind::Lms(LmsOutcome::Done));

#[tokio::test(start_paused = true)]
async fn a_decline_that_is_kept_cancels_after_the_grace() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.clock.advance(minutes(5));
    world.declined("ana", 1).await;
    assert_eq!(world.plans(), [("cancel".to_owned(), 10)]);

    world.pass(minutes(9)).await;
    assert_eq!(world.lms.asked(), 0, "within the grace");
    world.pass(minutes(2)).await;
    assert_eq!((world.state("ana", 1).await, world.outcome("ana", 1).await), (State::Done, DONE));
    let orders = world.lms.orders();
    assert_eq!(orders.len(), 1);
    assert_eq!((orders[0].verdict, orders[0].evidence), (OrderVerdict::Declined, OrderEvidence::LearnerCopy));
    assert_eq!(orders[0].declined_at, Some(noon() + minutes(5)));
    world.assert_sound("done");
}

#[tokio::test(start_paused = true)]
async fn a_decline_that_removed_the_copy_counts_once_the_organizer_knows_of_it() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert_eq!(world.state("ana", 1).await, State::Watched, "weak: the response mail is still on its way");
    assert_eq!(world.plans(), [("look".to_owned(), 2)]);
    world.pass(minutes(1)).await;
    world.graph.respond("ana", 1, Answer::Declined);
    world.pass(minutes(2)).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.pass(minutes(11)).await;
    assert_eq!(world.outcome("ana", 1).await, DONE);
    let orders = world.lms.orders();
    assert_eq!(
        (orders[0].verdict, orders[0].evidence),
        (OrderVerdict::Declined, OrderEvidence::OrganizerCopy)
    );
    world.assert_sound("done");
}

#[tokio::test(start_paused = true)]
async fn a_removal_without_an_organizer_is_looked_at_after_2_10_and_30_minutes_and_then_decided() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    let mut looks = Vec::new();
    for minute in 1..=30 {
        world.pass(minutes(1)).await;
        if world.graph.calls("events_by_ical_uid") > 0 {
            looks.push(minute);
        }
    }
    // The first is the hint itself, counted with the first minute.
    assert_eq!(looks, [1, 2, 10, 30]);
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.pass(minutes(11)).await;
    assert_eq!(world.outcome("ana", 1).await, DONE);
    let orders = world.lms.orders();
    assert_eq!((orders[0].verdict, orders[0].evidence), (OrderVerdict::Unseen, OrderEvidence::Removal));
    world.assert_sound("done");
}

/// With nothing but whose mailboxes are watched, and with `mode = "act"` beside it.
#[tokio::test(start_paused = true)]
async fn a_clean_up_takes_no_place_by_the_policies_that_nobody_chose() {
    for mode in [PolicyMode::Observe, PolicyMode::Act] {
        let world = World::with(|tenant| {
            tenant.watch.organizers.clear();
            tenant.policy = Policy { mode: tenant.policy.mode, ..Policy::default() };
            if mode == PolicyMode::Observe {
                tenant.policy = Policy::default();
            }
        })
        .await;
        world.invited("ana", 1).await;
        world.graph.answer("ana", 1, Answer::Accepted);
        world.hint("ana", 1, ChangeType::Updated).await;
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(60)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Review, 0), "{mode:?}");
        world.assert_sound("cleaned up");
    }
}

/// A removal that the organizer's copy does not confirm.
#[tokio::test(start_paused = true)]
async fn weak_policies_are_followed_after_settling() {
    for (policy, state, asked, alerts) in [
        (WeakPolicy::Cancel, State::Done, 1, [].as_slice()),
        (WeakPolicy::Review, State::Review, 0, &["review"]),
        (WeakPolicy::Ignore, State::Watched, 0, &[]),
    ] {
        let world = World::with(|tenant| tenant.policy.removed = policy).await;
        world.invited("ana", 1).await;
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(45)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (state, asked), "{policy:?}");
        let open = crate::ledger::alerts::open(&world.app.ledger, &world.tenant.name).await.unwrap();
        assert_eq!(open.iter().map(|alert| alert.kind.as_str()).collect::<Vec<_>>(), alerts, "{policy:?}");
        world.assert_sound("settled");
    }
}

#[tokio::test(start_paused = true)]
async fn readings_that_decide_nothing_are_recorded() {
    let cases: [Case; 5] = [
        ("accepted", |world| world.graph.answer("ana", 1, Answer::Accepted), Verdict::Attending),
        ("tentative", |world| world.graph.answer("ana", 1, Answer::TentativelyAccepted), Verdict::Attending),
        ("not answered", |_| {}, Verdict::Unanswered),
        (
            "cancelled by the organizer",
            |world| world.graph.copy("ana", 1, |event| event.is_cancelled = true),
            Verdict::CancelledByOrganizer,
        ),
        (
            "over",
            |world| world.graph.copy("ana", 1, |event| event.end = Some(noon() - minutes(1))),
            Verdict::Ended,
        ),
    ];
    for (name, act, verdict) in cases {
        let world = World::new().await;
        world.invited("ana", 1).await;
        act(&world);
        world.hint("ana", 1, ChangeType::Updated).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, row.verdict().unwrap().verdict), (State::Watched, verdict), "{name}");
        world.pass(minutes(60)).await;
        assert_eq!(world.lms.asked(), 0, "{name}");
        world.assert_sound(name);
    }
}

#[tokio::test(start_paused = true)]
async fn an_organizer_who_cancels_or_drops_after_the_removal_is_told_from_a_learner() {
    let cases: [Case; 3] = [
        (
            "cancelled",
            |world| world.graph.original(1, |event| event.is_cancelled = true),
            Verdict::CancelledByOrganizer,
        ),
        ("deleted", |world| world.graph.remove_original(1), Verdict::CancelledByOrganizer),
        (
            "dropped",
            |world| world.graph.original(1, |event| event.attendees.clear()),
            Verdict::DroppedByOrganizer,
        ),
    ];
    for (name, act, verdict) in cases {
        let world = World::new().await;
        world.invited("ana", 1).await;
        act(&world);
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(60)).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.state, row.verdict().unwrap().verdict), (State::Watched, verdict), "{name}");
        world.assert_sound(name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_was_moved_is_found_by_its_uid_and_followed() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    let mut moved = FakeGraph::event("moved".into(), 1);
    world.graph.put("ana", moved.clone());
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(60)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
    // From now on Graph names the new id.
    moved.response.answer = Answer::Declined;
    world.graph.put("ana", moved);
    world
        .observe(&[Hint::Changed {
            mailbox: user("ana"),
            event: "moved".into(),
            change: ChangeType::Updated,
        }])
        .await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    assert_eq!(world.row("ana", 1).await.parts.len(), 1, "two ids, one calendar item");
    world.assert_sound("waiting");
}

/// Nothing told of the copy under its new id before it was gone from there too.
#[tokio::test(start_paused = true)]
async fn the_new_id_of_a_moved_copy_is_known_as_soon_as_it_is_found() {
    let world = World::without_organizer().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    world.graph.put("ana", FakeGraph::event("moved".into(), 1));
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.graph.remove_event("ana", &"moved".into());
    world
        .observe(&[Hint::Changed {
            mailbox: user("ana"),
            event: "moved".into(),
            change: ChangeType::Deleted,
        }])
        .await;
    world.pass(minutes(45)).await;
    assert_eq!(world.outcome("ana", 1).await, DONE);
}

/// A second item with the same `iCalUId`: whoever takes part in one of them takes part.
#[tokio::test(start_paused = true)]
async fn of_several_copies_the_one_that_is_accepted_counts() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.remove("ana", 1);
    for (id, answer) in [("a", Answer::Declined), ("b", Answer::Accepted), ("c", Answer::Declined)] {
        let response = Response { answer, at: Some(world.now()) };
        world.graph.put("ana", Event { response, ..FakeGraph::event(id.into(), 1) });
    }
    world.hint("ana", 1, ChangeType::Deleted).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, row.verdict().unwrap().verdict), (State::Watched, Verdict::Attending));
}

#[tokio::test(start_paused = true)]
async fn a_room_on_the_list_answers_for_nobody() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.original(1, |event| event.attendees[0].is_resource = true);
    world.hint("ana", 1, ChangeType::Created).await;
    world.graph.remove("ana", 1);
    world.graph.respond("ana", 1, Answer::Declined);
    world.hint("ana", 1, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    let row = world.row("ana", 1).await;
    assert_eq!((row.state, row.verdict().unwrap().verdict), (State::Review, Verdict::Removed));
}

#[tokio::test(start_paused = true)]
async fn who_changes_their_mind_within_the_grace_keeps_the_place_even_if_the_hint_is_lost() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(5)).await;
    world.graph.answer("ana", 1, Answer::Accepted);
    world.pass(minutes(30)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
    world.assert_sound("withdrawn");

    world.declined("ana", 1).await;
    world.pass(minutes(11)).await;
    assert_eq!(world.outcome("ana", 1).await, DONE, "a second decline counts");
}

#[tokio::test(start_paused = true)]
async fn an_unreadable_calendar_before_the_lms_is_waited_for_an_hour_and_then_the_stored_decline_counts() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.graph.down(Some(unavailable()));
    world.pass(minutes(69)).await;
    assert_eq!(world.lms.asked(), 0);
    world.pass(minutes(6)).await;
    assert_eq!(world.outcome("ana", 1).await, DONE);
    world.graph.down(None);
    world.pass(minutes(90)).await;
    world.assert_sound("after the outage");
}

#[tokio::test(start_paused = true)]
async fn a_calendar_that_can_be_read_again_decides() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.graph.down(Some(unavailable()));
    world.pass(minutes(40)).await;
    world.graph.answer("ana", 1, Answer::Accepted);
    world.graph.down(None);
    world.pass(minutes(60)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0));
    world.assert_sound("withdrawn");
}

#[tokio::test(start_paused = true)]
async fn mode_observe_records_what_it_would_have_done() {
    let world = World::with(|tenant| tenant.policy.mode = PolicyMode::Observe).await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(11)).await;
    assert_eq!(world.outcome("ana", 1).await, Some(OutcomeKind::WouldHaveCancelled));
    assert_eq!(world.lms.asked(), 0);
    world.assert_sound("observed");
}

#[tokio::test(start_paused = true)]
async fn only_the_pilots_learners_are_acted_for_and_nobody_while_the_directory_is_silent() {
    let world = World::with(|tenant| {
        tenant.policy.only = Some(crate::enrolment::policy::Mailboxes::Group("pilot".into()))
    })
    .await;
    for learner in ["ana", "ben"] {
        world.invited(learner, 1).await;
        world.declined(learner, 1).await;
    }
    world.graph.state.lock().unwrap().directory = Some(unavailable());
    world.pass(minutes(60)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Waiting, 0));
    {
        let mut state = world.graph.state.lock().unwrap();
        state.directory = None;
        state.groups.insert("pilot".into(), vec![user("ana")]);
    }
    world.pass(minutes(25)).await;
    assert_eq!(world.outcome("ana", 1).await, DONE);
    assert_eq!(world.outcome("ben", 1).await, Some(OutcomeKind::WouldHaveCancelled));
    assert_eq!((world.lms.cancelled("ana", 1), world.lms.cancelled("ben", 1)), (1, 0));
    world.assert_sound("settled");
}

#[tokio::test(start_paused = true)]
async fn a_decline_after_the_deadline_is_too_late_and_one_before_it_is_sent_in_time() {
    let world = World::with(|tenant| tenant.policy.deadline = Duration::hours(24)).await;
    world.invited("ana", 1).await;
    world.invited("ben", 1).await;
    world.clock.set(noon() + Duration::days(3) - minutes(5));
    world.declined("ana", 1).await;
    world.pass(minutes(4)).await;
    assert_eq!(world.outcome("ana", 1).await, DONE, "the grace is cut short for the deadline's sake");
    world.pass(minutes(2)).await;
    world.declined("ben", 1).await;
    assert_eq!((world.state("ben", 1).await, world.lms.cancelled("ben", 1)), (State::Expired, 0));
    world.assert_sound("too late");
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_that_the_lms_never_takes_expires_at_the_deadline_with_an_alert() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.lms.always(Some(crate::jobs::testing::lms::down()));
    world.pass(Duration::days(4) + minutes(2)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Expired, 0));
    let alerts = crate::ledger::alerts::open(&world.app.ledger, &world.tenant.name).await.unwrap();
    assert!(alerts.iter().any(|alert| alert.kind == "expired"), "{alerts:?}");
    world.assert_sound("expired");
}

#[tokio::test(start_paused = true)]
async fn each_answer_of_the_lms_ends_where_it_should() {
    use LmsOutcome as O;
    for (outcome, state) in [
        (O::Done, State::Done),
        (O::AlreadyCancelled, State::Done),
        (O::NotEnrolled, State::Done),
        (O::UnknownLearner, State::Review),
        (O::UnknownSession, State::Review),
        (O::Refused, State::Review),
        (O::HeldElsewhere, State::Review),
        (O::Unclear, State::Review),
        (O::Unexpected, State::Review),
        (O::TooLate, State::Expired),
    ] {
        let world = World::new().await;
        world.invited("ana", 1).await;
        world.declined("ana", 1).await;
        world.lms.always(Some(crate::jobs::testing::lms::reply(outcome)));
        world.pass(minutes(11)).await;
        assert_eq!(world.state("ana", 1).await, state, "{outcome:?}");
        assert_eq!(
            world.outcome("ana", 1).await.map(OutcomeKind::word),
            Some(OutcomeKind::Lms(outcome).word())
        );
        world.assert_sound("answered");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wake_up_that_is_doubled_or_late_does_nothing() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let wake = world.dispatch().await;
    assert!(matches!(world.deliver(&wake).await[..], [AttemptResult::Asked(_)]));
    assert_eq!(world.deliver(&wake).await, [AttemptResult::Stale]);
    assert_eq!(world.lms.asked(), 1);
    assert!(world.agenda().is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_organizers_own_copy_and_foreign_events_are_never_linked() {
    let world = World::new().await;
    let mut foreign = FakeGraph::event(copy("ana", 2), 2);
    foreign.organizer = Some(address("eve"));
    world.graph.put("ana", foreign);
    world.hint("ana", 2, ChangeType::Created).await;
    assert_eq!(world.find("ana", 2).await, None);

    world.know(&contoso(), ORGANIZER).await;
    world.graph.invite("ana", 1);
    let (mailbox, event) = (user(ORGANIZER), original(1));
    world.observe(&[Hint::Changed { mailbox, event, change: ChangeType::Updated }]).await;
    assert_eq!(world.find(ORGANIZER, 1).await, None);
    assert!(world.tables.dump(Table::Links).is_empty());
}

/// Only the organizer's list tells of the acceptance: the copy went before anybody could look at it.
#[tokio::test(start_paused = true)]
async fn whoever_accepted_after_a_decline_and_then_removed_the_copy_has_withdrawn_the_decline() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.clock.advance(minutes(1));
    world.graph.respond("ana", 1, Answer::Declined);
    world.declined("ana", 1).await;
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.clock.advance(minutes(2));
    world.graph.respond("ana", 1, Answer::Accepted);
    world.graph.remove("ana", 1);
    world.hint("ana", 1, ChangeType::Deleted).await;
    assert_eq!(world.state("ana", 1).await, State::Watched);
    world.pass(minutes(45)).await;
    assert_eq!(
        (world.state("ana", 1).await, world.lms.asked()),
        (State::Review, 0),
        "a removal like any other"
    );
}
