//! The repositories: every row kind has one file that owns its key and its writes.

pub mod alert_kind;
pub mod alerts;
pub mod attendee_snapshots;
pub mod enrolments;
pub mod links;
pub mod mailboxes;
pub mod typed_rows;
