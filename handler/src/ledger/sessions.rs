//! Sessions of a tenant that have enrolments, so that they can be listed without a scan over partitions.

use crate::ids::{SessionId, TenantName, hash};
use crate::ledger::{Ledger, typed_rows};
use crate::messages::EnrolmentRef;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Sessions of a tenant that have enrolments, so that they can be listed without a scan over partitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    pub session: SessionId,
    pub partition: String,
    #[serde(default)]
    pub noted: Option<DateTime<Utc>>,
    /// When housekeeping went through its rows last.
    #[serde(default)]
    pub visited: Option<DateTime<Utc>>,
    /// Every row rested at that visit: none is due for another before this time.
    #[serde(default)]
    pub rests_until: Option<DateTime<Utc>>,
    /// Some row was `expired` at that visit.
    #[serde(default)]
    pub expired: bool,
}

impl SessionRow {
    fn noted(session: &SessionId, partition: &str, now: DateTime<Utc>) -> Self {
        Self {
            session: session.clone(),
            partition: partition.to_owned(),
            noted: Some(now),
            visited: None,
            rests_until: None,
            expired: false,
        }
    }
}

pub fn sessions_partition(tenant: &TenantName) -> String {
    format!("{tenant}~sessions")
}

/// Notes that this session has enrolments: before the first of them is written, and once more after a new
/// one, should the session have been let go of just then.
pub async fn note_session(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
    at: &EnrolmentRef,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = SessionRow::noted(session, &at.partition, now);
    typed::insert_if_absent(
        ledger.tables.as_ref(),
        Table::Connections,
        &sessions_partition(tenant),
        &hash(session.as_str()),
        &row,
    )
    .await?;
    Ok(())
}

/// Some of them, without going through all: for whoever wants an example.
pub async fn some(ledger: &Ledger, tenant: &TenantName, most: usize) -> Result<Vec<SessionRow>, StoreError> {
    let (tables, partition) = (ledger.tables.as_ref(), sessions_partition(tenant));
    let (rows, _) = typed::sift_all(tables, Table::Connections, &partition, RowRange::all(), most).await?;
    Ok(rows.into_iter().map(|read: Read<SessionRow>| read.value).collect())
}

/// Those that can be read: one that can't be is named in the log, and hides no other.
pub async fn sessions(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<SessionRow>, StoreError> {
    let partition = sessions_partition(tenant);
    let (mut sessions, mut range) = (Vec::new(), RowRange::all());
    loop {
        let page = ledger.tables.scan(Table::Connections, &partition, range.clone(), 1000).await?;
        for row in page.rows {
            match typed::read::<SessionRow>(Table::Connections, row) {
                Ok(read) => sessions.push(read.value),
                Err(corrupt) => tracing::error!(%tenant, %corrupt, "a session is passed over"),
            }
        }
        match page.next {
            Some(next) => range.from = Some(next),
            None => return Ok(sessions),
        }
    }
}

/// The same with their keys; of one that can't be read an alert tells.
pub async fn readable(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<Read<SessionRow>>, StoreError> {
    let partition = sessions_partition(tenant);
    typed_rows::readable(ledger, tenant, Table::Connections, &partition, RowRange::all(), usize::MAX).await
}

/// Lets go of a session without enrolments.
pub async fn forget(ledger: &Ledger, session: &Read<SessionRow>) -> Result<(), StoreError> {
    ledger.tables.delete(Table::Connections, &session.partition, &session.row, None).await
}

/// Writes down what a visit has found, unless somebody else has just been here.
pub async fn visited(
    ledger: &Ledger,
    session: &Read<SessionRow>,
    next: &SessionRow,
) -> Result<(), StoreError> {
    let Read { partition, row, etag, value: _ } = session;
    match ledger.tables.replace(Table::Connections, partition, row, typed::entity(next)?, etag).await {
        Ok(_) => Ok(()),
        Err(lost) if lost.is_lost_race() => Ok(()),
        Err(other) => Err(other),
    }
}
