//! What is promised to go does: all of a tenant that is not served any more, and what nothing stands on.

use crate::calendar::link::Link;
use crate::config::WatchMode;
use crate::jobs::operate::housekeeping::housekeep;
use crate::jobs::operate::{dead_letters, stale_links};
use crate::jobs::testing::graph::original;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{ORGANIZER, World, contoso, noon, user};
use crate::jobs::watch::blind_gaps;
use crate::ledger::{purge_tenant, unreadable_messages};
use crate::messages::ChangeType;
use crate::store::typed::{self, Read};
use crate::store::{Table, Tables};
use chrono::Duration;

/// Something in every table, of two tenants, and messages that nobody could read.
async fn lived_in() -> World {
    let mut world = World::with(|tenant| tenant.watch.mode = WatchMode::Both).await;
    world.neighbour("contosob", None).await;
    world.watch().await;
    for name in ["ana", "ben", "cem"] {
        world.invited(name, 1).await;
    }
    world.declined("ana", 1).await;
    world.graph.remove("ben", 1);
    world.hint("ben", 1, ChangeType::Deleted).await;
    world
        .observe(&[crate::messages::Hint::Changed {
            mailbox: user(ORGANIZER),
            event: original(1),
            change: ChangeType::Updated,
        }])
        .await;
    let app = &world.app;
    for tenant in ["contoso", "contosob"] {
        let text = format!(r#"{{"v":9,"tenant": "{tenant}","hints":[]}}"#);
        dead_letters::change(app, &text).await.unwrap();
    }
    dead_letters::change(app, "no JSON").await.unwrap();
    blind_gaps::raise(app, world.context()).await.unwrap();
    world
}

fn of(world: &World, tenant: &str) -> usize {
    let parts = |partition: &str| partition.split('~').any(|part| part == tenant);
    Table::ALL
        .into_iter()
        .flat_map(|table| world.tables.dump(table))
        .filter(|row| parts(&row.partition))
        .count()
}

#[tokio::test(start_paused = true)]
async fn all_of_one_tenant_goes_and_nothing_of_another() {
    let world = lived_in().await;
    let tables = world.tables.as_ref();
    let counted = purge_tenant::count(&world.app.ledger, &contoso(), false).await.unwrap();
    assert_eq!(counted.len(), Table::ALL.len(), "something in every table: {counted:?}");
    let sum: usize = counted.iter().map(|(_, stored)| stored.rows).sum();
    let others = of(&world, "contosob");
    // One unreadable message is in nobody's partition.
    assert_eq!(sum, of(&world, "contoso") + 1);
    assert!(others > 3, "{others}");

    assert_eq!(purge_tenant::purge(&world.app.ledger, &contoso(), false).await.unwrap(), counted);
    assert_eq!((of(&world, "contoso"), of(&world, "contosob")), (0, others));
    let kept = world.tables.dump(Table::Agenda);
    let kept = kept.iter().filter(|row| row.partition == unreadable_messages::UNREADABLE).count();
    assert_eq!(kept, 2, "the other's, and nobody's");
    assert!(tables.get(Table::Connections, "deployment", "pepper").await.unwrap().is_some());
    assert!(purge_tenant::purge(&world.app.ledger, &contoso(), false).await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn killed_at_any_write_it_is_done_again() {
    let mut n = 0;
    loop {
        let world = lived_in().await;
        let others = of(&world, "contosob");
        for death in [Death::Before(n), Death::After(n)] {
            let step = async { purge_tenant::purge(&world.app.ledger, &contoso(), false).await.unwrap() };
            world.tables.killed(death, step).await;
            world.tables.revive();
        }
        let whole = of(&world, "contoso") == 0;
        purge_tenant::purge(&world.app.ledger, &contoso(), false).await.unwrap();
        assert_eq!((of(&world, "contoso"), of(&world, "contosob")), (0, others), "killed at write {n}");
        n += 1;
        if whole {
            break;
        }
    }
    assert!(n > 5, "{n} writes");
}

#[tokio::test(start_paused = true)]
async fn a_tenant_may_be_called_as_the_ledgers_own_partitions_are() {
    let world = lived_in().await;
    let before = [Table::Agenda, Table::Connections].map(|table| world.tables.dump(table).len());
    for name in ["unreadable", "deployment", "look", "cancel", "review"] {
        purge_tenant::purge(&world.app.ledger, &name.into(), false).await.unwrap();
    }
    assert_eq!([Table::Agenda, Table::Connections].map(|table| world.tables.dump(table).len()), before);
}

async fn links(world: &World) -> Vec<Read<Link>> {
    let rows = world.tables.dump(Table::Links).into_iter().filter(|row| !row.row.starts_with("r-"));
    rows.map(|row| typed::read(Table::Links, row).unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_link_that_nothing_stands_on_goes_when_its_event_has_been_over_for_the_retention() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.invited("ben", 1).await;
    let lost = links(&world).await.into_iter().find(|link| link.value.mailbox == user("ben")).unwrap();
    let at = lost.value.enrolment();
    world.tables.delete(Table::Enrolments, &at.partition, &at.row, None).await.unwrap();
    // The session ends four days and eight hours after noon; both rows of it are known, one enrolment stands.
    world.clock.set(noon() + Duration::days(94));
    assert_eq!(stale_links::sweep(&world.app, world.context()).await.unwrap(), 0);
    world.clock.set(noon() + Duration::days(95));
    assert_eq!(stale_links::sweep(&world.app, world.context()).await.unwrap(), 1);
    assert_eq!(
        links(&world).await.into_iter().map(|link| link.value.mailbox).collect::<Vec<_>>(),
        [user("ana")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_link_without_any_time_is_new_for_a_day() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    let read = links(&world).await.remove(0);
    let at = read.value.enrolment();
    world.tables.delete(Table::Enrolments, &at.partition, &at.row, None).await.unwrap();
    let timeless = Link { start: None, end: None, noted: Some(world.now()), ..read.value };
    let entity = typed::entity(&timeless).unwrap();
    world.tables.replace(Table::Links, &read.partition, &read.row, entity, &read.etag).await.unwrap();
    world.clock.advance(Duration::hours(23));
    assert_eq!(stale_links::sweep(&world.app, world.context()).await.unwrap(), 0);
    world.clock.advance(Duration::hours(1));
    assert_eq!(stale_links::sweep(&world.app, world.context()).await.unwrap(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_of_a_removed_organizer_goes_at_the_next_housekeeping() {
    let world = lived_in().await;
    let snapshots = |world: &World| {
        world.tables.dump(Table::Links).iter().filter(|row| row.row.starts_with("r-")).count()
    };
    assert!(snapshots(&world) > 0);
    housekeep(&world.app).await.unwrap();
    assert!(snapshots(&world) > 0, "the organizer is configured");
    let mut world = world;
    world.tenant.watch.organizers.clear();
    world.restart().await;
    housekeep(&world.app).await.unwrap();
    assert_eq!(snapshots(&world), 0);
}
