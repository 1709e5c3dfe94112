//! What the messages of a pushed snapshot have named so far: one row a message, until all are there.

use crate::ids::{SessionId, TenantName};
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Collection;
use crate::sessions::place_record::RecordId;
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotPart {
    pub snapshot: String,
    pub number: u32,
    pub of: u32,
    /// When the LMS made the message, by its own word.
    pub at: DateTime<Utc>,
    pub sessions: Vec<SessionId>,
    pub records: Vec<RecordId>,
    /// Entries that could not be understood: their ids, as far as these could be.
    #[serde(default)]
    pub unread_sessions: Vec<Option<String>>,
    #[serde(default)]
    pub unread_records: Vec<Option<String>>,
}

fn parts(tenant: &TenantName) -> Collection<SnapshotPart> {
    Collection::of(tenant, "snapshot")
}

fn row(number: u32) -> String {
    format!("{number:010}")
}

/// Puts it there; one of an older snapshot gives way, and a newer one stays.
pub async fn put(ledger: &Ledger, tenant: &TenantName, part: &SnapshotPart) -> Result<(), StoreError> {
    let put = |known: Option<&SnapshotPart>| {
        let is_newer = known.is_some_and(|known| known.snapshot != part.snapshot && known.at > part.at);
        (!is_newer && known != Some(part)).then(|| part.clone())
    };
    parts(tenant).update(ledger, &row(part.number), put).await.map(|_| ())
}

/// All messages of the newest snapshot that has come in whole.
pub async fn whole(ledger: &Ledger, tenant: &TenantName) -> Result<Option<Vec<SnapshotPart>>, StoreError> {
    let rows = parts(tenant).scan(ledger, RowRange::all()).await?;
    let all: Vec<SnapshotPart> = rows.into_iter().map(|read| read.value).collect();
    let Some(newest) = all.iter().max_by_key(|part| part.at) else { return Ok(None) };
    let (snapshot, of) = (newest.snapshot.clone(), newest.of);
    let mut found: Vec<SnapshotPart> =
        all.into_iter().filter(|part| part.snapshot == snapshot && part.of == of).collect();
    found.sort_by_key(|part| part.number);
    let is_whole = (1..=of).eq(found.iter().map(|part| part.number));
    Ok(is_whole.then_some(found))
}

/// Lets go of one that was taken over; what came of another meanwhile stays.
pub async fn forget(ledger: &Ledger, tenant: &TenantName, taken: &[SnapshotPart]) -> Result<(), StoreError> {
    for part in taken {
        let now = parts(tenant).read(ledger, &row(part.number)).await?;
        if now.as_ref() == Some(part) {
            parts(tenant).remove(ledger, &row(part.number)).await?;
        }
    }
    Ok(())
}
