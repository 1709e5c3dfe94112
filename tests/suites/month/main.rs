//! Weeks of watching in fast-forward: losses, lapses, throttling, joiners and leavers, Graph away for six
//! hours and our own endpoint for nine. Every decline of a watched learner ends in the ledger, none twice,
//! save those that nobody could see; these are counted as blind. The suite prints how late the slowest was,
//! and why.
//!
//! The handler's own code runs in this process, called as the host's timers and queues call it, on a ledger
//! in memory, against [`simulator::forward`]. Both sides' time is tokio's paused clock. What is right is said
//! by books of its own ([`books`]), which know what happened in the mailboxes and what became of every
//! notice, and nothing of the ledger but its rows.
//!
//! What the handler asked of Graph, of its ledger and of the host is held against what `regrets forecast`'s
//! model says of the script ([`forecast`]).
//!
//! - [`script`]: who does what and when, and the weather. [`deployment`]: the handler in this process.
//!   [`host`]: its timers and queues. [`lms`]: the LMS. [`stage`]: carries the script out. [`books`],
//!   [`judge`]: what happened, and whether the ledger has it. [`report`]: what is printed.
//!
//! A small run is what continuous integration takes. All of it:
//!
//! `MAILBOXES=2000 DAYS=30 cargo test --release -p suites --test month -- --nocapture`
//!
//! `SEED=7` is another script and other weather. A failure names the seed, and what repeats the run; the
//! handler's own dice (jitter, tokens, the order of its sets) are not the script's, so two runs may differ in
//! small things.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod books;
mod counts;
mod deployment;
mod forecast;
mod host;
mod judge;
mod lms;
mod report;
mod script;
mod stage;

use script::{Size, Variant};

fn run(variant: Variant) {
    let size = Size::from_env();
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(stage::run(size, variant));
}

#[test]
fn a_month_with_an_unreadable_organizer() {
    run(Variant::Unreadable);
}

#[test]
fn a_month_with_a_readable_organizer() {
    run(Variant::Readable);
}

#[test]
fn a_month_of_both_sides() {
    run(Variant::Both);
}

#[test]
fn a_month_of_the_organizer_alone() {
    run(Variant::Organizer);
}
