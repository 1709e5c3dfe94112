//! reference/rules.md#hints: any interleaving of workers gives the same final ledger, and one of them wins.
//! The doubles give way to each other at every call, so that the workers take turns.

use crate::calendar::event::Answer;
use crate::calendar::reading::Verdict;
use crate::enrolment::before_sending;
use crate::enrolment::transitions::State;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::observe::hints;
use crate::jobs::testing::{World, changes, minutes};
use crate::jobs::watch::{maintain, plan};
use crate::ledger::enrolments;
use crate::messages::ChangeType;
use crate::store::Table;
use futures::future::join_all;
use std::sync::atomic::Ordering;

/// For other stores than memory, too.
pub(crate) const ALL: &[fn()] = &[
    of_workers_with_the_same_message_one_asks_the_lms,
    workers_with_the_same_hint_decide_once,
    an_old_reading_never_overwrites_a_newer_one,
    an_old_reading_of_a_living_copy_undoes_no_drop,
    an_old_first_sight_never_overwrites_a_decline,
    whoever_observes_while_the_lms_is_asked_finds_one_end,
    a_tick_between_a_wake_up_and_its_row_loses_nothing,
    of_two_workers_one_tends_a_mailbox,
    a_decision_that_somebody_else_wrote_first_is_counted_once,
    a_row_that_was_known_is_read_anew_before_it_is_left_alone,
];

fn give_way(world: &World) {
    world.tables.yields.store(true, Ordering::SeqCst);
    world.graph.yields.store(true, Ordering::SeqCst);
    world.lms.yields.store(true, Ordering::SeqCst);
}

/// Lets others go first, so many times.
async fn later(turns: usize) {
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn of_workers_with_the_same_message_one_asks_the_lms() {
    for lag in 0..25 {
        let world = World::new().await;
        world.invited("ana", 1).await;
        world.declined("ana", 1).await;
        world.clock.advance(minutes(10));
        let wake = world.dispatch().await;
        let message = &wake.cancellations[0];
        give_way(&world);
        let workers = (0..3).map(|n| {
            let world = &world;
            async move {
                later(n * lag).await;
                world.cancel(message).await
            }
        });
        let attempts = join_all(workers).await;
        let asked = attempts.iter().filter(|attempt| matches!(attempt, AttemptResult::Asked(_))).count();
        assert_eq!((asked, world.lms.asked()), (1, 1), "lag {lag}: {attempts:?}");
        assert_eq!(world.state("ana", 1).await, State::Done);
        // Who wrote a wake-up for a claim and was too late for it leaves one too many, which finds nothing to
        // do.
        world.pass(minutes(20)).await;
        assert_eq!(world.lms.asked(), 1, "lag {lag}");
        world.assert_sound("done");
    }
}

#[tokio::test(start_paused = true)]
async fn workers_with_the_same_hint_decide_once() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    give_way(&world);
    let hint = world.graph.hint("ana", 1, ChangeType::Updated);
    let message = changes(&[hint.clone(), hint]);
    join_all((0..5).map(|_| hints::observe(&world.app, &message))).await;
    let row = world.row("ana", 1).await;
    let decided = row.story.iter().filter(|line| line.text.contains("Decided")).count();
    assert_eq!((row.state, decided), (State::Waiting, 1), "{:?}", row.story);
    world.assert_sound("decided");
}

/// A worker that read the calendar before the learner changed their mind, and writes after one that read it
/// later.
#[tokio::test(start_paused = true)]
async fn an_old_reading_never_overwrites_a_newer_one() {
    for (first, then, state) in [
        (Answer::Accepted, Answer::Declined, State::Waiting),
        (Answer::Declined, Answer::Accepted, State::Watched),
    ] {
        let world = World::new().await;
        world.invited("ana", 1).await;
        world.graph.answer("ana", 1, first);
        world.graph.stall(100);
        let message = changes(&[world.graph.hint("ana", 1, ChangeType::Updated)]);
        let slow = async { hints::observe(&world.app, &message).await.unwrap() };
        let quick = async {
            later(10).await;
            world.graph.answer("ana", 1, then);
            hints::observe(&world.app, &message).await.unwrap();
        };
        futures::join!(slow, quick);
        assert_eq!(world.state("ana", 1).await, state, "{first:?} then {then:?}");
        world.pass(minutes(20)).await;
        world.assert_sound("in the end");
    }
}

/// The same for what a link remembers: whose copy was still there when the organizer dropped them is not
/// invited anew.
#[tokio::test(start_paused = true)]
async fn an_old_reading_of_a_living_copy_undoes_no_drop() {
    for lag in 0..40 {
        let world = World::new().await;
        world.invited("ana", 1).await;
        world.graph.stall(100);
        let updated = changes(&[world.graph.hint("ana", 1, ChangeType::Updated)]);
        let deleted = changes(&[world.graph.hint("ana", 1, ChangeType::Deleted)]);
        let slow = async { hints::observe(&world.app, &updated).await.unwrap() };
        let quick = async {
            later(lag).await;
            world.graph.original(1, |event| event.attendees.clear());
            world.graph.remove("ana", 1);
            hints::observe(&world.app, &deleted).await.unwrap();
        };
        futures::join!(slow, quick);
        for _ in 0..3 {
            hints::observe(&world.app, &deleted).await.unwrap();
            let row = world.row("ana", 1).await;
            assert_eq!(
                (row.state, row.parts[0].reading.as_ref().unwrap().verdict),
                (State::Watched, Verdict::DroppedByOrganizer),
                "lag {lag}"
            );
        }
        world.assert_sound("dropped");
    }
}

/// The same for an invitation that is seen for the first time.
#[tokio::test(start_paused = true)]
async fn an_old_first_sight_never_overwrites_a_decline() {
    let world = World::new().await;
    world.graph.invite("ana", 1);
    world.graph.answer("ana", 1, Answer::Accepted);
    world.graph.stall(100);
    let created = changes(&[world.graph.hint("ana", 1, ChangeType::Created)]);
    let updated = changes(&[world.graph.hint("ana", 1, ChangeType::Updated)]);
    let slow = async { hints::observe(&world.app, &created).await.unwrap() };
    let quick = async {
        later(10).await;
        world.graph.answer("ana", 1, Answer::Declined);
        hints::observe(&world.app, &updated).await.unwrap();
    };
    futures::join!(slow, quick);
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn whoever_observes_while_the_lms_is_asked_finds_one_end() {
    for turns in 0..30 {
        let world = World::new().await;
        world.invited("ana", 1).await;
        world.declined("ana", 1).await;
        world.clock.advance(minutes(10));
        let wake = world.dispatch().await;
        give_way(&world);
        let message = changes(&[world.graph.hint("ana", 1, ChangeType::Updated)]);
        let observer = async {
            later(turns).await;
            world.graph.answer("ana", 1, Answer::Accepted);
            hints::observe(&world.app, &message).await.unwrap();
        };
        let (attempt, ()) = futures::join!(world.cancel(&wake.cancellations[0]), observer);
        let row = world.row("ana", 1).await;
        let (state, effects) = (row.state, world.lms.cancelled("ana", 1));
        // In time or too late, but never half; and whoever was too late is told of.
        match attempt {
            AttemptResult::Asked(_) if row.taken_back.is_some() => {
                assert_eq!((state, effects, row.generation), (State::Watched, 1, 2), "after {turns} turns")
            }
            AttemptResult::Asked(_) => assert_eq!((state, effects), (State::Done, 1), "after {turns} turns"),
            AttemptResult::Stale | AttemptResult::PutBack | AttemptResult::Settled | AttemptResult::Lost => {
                assert_eq!((state, effects), (State::Watched, 0), "after {turns} turns")
            }
            AttemptResult::GaveBack(_) => panic!("nobody asked for that"),
        }
        // A claim that lost the race has left its wake-up; whoever it wakes clears it away.
        world.pass(minutes(20)).await;
        world.assert_sound("in the end");
    }
}

/// A writer has put the wake-up on the agenda and is about to write the row that needs it, when
/// `dispatch-due` ticks.
#[tokio::test(start_paused = true)]
async fn a_tick_between_a_wake_up_and_its_row_loses_nothing() {
    let world = World::with(|tenant| tenant.policy.grace = chrono::Duration::zero()).await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    world.tables.stall(Table::Enrolments, 100);
    let message = changes(&[world.graph.hint("ana", 1, ChangeType::Updated)]);
    let observer = async { hints::observe(&world.app, &message).await.unwrap() };
    let ticker = async {
        later(10).await;
        assert_eq!(world.tick().await, [AttemptResult::Stale], "the wake-up is there, the row is not");
    };
    futures::join!(observer, ticker);
    world.pass(minutes(15)).await;
    assert_eq!((world.state("ana", 1).await, world.lms.cancelled("ana", 1)), (State::Done, 1));
    world.assert_sound("in the end");
}

#[tokio::test(start_paused = true)]
async fn of_two_workers_one_tends_a_mailbox() {
    for lag in 0..12 {
        let world = World::new().await;
        let messages = plan::plan(&world.app, None).await.unwrap();
        give_way(&world);
        let workers = (0..2).map(|n| {
            let (world, messages) = (&world, &messages);
            async move {
                later(n * lag).await;
                maintain::maintain(&world.app, &messages[0]).await.unwrap();
            }
        });
        join_all(workers).await;
        let mailboxes = messages[0].tasks.len();
        assert_eq!(world.graph.calls("create_subscription"), mailboxes, "lag {lag}");
        assert_eq!(world.graph.subscribed().len(), mailboxes, "lag {lag}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_decision_that_somebody_else_wrote_first_is_counted_once() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    let message = changes(&[world.graph.hint("ana", 1, ChangeType::Updated)]);
    world.tables.stall(Table::Enrolments, 100);
    let slow = async { hints::observe(&world.app, &message).await.unwrap() };
    let quick = async {
        later(10).await;
        world.clock.advance(minutes(1));
        hints::observe(&world.app, &message).await.unwrap();
    };
    futures::join!(slow, quick);
    assert_eq!(world.state("ana", 1).await, State::Waiting);
    let rows = world.tables.dump(Table::Connections);
    assert_eq!(rows.iter().filter(|row| row.partition == "contoso~decisions").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_row_that_was_known_is_read_anew_before_it_is_left_alone() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    let ledger = &world.app.ledger;
    let at = world.row("ana", 1).await.reference();
    let known = enrolments::load(ledger, &at).await.unwrap().unwrap();
    world.declined("ana", 1).await;
    let until = world.now() + minutes(99);
    let put_back = enrolments::update_known(ledger, known, |row| before_sending::put_back(row, until))
        .await
        .unwrap()
        .unwrap();
    assert_eq!((put_back.value.state, put_back.value.attempt.due), (State::Waiting, Some(until)));
    assert_eq!(
        put_back,
        enrolments::load(ledger, &at).await.unwrap().unwrap(),
        "what is given is what is stored"
    );
    world.assert_sound("put back");
}
