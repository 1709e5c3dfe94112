//! Who holds a place by the LMS's word: for each session a partition, for each learner a row with the
//! set of the LMS's records.
//!
//! Guarantee: a record that was known stays in the set, as what ended it: so nobody takes it for new.

use crate::ids::{LearnerKey, SessionId, TenantName, hash};
use crate::ledger::{Ledger, typed_rows};
use crate::sessions::absence::Absence;
use crate::sessions::place::Place;
use crate::sessions::place_record::RecordId;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table, sweep};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePlace {
    pub place: Place,
    /// When the reading began that changed it last. That it is still so, the session's row says.
    pub changed_at: DateTime<Utc>,
    /// Records that complete passes miss; and when the last of these began, which is not counted twice.
    #[serde(default)]
    pub absent: BTreeMap<RecordId, Absence>,
    #[serde(default)]
    pub missed_at: Option<DateTime<Utc>>,
}

impl SourcePlace {
    /// Nothing is known of it yet.
    pub fn new(session: SessionId, learner: LearnerKey, changed_at: DateTime<Utc>) -> Self {
        Self { place: Place::new(session, learner), changed_at, absent: BTreeMap::new(), missed_at: None }
    }
}

fn partition(tenant: &TenantName, session: &SessionId) -> String {
    hashed_partition(tenant, &hash(session.as_str()))
}

fn hashed_partition(tenant: &TenantName, session: &str) -> String {
    format!("{tenant}~source-places~{session}")
}

/// One learner's, whether it is held or was.
pub async fn load(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
    learner: &LearnerKey,
) -> Result<Option<SourcePlace>, StoreError> {
    load_hashed(ledger, tenant, (&hash(session.as_str()), &hash(learner.as_str()))).await
}

/// One place by the hashes of session and learner, for who knows no more of it.
pub async fn load_hashed(
    ledger: &Ledger,
    tenant: &TenantName,
    (session, learner): (&str, &str),
) -> Result<Option<SourcePlace>, StoreError> {
    let partition = hashed_partition(tenant, session);
    let found: Option<Read<SourcePlace>> =
        typed::get(ledger.tables.as_ref(), Table::Connections, &partition, learner).await?;
    Ok(found.map(|read| read.value))
}

/// Those that can be read; of one that can't be an alert tells.
pub async fn of_session(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<Vec<Read<SourcePlace>>, StoreError> {
    let (partition, all) = (partition(tenant, session), RowRange::all());
    typed_rows::readable(ledger, tenant, Table::Connections, &partition, all, usize::MAX).await
}

/// As [`typed::update_read`].
pub async fn update_read<F>(
    ledger: &Ledger,
    tenant: &TenantName,
    (session, learner): (&SessionId, &LearnerKey),
    read: Option<Read<SourcePlace>>,
    change: F,
) -> Result<Option<Read<SourcePlace>>, StoreError>
where
    F: FnMut(Option<&SourcePlace>) -> Option<SourcePlace>,
{
    let (partition, row) = (partition(tenant, session), hash(learner.as_str()));
    let row = (partition.as_str(), row.as_str());
    typed::update_read(ledger.tables.as_ref(), Table::Connections, row, read, change).await
}

/// Lets go of all places of a session.
pub async fn forget_session(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<(), StoreError> {
    sweep::clear(ledger.tables.as_ref(), Table::Connections, &partition(tenant, session), 100).await
}
