//! The repositories: every row kind has one file that owns its key and its writes.

pub mod agenda;
pub mod alert_kind;
pub mod alerts;
pub mod attendee_snapshots;
pub mod audit;
pub mod decisions;
pub mod drops;
pub mod enrolment_ids;
pub mod enrolments;
pub mod links;
pub mod mailboxes;
pub mod sessions;
pub mod typed_rows;
pub mod unreadable_messages;
pub mod valves;

use crate::clock::Clock;
use crate::store::Tables;
use std::sync::Arc;

/// What the repositories need: the tables, and the time.
#[derive(Clone)]
pub struct Ledger {
    pub tables: Arc<dyn Tables>,
    pub clock: Arc<dyn Clock>,
}
