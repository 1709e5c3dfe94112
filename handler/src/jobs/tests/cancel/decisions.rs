//! One id per decision: what the LMS is asked a second time for, it is asked under another id; what is merely
//! said again, it is not asked for at all.

use crate::calendar::event::{Answer, Response};
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::{LmsOutcome, Place, Reach, Reply};
use crate::enrolment::lms_order::LEASE;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::policy::{Mailboxes, PolicyMode};
use crate::enrolment::transitions::State;
use crate::jobs::operate::operator::{self, Attribution, OperatorError, ValveCommand};
use crate::jobs::operate::status;
use crate::jobs::testing::lms::{down, reply};
use crate::jobs::testing::{World, minutes, user};
use crate::ledger::enrolment_ids;
use crate::messages::ChangeType;
use chrono::Duration;
use std::sync::atomic::Ordering;

fn olga(reason: &str) -> Attribution {
    Attribution { by: "olga".into(), reason: reason.into() }
}

async fn says(world: &World, word: OperatorDecision) {
    let id = enrolment_ids::id_of(&world.row("ana", 1).await.reference());
    operator::decide(&world.app, &id, word, &olga("as agreed")).await.unwrap();
}

fn ids(world: &World) -> Vec<String> {
    world.lms.orders().into_iter().map(|order| order.id).collect()
}

async fn texts(world: &World) -> Vec<String> {
    world.row("ana", 1).await.story.into_iter().map(|line| line.text).collect()
}

/// Declined at noon, and cancelled at the LMS.
async fn cancelled() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world
}

/// A claim whose worker was killed while the LMS was asked.
async fn orphaned(world: &mut World) {
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let message = world.dispatch().await.cancellations.remove(0);
    world.lms.silent.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(std::time::Duration::from_secs(1), world.cancel(&message)).await;
    assert!(killed.is_err());
    world.lms.silent.store(false, Ordering::SeqCst);
    world.restart().await;
}

#[tokio::test(start_paused = true)]
async fn a_place_that_was_given_back_by_hand_after_a_lost_answer_is_cancelled_by_the_next_decline() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.lms.script([Reply { reach: Reach::Sent, ..down() }]);
    world.pass(minutes(10)).await;
    assert_eq!(world.lms.cancelled("ana", 1), 1, "the LMS did it, and its answer was lost");
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Updated).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
    // The place is given back by hand.
    says(&world, OperatorDecision::Ignore).await;
    world.clock.advance(minutes(5));
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    let ids = ids(&world);
    assert_eq!((ids.len(), ids[0] == ids[1]), (2, false), "{ids:?}");
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 2));
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_a_phone_sends_again_is_no_new_decline() {
    let world = cancelled().await;
    for _ in 0..3 {
        world.clock.advance(minutes(20));
        world.declined("ana", 1).await;
        world.pass(minutes(15)).await;
    }
    assert_eq!((world.lms.asked(), world.row("ana", 1).await.generation), (1, 1));
    assert_eq!(world.state("ana", 1).await, State::Done);
    let told = texts(&world).await.iter().filter(|text| text.contains("once more")).count();
    assert!(told >= 1, "{:?}", texts(&world).await);
    world.assert_sound("in the end");
}

/// Claimed, killed; it is too late before somebody comes by.
#[tokio::test(start_paused = true)]
async fn a_takeover_after_the_deadline_or_the_sessions_end_asks_nobody() {
    for (what, from_start) in [("the session itself goes on", minutes(1)), ("it is over", Duration::days(36))]
    {
        let mut world = World::new().await;
        orphaned(&mut world).await;
        let start = world.row("ana", 1).await.start.unwrap();
        world.clock.set(start + from_start);
        world.pass(minutes(5)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Expired, 1), "{what}");
        let told = texts(&world).await;
        assert!(told.iter().any(|text| text.contains("may have cancelled the place")), "{what}: {told:?}");
        world.assert_sound(what);
    }
}

#[tokio::test(start_paused = true)]
async fn a_takeover_obeys_the_mode() {
    let mut world = World::new().await;
    orphaned(&mut world).await;
    world.tenant.policy.mode = PolicyMode::Observe;
    world.restart().await;
    world.pass(minutes(15)).await;
    assert_eq!(world.lms.asked(), 1);
    assert_eq!(world.outcome("ana", 1).await, Some(OutcomeKind::WouldHaveCancelled));
    let told = texts(&world).await;
    assert!(told.last().unwrap().contains("may have cancelled the place"), "{told:?}");
    // Who takes part again is told of, for nobody knows whether the place is gone.
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Updated).await;
    assert!(world.row("ana", 1).await.taken_back.is_some());
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_takeover_reads_anew_who_is_in_the_pilot() {
    let world = World::with(|tenant| tenant.policy.only = Some(Mailboxes::Group("pilots".into()))).await;
    let members = |name| world.graph.state.lock().unwrap().groups.insert("pilots".into(), vec![user(name)]);
    members("ana");
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let message = world.dispatch().await.cancellations.remove(0);
    world.lms.silent.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(std::time::Duration::from_secs(1), world.cancel(&message)).await;
    assert!(killed.is_err() && world.lms.asked() == 1);
    world.lms.silent.store(false, Ordering::SeqCst);
    // Taken out of the pilot, within the minutes for which its members are remembered.
    members("ben");
    world.clock.advance(LEASE);
    world.tick().await;
    assert_eq!(world.lms.asked(), 1);
    assert_eq!(world.outcome("ana", 1).await, Some(OutcomeKind::WouldHaveCancelled));
}

#[tokio::test(start_paused = true)]
async fn a_takeover_of_a_session_that_was_moved_or_called_off_asks_nobody() {
    for (called_off, state) in [(true, State::Watched), (false, State::Review)] {
        let mut world = World::new().await;
        orphaned(&mut world).await;
        world.graph.copy("ana", 1, |event| {
            event.is_cancelled = called_off;
            event.response = Response::NONE;
            event.start = event.start.map(|start| start + Duration::days(1));
            event.end = event.end.map(|end| end + Duration::days(1));
        });
        world.pass(minutes(15)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (state, 1), "called off: {called_off}");
        world.assert_sound("in the end");
    }
}

/// Moved to an earlier time, so that it is too late by now; nobody told us.
#[tokio::test(start_paused = true)]
async fn a_session_that_was_moved_to_an_earlier_time_is_not_cancelled_past_its_deadline() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    let soon = world.now() + minutes(5);
    world.graph.copy("ana", 1, |event| event.start = Some(soon));
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Expired, 0));
}

#[tokio::test(start_paused = true)]
async fn where_the_lms_can_be_read_a_place_that_was_given_anew_is_left_to_a_person() {
    for (shows, state) in
        [(Place::Given, State::Review), (Place::Gone, State::Done), (Place::Unknown, State::Done)]
    {
        let world = cancelled().await;
        *world.lms.shows.lock().unwrap() = Some(shows);
        world.clock.advance(minutes(20));
        world.declined("ana", 1).await;
        assert_eq!(
            world.lms.read.load(Ordering::SeqCst),
            0,
            "nothing reaches the LMS but through the dispatcher"
        );
        world.pass(minutes(2)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (state, 1), "{shows:?}");
        assert!(world.lms.read.load(Ordering::SeqCst) >= 1, "{shows:?}");
        world.assert_sound("read");
        if shows == Place::Given {
            says(&world, OperatorDecision::Approve).await;
            world.pass(minutes(2)).await;
            assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 2));
        }
    }
    // A stopped valve stops reading, too.
    let world = cancelled().await;
    *world.lms.shows.lock().unwrap() = Some(Place::Given);
    operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Stopped, &olga("exam week"))
        .await
        .unwrap();
    world.clock.advance(minutes(20));
    world.declined("ana", 1).await;
    world.pass(minutes(30)).await;
    assert_eq!((world.lms.read.load(Ordering::SeqCst), world.state("ana", 1).await), (0, State::Done));
    operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Open, &olga("over")).await.unwrap();
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Review);
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_persons_word_behind_a_closed_valve_says_so() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.lms.always(Some(reply(LmsOutcome::Refused)));
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Stopped, &olga("exam week"))
        .await
        .unwrap();
    says(&world, OperatorDecision::Retry).await;
    let told = texts(&world).await;
    assert_eq!(
        told.last().unwrap(),
        "Asked to try again: as agreed (held back at that time: the valve is stopped since 2026-11-21 \
         12:15:00 UTC: it waits until a person opens it)"
    );
    operator::set_valve(&world.app, &world.tenant.name, ValveCommand::Open, &olga("over")).await.unwrap();
    world.lms.always(None);
    world.pass(minutes(2)).await;
    let ids = ids(&world);
    assert!(world.state("ana", 1).await == State::Done && ids[0] != ids[1], "{ids:?}");
}

#[tokio::test(start_paused = true)]
async fn a_word_about_an_older_decision_settles_no_newer_one() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.lms.always(Some(reply(LmsOutcome::Refused)));
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    says(&world, OperatorDecision::Retry).await;
    world.pass(minutes(2)).await;
    let ids = ids(&world);
    let retry = |id: &str| {
        let id = id.to_owned();
        let app = &world.app;
        async move { operator::decide(app, &id, OperatorDecision::Retry, &olga("again")).await }
    };
    assert!(
        matches!(retry(&ids[0]).await, Err(OperatorError::Conflict(why)) if why.contains("older decision"))
    );
    assert_eq!(retry(&ids[1]).await.unwrap().state, State::Waiting);
    assert!(
        status::story(&world.app, &ids[0]).await.unwrap().is_some(),
        "any id that an LMS was given is explained"
    );
}

/// Ids from before decisions were counted name a generation alone.
#[tokio::test(start_paused = true)]
async fn an_id_of_an_older_generation_settles_nothing_of_todays() {
    let world = World::new().await;
    for generation in 1..=2 {
        world.graph.invite("ana", 1);
        world.graph.answer("ana", 1, Answer::Accepted);
        world.hint("ana", 1, ChangeType::Created).await;
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(45)).await;
        let row = world.row("ana", 1).await;
        assert_eq!((row.generation, row.state), (generation, State::Review));
        let id = |generation| enrolment_ids::order_id(&row.reference(), generation, 0);
        let app = &world.app;
        let approve = |id: String| async move {
            operator::decide(app, &id, OperatorDecision::Approve, &olga("as agreed")).await
        };
        if generation == 2 {
            assert!(matches!(approve(id(1)).await,
                Err(OperatorError::Conflict(why)) if why.contains("older decision")));
            assert_eq!(world.state("ana", 1).await, State::Review);
        }
        approve(id(generation)).await.unwrap();
        world.pass(minutes(2)).await;
        assert_eq!(world.state("ana", 1).await, State::Done);
    }
}
