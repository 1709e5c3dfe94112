//! What has come to its end goes also while a tenant, or what it publishes, is off: killed at any write, it
//! ends the same.

use super::play::*;
use crate::jobs::operate::housekeeping::housekeep;
use crate::jobs::testing::tables::Death;
use crate::jobs::testing::{World, minutes, noon};
use crate::publishing::testing::session;
use crate::store::Table;
use chrono::Duration;
use std::collections::BTreeSet;

/// A place that is cancelled, one that nobody cancels any more, and a published session with two: all of
/// them longer ago than anything is kept. Nothing is published now.
async fn world(is_on: bool) -> World {
    let mut world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.pass(minutes(15)).await;
    world.invited("ben", 1).await;
    world.declined("ben", 1).await;
    tell(&world, &session(10), &[held("ana"), held("ben")]).await;
    run(&world).await;
    // Whoever was invited is looked for once more.
    world.pass(minutes(1)).await;
    world.tenant.active = is_on;
    world.restart().await;
    world.clock.set(noon() + Duration::days(200));
    world
}

/// What is forgotten undone comes to its end by that, and has its time from then.
async fn go_on(world: &World) {
    for _ in 0..3 {
        housekeep(&world.app).await.unwrap();
        world.clock.advance(Duration::days(200));
    }
}

/// What is left, but for the rows that say when it was looked. Of the audit only what it tells: killed
/// between a line and what it tells of, it is told again.
fn left(world: &World) -> BTreeSet<String> {
    let tables = [Table::Enrolments, Table::Links, Table::Agenda, Table::Connections, Table::Activity];
    let of_sessions = ["~source-", "~written~", "~published", "~sessions", "~decisions", "~held"];
    let mut left = BTreeSet::new();
    for table in tables {
        for row in world.tables.dump(table) {
            let at = format!("{table:?} {}/{}", row.partition, row.row);
            let undone = row.entity.values().any(|value| value.to_string().contains("forgotten undone"));
            let told = match table {
                Table::Activity => Some(format!("Activity {}, undone: {undone}", row.partition)),
                Table::Connections if !of_sessions.iter().any(|one| at.contains(one)) => None,
                Table::Mailboxes | Table::Enrolments | Table::Links | Table::Agenda | Table::Connections => {
                    Some(at)
                }
            };
            left.extend(told);
        }
    }
    left
}

#[tokio::test(start_paused = true)]
async fn what_is_over_goes_wherever_it_is_killed() {
    for is_on in [false, true] {
        let undisturbed = world(is_on).await;
        let before = left(&undisturbed).len();
        go_on(&undisturbed).await;
        let wanted = left(&undisturbed);
        assert!(wanted.iter().all(|row| row.starts_with("Activity")), "{wanted:#?}");
        assert!(before > wanted.len() + 8, "{before}");
        let mut deaths = 0;
        for n in 0.. {
            let mut unharmed = 0;
            for death in [Death::Before(n), Death::After(n)] {
                let mut world = world(is_on).await;
                let asked = world.lms.asked();
                match world.tables.killed(death, housekeep(&world.app)).await {
                    Some(done) => {
                        done.unwrap();
                        unharmed += 1;
                    }
                    None => deaths += 1,
                }
                world.restart().await;
                go_on(&world).await;
                assert_eq!(left(&world), wanted, "{death:?}, on: {is_on}");
                assert_eq!(world.lms.asked(), asked, "{death:?}, on: {is_on}");
            }
            if unharmed == 2 {
                break;
            }
        }
        assert!(deaths > 16, "{deaths}");
    }
}
