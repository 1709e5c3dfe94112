//! The repositories: every row kind has one file that owns its key and its writes.

pub mod agenda;
pub mod alert_changes;
pub mod alert_kind;
pub mod alert_members;
pub mod alert_outbox;
pub mod alert_severity;
mod alert_steps;
pub mod alerts;
pub mod attendee_snapshots;
pub mod audit;
pub mod consents;
pub mod contents;
pub mod decisions;
pub mod deployment_rows;
pub mod drops;
pub mod enrolment_ids;
pub mod enrolments;
pub mod link_sweep;
pub mod links;
pub mod mailboxes;
pub mod organizer_calendars;
pub mod postponed_hints;
pub mod purge_tenant;
pub mod refresh_tokens;
pub mod sent_mail;
pub mod sessions;
pub mod snapshots;
pub mod source_places;
pub mod source_sessions;
pub mod tenant_rows;
pub mod typed_rows;
pub mod unreadable_messages;
pub mod valves;
pub mod written_events;

use crate::clock::Clock;
pub use crate::store::typed::{Read, TRIES};
use crate::store::{StoreError, Tables};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What the repositories need: the tables, and the time.
#[derive(Clone)]
pub struct Ledger {
    pub tables: Arc<dyn Tables>,
    pub clock: Arc<dyn Clock>,
}

impl Ledger {
    /// By the store's clock, which is the same for all instances: claims run out by it.
    pub async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        self.tables.now().await
    }
}
