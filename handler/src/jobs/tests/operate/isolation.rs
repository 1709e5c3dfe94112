//! One tenant's unreadable row, and runs whose time is over: the others have their turn, and what succeeded
//! is sent.

use crate::enrolment::transitions::State;
use crate::ids::TenantName;
use crate::jobs::cancel::dispatch;
use crate::jobs::operate::{housekeeping, status};
use crate::jobs::testing::{World, contoso, minutes};
use crate::jobs::timer_run::{TenantTurn, TimerRun};
use crate::jobs::watch::plan;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::drops;
use crate::store::{Table, Tables as _, typed};
use chrono::Duration;
use serde_json::json;

fn adatum() -> TenantName {
    "adatum".into()
}

/// Beside a tenant with a decline that is due, one whose row was written by a newer version.
async fn beside(row: &str) -> World {
    let mut world = World::new().await;
    world.neighbour("adatum", None).await;
    let newer = typed::entity(&json!({ "state": { "of": "a newer version" } })).unwrap();
    world.tables.insert(Table::Connections, "adatum", row, newer).await.unwrap();
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    world.clock.advance(minutes(10));
    world
}

/// A cancellation of the tenant's that is due.
async fn due(world: &World, tenant: &TenantName) {
    let enrolment = crate::messages::EnrolmentRef { partition: format!("{tenant}~1"), row: "a".into() };
    let what = crate::enrolment::wakeups::WakeUpKind::Cancel { enrolment };
    let entry = crate::enrolment::wakeups::WakeUp { tenant: tenant.clone(), due: world.now(), what };
    crate::ledger::agenda::schedule(&world.app.ledger, &entry, None).await.unwrap();
}

/// Thirty tenants with one cancellation each that is due.
async fn thirty() -> (World, Vec<TenantName>) {
    let mut world = World::new().await;
    let names: Vec<TenantName> = (0..30).map(|n| TenantName::new(format!("tenant{n:02}"))).collect();
    for name in &names {
        world.neighbour(name.as_str(), None).await;
        due(&world, name).await;
    }
    (world, names)
}

async fn open(world: &World, tenant: &TenantName) -> Vec<AlertKind> {
    alerts::open(&world.app.ledger, tenant).await.unwrap().into_iter().map(|alert| alert.kind).collect()
}

#[tokio::test(start_paused = true)]
async fn a_valve_of_a_newer_version_stops_nobody_elses_cancellations() {
    let world = beside("valve").await;
    due(&world, &adatum()).await;
    let attempts = world.tick().await;
    assert_eq!((attempts.len(), world.state("ana", 1).await), (1, State::Done));
    assert_eq!(open(&world, &adatum()).await, [AlertKind::UnreadableRow]);
    assert!(open(&world, &contoso()).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_can_not_be_planned_stops_nobody_elses_renewals() {
    let world = beside("directory-read").await;
    let planned = plan::plan(&world.app, None).await.unwrap();
    assert!(planned.iter().any(|message| message.tenant == contoso()));
    assert!(open(&world, &adatum()).await.contains(&AlertKind::UnreadableRow));
}

#[tokio::test(start_paused = true)]
async fn a_tenant_that_can_not_be_kept_stops_nobody_elses_housekeeping() {
    let world = beside("valve").await;
    world.tables.wipe(Table::Agenda);
    assert_eq!(housekeeping::housekeep(&world.app).await.unwrap().wakeups_restored, 1);
    assert!(open(&world, &adatum()).await.contains(&AlertKind::UnreadableRow));
}

#[tokio::test(start_paused = true)]
async fn the_status_tells_of_all_tenants_although_a_row_can_not_be_read() {
    let world = beside("valve").await;
    let status = status::status(&world.app).await.unwrap();
    assert_eq!(status.tenants[&adatum()].valve.state, "unreadable");
    assert_eq!(status.tenants[&contoso()].valve.state, "open");
}

#[tokio::test(start_paused = true)]
async fn where_nobody_can_be_served_the_run_fails() {
    let world = World::new().await;
    let newer = typed::entity(&json!({ "state": 1 })).unwrap();
    world.tables.insert(Table::Connections, "contoso", "valve", newer).await.unwrap();
    due(&world, &contoso()).await;
    assert!(dispatch::dispatch(&world.app, None).await.is_err());
}

/// The store takes so long for every write that a tick has no time for all tenants.
#[tokio::test(start_paused = true)]
async fn a_tick_ends_in_its_budget_and_the_next_one_begins_with_who_had_no_turn() {
    let (world, names) = thirty().await;
    // A valve and a mark for each, eight tenants side by side.
    world.tables.slow(Table::Agenda, std::time::Duration::from_secs(10));
    let mut woken = std::collections::BTreeSet::new();
    for _ in 0..6 {
        let began = tokio::time::Instant::now();
        let wake = world.dispatch().await;
        assert!(began.elapsed() <= world.app.timing.budgets.dispatch, "{:?}", began.elapsed());
        woken.extend(wake.cancellations.into_iter().map(|message| message.tenant));
        world.clock.advance(minutes(1));
    }
    assert_eq!(woken.len(), names.len(), "{woken:?}");
}

/// Twenty tenants have something to send at every tick, and a tick has no time for all of them.
#[tokio::test(start_paused = true)]
async fn tenants_that_are_always_busy_take_no_turn_from_others() {
    let (world, names) = thirty().await;
    let mut woken = std::collections::BTreeSet::new();
    for _ in 0..6 {
        world.tables.slow(Table::Agenda, std::time::Duration::from_secs(15));
        let wake = world.dispatch().await;
        woken.extend(wake.cancellations.into_iter().map(|message| message.tenant));
        world.tables.slow(Table::Agenda, std::time::Duration::ZERO);
        world.clock.advance(minutes(1));
        for name in &names[..20] {
            due(&world, name).await;
        }
    }
    assert_eq!(woken.len(), names.len(), "{woken:?}");
}

#[tokio::test(start_paused = true)]
async fn what_rests_is_neither_read_nor_written_every_day() {
    let world = World::new().await;
    for session in 1..=20 {
        world.invited("ana", session).await;
    }
    housekeeping::housekeep(&world.app).await.unwrap();
    world.tables.count();
    for _ in 0..5 {
        world.clock.advance(Duration::days(1));
        housekeeping::housekeep(&world.app).await.unwrap();
        let asked = world.tables.count();
        assert!(asked.gets + asked.scans + asked.writes < 60, "twenty sessions at rest: {asked:?}");
    }
    let mut visits = 0;
    for _ in 0..4 {
        world.clock.advance(Duration::days(1));
        visits += housekeeping::housekeep(&world.app).await.unwrap().enrolments;
    }
    assert_eq!(visits, 20, "but all of it is looked after within about a week");
}

#[tokio::test(start_paused = true)]
async fn the_hourly_timer_does_a_days_work_once() {
    let world = World::new().await;
    world.invited("ana", 1).await;
    world.declined("ana", 1).await;
    assert_eq!(housekeeping::hourly(&world.app).await.unwrap().enrolments, 1);
    world.clock.advance(Duration::hours(1));
    assert_eq!(housekeeping::hourly(&world.app).await.unwrap().enrolments, 0);
    world.clock.advance(Duration::hours(23));
    assert_eq!(housekeeping::hourly(&world.app).await.unwrap().enrolments, 1);
}

/// Its listing takes longer than a round has for it.
#[tokio::test(start_paused = true)]
async fn a_directory_that_takes_long_keeps_no_renewal_waiting() {
    let world = World::new().await;
    world.watch().await;
    world.clock.advance(Duration::days(6));
    world.graph.list_slowly(std::time::Duration::from_secs(100));
    let began = tokio::time::Instant::now();
    let planned = plan::plan(&world.app, None).await.unwrap();
    assert!(began.elapsed() <= std::time::Duration::from_secs(31), "{:?}", began.elapsed());
    assert!(planned.iter().any(|message| !message.tasks.is_empty()), "renewals go on");
    let apart: Vec<_> = planned.iter().filter(|message| message.directory).collect();
    assert_eq!(apart.len(), 1);

    world.clock.advance(minutes(5));
    let began = tokio::time::Instant::now();
    let planned = plan::plan(&world.app, None).await.unwrap();
    assert!(began.elapsed() <= std::time::Duration::from_secs(1), "nobody waits for it a second time");
    assert!(!planned.iter().any(|message| message.directory), "somebody is at it");

    world.graph.hire("dan");
    crate::jobs::watch::maintain::maintain(&world.app, apart[0]).await.unwrap();
    world.watch().await;
    assert_eq!(world.graph.subscribed().len(), 5, "the joiner is found");
}

/// A directory that takes for ever, or a listing of very many subscriptions.
#[tokio::test(start_paused = true)]
async fn a_tenant_that_takes_long_holds_one_place_and_the_others_go_on_beside_it() {
    let mut world = World::new().await;
    for n in 0..30 {
        world.neighbour(&format!("tenant{n:02}"), None).await;
    }
    let reached = &std::sync::Mutex::new(0);
    let round = TimerRun::begin("testing", std::time::Duration::from_secs(40));
    let went = round.over_tenants(&world.app, |name, _| async move {
        if name == contoso() {
            tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
        }
        *reached.lock().unwrap() += 1;
        Ok(TenantTurn::Done)
    });
    went.await.unwrap();
    assert_eq!(*reached.lock().unwrap(), 30, "all but the first, contoso");
}

/// More places than a round has time for, none of which comes to rest.
#[tokio::test(start_paused = true)]
async fn a_round_of_housekeeping_that_was_cut_short_goes_on_with_what_it_did_not_come_to() {
    let mut world = World::new().await;
    for session in 1..=60 {
        world.invited("ana", session).await;
        world.declined("ana", session).await;
    }
    world.app.timing.budgets.housekeeping = std::time::Duration::from_secs(16);
    world.tables.slow(Table::Connections, std::time::Duration::from_secs(4));
    let mut kept = Vec::new();
    for _ in 0..12 {
        world.clock.advance(minutes(60));
        kept.push(housekeeping::hourly(&world.app).await.unwrap().enrolments);
    }
    assert!(kept[0] < 60 && kept[1] > 0, "{kept:?}");
    let sessions = crate::ledger::sessions::sessions(&world.app.ledger, &contoso()).await.unwrap();
    let never = sessions.iter().filter(|session| session.visited.is_none()).count();
    assert_eq!(never, 0, "{kept:?}");
    assert!(kept.iter().sum::<usize>() < 120, "not the same ones again and again: {kept:?}");
}

#[tokio::test(start_paused = true)]
async fn the_places_of_a_session_that_wait_are_read_together() {
    let world = World::new().await;
    for n in 0..40 {
        let learner = format!("learner{n}");
        world.graph.hire(&learner);
        world.know(&contoso(), &learner).await;
        world.invited(&learner, 1).await;
        world.declined(&learner, 1).await;
    }
    for _ in 0..2 {
        housekeeping::housekeep(&world.app).await.unwrap();
        world.clock.advance(Duration::days(1));
    }
    world.tables.count();
    assert_eq!(housekeeping::housekeep(&world.app).await.unwrap().enrolments, 40);
    let asked = world.tables.count();
    assert!(asked.gets + asked.writes < 20, "forty cancellations behind a valve: {asked:?}");
}

#[tokio::test(start_paused = true)]
async fn what_a_busy_day_has_decided_is_let_go_of_together() {
    let world = World::new().await;
    for n in 0..950 {
        let counted = typed::entity(&json!({ "at": world.now(), "learner": "x" })).unwrap();
        world
            .tables
            .insert(Table::Connections, "contoso~decisions", &format!("2026-01-01~{n:04}"), counted)
            .await
            .unwrap();
    }
    world.tables.count();
    housekeeping::housekeep(&world.app).await.unwrap();
    let asked = world.tables.count();
    assert!(asked.writes < 30, "{asked:?}");
    assert!(!world.tables.dump(Table::Connections).iter().any(|row| row.partition == "contoso~decisions"));
}

/// One gets on at a time, as on a store that is far away.
#[tokio::test(start_paused = true)]
async fn hundreds_who_write_one_row_at_a_time_all_come_through() {
    let world = World::new().await;
    world.tables.yields.store(true, std::sync::atomic::Ordering::SeqCst);
    let (app, tenant) = (&world.app, &contoso());
    let counts = (0..240).map(|_| drops::count_dropped(&app.ledger, tenant, &[("testing", 1)]));
    futures::future::try_join_all(counts).await.unwrap();
    assert_eq!(status::status(app).await.unwrap().tenants[tenant].dropped["testing"], 240);
}
