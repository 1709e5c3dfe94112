//! The deployment's own rows: the key of the keyed hashes, whose turn is next in each timer's run, and the
//! proof that the ledger can be written.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::store::typed::{self, Read};
use crate::store::{StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Without `~`: a tenant may be called so.
const PARTITION: &str = "deployment";

const HASH_KEY: &str = "pepper";

#[derive(Serialize, Deserialize)]
struct StoredHashKey {
    #[serde(rename = "pepper")]
    key: String,
}

/// Whose turn is next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct NextTenant {
    tenant: TenantName,
}

/// True for the one row that no tenant's end may take along.
pub(super) fn is_hash_key(partition: &str, row: &str) -> bool {
    (partition, row) == (PARTITION, HASH_KEY)
}

/// The key of the keyed hashes; where there is none yet, `fresh` becomes it, or what another instance has
/// written first.
///
/// # Errors
/// Also where what was written can't be read again: a key that is not stored would make hashes that nobody
/// recognises.
pub async fn hash_key(ledger: &Ledger, fresh: &str) -> Result<String, StoreError> {
    let tables = ledger.tables.as_ref();
    let stored = async || {
        let found: Option<Read<StoredHashKey>> =
            typed::get(tables, Table::Connections, PARTITION, HASH_KEY).await?;
        Ok::<_, StoreError>(found.map(|read| read.value.key))
    };
    if let Some(key) = stored().await? {
        return Ok(key);
    }
    let fresh = StoredHashKey { key: fresh.to_owned() };
    typed::insert_if_absent(tables, Table::Connections, PARTITION, HASH_KEY, &fresh).await?;
    // Whoever was first counts.
    let key = stored().await?;
    key.ok_or_else(|| {
        StoreError::Unavailable("the deployment's key was not there to be read again".to_owned())
    })
}

fn next_row(job: &str) -> String {
    format!("next~{job}")
}

/// Whose turn it is in the next run of a job.
pub async fn next_tenant(ledger: &Ledger, job: &str) -> Result<Option<TenantName>, StoreError> {
    let found: Option<Read<NextTenant>> =
        typed::get(ledger.tables.as_ref(), Table::Connections, PARTITION, &next_row(job)).await?;
    Ok(found.map(|read| read.value.tenant))
}

pub async fn set_next_tenant(ledger: &Ledger, job: &str, tenant: TenantName) -> Result<(), StoreError> {
    let next = NextTenant { tenant };
    typed::update(ledger.tables.as_ref(), Table::Connections, PARTITION, &next_row(job), |old| {
        (old != Some(&next)).then(|| next.clone())
    })
    .await
    .map(|_| ())
}

const PROOF: &str = "proof";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Proof {
    at: DateTime<Utc>,
}

/// Proves that the ledger can be read and written by whoever we are: every table is asked for a row that is
/// never there, and one row is written and read back. That row stays; of two who write it at once either's
/// counts. Gives how many tables were asked.
///
/// # Errors
/// Also where what was written can't be read again.
pub async fn prove(ledger: &Ledger) -> Result<usize, StoreError> {
    let tables = ledger.tables.as_ref();
    for table in Table::ALL {
        tables.get(table, PROOF, PROOF).await?;
    }
    let proof = Proof { at: ledger.clock.now() };
    typed::update(tables, Table::Connections, PARTITION, PROOF, |_| Some(proof.clone())).await?;
    let stored: Option<Read<Proof>> = typed::get(tables, Table::Connections, PARTITION, PROOF).await?;
    let lost = || StoreError::Unavailable("what was written a moment ago is not there to be read".to_owned());
    stored.map(|_| Table::ALL.len()).ok_or_else(lost)
}

#[cfg(test)]
#[path = "deployment_rows_tests.rs"]
mod tests;
