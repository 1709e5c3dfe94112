use super::*;
use crate::config::WatchMode;
use crate::jobs::operate::forecast::executions;
use crate::jobs::operate::forecast::requests;
use crate::jobs::testing::graph::original;
use crate::jobs::testing::tables::Count;
use crate::jobs::testing::{ORGANIZER, World, contoso, minutes, tenant, user};
use crate::jobs::watch::{maintain, plan};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::messages::{ChangeType, Hint, MailboxTask, TaskKind};

fn storage(load: &Load, listening: f64) -> Storage {
    let tenant = tenant();
    let executions = executions::of(&tenant, load, &requests::of(&tenant, load));
    of(&tenant, load, &executions, 0.0, listening)
}

#[test]
fn an_instance_that_listens_polls_eight_queues() {
    let idle = storage(&Load::default(), 1.0);
    // 8 × 30 a minute, as the operators' page has it: 10.5 million in 43,800 minutes.
    assert!((idle.polls - 345_600.0).abs() < 1e-9);
    assert!((idle.polls / 1_440.0 * 43_800.0 / 1e6 - 10.5).abs() < 0.05);
    assert!(storage(&Load::default(), 0.0).polls.abs() < 1e-9);
}

#[test]
fn a_decline_is_what_the_bench_counts() {
    let one = Load { declines: 1.0, ..Load::default() };
    assert!((storage(&one, 0.0).declines - 24.0).abs() < 1e-9);
    let page = include_str!("../../../../../tests/benches/README.md");
    assert!(page.contains("| a decline | 7 | 5 | 12 | 24 |"));
}

/// How often the tables are asked meanwhile.
async fn asked(world: &World, work: impl Future<Output = ()>) -> f64 {
    world.tables.count();
    work.await;
    let Count { gets, scans, writes } = world.tables.count();
    (gets + scans + writes) as f64
}

/// A world in which ana and ben are known and watched, and nothing is due.
async fn at_rest() -> World {
    let world = World::with(|tenant| tenant.watch.mode = WatchMode::Both).await;
    world.watch().await;
    world.invited("ana", 1).await;
    world.follow().await;
    world.watch().await;
    world.clock.advance(minutes(20));
    world.watch().await;
    world
}

#[tokio::test(start_paused = true)]
async fn each_piece_of_work_asks_as_often_as_is_said() {
    let world = at_rest().await;
    let tick = asked(&world, async { drop(world.dispatch().await) }).await;
    world.clock.advance(minutes(5));
    let planned = async { drop(plan::plan(&world.app, None).await.unwrap()) };
    let round = asked(&world, planned).await - SHARDS as f64;
    world.clock.advance(minutes(5));
    let followed = asked(&world, world.follow()).await;
    let look = asked(&world, world.hint("ana", 1, ChangeType::Updated)).await;
    let unknown = asked(&world, world.hint("ana", 77, ChangeType::Deleted)).await;
    let of_organizer =
        Hint::Changed { mailbox: user(ORGANIZER), event: original(1), change: ChangeType::Updated };
    let organizers = asked(&world, world.observe(&[of_organizer])).await;
    let place = asked(&world, world.invited("ben", 2)).await;

    world.graph.invite("cem", 3);
    let both = asked(&world, async {
        world.clock.advance(minutes(1));
        world.follow().await;
        world.hint("cem", 3, ChangeType::Created).await;
        world.clock.advance(minutes(1));
        world.tick().await;
    });
    let place_followed = both.await - FOLLOWED - TICK;

    world.clock.advance(minutes(70));
    let mailbox = MailboxTask { mailbox: user("ana"), kind: TaskKind::Tend, subscription: None };
    let task = |mailbox: MailboxTask| crate::messages::Mailboxes::of(contoso(), vec![mailbox]);
    let message = task(mailbox.clone());
    let maintained = async { drop(maintain::maintain(&world.app, &message).await.unwrap()) };
    let idle = asked(&world, maintained).await;
    let missed = MailboxRow { resync_wanted: Some(world.now()), ..row(&world).await };
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |_| Some(missed.clone())).await.unwrap();
    let maintained = async { drop(maintain::maintain(&world.app, &message).await.unwrap()) };
    let compared = asked(&world, maintained).await;
    let due = MailboxRow { due: world.now(), resync_wanted: None, ..row(&world).await };
    mailboxes::update(&world.app.ledger, &contoso(), &user("ana"), |_| Some(due.clone())).await.unwrap();
    let maintained = async { drop(maintain::maintain(&world.app, &message).await.unwrap()) };
    let renewed = asked(&world, maintained).await;
    let seen =
        [tick, round, followed, look, unknown, organizers, place, place_followed, idle, compared, renewed];
    let said =
        [TICK, ROUND, FOLLOWED, LOOK, UNKNOWN, ORGANIZERS, PLACE, PLACE_FOLLOWED, 1.0, COMPARED, RENEWED];
    assert_eq!(seen.map(|count| count as i64), said.map(|count| count as i64));
}

async fn row(world: &World) -> MailboxRow {
    mailboxes::load(&world.app.ledger, &contoso(), &user("ana")).await.unwrap().unwrap()
}
