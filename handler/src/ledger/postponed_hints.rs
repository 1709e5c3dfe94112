//! Which entry of the agenda counts for a hint that could not be judged: one row for whatever is hinted at.

use crate::ids::{TenantName, hash};
use crate::ledger::Ledger;
use crate::messages::Hint;
use crate::store::typed::{self, Read};
use crate::store::{StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The one entry that counts for what is hinted at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PostponedHint {
    /// Its row on the agenda.
    pub entry: String,
    pub due: DateTime<Utc>,
    /// All the hints in one.
    pub hint: Hint,
    pub tries: u32,
    /// When the last of them came.
    pub hinted: DateTime<Utc>,
}

/// Partition of the rows that say which entry counts.
pub fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~postponed")
}

fn row_of(hint: &Hint) -> String {
    hash(&hint.subject())
}

pub async fn load(
    ledger: &Ledger,
    tenant: &TenantName,
    hint: &Hint,
) -> Result<Option<Read<PostponedHint>>, StoreError> {
    typed::get(ledger.tables.as_ref(), Table::Connections, &partition(tenant), &row_of(hint)).await
}

/// True when there was none.
pub async fn insert(ledger: &Ledger, tenant: &TenantName, row: &PostponedHint) -> Result<bool, StoreError> {
    let tables = ledger.tables.as_ref();
    typed::insert_if_absent(tables, Table::Connections, &partition(tenant), &row_of(&row.hint), row).await
}

/// False: somebody else has written it, or it is gone.
pub async fn replace(
    ledger: &Ledger,
    known: &Read<PostponedHint>,
    next: &PostponedHint,
) -> Result<bool, StoreError> {
    let Read { partition, row, etag, value: _ } = known;
    is_mine(
        ledger
            .tables
            .replace(Table::Connections, partition, row, typed::entity(next)?, etag)
            .await
            .map(|_| ()),
    )
}

/// The same.
pub async fn remove(ledger: &Ledger, known: &Read<PostponedHint>) -> Result<bool, StoreError> {
    is_mine(ledger.tables.delete(Table::Connections, &known.partition, &known.row, Some(&known.etag)).await)
}

fn is_mine(written: Result<(), StoreError>) -> Result<bool, StoreError> {
    match written {
        Ok(()) => Ok(true),
        Err(lost) if lost.is_lost_race() => Ok(false),
        Err(other) => Err(other),
    }
}
