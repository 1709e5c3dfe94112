//! Everything that is stored of a tenant that is not served any more: counted, or deleted for good.
//!
//! Guarantees: every table and every partition of the tenant is covered, and nobody else's; deleting may be
//! killed anywhere and done again; it ends only when a look after it finds nothing.

use crate::ids::TenantName;
use crate::ledger::agenda::{cancel_partition, look_partition, review_partition};
use crate::ledger::deployment_rows::is_hash_key;
use crate::ledger::{Ledger, unreadable_messages};
use crate::store::sweep::Sweep;
use crate::store::{Op, Row, StoreError, Table};
use std::collections::{BTreeMap, BTreeSet};

/// First what wakes somebody, last the audit.
const ORDER: [Table; 6] =
    [Table::Agenda, Table::Enrolments, Table::Links, Table::Mailboxes, Table::Connections, Table::Activity];

/// The most that one batch of the store takes.
const BATCH: usize = 100;

/// Passes after which somebody else must be writing the same rows.
const PASSES: usize = 3;

/// What there is of a tenant in one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    pub rows: usize,
    partitions: BTreeSet<String>,
}

impl Stored {
    pub fn partitions(&self) -> usize {
        self.partitions.len()
    }

    fn see(&mut self, rows: &[Row]) {
        self.rows += rows.len();
        self.partitions.extend(rows.iter().map(|row| row.partition.clone()));
    }
}

/// By the table's name in the account, in the order in which they go; tables without rows are left out.
pub type Found = Vec<(Table, Stored)>;

/// What there is. Writes nothing.
pub async fn count(ledger: &Ledger, tenant: &TenantName, keeps_audit: bool) -> Result<Found, StoreError> {
    each(ledger, tenant, keeps_audit, false).await
}

/// Deletes all of it, and gives what was deleted.
///
/// # Errors
/// [`StoreError::Unavailable`] also where rows come again as fast as they go: the app still serves the
/// tenant.
pub async fn purge(ledger: &Ledger, tenant: &TenantName, keeps_audit: bool) -> Result<Found, StoreError> {
    let mut gone: BTreeMap<usize, (Table, Stored)> = BTreeMap::new();
    for _ in 0..PASSES {
        let found = each(ledger, tenant, keeps_audit, true).await?;
        if found.is_empty() {
            return Ok(gone.into_values().collect());
        }
        for (table, stored) in found {
            let place = ORDER.iter().position(|one| *one == table).unwrap_or_default();
            let (_, sum) = gone.entry(place).or_insert_with(|| (table, Stored::default()));
            sum.rows += stored.rows;
            sum.partitions.extend(stored.partitions);
        }
    }
    Err(StoreError::Unavailable(format!(
        "rows of {tenant} come again as fast as they go: the app still serves it. Restart the app with the \
         configuration that does not \
         name it, and do this again"
    )))
}

async fn each(
    ledger: &Ledger,
    tenant: &TenantName,
    keeps_audit: bool,
    deletes: bool,
) -> Result<Found, StoreError> {
    let mut found = Found::new();
    for table in ORDER.into_iter().filter(|table| !(keeps_audit && *table == Table::Activity)) {
        let mut stored = Stored::default();
        for mut sweep in partitions(table, tenant) {
            loop {
                let mut rows = sweep.next(ledger.tables.as_ref()).await?;
                if rows.is_empty() {
                    break;
                }
                // The deployment's own row stands in a partition that a tenant's name could be.
                rows.retain(|row| table != Table::Connections || !is_hash_key(&row.partition, &row.row));
                stored.see(&rows);
                if deletes {
                    delete(ledger, table, rows).await?;
                }
            }
        }
        if table == Table::Agenda {
            let rows = unreadable_messages::kept_of(ledger, tenant).await?;
            stored.see(&rows);
            if deletes {
                delete(ledger, table, rows).await?;
            }
        }
        if stored.rows > 0 {
            found.push((table, stored));
        }
    }
    Ok(found)
}

/// Where the rows of a tenant are.
fn partitions(table: Table, tenant: &TenantName) -> Vec<Sweep> {
    match table {
        // The only table whose partitions begin with what they are for: those of a tenant called `look` would
        // be everybody's.
        Table::Agenda => [look_partition(tenant), cancel_partition(tenant), review_partition(tenant)]
            .iter()
            .map(|partition| Sweep::of_partition(table, partition))
            .collect(),
        Table::Connections => {
            vec![Sweep::of_tenant(table, tenant), Sweep::of_partition(table, tenant.as_str())]
        }
        Table::Mailboxes | Table::Links | Table::Enrolments | Table::Activity => {
            vec![Sweep::of_tenant(table, tenant)]
        }
    }
}

async fn delete(ledger: &Ledger, table: Table, rows: Vec<Row>) -> Result<(), StoreError> {
    for some in
        rows.chunk_by(|one, other| one.partition == other.partition).flat_map(|rows| rows.chunks(BATCH))
    {
        let Some(first) = some.first() else { continue };
        let ops =
            some.iter().map(|row| Op::Delete { row: row.row.clone(), etag: row.etag.clone() }).collect();
        match ledger.tables.batch(table, &first.partition, ops).await {
            // Somebody wrote one of them at this moment, or deletes the same; each by itself, then.
            Err(lost) if lost.is_lost_race() => {
                for row in some {
                    ledger.tables.delete(table, &row.partition, &row.row, None).await?;
                }
            }
            done => done?,
        }
    }
    Ok(())
}
