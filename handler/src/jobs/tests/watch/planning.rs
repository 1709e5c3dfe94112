//! Whom the planning finds, how often it asks the directory, and what a round costs and sends when there are
//! thousands.

use super::maintaining::{alerts, live};
use crate::enrolment::policy::Mailboxes as Wanted;
use crate::graph::GraphError;
use crate::ids::UserId;
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::jobs::watch::{directory, maintain, plan};
use crate::ledger::alerts::AlertKind::DirectoryShrunk;
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::messages::{Mailboxes, TaskKind};
use crate::store::Table;
use chrono::Duration;
use std::collections::BTreeSet;

const MANY: usize = 2_500;

/// A tenant of thousands, all of whom are to be watched; none is yet.
async fn thousands() -> World {
    let world = World::new().await;
    for n in 0..MANY {
        world.graph.hire(&format!("p{n}"));
    }
    world
}

/// But for the message that has the organizers' calendars followed, which every round sends.
async fn round(world: &World) -> Vec<Mailboxes> {
    let mut messages = plan::plan(&world.app, None).await.unwrap();
    let all = messages.len();
    messages.retain(|message| !message.invitations);
    assert_eq!(all - messages.len(), 1, "by itself: nothing waits for it");
    messages
}

fn tasks(messages: &[Mailboxes], kind: TaskKind) -> BTreeSet<UserId> {
    let all = messages.iter().flat_map(|message| &message.tasks);
    all.filter(|task| task.kind == kind).map(|task| task.mailbox.clone()).collect()
}

async fn rows(world: &World) -> Vec<MailboxRow> {
    mailboxes::all(&world.app.ledger, &contoso()).await.unwrap()
}

/// As if everybody had been maintained.
async fn settle(world: &World) {
    let (now, later) = (world.now(), world.now() + minutes(2_000));
    for row in rows(world).await {
        let subscription = Some(row.user.as_str().into());
        let next = MailboxRow {
            subscription,
            expires: Some(later),
            due: later,
            resynced_at: Some(now),
            ..row.clone()
        };
        mailboxes::update(&world.app.ledger, &contoso(), &row.user, |_| Some(next.clone())).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn thousands_of_joiners_are_written_by_batches_and_read_by_pages() {
    let world = thousands().await;
    world.tables.count();
    let messages = round(&world).await;
    let cost = world.tables.count();
    let known = rows(&world).await.len();
    assert_eq!(known, MANY + 4, "the test's people and the four of every world");
    assert_eq!(tasks(&messages, TaskKind::Tend).len(), 2_400, "as many as can be made until the next round");
    // Sixteen partitions, each with its last batch half full, and a few rows of the tenant's.
    assert!(cost.writes <= known / 100 + 16 + 8, "{cost:?}");
    // The first look at consent is three more point reads, the canary's row one.
    assert!(cost.scans <= 16 + 8 && cost.gets <= 8 + 2 + 3 + 1, "{cost:?}");
    assert!(messages.len() <= 100, "{}", messages.len());

    settle(&world).await;
    world.clock.advance(minutes(5));
    world.tables.count();
    assert_eq!(round(&world).await, []);
    let quiet = world.tables.count();
    assert_eq!(quiet.writes, 0, "{quiet:?}");
    // Of the point reads: was the tenant switched off, does a listing of subscriptions wait to go on, and
    // two, was the organizer's calendar followed? And one, with a look at the open alerts: does consent still
    // hold?
    assert!(quiet.scans <= 16 + 3 && quiet.gets <= 6 + 3 + 1, "{quiet:?}");
}

#[tokio::test(start_paused = true)]
async fn a_small_directory_is_read_by_every_round_and_a_large_one_every_hour() {
    let small = World::new().await;
    for _ in 0..3 {
        round(&small).await;
    }
    assert_eq!(small.graph.calls("users"), 3);

    let large = thousands().await;
    for _ in 0..24 {
        apart(&large, &round(&large).await).await;
        large.clock.advance(minutes(5));
    }
    assert_eq!(large.graph.calls("users"), 2, "in two hours");
}

/// A directory that is read apart is read, if this round asks for it.
async fn apart(world: &World, messages: &[Mailboxes]) -> usize {
    let mut read = 0;
    for message in messages.iter().filter(|message| message.directory) {
        maintain::maintain(&world.app, message).await.unwrap();
        read += 1;
    }
    read
}

#[tokio::test(start_paused = true)]
async fn whoever_joins_or_leaves_a_large_directory_is_served_by_the_round_after_it_was_read() {
    let world = thousands().await;
    round(&world).await;
    settle(&world).await;
    world.graph.hire("zoe");
    world.graph.retire("p7");
    world.clock.advance(minutes(55));
    assert_eq!(round(&world).await, []);
    world.clock.advance(minutes(5));
    assert_eq!(apart(&world, &round(&world).await).await, 1);
    let messages = round(&world).await;
    assert_eq!(tasks(&messages, TaskKind::Tend), [user("zoe")].into());
    assert_eq!(tasks(&messages, TaskKind::Release), [user("p7")].into());
    // The message is lost; the directory is not read again for an hour, and yet the next round releases.
    world.clock.advance(minutes(5));
    let messages = round(&world).await;
    assert_eq!(tasks(&messages, TaskKind::Release), [user("p7")].into());
    for message in &messages {
        maintain::maintain(&world.app, message).await.unwrap();
    }
    assert!(!rows(&world).await.iter().any(|row| row.user == user("p7")));
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_back_before_the_release_stays() {
    let world = World::new().await;
    round(&world).await;
    settle(&world).await;
    world.graph.retire("ana");
    assert_eq!(tasks(&round(&world).await, TaskKind::Release), [user("ana")].into());
    world.graph.hire("ana");
    let maintained = tasks(&round(&world).await, TaskKind::Tend);
    assert_eq!(
        maintained,
        [user("ana")].into(),
        "what was told meanwhile was not read, so her calendar is compared"
    );
    assert!(rows(&world).await.iter().all(|row| !row.leaving));
}

#[tokio::test(start_paused = true)]
async fn a_changed_configuration_is_read_at_once() {
    let mut world = thousands().await;
    round(&world).await;
    settle(&world).await;
    world.tenant.watch.mailboxes = Wanted::Users(vec!["ana@contoso.com".into()]);
    world.restart().await;
    assert_eq!(apart(&world, &round(&world).await).await, 1);
    let leaving = tasks(&round(&world).await, TaskKind::Release);
    assert!(leaving.len() >= 1_500 && !leaving.contains(&user("ana")), "{}", leaving.len());
    assert_eq!(rows(&world).await.iter().filter(|row| row.leaving).count(), MANY + 3);
}

/// Forty people of a group are watched.
async fn forty() -> World {
    let world = World::with(|tenant| tenant.watch.mailboxes = Wanted::Group("group".into())).await;
    for n in 0..40 {
        world.graph.hire(&format!("p{n}"));
    }
    members(&world, 0..40);
    world.watch().await;
    assert_eq!(world.graph.subscribed().len(), 40);
    world
}

fn members(world: &World, those: std::ops::Range<usize>) {
    let people = those.map(|n| user(&format!("p{n}"))).collect();
    world.graph.state.lock().unwrap().groups.insert("group".to_owned(), people);
}

#[tokio::test(start_paused = true)]
async fn a_directory_that_has_lost_most_people_at_once_is_believed_after_a_day() {
    let world = forty().await;
    members(&world, 0..19);
    live(&world, Duration::hours(23)).await;
    assert_eq!(world.graph.subscribed().len(), 40);
    assert_eq!(alerts(&world).await, [DirectoryShrunk]);
    // Whoever joins meanwhile is watched all the same.
    world.graph.hire("p40");
    members(&world, 22..41);
    live(&world, minutes(5)).await;
    assert_eq!(world.graph.subscribed().len(), 41);
    live(&world, Duration::hours(2)).await;
    assert_eq!(world.graph.subscribed().len(), 19);
    assert!(alerts(&world).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_mistake_in_a_group_that_is_mended_within_the_day_releases_nobody() {
    let world = forty().await;
    for _ in 0..2 {
        members(&world, 0..0);
        live(&world, Duration::hours(20)).await;
        assert_eq!(alerts(&world).await, [DirectoryShrunk]);
        members(&world, 0..40);
        live(&world, minutes(10)).await;
        assert!(alerts(&world).await.is_empty());
    }
    assert_eq!((world.graph.subscribed().len(), world.graph.calls("delete_subscription")), (40, 0));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_few_or_named_anew_is_believed_at_once() {
    let world = forty().await;
    members(&world, 0..20);
    live(&world, minutes(5)).await;
    assert_eq!(world.graph.subscribed().len(), 20, "half of them stay");
    members(&world, 0..1);
    live(&world, minutes(5)).await;
    assert_eq!(world.graph.subscribed().len(), 1, "nineteen are few");

    let mut world = forty().await;
    world.tenant.watch.mailboxes = Wanted::Users(vec!["p1@contoso.com".into()]);
    world.restart().await;
    live(&world, minutes(5)).await;
    assert_eq!(world.graph.subscribed().len(), 1, "the configuration says so");
}

#[tokio::test(start_paused = true)]
async fn a_large_directory_that_can_not_be_read_is_asked_again_by_the_next_round() {
    let world = thousands().await;
    world.graph.state.lock().unwrap().directory = Some(unavailable());
    round(&world).await;
    world.graph.state.lock().unwrap().directory = None;
    assert_eq!(tasks(&round(&world).await, TaskKind::Tend).len(), 2_400);
}

#[tokio::test(start_paused = true)]
async fn a_round_sends_what_can_be_done_until_the_next_and_the_most_urgent_first() {
    let world = World::new().await;
    for n in 0..3_200 {
        world.graph.hire(&format!("p{n}"));
    }
    round(&world).await;
    // One of them had a subscription that lapsed: its gap is open, while the others never had one.
    world.clock.advance(minutes(5));
    let now = world.now();
    mailboxes::update(&world.app.ledger, &contoso(), &user("p3"), |row| {
        let row = row?.clone();
        Some(MailboxRow {
            subscription: Some("sub".into()),
            expires: Some(now - minutes(1)),
            due: now,
            ..row
        })
    })
    .await
    .unwrap();
    let messages = round(&world).await;
    assert_eq!(tasks(&messages, TaskKind::Tend).len(), 2_400);
    assert_eq!(messages[0].tasks[0].mailbox, user("p3"));
    assert!(messages.iter().all(|message| message.tasks.len() <= 100));
}

#[tokio::test(start_paused = true)]
async fn wherever_a_round_is_killed_the_next_one_does_the_rest() {
    for n in 0.. {
        for death in [Death::Before(n), Death::After(n)] {
            let mut world = World::new().await;
            for n in 0..300 {
                world.graph.hire(&format!("p{n}"));
            }
            round(&world).await;
            settle(&world).await;
            for n in 0..100 {
                world.graph.retire(&format!("p{n}"));
                world.graph.hire(&format!("q{n}"));
            }
            let done = world.tables.killed(death, round(&world)).await.is_some();
            world.restart().await;
            world.clock.advance(minutes(5));
            let messages = round(&world).await;
            assert_eq!(tasks(&messages, TaskKind::Release).len(), 100, "{death:?}");
            assert_eq!(tasks(&messages, TaskKind::Tend).len(), 100, "{death:?}");
            if done {
                assert!(n >= 32, "sixteen shards with leavers and joiners: {n}");
                return;
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_that_somebody_writes_at_that_moment_is_marked_all_the_same() {
    let world = World::new().await;
    round(&world).await;
    settle(&world).await;
    world.graph.retire("ana");
    world.tables.stall(Table::Mailboxes, 50);
    world.tables.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    let tending = async {
        for _ in 0..30 {
            tokio::task::yield_now().await;
        }
        let (now, ana) = (world.now(), user("ana"));
        mailboxes::update(&world.app.ledger, &contoso(), &ana, |row| {
            Some(MailboxRow { last_success: Some(now), ..row?.clone() })
        })
        .await
        .unwrap();
    };
    let (messages, ()) = futures::join!(round(&world), tending);
    assert_eq!(tasks(&messages, TaskKind::Release), [user("ana")].into());
    let row = rows(&world).await.into_iter().find(|row| row.user == user("ana")).unwrap();
    assert!(row.leaving && row.last_success.is_some());
}

#[tokio::test(start_paused = true)]
async fn people_whom_the_listing_showed_are_not_asked_for_again() {
    let world = World::new().await;
    round(&world).await;
    for name in ["ana", "ben"] {
        let found = world.context().users.user(world.graph.as_ref(), &user(name)).await.unwrap();
        assert!(found.unwrap().learner.is_some());
        let address = crate::jobs::testing::address(name);
        assert_eq!(
            world.context().users.organizer(world.graph.as_ref(), &address).await.unwrap(),
            Some(user(name))
        );
    }
    assert_eq!((world.graph.calls("user"), world.graph.calls("user_by_address")), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_middle_of_a_list_names_nobody() {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Wanted::Users(vec!["ana@contoso.com".into(), "ben@contoso.com".into()])
    })
    .await;
    world.graph.state.lock().unwrap().directory = Some(unavailable());
    let named = directory::named(world.context(), &world.tenant.watch.mailboxes).await;
    assert!(matches!(named, Err(GraphError::Unavailable(_))));
}
