//! What a ledger published that was lost, or restored, is taken over: nobody is mailed, and nothing is left.

use super::kills::dies_at_each_write;
use super::play::*;
use crate::ids::hash;
use crate::jobs::publish::unbroken::{self, GAP};
use crate::jobs::testing::{World, address, contoso, minutes};
use crate::ledger::written_events;
use crate::publishing::event_key::Audience;
use crate::publishing::testing::session;
use crate::publishing::written::Stand;
use crate::sessions::session::{Session, SessionState};
use crate::store::Table;
use std::collections::BTreeSet;

/// Ana, Ben and Cem are invited; Graph forgets at once what it was asked for.
async fn invited() -> World {
    let world = World::new().await;
    world.graph.publishing(|it| it.forgets = true);
    tell(&world, &session(10), &[held("ana"), held("ben"), held("cem")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), ["ana", "ben", "cem"].map(|name| to(name, "invited")));
    world
}

fn calls(world: &World, name: &str) -> usize {
    world.graph.all_calls().get(name).copied().unwrap_or(0)
}

#[tokio::test(start_paused = true)]
async fn a_session_is_looked_for_once_whoever_is_invited_to_it() {
    let world = invited().await;
    // In the organizer's calendar, and in the organization's.
    assert_eq!(calls(&world, "marked_events"), 2);
    tell(&world, &session(10), &["ana", "ben", "cem", "dee", "eli"].map(held)).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("dee", "invited"), to("eli", "invited")]);
    assert_eq!(calls(&world, "marked_events"), 0);
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_ledger_whoever_holds_no_place_any_more_is_told() {
    let world = invited().await;
    world.tables.wipe(Table::Connections);
    tell(&world, &session(10), &[held("ana"), cancelled("ben"), held("cem")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ben", "cancelled")]);
    assert_eq!(written(&world, "ana").await.stand, Stand::Stands);
    // It moves: all are told by the rows that were made anew.
    tell(&world, &session(14), &[held("ana"), cancelled("ben"), held("cem")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "changed"), to("cem", "changed")]);
}

#[tokio::test(start_paused = true)]
async fn after_a_lost_ledger_a_cancelled_session_is_called_off() {
    let world = invited().await;
    world.tables.wipe(Table::Connections);
    let off = Session { state: SessionState::Cancelled, ..session(10) };
    tell(&world, &off, &["ana", "ben", "cem"].map(held)).await;
    run(&world).await;
    assert_eq!(mailed(&world), ["ana", "ben", "cem"].map(|name| to(name, "cancelled")));
    assert!(world.graph.published().is_empty());
}

/// Whoever is killed while an event is taken over leaves nobody with an invitation to nothing.
#[tokio::test(start_paused = true)]
async fn wherever_a_take_over_is_killed_the_next_one_does_the_rest() {
    let make = async || {
        let world = invited().await;
        world.tables.wipe(Table::Connections);
        tell(&world, &session(10), &[held("ana"), cancelled("ben"), held("cem")]).await;
        world
    };
    let once = async |world: &World| drop(once(world).await);
    let stand = async |world: &World, death| {
        let live = |name: &&str| world.graph.invitations(name).iter().any(|event| !event.is_cancelled);
        let live: Vec<&str> = ["ana", "ben", "cem"].into_iter().filter(live).collect();
        assert_eq!(live, ["ana", "cem"], "{death:?}");
    };
    dies_at_each_write(make, (once, run), (&[to("ben", "cancelled")], 10), stand).await;
}

/// The session's own event stands, and nobody leads the session any more.
#[tokio::test(start_paused = true)]
async fn after_a_lost_ledger_who_leads_it_no_more_is_told() {
    let world = World::new().await;
    tell(&world, &led(session(10), &["ina"]), &[]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ina", "invited")]);
    world.tables.wipe(Table::Connections);
    let draft = Session { state: SessionState::Draft, ..session(10) };
    tell(&world, &draft, &[]).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    tell(&world, &session(10), &[]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ina", "cancelled")]);
    assert_eq!(world.graph.published().len(), 0);
}

/// Nobody remembers that Ana lost the place by declining; her answer in the calendar says it.
#[tokio::test(start_paused = true)]
async fn after_a_lost_ledger_who_declined_hears_no_more_of_it() {
    let world = invited().await;
    let _ = world.graph.decline_published("ana");
    Table::ALL.into_iter().for_each(|table| world.tables.wipe(table));
    tell(&world, &session(10), &[cancelled("ana"), held("ben"), held("cem")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    assert!(matches!(written(&world, "ana").await.stand, Stand::LetGo { .. }));
    // Who is given the place again is invited anew.
    tell(&world, &session(10), &["ana", "ben", "cem"].map(held)).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    assert_eq!(written(&world, "ana").await.invitation.0, 2);
}

/// The session's row says that all is known; the rows of its events are from before they were made.
#[tokio::test(start_paused = true)]
async fn a_restored_ledger_is_not_believed() {
    let world = invited().await;
    let (ledger, tenant) = (&world.app.ledger, contoso());
    let is_gone: BTreeSet<&str> = ["ben", "cem"].into();
    for row in written_events::of_session(ledger, &tenant, &the_session()).await.unwrap() {
        let Audience::Learner(learner) = &row.value.key.audience else { continue };
        if is_gone.iter().any(|name| address(name).as_str() == learner.as_str()) {
            let (partition, row) = (format!("{tenant}~written~{}", hash("4711")), row.value.key.row());
            ledger.tables.delete(Table::Connections, &partition, &row, None).await.unwrap();
        }
    }
    world.clock.advance(GAP + minutes(1));
    tell(&world, &session(10), &["ana", "ben", "cem"].map(held)).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    assert_eq!(written(&world, "cem").await.stand, Stand::Stands);
}

/// What the lost ledger had called off is gone, and Graph knows the transaction still that made it.
#[tokio::test(start_paused = true)]
async fn after_a_lost_ledger_nobody_is_given_an_event_that_is_gone() {
    let world = World::new().await;
    tell(&world, &session(10), &[held("ana")]).await;
    run(&world).await;
    tell(&world, &session(10), &[cancelled("ana")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "cancelled"), to("ana", "invited")]);
    world.tables.wipe(Table::Connections);
    tell(&world, &session(10), &[held("ana")]).await;
    run(&world).await;
    assert_eq!(mailed(&world), [to("ana", "invited")]);
    let live = world.graph.invitations("ana").into_iter().filter(|event| !event.is_cancelled);
    assert_eq!(live.count(), 1);
}

/// Of a draft nobody knows what is to become of its events: they are looked for until somebody does.
#[tokio::test(start_paused = true)]
async fn what_nobody_knows_what_to_do_about_is_looked_for_again() {
    let world = invited().await;
    world.tables.wipe(Table::Connections);
    let draft = Session { state: SessionState::Draft, ..session(10) };
    tell(&world, &draft, &["ana", "ben", "cem"].map(held)).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    tell(&world, &session(10), &["ana", "ben", "cem"].map(held)).await;
    run(&world).await;
    assert_eq!(mailed(&world), []);
    assert_eq!(written(&world, "ana").await.stand, Stand::Stands);
}

#[tokio::test(start_paused = true)]
async fn a_ledger_is_kept_as_long_as_rounds_follow_each_other() {
    let world = World::new().await;
    let (ledger, tenant) = (&world.app.ledger, contoso());
    let read = async || unbroken::read(ledger, &tenant, world.now()).await.unwrap();
    let since = async || read().await.and_then(|unbroken| unbroken.since);
    assert_eq!(since().await, None);
    let began = world.now();
    for _ in 0..10 {
        unbroken::beat(ledger, &tenant, world.now()).await.unwrap();
        world.clock.advance(GAP);
        assert_eq!(since().await, Some(began));
    }
    world.clock.advance(minutes(1));
    assert_eq!(since().await, None);
    unbroken::beat(ledger, &tenant, world.now()).await.unwrap();
    assert_eq!(since().await, Some(world.now()));
    assert_eq!(read().await.unwrap().born, began);
}
