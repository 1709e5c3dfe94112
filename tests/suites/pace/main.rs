//! A small deployment at Azure's pace: every run of a timer ends in its budget, a backlog drains, and nobody starves. The
//! same at full size, with its figures: `cargo bench -p suites --bench pace`.

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
use play::scene::{RATE, Scene};
use play::stage::Stage;
use regrets::work::desk::Timing;
use regrets::work::round::Budgets;
use std::time::Duration;

fn play(scene: Scene) -> (Rest, Backlog) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
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
        ..Budgets::default()
    };
    Timing { budgets, ..Timing::default() }
}

#[test]
fn a_backlog_drains_while_every_run_ends_in_its_budget_and_nobody_starves() {
    let scene = Scene { timing: hurried(), ..Scene::default() };
    let (_, backlog) = play(scene.clone());
    let Budgets { dispatch, plan, housekeeping, .. } = scene.timing.budgets;
    // What is begun in time may read and write down whose turn is next.
    let after = Duration::from_millis(500);
    for (timer, budget) in [(DISPATCH, dispatch), (PLAN, plan), (HOUSEKEEPING, housekeeping)] {
        let (took, _, runs) = backlog.longest(timer);
        assert!(runs > 0 && took <= budget + after, "{timer}: {took:?} of {budget:?}");
    }

    assert!(backlog.drained.is_some_and(|time| time < Duration::from_secs(30 * 60)), "{:?}", backlog.drained);
    assert!(backlog.kept.is_some(), "housekeeping has come round");
    assert_eq!(backlog.repeated, 0, "each order once");
    for (queue, seen) in backlog.queues {
        assert_eq!(seen.poisoned, 0, "{queue}");
    }
    for tenant in 0..scene.tenants {
        let (asked, expected) = (backlog.calls[tenant].len(), backlog.expected[tenant]);
        assert!(asked >= expected, "tenant {tenant}: {asked} of {expected}");
        let wait = backlog.longest_wait(tenant);
        assert!(wait < chrono::Duration::minutes(5), "tenant {tenant} had no turn for {wait}");
    }
    for fresh in &backlog.fresh {
        let (ledger, lms) = fresh.delays().unwrap_or_else(|| panic!("{fresh:?}"));
        assert!(ledger < chrono::Duration::minutes(1), "{ledger} {fresh:?}");
        assert!(lms < chrono::Duration::minutes(3), "{lms} {fresh:?}");
    }
    assert!(backlog.most_in_a_minute() <= 60 * RATE as usize + RATE as usize);
}

#[test]
fn what_rests_costs_a_day_a_fraction_of_looking_at_all_of_it() {
    let scene = Scene { due: 10, ..Scene::default() };
    let (rest, _) = play(scene);
    assert!(rest.a_day() * 4 < rest.naive.all(), "{} of {}", rest.a_day(), rest.naive.all());
}
