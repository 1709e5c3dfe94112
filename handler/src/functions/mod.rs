//! The functions of the app, one file each: parse the invocation, call [`crate::work`], shape the outputs.

pub mod cancel_enrolment;
pub mod counters;
pub mod dispatch_due;
pub mod graph_webhook;
pub mod housekeeping;
pub mod manage;
pub mod names;
pub mod observe_changes;
pub mod poison;
pub mod refusing;
pub mod renew_subscriptions;
pub mod shards;
pub mod tend_mailboxes;
pub mod trace;
pub mod unit;

pub use names::NAMES;

#[cfg(test)]
mod bindings_test;
