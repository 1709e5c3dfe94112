//! `renew-subscriptions`, `tend-mailboxes` and `housekeeping`.

use super::observe::operation;
use super::{Operation, all_survive, survives};
use crate::calendar::event::Answer;
use crate::ids::SubscriptionId;
use crate::jobs::operate::{dead_letters, housekeeping};
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::jobs::watch::{maintain, plan};
use crate::messages::{ChangeType, MailboxTask, Mailboxes, TaskKind};
use chrono::Duration;
use futures::FutureExt;

/// For other stores than memory, too.
pub(super) const ALL: &[fn()] = &[planning_and_tending, keeping_house, keeping_house_of_what_is_over];

async fn one_mailbox() -> World {
    let watched = || crate::enrolment::policy::Mailboxes::Users(vec!["ana@contoso.com".into()]);
    World::with(|tenant| tenant.watch.mailboxes = watched()).await
}

/// Watched, compared, and declined since with nobody to tell.
async fn watched() -> World {
    let world = one_mailbox().await;
    world.watch().await;
    world.graph.invite("ana", 1);
    world.graph.answer("ana", 1, Answer::Declined);
    world.clock.advance(minutes(15));
    world
}

fn task(kind: TaskKind) -> Mailboxes {
    let subscription = Some(SubscriptionId::new("sub-1"));
    let tasks = vec![MailboxTask { mailbox: user("ana"), kind, subscription }];
    Mailboxes::of(contoso(), tasks)
}

async fn maintained(world: &World, kind: TaskKind) {
    let hints = maintain::maintain(&world.app, &task(kind)).await.unwrap().hints;
    world.observe(&hints).await;
}

#[tokio::test(start_paused = true)]
async fn planning_and_tending() {
    all_survive(&[
        operation!("planned", 1, World::new(), |world| {
            plan::plan(&world.app, None).await.unwrap();
        }),
        operation!(
            "planned, maintained and compared",
            8,
            async {
                let world = one_mailbox().await;
                world.graph.invite("ana", 1);
                world.graph.answer("ana", 1, Answer::Declined);
                world
            },
            |world| world.watch().await
        ),
        operation!(
            "renewed",
            1,
            async {
                let world = watched().await;
                world.clock.advance(Duration::hours(36));
                world
            },
            |world| world.watch().await
        ),
        operation!(
            "removed by Graph",
            3,
            async {
                let world = watched().await;
                world.graph.forget(&SubscriptionId::new("sub-1"));
                world
            },
            |world| maintained(world, TaskKind::Removed).await
        ),
        operation!("to be authorized anew", 2, watched(), |world| maintained(world, TaskKind::Reauthorize)
            .await),
        operation!("missed", 3, watched(), |world| maintained(world, TaskKind::Resync).await),
        operation!(
            "released",
            1,
            async {
                let mut world = watched().await;
                world.tenant.watch.mailboxes = crate::enrolment::policy::Mailboxes::None;
                world.restart().await;
                // The round marks them.
                plan::plan(&world.app, None).await.unwrap();
                world
            },
            |world| maintained(world, TaskKind::Release).await
        ),
        operation!(
            "Graph is back",
            4,
            async {
                let world = World::with(|tenant| {
                    tenant.watch.mailboxes = crate::enrolment::policy::Mailboxes::Users(vec![
                        "ana@contoso.com".into(),
                        "ben@contoso.com".into(),
                    ]);
                    tenant.watch.organizers.clear();
                })
                .await;
                world.watch().await;
                world.graph.down(Some(unavailable()));
                for _ in 0..4 {
                    world.clock.advance(minutes(5));
                    world.watch().await;
                }
                world.graph.down(None);
                world
            },
            |world| {
                plan::plan(&world.app, None).await.unwrap();
            }
        ),
        operation!("a poisoned task", 2, watched(), |world| {
            let text = serde_json::to_string(&task(TaskKind::Resync)).unwrap();
            dead_letters::mailboxes(&world.app, &text).await.unwrap()
        }),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn keeping_house() {
    all_survive(&[
        operation!(
            "wake-ups restored",
            2,
            async {
                let world = World::new().await;
                world.invited("ana", 1).await;
                world.invited("ben", 1).await;
                world.declined("ana", 1).await;
                world.graph.remove("ben", 1);
                world.hint("ben", 1, ChangeType::Deleted).await;
                world.tables.wipe(crate::store::Table::Agenda);
                world
            },
            |world| {
                housekeeping::housekeep(&world.app).await.unwrap();
            }
        ),
        operation!(
            "expired behind a stopped valve",
            3,
            async {
                let world = World::new().await;
                world.invited("ana", 1).await;
                world.declined("ana", 1).await;
                super::operate::stop(&world).await;
                world.clock.advance(Duration::days(4));
                world
            },
            |world| {
                housekeeping::housekeep(&world.app).await.unwrap();
            }
        ),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn keeping_house_of_what_is_over() {
    survives(&operation!(
        "over, with an archived generation",
        4,
        async {
            let world = World::new().await;
            world.invited("ana", 1).await;
            world.declined("ana", 1).await;
            world.pass_quietly(minutes(20)).await;
            world.graph.answer("ana", 1, Answer::Accepted);
            world.hint("ana", 1, ChangeType::Updated).await;
            world.graph.remove("ana", 1);
            world.graph.remove_original(1);
            world.clock.advance(Duration::days(200));
            world
        },
        |world| {
            housekeeping::housekeep(&world.app).await.unwrap();
        }
    ))
    .await;
}
