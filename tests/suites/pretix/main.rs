//! A real pretix: what it answers (the facts that the connector `pretix` rests on).
//!
//! One server for all tests, which share nothing else: each makes its own dates.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod facts;
mod facts_of_writes;
mod shop;
