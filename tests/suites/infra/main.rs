//! `infra/` against the code: what Bicep, the workbook and the scripts name is what the handler, `functions/`
//! and `host.json` are called. A template that deploys and then watches for a word that nobody says would be
//! noticed by nobody.
//!
//! Syntax is checked by `infra/check`; here is what no parser sees.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a suite is all test; clippy exempts only the functions that are marked so"
)]

mod alerts;
#[cfg(unix)]
mod compile;
mod firing;
mod modules;
mod names;
mod queries;
mod roles;
mod settings;
mod source;
mod text;
#[cfg(unix)]
mod verify;
