//! reference/rules.md#claims: a claim is a lease with a token; whoever finds it over takes it, and nobody
//! else.

use crate::calendar::event::Answer;
use crate::clock::ManualClock;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::lms_order::{BUDGET, LEASE};
use crate::enrolment::transitions::State;
use crate::enrolment::valve::{Valve, ValveState};
use crate::enrolment::wakeups::{WakeUpKind, entries};
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::testing::lms::{down, reply};
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::valves;
use crate::messages::{Cancellation, ChangeType, VERSION};
use chrono::Duration;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A claim whose worker was killed while the LMS was asked.
async fn orphaned() -> World {
    let mut world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let message = world.dispatch().await.cancellations.remove(0);
    world.lms.silent.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(std::time::Duration::from_secs(1), world.cancel(&message)).await;
    assert!(killed.is_err());
    world.lms.silent.store(false, Ordering::SeqCst);
    world.restart().await;
    world
}

async fn valve(world: &World, change: impl Fn(&mut Valve)) {
    let now = world.now();
    valves::change_valve(&world.app.ledger, &contoso(), now, |valve| {
        let mut next = valve.clone();
        change(&mut next);
        Some(next)
    })
    .await
    .unwrap();
}

async fn stop(world: &World) {
    valve(world, |valve| valve.close(ValveState::Stopped, "testing".into(), world.now())).await;
}

async fn open(world: &World) {
    valve(world, |valve| valve.open(world.now())).await;
}

#[test]
fn the_budget_of_an_attempt_ends_long_before_its_lease() {
    assert!(Duration::from_std(BUDGET).unwrap() * 2 <= LEASE);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_a_lost_claim_is_ignored() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let message = world.dispatch().await.cancellations.remove(0);
    world.lms.script([reply(LmsOutcome::Refused)]);
    // The first worker's answer is so late that a second one has taken over and is done.
    world.lms.yields.store(true, Ordering::SeqCst);
    let slow = world.cancel(&message);
    let quick = async {
        while world.lms.asked() == 0 {
            tokio::task::yield_now().await;
        }
        world.clock.advance(LEASE);
        world.lms.yields.store(false, Ordering::SeqCst);
        world.tick().await
    };
    let (first, second) = futures::join!(slow, quick);
    assert!(matches!(first, AttemptResult::Asked(Reply { outcome: LmsOutcome::Refused, .. })), "{first:?}");
    assert!(
        matches!(second[..], [AttemptResult::Asked(Reply { outcome: LmsOutcome::Done, .. })]),
        "{second:?}"
    );
    assert_eq!(world.state("ana", 1).await, State::Done);
    world.assert_sound("done");
}

#[tokio::test(start_paused = true)]
async fn who_attends_after_a_lost_claim_is_a_case_for_a_person() {
    let world = orphaned().await;
    world.graph.answer("ana", 1, Answer::Accepted);
    world.pass(minutes(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Review, 1));
    let alerts = crate::ledger::alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    assert!(alerts.iter().any(|alert| alert.kind == "review"));
    world.assert_sound("in doubt");
}

#[tokio::test(start_paused = true)]
async fn who_attends_after_an_outage_that_may_have_arrived_is_a_case_for_a_person() {
    for (reach, state) in [(Reach::Sent, State::Review), (Reach::NotReached, State::Watched)] {
        let world = World::new().await;
        world.invited("ana", 1).await;
        world.declined("ana", 1).await;
        world.lms.always(Some(Reply { reach, ..down() }));
        world.pass(minutes(10)).await;
        world.graph.answer("ana", 1, Answer::Accepted);
        world.hint("ana", 1, ChangeType::Updated).await;
        assert_eq!(world.state("ana", 1).await, state, "{reach:?}");
        world.assert_sound("withdrawn");
    }
}

/// `dispatch-due` wakes nothing behind a closed valve; this one was woken before it closed.
#[tokio::test(start_paused = true)]
async fn a_persons_stop_holds_back_a_takeover_and_the_doubt_stays() {
    let world = orphaned().await;
    world.clock.advance(LEASE);
    let message: Cancellation = world.dispatch().await.cancellations.remove(0);
    stop(&world).await;
    assert_eq!(world.cancel(&message).await, AttemptResult::PutBack);
    world.pass(Duration::hours(5)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Waiting, 1));
    assert!(world.row("ana", 1).await.maybe_effected);
    world.assert_sound("held back");

    open(&world).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    assert!(world.lms.orders()[1].may_be_repeated);
    world.assert_sound("done");
}

#[tokio::test(start_paused = true)]
async fn who_attends_after_a_takeover_was_held_back_is_still_a_case_for_a_person() {
    let world = orphaned().await;
    world.clock.advance(LEASE);
    let message = world.dispatch().await.cancellations.remove(0);
    stop(&world).await;
    world.cancel(&message).await;
    world.graph.answer("ana", 1, Answer::Accepted);
    open(&world).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Review, 1));
}

/// The message for the wake-up that this row needs.
async fn wake_up(world: &World) -> Cancellation {
    let row = world.row("ana", 1).await;
    let entry =
        entries(&row).into_iter().find(|entry| matches!(entry.what, WakeUpKind::Cancel { .. })).unwrap();
    Cancellation {
        v: VERSION,
        trace: None,
        tenant: contoso(),
        enrolment: row.reference(),
        agenda: entry.reference(),
        free_until: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_goes_by_the_stores_clock_however_wrong_the_workers_is() {
    for wrong in [Duration::hours(-2), Duration::hours(2)] {
        let mut world = orphaned().await;
        let until = world.row("ana", 1).await.attempt.claim.unwrap().until;
        assert_eq!(until, world.now() + LEASE);
        let message = wake_up(&world).await;
        world.app.ledger.clock = Arc::new(ManualClock::at(world.now() + wrong));
        world.clock.set(until - Duration::seconds(1));
        world.graph.calls("event");
        assert_eq!(world.cancel(&message).await, AttemptResult::Lost, "{wrong}: the claim is in force");
        assert_eq!(world.graph.calls("event"), 0, "nothing is read for it");
        world.clock.set(until);
        let attempt = world.cancel(&message).await;
        assert!(matches!(attempt, AttemptResult::Asked(_)), "{wrong}: the claim has run out: {attempt:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_begins_by_the_stores_clock_however_wrong_the_workers_is() {
    for wrong in [Duration::hours(-2), Duration::hours(2)] {
        let mut world = World::new().await;
        world.invited("ana", 1).await;
        world.declined("ana", 1).await;
        world.clock.advance(minutes(10));
        let message = world.dispatch().await.cancellations.remove(0);
        world.app.ledger.clock = Arc::new(ManualClock::at(world.now() + wrong));
        world.lms.silent.store(true, Ordering::SeqCst);
        let killed = tokio::time::timeout(std::time::Duration::from_secs(1), world.cancel(&message)).await;
        assert!(killed.is_err(), "{wrong}: the LMS is being asked: {killed:?}");
        assert_eq!(world.row("ana", 1).await.attempt.claim.unwrap().until, world.now() + LEASE, "{wrong}");
    }
}
