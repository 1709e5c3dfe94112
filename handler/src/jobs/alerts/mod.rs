//! Who is told of alerts, and how often: at once on the way down, once on the way up, and a digest where
//! something can't come to rest.
//!
//! What people know ([`crate::ledger::alert_changes`]) is held against what is true
//! ([`crate::ledger::alerts`]) each minute: [`plan`] says for each alert of each tenant whether something is
//! to be told, [`news`] gathers it for each who is told, [`pace`] bounds how many messages that makes,
//! [`deliver`] sends and writes down what was told, [`compose`] finds the words. [`try_out`] sends a test;
//! [`connected`] says that a tenant is connected.

pub mod compose;
pub mod connected;
pub mod deliver;
mod news;
pub mod pace;
pub mod plan;
pub mod try_out;
