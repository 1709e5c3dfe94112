//! The stores as processes use them: SQLite and Azure Tables by the same checks, and each for what only it
//! can suffer.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod azure;
mod conformance;
mod files;
mod kills;

use regrets::clock::SystemClock;
use regrets::store::SqliteTables;
use std::path::Path;
use std::sync::Arc;

fn open_file(path: &Path) -> SqliteTables {
    SqliteTables::open(path, Arc::new(SystemClock)).unwrap()
}
