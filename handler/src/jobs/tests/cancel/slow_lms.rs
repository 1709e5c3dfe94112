//! reference/rules.md#claims, against an LMS that needs 40 seconds for each of four steps: all steps of an
//! attempt end within its budget, which is counted from before the claim; no write begins with less than its
//! time-out left; whoever takes over reads first. One effect, however many workers there are.

use crate::enrolment::lms_answer::{Reach, Reply};
use crate::enrolment::lms_order::{BUDGET, LEASE};
use crate::enrolment::transitions::State;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::testing::slow::SlowLms;
use crate::jobs::testing::{World, minutes};
use crate::messages::Cancellation;
use crate::store::Table;
use chrono::Duration;
use std::sync::Arc;
use std::time::Duration as StdDuration;
use tokio::time::sleep;

const STEP: StdDuration = StdDuration::from_secs(40);

/// A decline that is due, an LMS that is slow, and the message for it.
async fn due() -> (World, Arc<SlowLms>, Cancellation) {
    due_with(STEP).await
}

async fn due_with(step: StdDuration) -> (World, Arc<SlowLms>, Cancellation) {
    let world = World::new().await;
    let lms = Arc::new(SlowLms::new(world.clock.clone(), step));
    *world.lms.instead.lock().unwrap() = Some(lms.clone());
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    let message = world.dispatch().await.cancellations.remove(0);
    (world, lms, message)
}

/// The ledger's clock goes with the one that sleepers wait for.
async fn both_clocks(world: &World, time: Duration) {
    for _ in 0..time.num_seconds() {
        sleep(StdDuration::from_secs(1)).await;
        world.clock.advance(Duration::seconds(1));
    }
}

fn assert_writes_keep_to_the_rule(lms: &SlowLms) {
    let writes = lms.writes();
    for write in &writes {
        assert!(write.left >= STEP, "a write began with {:?} left: {write:?}", write.left);
    }
    for pair in writes.windows(2) {
        assert!(pair[0].ended.is_some_and(|ended| ended <= pair[1].began), "two writes at once: {pair:?}");
    }
}

/// One worker has the message; another gets it again and again, and ticks wake more of them.
#[tokio::test(start_paused = true)]
async fn four_slow_steps_take_effect_once_whoever_else_gets_the_message() {
    let (world, lms, message) = due().await;
    let first = world.cancel(&message);
    let again = async {
        for _ in 0..60 {
            sleep(StdDuration::from_secs(7)).await;
            let attempt = world.cancel(&message).await;
            assert!(
                !matches!(attempt, AttemptResult::Asked(_)),
                "the row stands otherwise by now: {attempt:?}"
            );
        }
    };
    let ticks = async {
        for _ in 0..20 {
            sleep(StdDuration::from_secs(60)).await;
            world.tick().await;
        }
    };
    futures::join!(first, again, ticks, both_clocks(&world, minutes(25)));
    assert_eq!(lms.effects(), 1);
    assert_eq!(
        lms.writes().iter().map(|write| write.attempt).collect::<Vec<_>>(),
        [1, 2],
        "a step an attempt"
    );
    assert_writes_keep_to_the_rule(&lms);
    assert_eq!(world.state("ana", 1).await, State::Done);
    world.pass(minutes(20)).await;
    world.assert_sound("done");
}

/// Killed at any second of an attempt: what was sent takes effect all the same, and whoever takes over after
/// the lease finds it.
#[tokio::test(start_paused = true)]
async fn whoever_takes_over_after_a_kill_at_any_second_finds_what_was_done() {
    for second in (1..=90).step_by(4) {
        let (mut world, lms, message) = due().await;
        let killed = async {
            tokio::select! {
                biased;
                () = sleep(StdDuration::from_secs(second)) => {}
                _ = world.cancel(&message) => {}
            }
        };
        let lived = Duration::seconds(i64::try_from(second).unwrap());
        futures::join!(killed, both_clocks(&world, lived));
        world.restart().await;
        let ticks = async {
            for _ in 0..20 {
                sleep(StdDuration::from_secs(60)).await;
                world.tick().await;
            }
        };
        futures::join!(ticks, both_clocks(&world, minutes(25)));
        assert_eq!((lms.effects(), world.state("ana", 1).await), (1, State::Done), "killed after {second} s");
        assert_writes_keep_to_the_rule(&lms);
        let lease = LEASE - Duration::from_std(BUDGET).unwrap();
        assert!(
            lease >= Duration::from_std(STEP).unwrap(),
            "what was sent last ends before anybody may take over"
        );
        world.pass(minutes(20)).await;
        world.assert_sound("done");
    }
}

/// A store that takes seconds for the claim leaves no time to write down what the LMS would answer: it is not
/// asked.
#[tokio::test(start_paused = true)]
async fn whoever_claims_too_late_asks_nobody_and_the_attempt_does_not_count() {
    let (world, lms, message) = due().await;
    world.tables.slow(Table::Enrolments, StdDuration::from_millis(8_500));
    let recovers = async {
        sleep(StdDuration::from_secs(1)).await;
        world.tables.slow(Table::Enrolments, StdDuration::ZERO);
    };
    let (attempt, (), ()) =
        futures::join!(world.cancel(&message), recovers, both_clocks(&world, Duration::seconds(20)));
    assert!(matches!(attempt, AttemptResult::Asked(Reply { reach: Reach::NotTried, .. })), "{attempt:?}");
    assert!(lms.writes().is_empty(), "{:?}", lms.writes());
    let row = world.row("ana", 1).await;
    assert_eq!((row.attempt.tries, row.maybe_effected), (0, false), "what was not tried does not count");

    let ticks = async {
        for _ in 0..20 {
            sleep(StdDuration::from_secs(60)).await;
            world.tick().await;
        }
    };
    futures::join!(ticks, both_clocks(&world, minutes(25)));
    assert_eq!((lms.effects(), world.state("ana", 1).await), (1, State::Done));
    assert_writes_keep_to_the_rule(&lms);
}

/// The budget runs while the claim is written: seven seconds for it are missing in the end, and no write
/// begins.
#[tokio::test(start_paused = true)]
async fn a_slow_claim_is_paid_from_the_budget() {
    let (world, lms, message) = due_with(StdDuration::from_secs(42)).await;
    world.tables.slow(Table::Enrolments, StdDuration::from_secs(7));
    let recovers = async {
        sleep(StdDuration::from_secs(1)).await;
        world.tables.slow(Table::Enrolments, StdDuration::ZERO);
    };
    let (attempt, (), ()) = futures::join!(world.cancel(&message), recovers, both_clocks(&world, minutes(4)));
    assert!(matches!(attempt, AttemptResult::Asked(_)), "{attempt:?}");
    assert!(lms.writes().is_empty(), "{:?}", lms.writes());
    assert_eq!(world.row("ana", 1).await.attempt.tries, 0, "what was not tried does not count");
}
