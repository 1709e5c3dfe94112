//! Rows of a partition where one that can't be understood must not hold up the others: it is named in the log
//! and in an alert, and passed over.

use crate::ids::TenantName;
use crate::ledger::{Ledger, alerts};
use crate::store::typed::{self, Read, Sifted};
use crate::store::{RowRange, StoreError, Table};
use serde::de::DeserializeOwned;

/// One page of rows, without those that can't be understood.
pub struct ReadPage<T> {
    pub rows: Vec<Read<T>>,
    /// Where the next page begins.
    pub next: Option<String>,
}

pub async fn page<T: DeserializeOwned>(
    ledger: &Ledger,
    tenant: &TenantName,
    table: Table,
    partition: &str,
    range: RowRange,
    limit: usize,
) -> Result<ReadPage<T>, StoreError> {
    let Sifted { rows, corrupt, next } =
        typed::sift(ledger.tables.as_ref(), table, partition, range, limit).await?;
    for corrupt in &corrupt {
        alerts::note_unreadable(ledger, tenant, corrupt).await?;
    }
    Ok(ReadPage { rows, next })
}

/// At most `most` rows of a range, in key order, without those that can't be understood.
pub async fn readable<T: DeserializeOwned>(
    ledger: &Ledger,
    tenant: &TenantName,
    table: Table,
    partition: &str,
    range: RowRange,
    most: usize,
) -> Result<Vec<Read<T>>, StoreError> {
    let (rows, corrupt) = typed::sift_all(ledger.tables.as_ref(), table, partition, range, most).await?;
    for corrupt in &corrupt {
        alerts::note_unreadable(ledger, tenant, corrupt).await?;
    }
    Ok(rows)
}

/// One row that can be done without: one that can't be read counts as none, and is named in the log.
pub fn if_readable<T>(found: Result<Option<T>, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Err(corrupt @ StoreError::Corrupt { .. }) => {
            tracing::error!(%corrupt, "a row is passed over");
            Ok(None)
        }
        found => found,
    }
}
