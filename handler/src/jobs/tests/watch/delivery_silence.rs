//! Who is not watched although they should be, and a tenant that hears nothing: said, and taken back by
//! itself.

use super::maintaining::{alerts, live, watched};
use crate::jobs::testing::graph::unavailable;
use crate::jobs::testing::{World, contoso, minutes};
use crate::jobs::watch::delivery_silence;
use crate::ledger::alerts::AlertKind::{GraphSilent, MailboxesUnwatched};
use chrono::Duration;

#[tokio::test(start_paused = true)]
async fn a_mailbox_without_a_subscription_for_long_is_told_until_it_has_one() {
    let world = watched(true).await;
    world.graph.state.lock().unwrap().creating.extend(vec![unavailable(); 12]);
    let id = super::maintaining::ana(&world).await.subscription.unwrap();
    world.graph.forget(&id);
    super::maintaining::tell(&world, crate::messages::TaskKind::Removed, Some(id.as_str())).await;
    live(&world, minutes(50)).await;
    assert!(alerts(&world).await.is_empty());
    live(&world, minutes(20)).await;
    assert_eq!(alerts(&world).await, [MailboxesUnwatched]);
    live(&world, Duration::hours(12)).await;
    assert!(alerts(&world).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_lapse_in_an_outage_of_graph_is_told_until_it_is_over() {
    let world = watched(true).await;
    world.graph.down(Some(unavailable()));
    live(&world, Duration::hours(72)).await;
    assert!(alerts(&world).await.contains(&MailboxesUnwatched));
    world.graph.down(None);
    live(&world, Duration::hours(2)).await;
    assert!(alerts(&world).await.is_empty());
}

/// Twenty notifications in every hour, for so long.
async fn hear(world: &World, time: Duration) {
    let end = world.now() + time;
    while world.now() < end {
        delivery_silence::count_delivered(&world.app, &contoso(), 20).await.unwrap();
        world.clock.advance(minutes(60));
    }
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_hears_nothing_for_hours_is_told_until_it_hears_again() {
    let world = watched(true).await;
    hear(&world, Duration::days(8)).await;
    world.watch().await;
    assert!(!alerts(&world).await.contains(&GraphSilent));
    live(&world, Duration::hours(3)).await;
    assert!(!alerts(&world).await.contains(&GraphSilent), "no news yet");
    live(&world, Duration::hours(3)).await;
    assert_eq!(alerts(&world).await, [GraphSilent]);
    hear(&world, Duration::hours(1)).await;
    world.watch().await;
    assert!(alerts(&world).await.is_empty());
}
