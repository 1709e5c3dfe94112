//! A list of subscriptions that takes longer than any run has time for.

use crate::graph::GraphError;
use crate::ids::SubscriptionId;
use crate::jobs::operate::housekeeping::housekeep;
use crate::jobs::testing::graph::{failure, unavailable};
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::jobs::watch::{maintain, subscription_listing};
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::messages::{MailboxTask, Mailboxes, TaskKind};
use crate::store::Table;
use chrono::Duration;
use std::collections::BTreeSet;

const OURS: &str = "https://regrets.contoso.com/api/graph/notifications?deployment=d";
/// Pages of a part in `housekeeping`, and of one apart.
const FIRST: usize = 3;
const THEN: usize = 5;

fn name(n: usize) -> String {
    format!("p{n:03}")
}

fn of(n: usize) -> SubscriptionId {
    SubscriptionId::new(format!("sub-{n:03}"))
}

/// So many people whose mailboxes are watched since an hour, and so many subscriptions on a page.
async fn watched(people: usize, page: usize) -> World {
    let mut world = World::new().await;
    let budgets = &mut world.app.timing.budgets;
    budgets.few_subscriptions = std::time::Duration::from_secs(2);
    budgets.subscriptions = std::time::Duration::from_secs(3);
    for name in ["ana", "ben", "cem"] {
        world.forget_mailbox(name).await;
    }
    for n in 0..people {
        subscribed(&world, &name(n), &of(n)).await;
        world.graph.plant(of(n).as_str(), &format!("users/id-{}/events", name(n)), OURS);
    }
    world.graph.state.lock().unwrap().pages.size = Some(page);
    world.clock.advance(minutes(60));
    world
}

async fn subscribed(world: &World, name: &str, id: &SubscriptionId) {
    let now = world.now();
    mailboxes::update(&world.app.ledger, &contoso(), &user(name), |_| {
        Some(MailboxRow {
            state: SubscriptionState::Watched,
            subscription: Some(id.clone()),
            expires: Some(now + Duration::days(3)),
            renewed_at: Some(now),
            due: now + Duration::days(2),
            ..MailboxRow::wanted(&contoso(), &user(name), now)
        })
    })
    .await
    .unwrap();
}

fn stray(world: &World, id: &str) {
    world.graph.plant(id, "users/id-gone/events", OURS);
}

fn is_there(world: &World, id: &str) -> bool {
    world.graph.state.lock().unwrap().subscriptions.contains_key(&SubscriptionId::new(id))
}

/// Five minutes later: what a planning round would send is done. False: there is nothing to go on with.
async fn goes_on(world: &World) -> bool {
    world.clock.advance(minutes(5));
    let is_due = subscription_listing::is_due_apart(&world.app, world.context()).await.unwrap();
    if is_due {
        let message = Mailboxes { listing: true, ..Mailboxes::of(contoso(), Vec::new()) };
        maintain::maintain(&world.app, &message).await.unwrap();
    }
    is_due
}

/// Whose subscription is to be asked about.
async fn doubted(world: &World) -> Vec<String> {
    let rows = mailboxes::all(&world.app.ledger, &contoso()).await.unwrap();
    let due: BTreeSet<String> = rows
        .into_iter()
        .filter(|row| row.due <= world.now())
        .map(|row| row.user.as_str().trim_start_matches("id-").to_owned())
        .collect();
    due.into_iter().collect()
}

async fn row(world: &World, name: &str) -> MailboxRow {
    mailboxes::load(&world.app.ledger, &contoso(), &user(name)).await.unwrap().unwrap()
}

fn marks(world: &World) -> usize {
    world.tables.dump(Table::Connections).iter().filter(|row| row.partition.ends_with("~listed")).count()
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_too_long_for_a_run_goes_on_where_it_stopped() {
    let world = watched(60, 4).await;
    stray(&world, "sub-001-stray");
    stray(&world, "sub-058-stray");
    world.graph.forget(&of(40));
    housekeep(&world.app).await.unwrap();
    assert_eq!(world.graph.calls("subscriptions"), FIRST);
    assert!(!is_there(&world, "sub-001-stray") && is_there(&world, "sub-058-stray"));
    assert_eq!(doubted(&world).await, [""; 0], "what was not listed yet is not missing");
    let mut parts = 0;
    while goes_on(&world).await {
        parts += 1;
        assert!(parts < 10, "it comes to no end");
    }
    // 61 subscriptions, one of them gone since: no page was asked for twice.
    assert_eq!((world.graph.calls("subscriptions"), parts), (16 - FIRST, (16 - FIRST).div_ceil(THEN)));
    assert!(!is_there(&world, "sub-058-stray"));
    assert_eq!(doubted(&world).await, [name(40)]);
    assert_eq!(marks(&world), 0);
    // The next day's begins anew.
    world.clock.advance(Duration::days(1));
    housekeep(&world.app).await.unwrap();
    assert_eq!(world.graph.calls("subscriptions"), FIRST);
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_write_it_passes_over_none_and_takes_none_for_gone() {
    let mut deaths = 0;
    for n in 0.. {
        let mut unharmed = 0;
        for death in [Death::Before(n), Death::After(n)] {
            let mut world = watched(14, 2).await;
            for id in ["sub-000-stray", "sub-007-stray", "sub-012-stray"] {
                stray(&world, id);
            }
            world.graph.forget(&of(9));
            let all = async {
                housekeep(&world.app).await.unwrap();
                while goes_on(&world).await {}
            };
            match world.tables.killed(death, all).await {
                Some(()) => unharmed += 1,
                None => deaths += 1,
            }
            world.restart().await;
            while goes_on(&world).await {}
            housekeep(&world.app).await.unwrap();
            while goes_on(&world).await {}
            let left: Vec<_> = (0..14).filter(|n| is_there(&world, of(*n).as_str())).collect();
            assert_eq!(left.len(), 13, "{death:?}");
            for id in ["sub-000-stray", "sub-007-stray", "sub-012-stray"] {
                assert!(!is_there(&world, id), "{death:?} {id}");
            }
            assert_eq!(doubted(&world).await, [name(9)], "{death:?}");
        }
        if unharmed == 2 {
            break;
        }
    }
    assert!(deaths > 10, "{deaths}");
}

/// Nobody says how long a next link lives.
#[tokio::test(start_paused = true)]
async fn a_list_that_can_not_go_on_begins_anew_and_not_for_ever() {
    for (refused, ends) in [(1, true), (usize::MAX, false)] {
        let world = watched(40, 4).await;
        stray(&world, "sub-038-stray");
        housekeep(&world.app).await.unwrap();
        world.graph.state.lock().unwrap().pages.refused = refused;
        let mut parts = 0;
        while goes_on(&world).await {
            parts += 1;
            assert!(parts < 20, "it comes to no end");
        }
        assert_eq!(is_there(&world, "sub-038-stray"), !ends);
        assert_eq!(doubted(&world).await, [""; 0]);
        assert_eq!(marks(&world), 0);
        // The next day's has another chance.
        world.graph.state.lock().unwrap().pages.refused = 0;
        world.clock.advance(Duration::days(1));
        housekeep(&world.app).await.unwrap();
        while goes_on(&world).await {}
        assert!(!is_there(&world, "sub-038-stray"));
    }
}

/// Next links that count how many came before: what is deleted meanwhile shifts the rest, and some are in no
/// part.
#[tokio::test(start_paused = true)]
async fn a_list_that_shifts_meanwhile_costs_a_renewal_and_nothing_else() {
    let world = watched(40, 4).await;
    world.graph.state.lock().unwrap().pages.by_offset = true;
    stray(&world, "sub-001-stray");
    stray(&world, "sub-038-stray");
    housekeep(&world.app).await.unwrap();
    while goes_on(&world).await {}
    assert!(!is_there(&world, "sub-001-stray") && !is_there(&world, "sub-038-stray"));
    let doubted = doubted(&world).await;
    assert_eq!(doubted.len(), 1, "{doubted:?}");
    let tasks = doubted.iter().map(|name| MailboxTask {
        mailbox: user(name),
        kind: TaskKind::Tend,
        subscription: None,
    });
    maintain::maintain(&world.app, &Mailboxes::of(contoso(), tasks.collect())).await.unwrap();
    let row = row(&world, &doubted[0]).await;
    assert_eq!((row.state, row.gaps), (SubscriptionState::Watched, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_made_while_it_is_listed_is_not_missing() {
    let world = watched(40, 4).await;
    housekeep(&world.app).await.unwrap();
    // Before the place where the listing goes on.
    subscribed(&world, "new", &SubscriptionId::new("sub-000-new")).await;
    world.graph.plant("sub-000-new", "users/id-new/events", OURS);
    while goes_on(&world).await {}
    assert_eq!(doubted(&world).await, [""; 0]);
    assert!(is_there(&world, "sub-000-new"));
}

#[tokio::test(start_paused = true)]
async fn while_graph_is_away_it_waits_where_it_is() {
    let world = watched(40, 4).await;
    stray(&world, "sub-038-stray");
    housekeep(&world.app).await.unwrap();
    world.graph.down(Some(unavailable()));
    for _ in 0..20 {
        assert!(goes_on(&world).await);
    }
    world.graph.down(None);
    world.graph.calls("subscriptions");
    while goes_on(&world).await {}
    assert_eq!(world.graph.calls("subscriptions"), 11 - FIRST);
    assert!(!is_there(&world, "sub-038-stray"));
    assert_eq!(doubted(&world).await, [""; 0]);
}

/// A day later nobody knows any more what is missing from it.
#[tokio::test(start_paused = true)]
async fn a_list_that_has_stood_for_a_day_is_read_anew() {
    let world = watched(40, 4).await;
    housekeep(&world.app).await.unwrap();
    world.clock.advance(Duration::days(1));
    world.graph.calls("subscriptions");
    while goes_on(&world).await {}
    assert_eq!(world.graph.calls("subscriptions"), 10);
}

/// What is in the way lies far behind what an invocation has time for.
#[tokio::test(start_paused = true)]
async fn a_conflict_that_is_not_found_at_once_has_all_of_them_listed() {
    let world = watched(60, 1).await;
    world.know(&contoso(), "ana").await;
    world.graph.plant("zzz", "users/id-ana/events", OURS);
    let tasks = vec![MailboxTask { mailbox: user("ana"), kind: TaskKind::Tend, subscription: None }];
    let message = Mailboxes::of(contoso(), tasks);
    for _ in 0..2 {
        world.graph.state.lock().unwrap().creating.push_back(GraphError::Conflict(failure()));
    }
    maintain::maintain(&world.app, &message).await.unwrap();
    assert_eq!(row(&world, "ana").await.state, SubscriptionState::Failing);
    assert_eq!((world.graph.calls("subscriptions"), is_there(&world, "zzz")), (20, true));
    while goes_on(&world).await {}
    assert!(!is_there(&world, "zzz"));
    assert!(row(&world, "ana").await.due <= world.now(), "at once, not when patience says so");
    maintain::maintain(&world.app, &message).await.unwrap();
    assert_eq!(row(&world, "ana").await.state, SubscriptionState::Watched);
    assert_eq!(doubted(&world).await, [""; 0]);
}
