//! Writes of subscriptions keep to the service's limits, and to what our own endpoint bears.

use super::maintaining::{ana, blind, live, watched};
use crate::enrolment::policy::Mailboxes as Wanted;
use crate::jobs::testing::{World, contoso, minutes};
use crate::jobs::watch::write_budget::{self, Permits, WriteKind};
use crate::jobs::watch::{maintain, plan};
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::messages::Mailboxes;
use chrono::Duration;

/// A tenant of so many, of whom nobody is watched yet.
async fn crowd(size: usize) -> World {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Wanted::All;
        tenant.watch.organizers.clear();
    })
    .await;
    for n in 0..size - 4 {
        world.graph.hire(&format!("p{n}"));
    }
    world
}

async fn rows(world: &World) -> Vec<MailboxRow> {
    mailboxes::all(&world.app.ledger, &contoso()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn creations_beyond_the_limit_stay_due_and_are_made_by_the_next_rounds() {
    let world = crowd(100).await;
    let mut made = 0;
    for round in 1..=3 {
        world.watch().await;
        let now = world.graph.calls("create_subscription");
        assert!(now <= 40, "{now} at once");
        made += now;
        let rows = rows(&world).await;
        assert_eq!(
            rows.iter().filter(|row| row.state == SubscriptionState::Watched).count(),
            made,
            "round {round}"
        );
        assert!(rows.iter().all(|row| row.leased_until.is_none() && row.failures == 0));
        world.clock.advance(minutes(5));
    }
    assert_eq!((made, world.graph.subscribed().len()), (100, 100));
}

#[tokio::test(start_paused = true)]
async fn whoever_finds_no_room_writes_nothing_and_asks_graph_nothing() {
    let world = crowd(100).await;
    let messages = plan::plan(&world.app, None).await.unwrap();
    let (first, rest) = messages.split_at(2);
    for message in first {
        maintain::maintain(&world.app, message).await.unwrap();
    }
    assert_eq!(world.graph.calls("create_subscription"), 40);
    world.tables.count();
    for message in rest {
        maintain::maintain(&world.app, message).await.unwrap();
    }
    assert_eq!((world.graph.calls("create_subscription"), world.tables.count().writes), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn many_instances_together_keep_to_the_limit() {
    let world = crowd(300).await;
    let messages = plan::plan(&world.app, None).await.unwrap();
    world.graph.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    world.tables.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    // Each message on an instance of its own, and each delivered twice.
    let mut instances = Vec::new();
    for message in messages.iter().chain(&messages) {
        instances.push((world.instance().await, message));
    }
    let all = instances.iter().map(|(app, message): &(_, &Mailboxes)| maintain::maintain(app, message));
    futures::future::try_join_all(all).await.unwrap();
    let made = world.graph.calls("create_subscription");
    assert!((1..=40).contains(&made), "{made}");
    assert_eq!(world.graph.subscribed().len(), made);
}

#[tokio::test(start_paused = true)]
async fn a_subscription_found_gone_while_there_is_no_room_is_one_gap_and_made_by_the_next_round() {
    let world = watched(false).await;
    let row = ana(&world).await;
    world.clock.set(row.due);
    world.graph.forget(&row.subscription.unwrap());
    while write_budget::take(&world.app, &contoso(), WriteKind::Creation, 1).await.unwrap() == Permits::All {}
    world.graph.calls("create_subscription");
    world.watch().await;
    assert_eq!((world.graph.calls("create_subscription"), ana(&world).await.failures), (0, 0));
    live(&world, minutes(5)).await;
    assert_eq!((world.graph.subscribed().len(), blind(&world).await), (1, 1));
}

/// What was made in one burst is renewed spread out, and renewals go on while creations have no room.
#[tokio::test(start_paused = true)]
async fn renewals_of_what_was_made_together_do_not_bunch() {
    let world = crowd(100).await;
    live(&world, Duration::hours(27)).await;
    assert_eq!(world.graph.calls("create_subscription"), 100);
    world.graph.calls("renew_subscription");
    let mut most = 0;
    for _ in 0..9 {
        live(&world, Duration::hours(1)).await;
        most = most.max(world.graph.calls("renew_subscription"));
    }
    assert!(most <= 30, "{most} of 100 in one hour");
    assert_eq!(world.graph.calls("create_subscription"), 0);
    assert!(rows(&world).await.iter().all(|row| row.renewed_at > Some(world.now() - Duration::hours(10))));
}
