//! Tenants side by side: what goes wrong in one costs no other its turn.

use crate::graph::GraphError;
use crate::ids::TenantName;
use crate::jobs::testing::graph::{FakeGraph, failure, unavailable};
use crate::jobs::testing::{World, contoso, minutes};
use crate::jobs::watch::{maintain, plan};
use crate::ledger::alerts;
use crate::ledger::mailboxes::{self, SubscriptionState};
use crate::messages::Mailboxes as Message;
use futures::{StreamExt, stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const LARGE: usize = 2_000;
/// As many messages as one instance works on at once (`host.json`).
const AT_ONCE: usize = 16;

fn adatum() -> TenantName {
    "adatum".into()
}

/// A small tenant beside a large one, of which nobody is watched yet.
async fn two() -> (World, Arc<FakeGraph>) {
    let mut world = World::new().await;
    let graph = Arc::new(FakeGraph::new(world.clock.clone()));
    for n in 0..LARGE {
        graph.hire(&format!("f{n}"));
    }
    world.neighbour("adatum", Some(graph.clone())).await;
    (world, graph)
}

/// Works through the queue as the host does. Gives how long it took until the last message of the small
/// tenant was done.
async fn work(world: &World, messages: Vec<Message>) -> Duration {
    let begin = Instant::now();
    stream::iter(messages)
        .map(|message| async move {
            maintain::maintain(&world.app, &message).await.unwrap();
            if message.tenant == contoso() { begin.elapsed() } else { Duration::ZERO }
        })
        .buffer_unordered(AT_ONCE)
        .fold(Duration::ZERO, async |most, took| most.max(took))
        .await
}

async fn watched(world: &World, tenant: &TenantName) -> usize {
    let rows = mailboxes::all(&world.app.ledger, tenant).await.unwrap();
    rows.iter().filter(|row| row.state == SubscriptionState::Watched).count()
}

#[tokio::test(start_paused = true)]
async fn a_small_tenant_does_not_stand_behind_a_large_one() {
    let (world, _) = two().await;
    let messages = plan::plan(&world.app, None).await.unwrap();
    let place = messages.iter().position(|message| message.tenant == contoso()).unwrap();
    assert!(place < 2, "{place} of {}", messages.len());
    assert!(work(&world, messages).await < Duration::from_secs(1));
    assert_eq!(watched(&world, &contoso()).await, 4);
}

#[tokio::test(start_paused = true)]
async fn neither_an_outage_nor_a_broken_secret_of_one_tenant_slows_another() {
    let credential = GraphError::Credential { failure: failure(), hint: "renew the secret".into() };
    for wrong in [unavailable(), credential] {
        let (world, graph) = two().await;
        // They are known already: a directory that can't be read names nobody.
        plan::plan(&world.app, None).await.unwrap();
        graph.down(Some(wrong.clone()));
        graph.state.lock().unwrap().patience = Duration::from_secs(25);
        world.clock.advance(minutes(5));

        let begin = Instant::now();
        let messages = plan::plan(&world.app, None).await.unwrap();
        assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
        assert!(work(&world, messages).await < Duration::from_secs(1), "{wrong:?}");
        assert_eq!(
            (watched(&world, &contoso()).await, watched(&world, &adatum()).await),
            (4, 0),
            "{wrong:?}"
        );
        let open = alerts::open(&world.app.ledger, &contoso()).await.unwrap();
        assert_eq!(open, [], "{wrong:?}");
        assert!(!alerts::open(&world.app.ledger, &adatum()).await.unwrap().is_empty(), "{wrong:?}");
    }
}
