//! `policy.take_back = "reinstate"`: who accepts again in time gets the place back, once, wherever a worker
//! is killed.

use crate::calendar::event::Answer;
use crate::enrolment::lms_answer::{Reach, RestoreOutcome, Restored};
use crate::enrolment::policy::{PolicyMode, TakeBack};
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts::AlertKind;
use crate::ledger::{alerts, enrolment_ids, valves};
use crate::messages::ChangeType;
use chrono::Duration;
use std::sync::atomic::Ordering;

/// Cancelled at the LMS, which can give back.
async fn cancelled() -> World {
    let world = World::with(|tenant| tenant.policy.take_back = TakeBack::Reinstate).await;
    world.lms.gives_back.store(true, Ordering::SeqCst);
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world
}

/// And the learner has accepted again.
async fn wanted() -> World {
    let world = cancelled().await;
    accepts(&world).await;
    world
}

async fn accepts(world: &World) {
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Updated).await;
}

async fn alerted(world: &World) -> Vec<AlertKind> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|alert| alert.kind).collect()
}

async fn ended(world: &World) -> Option<RestoreOutcome> {
    world.row("ana", 1).await.attempt.give_back.and_then(|wanted| wanted.outcome)
}

fn answer(outcome: RestoreOutcome, reach: Reach) -> Restored {
    Restored::new(outcome, reach)
}

#[tokio::test(start_paused = true)]
async fn who_accepts_again_gets_the_place_back_as_a_new_generation() {
    let world = wanted().await;
    world.pass(minutes(1)).await;
    let orders = world.lms.orders_back();
    assert_eq!((orders.len(), world.lms.given_back()), (1, 1));
    let row = world.row("ana", 1).await;
    assert_eq!((row.generation, row.state), (2, State::Watched));
    assert_eq!(ended(&world).await, Some(RestoreOutcome::GivenBack));
    assert_eq!(orders[0].generation, 2);
    let cancelled = &world.lms.orders()[0];
    assert_ne!(orders[0].id, cancelled.id);
    assert_eq!(enrolment_ids::named(&orders[0].id).unwrap().at, row.reference(), "people may ask by it");
    assert!(alerted(&world).await.is_empty(), "nobody has to do anything");
    world.pass(minutes(60)).await;
    assert_eq!(world.lms.orders_back().len(), 1, "once");
    world.assert_sound("given back");
    // The next decline is a new one.
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 2));
    accepts(&world).await;
    world.pass(minutes(2)).await;
    assert_eq!((world.row("ana", 1).await.generation, world.lms.given_back()), (3, 2), "and so on");
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_place_is_given_back_once_wherever_a_worker_is_killed() {
    let lost = answer(RestoreOutcome::Outage, Reach::Sent);
    let unreached = answer(RestoreOutcome::Outage, Reach::NotReached);
    for first in [None, Some(lost), Some(unreached)] {
        let mut deaths = 0;
        for n in 0.. {
            let mut unharmed = 0;
            for death in [Death::Before(n), Death::After(n)] {
                let mut world = cancelled().await;
                world.graph.answer("ana", 1, Answer::Accepted);
                world.lms.script_back(first.clone());
                let done = {
                    let world = &world;
                    let step = async {
                        world.hint("ana", 1, ChangeType::Updated).await;
                        world.tick().await;
                    };
                    world.tables.killed(death, step).await
                };
                match done {
                    Some(()) => unharmed += 1,
                    None => deaths += 1,
                }
                world.restart().await;
                world.hint("ana", 1, ChangeType::Updated).await;
                world.pass(minutes(60)).await;
                let when = format!("{first:?} {death:?}");
                assert_eq!(world.lms.given_back(), 1, "{when}");
                let end = ended(&world).await;
                assert!(
                    matches!(end, Some(RestoreOutcome::GivenBack | RestoreOutcome::AlreadyHeld)),
                    "{when}: {end:?}"
                );
                assert!(alerted(&world).await.is_empty(), "{when}");
                world.assert_sound(&when);
            }
            if unharmed == 2 {
                break;
            }
        }
        assert!(deaths >= 8, "{first:?}: {deaths}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_killed_while_the_lms_gives_back_is_taken_over_after_the_lease() {
    let mut world = wanted().await;
    let message = world.dispatch().await.cancellations.remove(0);
    world.lms.silent.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(std::time::Duration::from_secs(1), world.cancel(&message)).await;
    assert!(killed.is_err());
    world.lms.silent.store(false, Ordering::SeqCst);
    world.restart().await;
    assert_eq!(world.cancel(&message).await, AttemptResult::Stale, "its message comes again");
    world.pass(minutes(10)).await;
    let orders = world.lms.orders_back();
    assert_eq!((orders.len(), world.lms.given_back()), (2, 1));
    assert!(orders[1].may_be_repeated && orders[0].id == orders[1].id);
    world.assert_sound("taken over");
}

#[tokio::test(start_paused = true)]
async fn where_it_cant_be_given_back_a_person_is_told() {
    for outcome in [RestoreOutcome::Full, RestoreOutcome::Waitlisted, RestoreOutcome::Refused] {
        let world = wanted().await;
        world.lms.script_back([answer(outcome, Reach::Sent)]);
        world.pass(minutes(1)).await;
        assert_eq!(alerted(&world).await, ["take-back"], "{outcome:?}");
        world.pass(minutes(60)).await;
        assert_eq!(world.lms.orders_back().len(), 1, "{outcome:?}: not tried again");
        world.assert_sound("told");
    }
    let world = wanted().await;
    world.lms.gives_back.store(false, Ordering::SeqCst);
    world.pass(minutes(1)).await;
    assert_eq!((alerted(&world).await, world.lms.orders_back().len()), (vec![AlertKind::TakeBack], 0));
}

#[tokio::test(start_paused = true)]
async fn it_waits_behind_the_same_valve_and_is_only_recorded_where_nothing_is_cancelled() {
    let world = wanted().await;
    let close = |state| {
        let now = world.now();
        valves::change_valve(&world.app.ledger, &world.tenant.name, now, move |valve| {
            let mut next = valve.clone();
            match state {
                Some(state) => next.close(state, "testing".into(), now),
                None => next.open(now),
            }
            Some(next)
        })
    };
    close(Some(ValveState::Stopped)).await.unwrap();
    world.pass(minutes(30)).await;
    assert_eq!(world.lms.orders_back().len(), 0);
    close(None).await.unwrap();
    world.pass(minutes(2)).await;
    assert_eq!(world.lms.given_back(), 1);

    let mut world = wanted().await;
    world.tenant.policy.mode = PolicyMode::Observe;
    world.restart().await;
    world.pass(minutes(2)).await;
    assert_eq!((world.lms.orders_back().len(), alerted(&world).await), (0, vec![AlertKind::TakeBack]));
}

#[tokio::test(start_paused = true)]
async fn what_its_answers_say_of_the_connection_counts() {
    let world = wanted().await;
    world.lms.script_back([answer(RestoreOutcome::CredentialBroken, Reach::Sent)]);
    world.pass(minutes(2)).await;
    let valve = valves::valve(&world.app.ledger, &contoso(), world.now()).await.unwrap();
    assert_eq!(valve.state, ValveState::CredentialBroken);
    assert_eq!(alerted(&world).await, ["lms-credential"]);
    assert_eq!(ended(&world).await, None, "it waits");
    world.assert_sound("closed");

    let world = wanted().await;
    let pause = Some(std::time::Duration::from_secs(600));
    let busy = Restored { pause, ..answer(RestoreOutcome::Outage, Reach::Sent) };
    world.lms.script_back([busy]);
    world.pass(minutes(8)).await;
    assert_eq!(world.lms.orders_back().len(), 1);
    world.pass(minutes(60)).await;
    assert_eq!((world.lms.orders_back().len(), world.lms.given_back()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn who_declines_again_before_it_was_sent_does_not_get_it_back() {
    let world = wanted().await;
    let message = world.dispatch().await.cancellations.remove(0);
    world.clock.advance(Duration::seconds(5));
    // Nobody was told of it yet: it is seen just before the LMS is asked.
    world.graph.answer("ana", 1, Answer::Declined);
    assert_eq!(world.cancel(&message).await, AttemptResult::Settled);
    assert_eq!((world.lms.orders_back().len(), world.state("ana", 1).await), (0, State::Waiting));
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    world.assert_sound("declined again");
}

#[tokio::test(start_paused = true)]
async fn who_declines_while_it_is_given_back_is_cancelled_again() {
    let world = wanted().await;
    let message = world.dispatch().await.cancellations.remove(0);
    world.lms.silent.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(std::time::Duration::from_secs(1), world.cancel(&message)).await;
    assert!(killed.is_err());
    world.lms.silent.store(false, Ordering::SeqCst);
    world.clock.advance(Duration::seconds(5));
    world.declined("ana", 1).await;
    assert_eq!(world.state("ana", 1).await, State::Watched, "under the claim");
    world.pass(minutes(30)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 2));
    world.assert_sound("in the end");
}
