//! What has become of each kind of alert of a tenant, and what people were told of it: one row for each. It
//! is written before the alert itself opens or ends, so that no change can be lost between the two; what is
//! true now stands in the alert ([`super::alerts`]) alone.
//!
//! Guarantees: a change that is noted twice, because somebody was killed in between, counts once; so does a
//! message that is written down twice as told.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The word of what is no alert: the tenant is connected.
pub const CONNECTED: &str = "connected";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertChanges {
    /// How often it has opened.
    #[serde(default)]
    pub opened: u64,
    /// Somebody set about opening it last, and not about ending it.
    #[serde(default)]
    pub is_open: bool,
    /// When it changed last.
    pub changed: DateTime<Utc>,
    /// The first change of which nobody was told.
    #[serde(default)]
    pub untold: Option<DateTime<Utc>>,
    #[serde(default)]
    pub told: Option<Told>,
    /// What of it was told lately.
    #[serde(default)]
    pub lately: Option<Lately>,
    /// What a person may want to know of it.
    #[serde(default)]
    pub note: Option<String>,
}

/// What people know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub is_open: bool,
    pub at: DateTime<Utc>,
    /// How often it had opened by then.
    pub opened: u64,
    /// The message that said it.
    pub message: String,
}

/// So many messages since then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Lately {
    pub since: DateTime<Utc>,
    pub said: u32,
}

fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~told")
}

async fn update(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: &str,
    change: impl FnMut(Option<&AlertChanges>) -> Option<AlertChanges>,
) -> Result<Option<AlertChanges>, StoreError> {
    typed::update(ledger.tables.as_ref(), Table::Connections, &partition(tenant), kind, change).await
}

/// An alert is about to open, or to end.
pub async fn note(ledger: &Ledger, tenant: &TenantName, kind: &str, opens: bool) -> Result<(), StoreError> {
    let now = ledger.clock.now();
    update(ledger, tenant, kind, |old| changed(old, opens, now)).await.map(|_| ())
}

fn changed(old: Option<&AlertChanges>, opens: bool, now: DateTime<Utc>) -> Option<AlertChanges> {
    match old {
        Some(old) if old.is_open == opens => None,
        Some(old) => Some(AlertChanges {
            opened: old.opened + u64::from(opens),
            is_open: opens,
            changed: now,
            untold: old.untold.or(Some(now)),
            ..old.clone()
        }),
        None => Some(AlertChanges {
            opened: u64::from(opens),
            is_open: opens,
            changed: now,
            untold: Some(now),
            told: None,
            lately: None,
            note: None,
        }),
    }
}

/// The tenant is connected for the first time; what is known of it. True the first time.
pub async fn note_connected(ledger: &Ledger, tenant: &TenantName, note: &str) -> Result<bool, StoreError> {
    let now = ledger.clock.now();
    let mut is_first = false;
    update(ledger, tenant, CONNECTED, |old| {
        is_first = old.is_none();
        is_first.then(|| AlertChanges {
            opened: 1,
            is_open: true,
            changed: now,
            untold: Some(now),
            told: None,
            lately: None,
            note: Some(note.to_owned()),
        })
    })
    .await?;
    Ok(is_first)
}

pub async fn is_connected(ledger: &Ledger, tenant: &TenantName) -> Result<bool, StoreError> {
    let tables = ledger.tables.as_ref();
    Ok(tables.get(Table::Connections, &partition(tenant), CONNECTED).await?.is_some())
}

/// All of a tenant, by their words. One that this build can't read is passed over: it is told anew.
pub async fn all(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<(String, AlertChanges)>, StoreError> {
    let (tables, partition) = (ledger.tables.as_ref(), partition(tenant));
    let (found, corrupt): (Vec<Read<AlertChanges>>, _) =
        typed::sift_all(tables, Table::Connections, &partition, RowRange::all(), usize::MAX).await?;
    for corrupt in &corrupt {
        tracing::error!(%tenant, %corrupt, "a row is passed over");
    }
    Ok(found.into_iter().map(|read| (read.row, read.value)).collect())
}

/// People were told so, by this message.
pub async fn set_told(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: &str,
    told: &Told,
    lately: impl Fn(Option<Lately>) -> Lately,
) -> Result<(), StoreError> {
    update(ledger, tenant, kind, |old| {
        if old.and_then(|old| old.told.as_ref()).is_some_and(|known| known.message == told.message) {
            return None;
        }
        let fresh = || AlertChanges {
            opened: told.opened,
            is_open: told.is_open,
            changed: told.at,
            untold: None,
            told: None,
            lately: None,
            note: None,
        };
        let old = old.cloned().unwrap_or_else(fresh);
        // What changed while the message was on its way is still to be told.
        let is_all = old.opened == told.opened && old.is_open == told.is_open;
        let untold = if is_all { None } else { Some(old.changed) };
        Some(AlertChanges { told: Some(told.clone()), lately: Some(lately(old.lately)), untold, ..old })
    })
    .await
    .map(|_| ())
}

#[cfg(test)]
#[path = "alert_changes_tests.rs"]
mod tests;
