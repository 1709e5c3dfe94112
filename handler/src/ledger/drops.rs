//! Counts of what was dropped, by cause: one row a tenant.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::store::{StoreError, Table, typed};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts of dropped notifications by cause, as they are stored.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dropped {
    pub counts: BTreeMap<String, u64>,
}

pub(crate) const DROPPED_ROW: &str = "dropped";

/// Adds to the stored counts of what was dropped, by cause.
pub async fn count_dropped(ledger: &Ledger, tenant: &TenantName, dropped: &[(&str, u64)]) -> Result<(), StoreError> {
    typed::update(ledger.tables.as_ref(), Table::Connections, tenant.as_str(), DROPPED_ROW, |old: Option<&Dropped>| {
        let mut next = old.cloned().unwrap_or_default();
        for (cause, count) in dropped {
            *next.counts.entry((*cause).to_owned()).or_default() += *count;
        }
        Some(next)
    })
    .await
    .map(|_| ())
}
