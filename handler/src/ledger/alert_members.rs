//! Things that an alert is about of which more is known than their kind ([`super::alerts`]).

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::alerts::{AlertKind, change_with, members, note};
use crate::store::{StoreError, Table};

/// Whether this thing was noted before, acknowledged or not.
pub async fn is_noted(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    member: &str,
) -> Result<bool, StoreError> {
    Ok(ledger.tables.get(Table::Connections, &members(tenant, kind), member).await?.is_some())
}

/// As [`note`]; the alert says what is known of the newest.
pub async fn note_telling(
    ledger: &Ledger,
    tenant: &TenantName,
    kind: AlertKind,
    member: &str,
    step: &str,
) -> Result<(), StoreError> {
    note(ledger, tenant, kind, member).await?;
    change_with(ledger, tenant, kind, step, |known| known.max(1)).await
}
