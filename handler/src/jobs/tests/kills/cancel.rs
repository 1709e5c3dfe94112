//! `dispatch-due` and `cancel-enrolment`: every answer of the LMS, and everything that keeps a cancellation
//! from it.

use super::observe::operation;
use super::{Operation, all_survive, survives};
use crate::calendar::event::Answer;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::lms_order::LEASE;
use crate::enrolment::policy::PolicyMode;
use crate::jobs::cancel::{attempt, dispatch};
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::lms::{down, reply};
use crate::jobs::testing::{World, contoso, minutes};
use crate::messages::{AgendaRef, Cancellation, ChangeType, VERSION};
use chrono::Duration;
use futures::FutureExt;
use std::sync::atomic::Ordering;

/// For other stores than memory, too.
pub(super) const ALL: &[fn()] = &[
    asking_the_lms_for_each_of_its_answers,
    asking_the_lms_for_an_answer_that_closes_the_valve,
    asking_again_after_an_answer_that_did_not_settle_it,
    what_keeps_a_cancellation_from_the_lms,
    taking_over,
    dispatching,
    the_breaker_opens,
    the_breaker_closes,
    answers_of_no_receiver_turn_out_to_be_an_outage,
];

/// A decline that is due now.
async fn due() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.clock.advance(minutes(1));
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    world
}

/// The queue hands out the message for whatever stands on the agenda.
async fn carry(world: &World) {
    for (key, row) in world.agenda() {
        let crate::enrolment::wakeups::WakeUpKind::Cancel { enrolment } = row.entry.what else { continue };
        let (partition, row) = key.split_once('/').unwrap();
        let agenda = AgendaRef { partition: partition.into(), row: row.into() };
        let free_until = Some(world.now() + minutes(2));
        let message =
            Cancellation { v: VERSION, trace: None, tenant: contoso(), enrolment, agenda, free_until };
        attempt::cancel(&world.app, &message).await.unwrap();
    }
}

macro_rules! answers {
    ($($name:literal, $writes:literal, $reply:expr;)*) => {
        [$(operation!($name, $writes, async {
            let world = due().await;
            world.lms.always(Some($reply));
            world
        }, |world| carry(world).await)),*]
    };
}

#[tokio::test(start_paused = true)]
async fn asking_the_lms_for_each_of_its_answers() {
    use LmsOutcome as O;
    all_survive(&answers! {
        "done", 4, reply(O::Done);
        "accepted", 4, reply(O::Accepted);
        "already cancelled", 4, reply(O::AlreadyCancelled);
        "not enrolled", 4, reply(O::NotEnrolled);
        "superseded", 4, reply(O::Superseded);
        "unknown learner", 5, reply(O::UnknownLearner);
        "unknown session", 5, reply(O::UnknownSession);
        "too late", 5, reply(O::TooLate);
        "refused", 5, reply(O::Refused);
        "held elsewhere", 5, reply(O::HeldElsewhere);
        "unclear", 5, reply(O::Unclear);
        "unexpected", 6, reply(O::Unexpected);
        "outage, not reached", 5, down();
        "outage, sent", 5, Reply { reach: Reach::Sent, ..down() };
        "outage, not tried", 4, Reply { reach: Reach::NotTried, ..down() };
        "paused", 5, Reply { pause: Some(std::time::Duration::from_secs(600)), ..down() };
    })
    .await;
}

/// Nobody is woken behind a closed valve, so whoever closes it must have told.
#[tokio::test(start_paused = true)]
async fn asking_the_lms_for_an_answer_that_closes_the_valve() {
    use LmsOutcome as O;
    all_survive(&answers! {
        "credential broken", 5, reply(O::CredentialBroken);
        "endpoint gone", 5, reply(O::EndpointGone);
    })
    .await;
}

/// One answer, and the next attempt is done: what an attempt leaves behind must not stand in the way of the
/// next.
#[tokio::test(start_paused = true)]
async fn asking_again_after_an_answer_that_did_not_settle_it() {
    use LmsOutcome as O;
    macro_rules! first_answers {
        ($($name:literal, $reply:expr;)*) => {
            [$(operation!($name, 4, async {
                let world = due().await;
                world.lms.script([$reply]);
                world
            }, |world| carry(world).await)),*]
        };
    }
    all_survive(&first_answers! {
        "accepted, then done", reply(O::Accepted);
        "outage, then done", down();
        "lost, then done", Reply { reach: Reach::Sent, ..down() };
        "not tried, then done", Reply { reach: Reach::NotTried, ..down() };
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_keeps_a_cancellation_from_the_lms() {
    all_survive(&[
        operation!(
            "mode observe",
            3,
            async {
                let world = World::with(|tenant| tenant.policy.mode = PolicyMode::Observe).await;
                world.invited("ana", 1).await;
                world.declined("ana", 1).await;
                world.clock.advance(minutes(10));
                world
            },
            |world| carry(world).await
        ),
        operation!(
            "the deadline has come",
            4,
            async {
                let world = due().await;
                world.clock.advance(Duration::days(4));
                world
            },
            |world| carry(world).await
        ),
        operation!(
            "accepted in time, and the hint was lost",
            3,
            async {
                let world = due().await;
                world.graph.answer("ana", 1, Answer::Accepted);
                world
            },
            |world| carry(world).await
        ),
        operation!(
            "the calendar can't be read",
            3,
            async {
                let world = due().await;
                world.graph.down(Some(unavailable()));
                world
            },
            |world| {
                carry(world).await;
                world.graph.down(None)
            }
        ),
        operation!(
            "the valve is stopped",
            3,
            async {
                let world = due().await;
                super::operate::stop(&world).await;
                world
            },
            |world| carry(world).await
        ),
    ])
    .await;
}

/// A claim whose worker was killed while the LMS was asked, and ran out.
async fn orphaned() -> World {
    let mut world = due().await;
    world.lms.silent.store(true, Ordering::SeqCst);
    let killed = tokio::time::timeout(std::time::Duration::from_secs(1), carry(&world)).await;
    assert!(killed.is_err());
    world.lms.silent.store(false, Ordering::SeqCst);
    world.restart().await;
    world.clock.advance(LEASE);
    world
}

#[tokio::test(start_paused = true)]
async fn taking_over() {
    all_survive(&[
        operation!("taken over", 4, orphaned(), |world| carry(world).await),
        operation!(
            "taken over, and the learner takes part by now",
            3,
            async {
                let world = orphaned().await;
                world.graph.answer("ana", 1, Answer::Accepted);
                world
            },
            |world| carry(world).await
        ),
        operation!(
            "taken over behind a stopped valve",
            2,
            async {
                let world = orphaned().await;
                super::operate::stop(&world).await;
                world
            },
            |world| carry(world).await
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn dispatching() {
    survives(&operation!(
        "a look, two cancellations and a hint are due",
        3,
        async {
            let world = due().await;
            world.invited("ben", 1).await;
            world.declined("ben", 1).await;
            world.invited("cem", 1).await;
            world.graph.remove("cem", 1);
            world.hint("cem", 1, ChangeType::Deleted).await;
            world.graph.invite("ana", 2);
            world.graph.down(Some(unavailable()));
            world.hint("ana", 2, ChangeType::Created).await;
            world.graph.down(None);
            world.clock.advance(minutes(11));
            world
        },
        |world| {
            dispatch::dispatch(&world.app, None).await.unwrap();
        }
    ))
    .await;
}

/// A world in which so many attempts in a row have failed.
async fn after_outages(count: usize) -> World {
    let world = due().await;
    world.lms.script(std::iter::repeat_n(down(), count));
    while world.lms.asked() < count {
        world.pass_quietly(minutes(1)).await;
    }
    world.clock.advance(minutes(60));
    world
}

/// The fifth outage in a row closes the valve but for probes.
#[tokio::test(start_paused = true)]
async fn the_breaker_opens() {
    survives(&operation!(
        "the fifth outage",
        4,
        async {
            let world = after_outages(4).await;
            world.lms.script([down()]);
            world
        },
        |world| carry(world).await
    ))
    .await;
}

/// The first answer opens the valve for all.
#[tokio::test(start_paused = true)]
async fn the_breaker_closes() {
    survives(&operation!("the probe that is answered", 2, after_outages(5), |world| {
        world.tick().await;
    }))
    .await;
}

/// The fifth enrolment in a row that is answered as no receiver answers: the four before it are with a
/// person, and wait again.
#[tokio::test(start_paused = true)]
async fn answers_of_no_receiver_turn_out_to_be_an_outage() {
    survives(&operation!(
        "the fifth answer that no receiver gives",
        15,
        async {
            let world = World::new().await;
            world.lms.always(Some(Reply { status: Some(400), ..reply(LmsOutcome::Unexpected) }));
            for session in 1..=5 {
                world.invited("ana", session).await;
                world.clock.advance(minutes(1));
                world.declined("ana", session).await;
                world.clock.advance(minutes(10));
                if session < 5 {
                    carry(&world).await;
                }
            }
            world
        },
        |world| carry(world).await
    ))
    .await;
}
