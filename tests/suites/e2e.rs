//! The real binary under `regrets local`, against the simulated Entra, Graph and LMS, over real sockets.
//!
//! A stage of its own for each test, so that any of them can run alone and beside each other.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod cancel;
mod host;
mod observe;
mod operate;
mod publish;
mod watch;

use simulator::World;
use simulator::stage::{Setup, Stage};
use std::path::Path;

/// The binary as it is shipped.
fn regrets() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_regrets-under-test"))
}

async fn stage(setup: Setup, before: impl FnOnce(&World)) -> Stage {
    match Stage::start_with(regrets(), setup, before).await {
        Ok(stage) => stage,
        Err(error) => panic!("{error}"),
    }
}
