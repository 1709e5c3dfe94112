//! Each connector file through the real engine, against a fake of its LMS over HTTP and on recorded
//! exchanges.
//!
//! - [`situations`]: a table of what may be met, played one by one; the pages beside the files are made
//!   of it. [`moodle`], [`moodle_group`], [`facetoface`], [`booking`], [`canvas`], [`open_edx`],
//!   [`totara`]: one table each.
//! - [`looked_up`]: which session an event stands for.
//! - [`lost`]: answers that are lost after the write, with many seeds each.
//! - [`recorded`], [`recorded_plugin`]: exchanges played back. [`restored`]: places given back.
//! - [`drafts`]: the connectors that nobody has seen work, on exchanges from public descriptions.
//! - [`outlook`]: from the simulated Outlook on, with the real binary.
//! - [`read`]: sessions, and who holds a place in them.
//! - [`pretix`]: what was recorded of a real one.
//! - [`real_moodle`]: the whole way, from the simulated Outlook to a real Moodle, where one is there.
//! - [`thrown`]: the targets of the fuzzer. [`page`]: the pages. [`rig`]: an engine of a file and settings.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod booking;
mod canvas;
mod drafts;
mod facetoface;
mod looked_up;
mod lost;
mod moodle;
mod moodle_group;
mod open_edx;
mod outlook;
mod page;
mod pretix;
mod read;
mod real_moodle;
mod recorded;
mod recorded_plugin;
mod restored;
mod rig;
mod situations;
mod thrown;
mod totara;
