//! The functions of the app, one file each: parse the invocation, call [`crate::jobs`], shape the outputs.

pub mod admission;
pub mod cancel_enrolment;
pub mod consent;
pub mod dispatch_due;
pub mod drop_counters;
pub mod graph_webhook;
pub mod housekeeping;
pub mod invocation_log;
pub mod join;
pub mod lms_events;
pub mod manage;
pub mod names;
pub mod observe_changes;
pub mod poison;
pub mod publish_session;
pub mod queue_messages;
pub mod renew_subscriptions;
pub mod sync_sessions;
pub mod tend_mailboxes;
pub mod traceparent;
pub mod unavailable;

pub use names::NAMES;

#[cfg(test)]
mod bindings_tests;
