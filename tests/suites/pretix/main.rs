//! A real pretix: what it answers (the facts that the connector `pretix` rests on), and the connector played
//! on it.
//!
//! One server for all tests, which share nothing else: each makes its own dates.
//!
//! - [`facts`], [`facts_of_writes`]: what pretix answers, without the connector.
//! - [`situations`], [`troubles`], [`wait_list`]: the connector, from a decline to the cancelled place.
//! - [`outlook`]: the whole way, from the simulated Outlook on.
//! - [`recorded`]: the exchanges that are kept; [`replay`] plays them back.
//! - [`shop`], [`connector`], [`between`]: the server, an engine, and the way between them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod between;
mod connector;
mod facts;
mod facts_of_writes;
mod outlook;
mod recorded;
mod replay;
mod shop;
mod situations;
mod troubles;
mod wait_list;
