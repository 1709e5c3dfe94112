//! A small deployment at Azure's pace: every run of a timer ends in its budget, a backlog drains, and nobody
//! starves. The same at full size, with its figures: `cargo bench -p suites --bench pace`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod play;

use play::figures::{Backlog, Rest};
use play::host::{DISPATCH, HOUSEKEEPING, PLAN};
use play::scene::{RATE, SLOW, Scene, Throttle};
use play::stage::Stage;
use regrets::jobs::timing::{Budgets, Timing};
use std::time::Duration;

fn play(scene: Scene) -> (Rest, Backlog) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let stage = Stage::new(scene.clone()).await;
        stage.invite().await;
        let rest = stage.rest(7).await;
        rest.print(&scene);
        stage.fall_behind().await;
        let backlog = stage.come_back().await;
        backlog.print(&scene);
        (rest, backlog)
    })
}

/// Runs that have far too little time for all that is due.
fn hurried() -> Timing {
    let budgets = Budgets {
        dispatch: Duration::from_secs(1),
        plan: Duration::from_secs(2),
        housekeeping: Duration::from_secs(6),
        subscriptions: Duration::from_secs(8),
        ..Budgets::default()
    };
    Timing { budgets, ..Timing::default() }
}

/// What must hold of every way out of a backlog.
fn drains(scene: &Scene, backlog: &Backlog) {
    let Budgets { dispatch, plan, housekeeping, .. } = scene.timing.budgets;
    // What is begun in time may read and write down whose turn is next.
    let after = Duration::from_millis(500);
    for (timer, budget) in [(DISPATCH, dispatch), (PLAN, plan), (HOUSEKEEPING, housekeeping)] {
        let (took, _, runs) = backlog.longest(timer);
        assert!(runs > 0 && took <= budget + after, "{timer}: {took:?} of {budget:?}");
    }
    assert!(backlog.drained.is_some(), "the backlog has drained");
    assert!(backlog.kept.is_some(), "housekeeping has come round");
    for (queue, seen) in backlog.queues {
        assert_eq!(seen.poisoned, 0, "{queue}");
    }
    for tenant in 0..scene.tenants {
        let (asked, expected) = (backlog.calls[tenant].len(), backlog.expected[tenant]);
        assert!(asked >= expected, "tenant {tenant}: {asked} of {expected}");
        let wait = backlog.longest_wait(tenant);
        assert!(wait < chrono::Duration::minutes(5), "tenant {tenant} had no turn for {wait}");
    }
    assert!(backlog.most_in_a_minute() <= 60 * RATE as usize + RATE as usize);
}

#[test]
fn a_backlog_drains_while_every_run_ends_in_its_budget_and_nobody_starves() {
    let scene = Scene { timing: hurried(), subscriptions: 20, ..Scene::default() };
    let (_, backlog) = play(scene.clone());
    drains(&scene, &backlog);
    assert_eq!(backlog.repeated, 0, "each order once");
    for fresh in &backlog.fresh {
        let (ledger, lms) = fresh.delays().unwrap_or_else(|| panic!("{fresh:?}"));
        assert!(ledger < chrono::Duration::minutes(1), "{ledger} {fresh:?}");
        // One whose LMS is slow waits for those before it, at its own rate.
        let most = if fresh.tenant == SLOW { scene.slowest() } else { Duration::from_secs(3 * 60) };
        assert!(lms < chrono::Duration::from_std(most).unwrap(), "{lms} {fresh:?}");
    }

    // The slow LMS has as much to do as the largest: it takes its time, and nobody else's.
    let slow = backlog.carried(SLOW).unwrap().to_std().unwrap();
    assert!(slow >= scene.slowest() && slow < scene.slowest() * 3 / 2, "{slow:?} of {:?}", scene.slowest());
    for tenant in (0..scene.tenants).filter(|tenant| *tenant != SLOW) {
        let last = backlog.carried(tenant).unwrap().to_std().unwrap();
        assert!(last < slow / 2, "tenant {tenant}: {last:?}");
    }

    // The large tenant's subscriptions are too many for one run.
    assert!(backlog.listed.is_some(), "the list of subscriptions has come to its end");
    assert_eq!(backlog.orphans, 0);
}

/// An account that takes far less than it is asked, and partitions that take less still.
#[test]
fn a_throttled_account_slows_all_down_and_stops_nothing() {
    let throttle = Some(Throttle { account: 150, partition: 60 });
    let budgets =
        Budgets { dispatch: Duration::from_secs(10), plan: Duration::from_secs(20), ..hurried().budgets };
    let budgets = Budgets { housekeeping: Duration::from_secs(30), ..budgets };
    let timing = Timing { budgets, ..hurried() };
    let scene = Scene { timing, subscriptions: 20, throttle, ..Scene::default() };
    let (_, backlog) = play(scene.clone());
    let throttled = backlog.throttled;
    assert!(throttled.account > 100 && throttled.partition > 100, "{throttled:?}");
    drains(&scene, &backlog);
    assert_eq!(backlog.orphans, 0);
    // What became of an order could not be written down: it is asked for again, by the same id.
    assert!(backlog.repeated <= throttled.given_up, "{} of {throttled:?}", backlog.repeated);
}

#[test]
fn what_rests_costs_a_day_a_fraction_of_looking_at_all_of_it() {
    let scene = Scene { due: 10, ..Scene::default() };
    let (rest, _) = play(scene);
    assert!(rest.a_day() * 4 < rest.naive.all(), "{} of {}", rest.a_day(), rest.naive.all());
}

/// `PENDING=5000` has so many cancellations wait.
#[test]
fn an_lms_that_was_away_for_two_days_gets_each_cancellation_once_and_none_too_fast_or_too_late() {
    let pending = std::env::var("PENDING").map_or(150, |text| text.parse().unwrap());
    let scene = Scene {
        tenants: 1,
        mailboxes: pending + 10,
        due: pending,
        instances: 3,
        rate: 5,
        ..Scene::default()
    };
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let outage = runtime.block_on(async {
        let stage = Stage::new(scene.clone()).await;
        stage.invite().await;
        stage.lms_is_away(chrono::Duration::hours(48)).await
    });
    outage.print(&scene);
    assert!(outage.too_late > 0 && outage.too_late < pending, "{} of {pending}", outage.too_late);
    let ends: Vec<(&str, usize)> = outage.states.clone().into_iter().collect();
    let sent = pending - outage.too_late;
    assert_eq!(ends, [("done", sent), ("expired", outage.too_late)]);
    assert_eq!((outage.calls.len(), outage.repeated, outage.after_the_start), (sent, 0, 0));
    assert!(outage.most_in_a_second() <= 5, "{}", outage.most_in_a_second());
    // A probe a minute, and what was on its way when it went away.
    assert!(outage.in_vain.len() < 48 * 60 + 100, "{}", outage.in_vain.len());
}
