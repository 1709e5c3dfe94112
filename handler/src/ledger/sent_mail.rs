//! What each organizer's mailbox has sent of late, so that all instances together stay below what Exchange
//! takes ([`crate::publishing::budget`]).
//!
//! Guarantee: what is taken is written down before anything is sent; whoever is killed in between has
//! counted a message too many, never one too few.

use crate::ids::{Address, TenantName, hash};
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Collection;
use crate::publishing::budget::{Allowed, SendLimits, Sent};
use crate::store::StoreError;
use chrono::{DateTime, Utc};

fn mailboxes(tenant: &TenantName) -> Collection<Sent> {
    Collection::of(tenant, "sent-mail")
}

/// When a message to one may be sent, which is not taken.
pub async fn ask(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &Address,
    limits: SendLimits,
    now: DateTime<Utc>,
) -> Result<Allowed, StoreError> {
    let sent = mailboxes(tenant).read(ledger, &hash(organizer.as_str())).await?;
    Ok(sent.unwrap_or_default().take(1, limits, now))
}

/// Takes a message to so many recipients, or says when it may be asked for again.
pub async fn take(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &Address,
    recipients: u32,
    limits: SendLimits,
    now: DateTime<Utc>,
) -> Result<Allowed, StoreError> {
    let mut allowed = Allowed::Now;
    mailboxes(tenant)
        .update(ledger, &hash(organizer.as_str()), |sent| {
            let mut next = sent.cloned().unwrap_or_default();
            allowed = next.take(recipients, limits, now);
            (allowed == Allowed::Now).then_some(next)
        })
        .await?;
    Ok(allowed)
}
