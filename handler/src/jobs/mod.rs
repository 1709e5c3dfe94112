//! The use cases. All I/O goes through the traits of [`crate::graph`], [`crate::lms`] and [`crate::store`]; what is decided is
//! decided by the domain ([`crate::calendar`], [`crate::enrolment`]).
//!
//! - [`context`]: what one process and one tenant need to work: stores, clients, clock, dice.
//! - [`crate::ledger::enrolments`]: reading and conditionally writing the one row, its agenda and its audit, in the order that survives a kill.
//! - [`crate::jobs::observe::hints`]: from a hint to the ledger. [`crate::jobs::observe::learner_event`]: which links a hint is about. [`crate::jobs::observe::gather_evidence`]: evidence from both copies.
//!   [`crate::jobs::observe::postponed_hints`]: hints that must wait for Graph. [`crate::jobs::observe::judge`]: from the evidence to the row.
//!   [`crate::jobs::observe::organizer_event`]: whose answers a change of an organizer's event changes; [`crate::ledger::attendee_snapshots`]: what was seen of them last.
//!   [`crate::jobs::observe::invitations`]: organizers' calendars, followed; [`crate::jobs::observe::missing_copy`]: invitations without a copy.
//! - [`crate::ledger::links`]: the stored ties between events and places.
//! - [`crate::jobs::cancel::dispatch`]: wakes what is due, through the valve. [`crate::jobs::cancel::brake`]: too many decisions. [`crate::jobs::cancel::attempt`]: one attempt at the LMS.
//!   [`crate::jobs::cancel::rollout`]: for whom. [`crate::jobs::cancel::connection_slots`]: how many of one connection at once.
//! - [`crate::jobs::watch::plan`], [`crate::jobs::watch::maintain`], [`crate::jobs::watch::resync`]: who is watched, and that the watching never lapses. [`crate::jobs::watch::directory`]: who should be, and how
//!   often that is asked; [`crate::jobs::watch::directory_sync`]: a large one, read apart; [`crate::jobs::watch::sync_mailboxes`]: that against who is. [`crate::jobs::watch::graph_outage`]: Graph away as a whole.
//!   [`crate::jobs::watch::subscription_listing`]: the list of subscriptions, in parts; [`crate::jobs::watch::orphans`]: that against the ledger.
//! - [`unit_context`]: what a unit of work carries along, for its trace and its line in the log.
//! - [`crate::jobs::operate::stale_links`]: links and rosters that nothing else lets go of. [`crate::jobs::operate::purge_tenant`]: all of a tenant that is not served any more.
//! - [`timer_run`]: a timer's run over all tenants. [`crate::ledger::typed_rows`]: rows of a partition, past the ones that can't be understood.
//! - [`crate::jobs::operate::operator`]: what people decide. [`crate::jobs::operate::dead_letters`], [`crate::jobs::operate::housekeeping`], [`crate::ledger::alerts`], [`crate::jobs::operate::status`]: nothing is dropped in silence, and all
//!   can be asked. [`crate::ledger::alert_kind`]: the closed list of alerts. [`crate::jobs::operate::management_json`]: how all this is shown.

pub mod address_hasher;
pub mod alerting;
pub mod cancel;
pub mod context;
pub mod observe;
pub mod operate;
pub mod timer_run;
pub mod timing;
pub mod unit_context;
pub mod user_cache;
pub mod watch;

use crate::ids::TenantName;
use crate::invocation_deadline;
use crate::store::StoreError;
use thiserror::Error;

/// Why a unit of work failed as a whole, so that its message must come again. Trouble with Graph or the LMS is none: it ends
/// on the agenda.
#[derive(Debug, Error)]
pub enum WorkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A message that this build can't read: it goes to the poison queue, where it is kept.
    #[error("the message can't be read: {0}")]
    Message(String),
    #[error("tenant {0} is not configured")]
    UnknownTenant(TenantName),
    #[error("what it waited for did not come within {} s", invocation_deadline::WHOLE.as_secs())]
    OutOfTime,
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
