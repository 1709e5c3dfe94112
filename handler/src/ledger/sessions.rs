//! Sessions of a tenant that have enrolments, so that they can be listed without a scan over partitions.

use crate::ids::{SessionId, TenantName, hash};
use crate::messages::EnrolmentRef;
use crate::store::{RowRange, StoreError, Table, Tables, typed};
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

/// Notes that this session has enrolments: before the first of them is written, and once more after a new one, should the
/// session have been let go of just then.
pub async fn note_session(
    tables: &dyn Tables,
    tenant: &TenantName,
    session: &SessionId,
    at: &EnrolmentRef,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = SessionRow::noted(session, &at.partition, now);
    typed::insert_if_absent(tables, Table::Connections, &sessions_partition(tenant), &hash(session.as_str()), &row)
        .await?;
    Ok(())
}

/// Those that can be read: one that can't be is named in the log, and hides no other.
pub async fn sessions(tables: &dyn Tables, tenant: &TenantName) -> Result<Vec<SessionRow>, StoreError> {
    let partition = sessions_partition(tenant);
    let (mut sessions, mut range) = (Vec::new(), RowRange::all());
    loop {
        let page = tables.scan(Table::Connections, &partition, range.clone(), 1000).await?;
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
