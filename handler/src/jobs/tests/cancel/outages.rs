//! reference/rules.md#faults: Graph or the LMS down for two days costs nothing but time.

use crate::calendar::event::Answer;
use crate::enrolment::policy::Rate;
use crate::enrolment::transitions::State;
use crate::graph::GraphError;
use crate::jobs::testing::graph::{copy, failure, unavailable};
use crate::jobs::testing::lms::down;
use crate::jobs::testing::{World, minutes, user};
use crate::messages::{ChangeType, Hint};
use chrono::Duration;

#[tokio::test(start_paused = true)]
async fn graph_down_for_two_days_loses_no_hint_and_asks_ever_more_rarely() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.invite("ben", 2);
    world.graph.answer("ana", 1, Answer::Declined);
    world.graph.answer("ben", 2, Answer::Declined);
    world.graph.down(Some(unavailable()));
    // One of a known link, one of an unknown event, and one that a second delivery repeats.
    world.hint("ana", 1, ChangeType::Updated).await;
    world.hint("ben", 2, ChangeType::Created).await;
    world.hint("ben", 2, ChangeType::Created).await;
    world.graph.calls("event");
    let mut calls = Vec::new();
    for _ in 0..48 {
        world.pass(minutes(60)).await;
        calls.push(world.graph.calls("event"));
    }
    assert!(calls[0] > calls[2], "{calls:?}");
    assert!(calls[4..].iter().all(|calls| (1..=4).contains(calls)), "at most hourly for each: {calls:?}");
    assert_eq!(world.lms.asked(), 0, "nothing is decided blindly");

    world.graph.down(None);
    world.pass(minutes(90)).await;
    for (learner, session) in [("ana", 1), ("ben", 2)] {
        assert_eq!(world.state(learner, session).await, State::Done, "{learner}");
        assert_eq!(world.lms.cancelled(learner, session), 1, "{learner}");
    }
    assert!(world.agenda().is_empty(), "{:?}", world.agenda());
    world.assert_sound("after the outage");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_mailbox_waits_and_the_others_go_on() {
    let world = World::new().await;
    for learner in ["ana", "ben"] {
        world.graph.invite(learner, 1);
        world.graph.answer(learner, 1, Answer::Declined);
    }
    world.graph.set_failure("ana", Some(GraphError::Throttled { failure: failure(), after: None }));
    let hints: Vec<Hint> =
        ["ana", "ben"].map(|learner| world.graph.hint(learner, 1, ChangeType::Created)).into();
    world.observe(&hints).await;
    world.pass(minutes(15)).await;
    assert_eq!(world.state("ben", 1).await, State::Done);
    assert_eq!(world.find("ana", 1).await, None);
    world.graph.set_failure("ana", None);
    world.pass(minutes(60)).await;
    assert_eq!(world.state("ana", 1).await, State::Done);
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn a_hint_that_graph_calls_invalid_is_kept_for_a_person_after_a_day() {
    let world = World::new().await;
    world.graph.set_failure("ana", Some(GraphError::Invalid(failure())));
    world.hint("ana", 1, ChangeType::Created).await;
    world.pass_by(minutes(10), Duration::hours(24)).await;
    assert_eq!(world.plans().len(), 1, "still tried");
    world.pass_by(minutes(10), Duration::hours(24)).await;
    let kept = world.tables.dump(crate::store::Table::Agenda);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].partition, crate::ledger::unreadable_messages::UNREADABLE);
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_is_refused_decides_nothing_by_itself() {
    for failure in [GraphError::Refused(failure()), GraphError::NoMailbox(failure())] {
        let world = World::without_organizer().await;
        world.invited("ana", 1).await;
        world.graph.set_failure("ana", Some(failure.clone()));
        world.hint("ana", 1, ChangeType::Updated).await;
        world
            .observe(&[Hint::Changed {
                mailbox: user("ana"),
                event: copy("ana", 7),
                change: ChangeType::Created,
            }])
            .await;
        world.pass(Duration::hours(20)).await;
        assert_eq!((world.state("ana", 1).await, world.lms.asked()), (State::Watched, 0), "{failure:?}");
        world.assert_sound("refused");
    }
}

#[tokio::test(start_paused = true)]
async fn the_lms_down_for_two_days_costs_nothing_but_time() {
    let world = World::with(|tenant| tenant.lms.rate = Rate { requests: 5, per: Duration::minutes(1) }).await;
    world.lms.always(Some(down()));
    for session in 1..=40 {
        world.graph.invite("ana", session);
        world.graph.answer("ana", session, Answer::Declined);
        world.hint("ana", session, ChangeType::Created).await;
    }
    world.pass(minutes(20)).await;
    let begun = world.lms.asked();
    world.pass(Duration::hours(47)).await;
    let probes = world.lms.asked() - begun;
    assert!(probes <= 47 * 60, "one probe per tick at most: {probes}");
    assert!(probes >= 47, "and the LMS is asked at least hourly: {probes}");
    assert!(world.lms.effects().is_empty());

    world.lms.always(None);
    let mut most = 0;
    for _ in 0..150 {
        let before = world.lms.asked();
        world.pass(minutes(1)).await;
        most = most.max(world.lms.asked() - before);
    }
    assert_eq!(world.lms.effects().len(), 40);
    assert!(world.lms.effects().values().all(|effects| *effects == 1));
    assert!(most <= 5, "the pace is kept: {most} in a minute");
    world.assert_sound("after the outage");
    assert!(crate::ledger::alerts::open(&world.app.ledger, &world.tenant.name).await.unwrap().is_empty());
}
