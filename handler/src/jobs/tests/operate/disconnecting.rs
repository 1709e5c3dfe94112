//! A tenant that is taken away from Graph.

use crate::enrolment::policy::Mailboxes;
use crate::graph::GraphError;
use crate::ids::SubscriptionId;
use crate::jobs::operate::disconnect;
use crate::jobs::operate::management_json::Disconnection;
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::jobs::testing::graph::failure;
use crate::jobs::testing::{World, contoso, minutes, user};
use crate::jobs::watch::switched_off;
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::store::Table;

fn olga() -> Attribution {
    Attribution { by: "olga".to_owned(), reason: "they leave".to_owned() }
}

async fn two() -> World {
    let world = World::with(|tenant| {
        tenant.watch.mailboxes = Mailboxes::Users(vec!["ana@contoso.com".into(), "ben@contoso.com".into()]);
    })
    .await;
    world.watch().await;
    world
}

/// Off, for so long that it may be disconnected.
async fn off() -> World {
    let mut world = two().await;
    world.tenant.active = false;
    world.restart().await;
    switched_off::note(&world.app).await.unwrap();
    world.clock.advance(world.app.timing.switched_off);
    world
}

async fn remove(world: &World) -> Result<Disconnection, OperatorError> {
    disconnect::remove(&world.app, &contoso(), &olga()).await
}

async fn row(world: &World, name: &str) -> MailboxRow {
    mailboxes::load(&world.app.ledger, &contoso(), &user(name)).await.unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_is_on_or_may_be_on_elsewhere_is_refused() {
    let mut world = two().await;
    let subscribed = world.graph.subscribed();
    let listed = disconnect::list(&world.app, &contoso()).await.unwrap();
    assert_eq!((listed.left, listed.orphans, listed.complete), (2, 0, true));
    assert!(listed.blocked.unwrap().contains("active = false"));
    assert!(matches!(remove(&world).await, Err(OperatorError::Conflict(why)) if why.contains("switched on")));

    world.tenant.active = false;
    world.restart().await;
    switched_off::note(&world.app).await.unwrap();
    world.clock.advance(minutes(2));
    switched_off::note(&world.app).await.unwrap();
    assert!(matches!(remove(&world).await, Err(OperatorError::Conflict(why)) if why.contains("60 s")
        || why.contains("61 s")));
    assert_eq!(world.graph.subscribed(), subscribed);
    world.clock.advance(minutes(1));
    assert_eq!(remove(&world).await.unwrap().removed, 2);
    let unknown = disconnect::remove(&world.app, &"fabrikam".into(), &olga()).await;
    assert!(matches!(unknown, Err(OperatorError::NotFound(_))));
}

#[tokio::test(start_paused = true)]
async fn its_subscriptions_go_orphans_too_and_those_of_others_stay() {
    let mut world = two().await;
    // One that the ledger does not know, one of another deployment, and one of another tenant's mailbox.
    world.graph.plant(
        "orphan",
        "users/id-ben/events",
        "https://regrets.contoso.com/api/graph/notifications?deployment=d",
    );
    world.graph.plant(
        "foreign",
        "users/id-ana/events",
        "https://regrets.contoso.com/api/graph/notifications?deployment=e",
    );
    world.graph.plant(
        "sibling",
        "users/id-cem/events",
        "https://regrets.contoso.com/api/graph/notifications?deployment=d",
    );
    world.tenant.active = false;
    world.restart().await;
    world.tenant.active = true;
    world.neighbour("fabrikam", None).await;
    world.know(&"fabrikam".into(), "cem").await;
    mailboxes::remove(&world.app.ledger, &contoso(), &user("cem")).await.unwrap();
    switched_off::note(&world.app).await.unwrap();
    world.clock.advance(world.app.timing.switched_off);

    let listed = disconnect::list(&world.app, &contoso()).await.unwrap();
    assert_eq!((listed.left, listed.orphans, listed.blocked), (3, 1, None));
    let done = remove(&world).await.unwrap();
    assert_eq!((done.removed, done.left, done.trouble), (3, 0, None));
    let left: Vec<SubscriptionId> = world.graph.subscribed();
    assert_eq!(left, ["foreign", "sibling"].map(SubscriptionId::new));
    let ana = row(&world, "ana").await;
    assert_eq!((ana.state, ana.subscription, ana.expires), (SubscriptionState::Wanted, None, None));
    assert!(ana.last_success.is_some(), "so that it is compared when it is on again");
    let audit = world.tables.dump(Table::Activity);
    assert!(audit.iter().any(|row| {
        row.entity
            .values()
            .any(|value| value.to_string().contains("3 subscriptions are removed from Graph: they leave"))
    }));

    world.watch().await;
    assert_eq!(row(&world, "ana").await.subscription, None, "no round makes them again");
}

#[tokio::test(start_paused = true)]
async fn killed_or_refused_it_is_called_again_and_does_the_rest() {
    let world = off().await;
    let first = row(&world, "ana").await.subscription.unwrap();
    // Graph has let go of it, and nobody wrote that down.
    world.graph.forget(&first);
    world.graph.state.lock().unwrap().deleting.push_back(GraphError::Unauthorized(failure()));
    let done = remove(&world).await.unwrap();
    assert!(done.left > 0 && done.trouble.is_some(), "{done:?}");
    let done = remove(&world).await.unwrap();
    assert_eq!((done.left, done.trouble), (0, None));
    assert!(world.graph.subscribed().is_empty());
    assert_eq!(row(&world, "ana").await.subscription, None);
    let again = remove(&world).await.unwrap();
    assert_eq!((again.removed, again.left, again.complete), (0, 0, true));
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_somebody_is_at_comes_later() {
    let world = off().await;
    let until = world.now() + minutes(4);
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |row| {
        Some(MailboxRow { leased_until: Some(until), ..row?.clone() })
    })
    .await
    .unwrap();
    let done = remove(&world).await.unwrap();
    assert_eq!((done.removed, done.left, done.busy), (1, 0, 1));
    world.clock.advance(minutes(5));
    let done = remove(&world).await.unwrap();
    assert_eq!((done.removed, done.left, done.busy), (1, 0, 0));
}
