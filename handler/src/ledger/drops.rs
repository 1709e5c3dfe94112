//! Counts of what was dropped, by cause: one row a tenant.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Counts of dropped notifications by cause, as they are stored.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
struct Dropped {
    counts: BTreeMap<String, u64>,
}

const DROPPED: Singleton<Dropped> = Singleton::new("dropped");

/// Adds to the stored counts of what was dropped, by cause.
pub async fn count_dropped(
    ledger: &Ledger,
    tenant: &TenantName,
    dropped: &[(&str, u64)],
) -> Result<(), StoreError> {
    let add = |old: Option<&Dropped>| {
        let mut next = old.cloned().unwrap_or_default();
        for (cause, count) in dropped {
            *next.counts.entry((*cause).to_owned()).or_default() += *count;
        }
        Some(next)
    };
    DROPPED.update(ledger, tenant, add).await.map(|_| ())
}

/// By cause; a row that can't be read counts nothing.
pub async fn counts(ledger: &Ledger, tenant: &TenantName) -> Result<BTreeMap<String, u64>, StoreError> {
    Ok(DROPPED.if_readable(ledger, tenant).await?.map(|dropped| dropped.counts).unwrap_or_default())
}
