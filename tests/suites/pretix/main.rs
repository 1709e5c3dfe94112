//! A real pretix: what it answers (the facts that the connector `pretix` rests on), and the connector played
//! on it.
//!
//! One server for all tests, which share nothing else: each makes its own dates.
//!
//! - [`facts`], [`facts_of_writes`]: what pretix answers, without the connector.
//! - [`situations`], [`troubles`], [`wait_list`]: the connector, from a decline to the cancelled place.
//! - [`outlook`]: the whole way, from the simulated Outlook on.
//! - [`published`]: the other direction: orders become invitations, and are kept true.
//! - [`lost`]: answers that are lost after the write, as often as is asked.
//! - [`looked_up`]: which date an event stands for.
//! - [`sessions`]: dates, and who has a place in them.
//! - [`recorded`]: the exchanges that are kept, of [`cases`].
//! - [`shop`], [`connector`], [`between`]: the server, an engine, and the way between them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod between;
mod cases;
mod connector;
mod facts;
mod facts_of_writes;
mod looked_up;
mod lost;
mod outlook;
mod published;
mod recorded;
mod sessions;
mod shop;
mod situations;
mod troubles;
mod wait_list;
