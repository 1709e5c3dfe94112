//! reference/rules.md#nothing-in-silence: what is said, how often, and what ends it.

use crate::calendar::event::Answer;
use crate::enrolment::operator_decision::OperatorDecision;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::jobs::operate::housekeeping::housekeep;
use crate::jobs::operate::operator::{self, Attribution};
use crate::jobs::testing::{World, contoso, minutes};
use crate::ledger::alerts::{self, Alert, AlertKind};
use crate::ledger::{enrolment_ids, sessions, valves};
use crate::messages::ChangeType;
use crate::store::{Table, Tables as _};
use chrono::Duration;

fn olga() -> Attribution {
    Attribution { by: "olga".into(), reason: "seen to".into() }
}

async fn open(world: &World) -> Vec<(AlertKind, u64)> {
    let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
    open.into_iter().map(|Alert { kind, count, .. }| (kind, count)).collect()
}

async fn acknowledge(world: &World, kind: &str) {
    operator::acknowledge_alert(&world.app, &contoso(), kind, &olga()).await.unwrap();
}

/// `learner` removes the copy, and a person is asked.
async fn reviewed(world: &World, learner: &str) -> String {
    world.invited(learner, 1).await;
    world.graph.remove(learner, 1);
    world.hint(learner, 1, ChangeType::Deleted).await;
    world.pass(minutes(45)).await;
    assert_eq!(world.state(learner, 1).await, State::Review);
    enrolment_ids::id_of(&world.row(learner, 1).await.reference())
}

async fn stop(world: &World) {
    let now = world.now();
    valves::change_valve(&world.app.ledger, &contoso(), now, |valve| {
        let mut next = valve.clone();
        next.close(ValveState::Stopped, "holiday".into(), now);
        Some(next)
    })
    .await
    .unwrap();
}

#[tokio::test(start_paused = true)]
async fn review_counts_each_place_once_and_ends_with_the_last() {
    let world = World::new().await;
    let ana = reviewed(&world, "ana").await;
    assert_eq!(open(&world).await, [(AlertKind::Review, 1)]);
    let ben = reviewed(&world, "ben").await;
    for _ in 0..2 {
        housekeep(&world.app).await.unwrap();
        assert_eq!(open(&world).await, [(AlertKind::Review, 2)], "met again, counted once");
    }
    operator::decide(&world.app, &ana, OperatorDecision::Ignore, &olga()).await.unwrap();
    assert_eq!(open(&world).await, [(AlertKind::Review, 1)]);
    operator::decide(&world.app, &ben, OperatorDecision::Approve, &olga()).await.unwrap();
    assert_eq!(open(&world).await, []);
}

#[tokio::test(start_paused = true)]
async fn review_ends_when_the_learner_settles_it_by_attending() {
    let world = World::new().await;
    reviewed(&world, "ana").await;
    world.graph.invite("ana", 1);
    world.graph.answer("ana", 1, Answer::Accepted);
    world.hint("ana", 1, ChangeType::Created).await;
    assert_eq!((world.state("ana", 1).await, open(&world).await), (State::Watched, vec![]));
}

#[tokio::test(start_paused = true)]
async fn what_is_acknowledged_is_kept_quiet_until_it_grows() {
    let world = World::new().await;
    reviewed(&world, "ana").await;
    acknowledge(&world, "review").await;
    let known = |open: Vec<Alert>| open.iter().map(|alert| alert.acknowledged.is_some()).collect::<Vec<_>>();
    let list = || async { alerts::open(&world.app.ledger, &contoso()).await.unwrap() };
    housekeep(&world.app).await.unwrap();
    assert_eq!(known(list().await), [true], "the same place is no news");
    reviewed(&world, "ben").await;
    assert_eq!((known(list().await), open(&world).await), (vec![false], vec![(AlertKind::Review, 2)]));
}

#[tokio::test(start_paused = true)]
async fn expired_ends_when_a_person_has_seen_it_and_does_not_mute_the_next() {
    let world = World::new().await;
    stop(&world).await;
    for learner in ["ana", "ben"] {
        world.invited(learner, 1).await;
    }
    world.declined("ana", 1).await;
    world.pass_by(minutes(60), Duration::days(4)).await;
    housekeep(&world.app).await.unwrap();
    assert_eq!(
        (world.state("ana", 1).await, open(&world).await),
        (State::Expired, vec![(AlertKind::Expired, 1)])
    );
    acknowledge(&world, "expired").await;
    // As if the visit had been killed before its end was written down.
    let sessions = sessions::sessions_partition(&contoso());
    let visited =
        world.tables.dump(Table::Connections).into_iter().find(|row| row.partition == sessions).unwrap();
    world.tables.delete(Table::Connections, &sessions, &visited.row, None).await.unwrap();
    let row = world.row("ana", 1).await;
    sessions::note_session(&world.app.ledger, &contoso(), &row.session, &row.reference(), world.now())
        .await
        .unwrap();
    housekeep(&world.app).await.unwrap();
    assert_eq!(open(&world).await, [], "the same place is not told again");
    assert_eq!(world.state("ben", 1).await, State::Watched);
}

#[tokio::test(start_paused = true)]
async fn poison_is_said_again_for_each_message_and_ends_by_a_person() {
    let world = World::new().await;
    for count in 1..=3 {
        alerts::raise_more(&world.app.ledger, &contoso(), AlertKind::PoisonChanges, 1).await.unwrap();
        assert_eq!(open(&world).await, [(AlertKind::PoisonChanges, count)]);
    }
    acknowledge(&world, "poison-changes").await;
    assert_eq!(open(&world).await, []);
    alerts::raise_more(&world.app.ledger, &contoso(), AlertKind::PoisonChanges, 1).await.unwrap();
    assert_eq!(open(&world).await, [(AlertKind::PoisonChanges, 1)]);
}

/// Rows of builds that knew neither counts nor whom they were about.
#[tokio::test(start_paused = true)]
async fn an_alert_of_an_older_build_is_read_and_counts_from_now_on() {
    let world = World::new().await;
    let old = serde_json::json!({ "kind": "review", "since": "2026-11-20T10:00:00Z", "step": "mend it" });
    let old = crate::store::typed::entity(&old).unwrap();
    world.tables.insert(Table::Connections, "contoso~alerts", "review", old).await.unwrap();
    assert_eq!(open(&world).await, [(AlertKind::Review, 1)]);
    reviewed(&world, "ana").await;
    assert_eq!(open(&world).await, [(AlertKind::Review, 1)]);
}

/// One that a newer build knows must not fail status and planning of all.
#[tokio::test(start_paused = true)]
async fn an_alert_of_an_unknown_kind_is_passed_over_and_said() {
    let world = World::new().await;
    let odd = serde_json::json!({ "kind": "of-tomorrow", "count": 1, "since": "2026-11-20T10:00:00Z",
    "step": "wait" });
    let odd = crate::store::typed::entity(&odd).unwrap();
    world.tables.insert(Table::Connections, "contoso~alerts", "of-tomorrow", odd).await.unwrap();
    alerts::raise(&world.app.ledger, &contoso(), AlertKind::LmsGone).await.unwrap();
    let _ = open(&world).await;
    assert_eq!(open(&world).await, [(AlertKind::LmsGone, 1), (AlertKind::UnreadableRow, 1)]);
}

#[tokio::test(start_paused = true)]
async fn the_learners_delay_is_another_alert_than_ours() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.invited("ben", 1).await;
    stop(&world).await;
    // Ben in time, behind a stopped valve; Ana after the deadline.
    world.declined("ben", 1).await;
    let start = world.row("ana", 1).await.start.unwrap();
    let deadline = start - world.tenant.policy.deadline;
    world.clock.advance(deadline - world.now() + minutes(5));
    world.declined("ana", 1).await;
    assert_eq!(
        (world.state("ana", 1).await, open(&world).await),
        (State::Expired, vec![(AlertKind::DeclinedLate, 1)])
    );
    housekeep(&world.app).await.unwrap();
    assert_eq!(world.state("ben", 1).await, State::Expired);
    assert_eq!(open(&world).await, [(AlertKind::DeclinedLate, 1), (AlertKind::Expired, 1)]);
}

/// The looks of an outage's backlog come to their end at the same moment.
#[tokio::test(start_paused = true)]
async fn hundreds_of_places_that_go_to_a_person_at_once_fail_nobody_and_are_counted() {
    let world = World::new().await;
    for session in 1..=240 {
        world.invited("ana", session).await;
        world.graph.remove("ana", session);
        world.hint("ana", session, ChangeType::Deleted).await;
    }
    world.clock.advance(minutes(45));
    let wake = world.dispatch().await;
    assert_eq!(wake.changes.iter().map(|message| message.hints.len()).sum::<usize>(), 240);
    world.tables.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    let observed =
        wake.changes.iter().map(|message| crate::jobs::observe::hints::observe(&world.app, message));
    futures::future::try_join_all(observed).await.unwrap();
    assert_eq!(world.state("ana", 240).await, State::Review);
    assert_eq!(open(&world).await.len(), 1);
    alerts::repeat_open(&world.app.ledger, &contoso()).await.unwrap();
    assert_eq!(open(&world).await, [(AlertKind::Review, 240)], "the planning round counts anew");
}

/// Two learners accept again what was given up; the alert counts both, and is over with the last of them,
/// without a housekeeping.
#[tokio::test(start_paused = true)]
async fn take_back_counts_each_place_once_and_ends_with_the_last() {
    let world = World::new().await;
    for learner in ["ana", "ben"] {
        world.invited(learner, 1).await;
        world.declined(learner, 1).await;
    }
    world.pass(minutes(15)).await;
    let mut ids = Vec::new();
    for (count, learner) in [(1, "ana"), (2, "ben")] {
        assert_eq!(world.state(learner, 1).await, State::Done);
        world.graph.answer(learner, 1, Answer::Accepted);
        world.hint(learner, 1, ChangeType::Updated).await;
        assert_eq!(open(&world).await, [(AlertKind::TakeBack, count)]);
        ids.push(enrolment_ids::id_of(&world.row(learner, 1).await.reference()));
    }
    operator::decide(&world.app, &ids[0], OperatorDecision::Ignore, &olga()).await.unwrap();
    assert_eq!(open(&world).await, [(AlertKind::TakeBack, 1)]);
    // The other settles it without anybody: the place is not wanted any more.
    world.clock.advance(minutes(1));
    world.declined("ben", 1).await;
    assert_eq!(open(&world).await, []);
}
