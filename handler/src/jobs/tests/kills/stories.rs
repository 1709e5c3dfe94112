//! reference/rules.md#faults: handler killed anywhere: no decline lost, none applied twice.
//!
//! Each story is played to its decisive step, which is killed at its n-th write, before and after that write
//! took effect, for every n until the step comes to its end unharmed. Then the process starts anew, the queue
//! hands its message out again, and time goes on. Whatever n was, the end must be the same.

use crate::calendar::event::Answer;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::transitions::State;
use crate::ids::SubscriptionId;
use crate::jobs::JobError;
use crate::jobs::cancel::{attempt, attempt_result, dispatch};
use crate::jobs::observe::hints;
use crate::jobs::operate::{dead_letters, housekeeping};
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::lms::{down, reply};
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, changes, contoso, minutes, user};
use crate::jobs::watch::{maintain, plan};
use crate::ledger::{alerts, mailboxes};
use crate::messages::{Cancellation, ChangeType, Hint, MailboxTask, Mailboxes, TaskKind, VERSION};
use chrono::Duration;
use std::sync::atomic::Ordering;

/// Kills `step` at every write, each time in a world of its own; gives the number of deaths.
macro_rules! kill_everywhere {
    ($make:expr, |$w:ident| $step:expr, |$world:ident, $when:ident| $after:expr) => {{
        let mut deaths = 0;
        for n in 0.. {
            let mut unharmed = 0;
            for death in [Death::Before(n), Death::After(n)] {
                let mut $world = $make.await;
                let done = {
                    let $w = &$world;
                    let step = async {
                        $step;
                        Ok::<(), JobError>(())
                    };
                    $world.tables.killed(death, step).await
                };
                match done {
                    Some(done) => {
                        done.unwrap();
                        unharmed += 1;
                    }
                    None => deaths += 1,
                }
                $world.restart().await;
                let $when = format!("{death:?}");
                $after;
            }
            if unharmed == 2 {
                break;
            }
        }
        deaths
    }};
}

/// The next days, with housekeeping once.
async fn heals(world: &World, time: Duration) {
    world.pass(time).await;
    housekeeping::housekeep(&world.app).await.unwrap();
    world.pass(minutes(20)).await;
}

async fn done_once(world: &World, when: &str) {
    assert_eq!(world.state("ana", 1).await, State::Done, "{when}");
    assert_eq!(world.lms.cancelled("ana", 1), 1, "{when}");
    world.assert_sound(when);
}

/// An invitation that is known, and a decline that is not yet.
async fn declined() -> World {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.graph.answer("ana", 1, Answer::Declined);
    world
}

/// A decline that is due now.
async fn due() -> World {
    let world = declined().await;
    world.hint("ana", 1, ChangeType::Updated).await;
    world.clock.advance(minutes(10));
    world
}

/// The message that `dispatch-due` sends for it.
async fn woken(world: &World) -> Cancellation {
    world.dispatch().await.cancellations.remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_decline_survives_a_kill_at_any_write_of_its_observation() {
    let deaths = kill_everywhere!(
        declined(),
        |world| hints::observe(&world.app, &changes(&[world.graph.hint("ana", 1, ChangeType::Updated)]))
            .await?,
        |world, when| {
            world.hint("ana", 1, ChangeType::Updated).await;
            world.pass(minutes(60)).await;
            // Without housekeeping: a learner should not wait a day for it.
            done_once(&world, &when).await;
        }
    );
    assert!(deaths >= 6, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_was_declined_before_it_was_seen_survives_a_kill_at_any_write() {
    let make = || async {
        let world = World::new().await;
        world.graph.invite("ana", 1);
        world.graph.answer("ana", 1, Answer::Declined);
        world
    };
    let deaths = kill_everywhere!(
        make(),
        |world| hints::observe(&world.app, &changes(&[world.graph.hint("ana", 1, ChangeType::Created)]))
            .await?,
        |world, when| {
            world.hint("ana", 1, ChangeType::Created).await;
            world.pass(minutes(60)).await;
            done_once(&world, &when).await;
        }
    );
    assert!(deaths >= 10, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn one_cancellation_takes_effect_wherever_the_attempt_is_killed() {
    // Done at once; an outage of a request that arrived; a connection that did not come about.
    let arrived = Reply { reach: Reach::Sent, ..down() };
    for first in [None, Some(arrived), Some(down())] {
        let deaths = kill_everywhere!(
            async {
                let world = due().await;
                world.lms.script(first.clone());
                world
            },
            |world| {
                let message = woken(world).await;
                attempt::cancel(&world.app, &message).await?
            },
            |world, when| {
                world.pass(minutes(60)).await;
                done_once(&world, &format!("{first:?} {when}")).await;
            }
        );
        assert!(deaths >= 8, "{deaths}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_again_after_the_kill_cancels_no_second_time() {
    kill_everywhere!(
        due(),
        |world| {
            let message = woken(world).await;
            attempt::cancel(&world.app, &message).await?
        },
        |world, when| {
            let at = world.row("ana", 1).await.reference();
            for (partition, row) in world.agenda().keys().filter_map(|key| key.split_once('/')) {
                let agenda = crate::messages::AgendaRef { partition: partition.into(), row: row.into() };
                let message = Cancellation {
                    v: VERSION,
                    trace: None,
                    tenant: contoso(),
                    enrolment: at.clone(),
                    agenda,
                    free_until: Some(world.now() + minutes(2)),
                };
                for _ in 0..3 {
                    world.cancel(&message).await;
                }
            }
            world.pass(minutes(60)).await;
            done_once(&world, &when).await;
        }
    );
}

#[tokio::test(start_paused = true)]
async fn who_is_killed_while_the_lms_is_silent_is_taken_over_after_the_lease() {
    let mut world = due().await;
    world.lms.silent.store(true, Ordering::SeqCst);
    let message = woken(&world).await;
    let asked = tokio::time::timeout(std::time::Duration::from_secs(300), world.cancel(&message)).await;
    assert!(asked.is_err(), "killed while it waits");
    world.restart().await;
    world.lms.silent.store(false, Ordering::SeqCst);
    assert_eq!(world.cancel(&message).await, attempt_result::AttemptResult::Stale, "the claim stands");
    world.pass(minutes(2)).await;
    assert_eq!(world.lms.asked(), 1, "the lease is not over");
    world.pass(minutes(2)).await;
    done_once(&world, "taken over").await;
    let orders = world.lms.orders();
    assert_eq!(orders.len(), 2);
    assert_eq!((orders[0].may_be_repeated, orders[1].may_be_repeated), (false, true));
    assert_eq!(orders[0].id, orders[1].id);
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_review_or_expired_is_never_left_without_its_alert() {
    for (outcome, kind, state) in
        [(LmsOutcome::Refused, "review", State::Review), (LmsOutcome::TooLate, "expired", State::Expired)]
    {
        kill_everywhere!(
            async {
                let world = due().await;
                world.lms.always(Some(reply(outcome)));
                world
            },
            |world| {
                let message = woken(world).await;
                attempt::cancel(&world.app, &message).await?
            },
            |world, when| {
                heals(&world, minutes(60)).await;
                assert_eq!(world.state("ana", 1).await, state, "{when}");
                let alerts = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
                assert!(alerts.iter().any(|alert| alert.kind == kind), "{outcome:?} {when}: {alerts:?}");
                world.assert_sound(&when);
            }
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_settles_survives_a_kill_at_any_write() {
    let settling = || async {
        let world = World::without_organizer().await;
        world.invited("ana", 1).await;
        world.graph.remove("ana", 1);
        world.hint("ana", 1, ChangeType::Deleted).await;
        world.pass(minutes(29)).await;
        world.clock.advance(minutes(1));
        world
    };
    let deaths = kill_everywhere!(
        settling(),
        |world| {
            let wake = dispatch::dispatch(&world.app, None).await?;
            for changes in &wake.changes {
                hints::observe(&world.app, changes).await?;
            }
        },
        |world, when| {
            world.pass(minutes(60)).await;
            done_once(&world, &when).await;
        }
    );
    assert!(deaths >= 6, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn a_review_that_is_withdrawn_leaves_nothing_on_the_agenda_wherever_it_is_killed() {
    kill_everywhere!(
        async {
            let world = World::new().await;
            world.invited("ana", 1).await;
            world.graph.remove("ana", 1);
            world.hint("ana", 1, ChangeType::Deleted).await;
            world.pass(minutes(31)).await;
            assert_eq!(world.state("ana", 1).await, State::Review);
            world.graph.put("ana", crate::jobs::testing::graph::FakeGraph::event("copy-1-ana".into(), 1));
            world.graph.answer("ana", 1, Answer::Accepted);
            world
        },
        |world| hints::observe(&world.app, &changes(&[world.graph.hint("ana", 1, ChangeType::Created)]))
            .await?,
        |world, when| {
            world.hint("ana", 1, ChangeType::Created).await;
            heals(&world, Duration::hours(26)).await;
            assert_eq!(world.state("ana", 1).await, State::Watched, "{when}");
            world.assert_sound(&when);
            assert!(alerts::open(&world.app.ledger, &contoso()).await.unwrap().is_empty(), "{when}");
        }
    );
}

#[tokio::test(start_paused = true)]
async fn a_hint_that_waits_for_graph_survives_a_kill_at_any_write() {
    let deaths = kill_everywhere!(
        async {
            let world = World::new().await;
            world.graph.invite("ana", 1);
            world.graph.answer("ana", 1, Answer::Declined);
            world.graph.down(Some(unavailable()));
            world.hint("ana", 1, ChangeType::Updated).await;
            world.clock.advance(minutes(1));
            world
        },
        |world| {
            let wake = dispatch::dispatch(&world.app, None).await?;
            for changes in &wake.changes {
                hints::observe(&world.app, changes).await?;
            }
        },
        |world, when| {
            world.graph.down(None);
            world.pass(minutes(60)).await;
            done_once(&world, &when).await;
            assert!(world.agenda().is_empty(), "{when}: {:?}", world.agenda());
        }
    );
    assert!(deaths >= 4, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_is_watched_once_and_compared_wherever_its_tending_is_killed() {
    let deaths = kill_everywhere!(
        async {
            let world = World::with(|tenant| {
                tenant.watch.mailboxes =
                    crate::enrolment::policy::Mailboxes::Users(vec!["ana@contoso.com".into()])
            })
            .await;
            world.graph.invite("ana", 1);
            world.graph.answer("ana", 1, Answer::Declined);
            world
        },
        |world| for message in plan::plan(&world.app, None).await? {
            let hints = maintain::maintain(&world.app, &message).await?.hints;
            hints::observe(&world.app, &changes(&hints)).await?;
        },
        |world, when| {
            for _ in 0..4 {
                world.watch().await;
                world.pass(minutes(5)).await;
            }
            world.pass(minutes(20)).await;
            done_once(&world, &when).await;
            let row = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
            assert_eq!(world.graph.subscribed(), [row.subscription.unwrap()], "{when}");
            assert_eq!((row.leased_until, row.resync_wanted), (None, None), "{when}");
        }
    );
    assert!(deaths >= 12, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn a_gap_is_counted_blind_exactly_once_wherever_the_lifecycle_event_is_killed() {
    let removed = |id: &SubscriptionId| {
        let subscription = Some(id.clone());
        Mailboxes::of(
            contoso(),
            vec![MailboxTask { mailbox: user("ana"), kind: TaskKind::Removed, subscription }],
        )
    };
    let id = SubscriptionId::new("sub-1");
    let deaths = kill_everywhere!(
        async {
            let world = World::without_organizer().await;
            world.watch().await;
            world.graph.forget(&id);
            world
        },
        |world| maintain::maintain(&world.app, &removed(&id)).await?.hints,
        |world, when| {
            maintain::maintain(&world.app, &removed(&id)).await.unwrap();
            for _ in 0..3 {
                world.clock.advance(minutes(5));
                world.watch().await;
            }
            let status = crate::jobs::operate::status::tenant(&world.app, &contoso()).await.unwrap();
            assert_eq!(status.blind, 1, "{when}");
            assert!(status.alerts.iter().any(|alert| alert.kind == "blind"), "{when}: {:?}", status.alerts);
        }
    );
    assert!(deaths >= 4, "{deaths}");
}

#[tokio::test(start_paused = true)]
async fn a_poisoned_change_is_looked_at_again_wherever_its_keeping_is_killed() {
    let text = serde_json::to_string(&changes(&[Hint::Changed {
        mailbox: user("ana"),
        event: crate::jobs::testing::graph::copy("ana", 1),
        change: ChangeType::Updated,
    }]))
    .unwrap();
    let deaths = kill_everywhere!(
        declined(),
        |world| dead_letters::change(&world.app, &text).await?,
        |world, when| {
            dead_letters::change(&world.app, &text).await.unwrap();
            world.pass(minutes(60)).await;
            done_once(&world, &when).await;
            assert!(world.agenda().is_empty(), "{when}");
        }
    );
    assert!(deaths >= 2, "{deaths}");
}

/// Four pages that take two invocations.
#[tokio::test(start_paused = true)]
async fn a_comparison_in_steps_comes_to_the_same_end_wherever_it_is_killed() {
    let task = || {
        Mailboxes::of(
            contoso(),
            vec![MailboxTask { mailbox: user("ana"), kind: TaskKind::Tend, subscription: None }],
        )
    };
    let deaths = kill_everywhere!(
        async {
            let world = World::new().await;
            for session in 1..=4 {
                world.graph.invite("ana", session);
                world.graph.answer("ana", session, Answer::Declined);
            }
            world.graph.state.lock().unwrap().paged = Some((1, std::time::Duration::from_millis(2_500)));
            world
        },
        |world| {
            let mut next = Some(task());
            while let Some(message) = next.take() {
                let maintained = maintain::maintain(&world.app, &message).await?;
                hints::observe(&world.app, &changes(&maintained.hints)).await?;
                next = maintained.rest;
            }
        },
        |world, when| {
            for _ in 0..6 {
                world.watch().await;
                world.pass(minutes(6)).await;
            }
            world.pass(minutes(20)).await;
            for session in 1..=4 {
                assert_eq!(world.state("ana", session).await, State::Done, "{when}, session {session}");
                assert_eq!(world.lms.cancelled("ana", session), 1, "{when}");
            }
            let row = mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap();
            assert_eq!((row.leased_until, row.comparing), (None, None), "{when}");
            assert!(row.resynced_at.is_some(), "{when}");
            world.assert_sound(&when);
        }
    );
    assert!(deaths >= 16, "{deaths}");
}
