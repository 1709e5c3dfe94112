//! The LMS's sessions as they were last seen: one row for each. Whoever looks for what was published begins
//! here, so a session's row outlives its places and its events.

use crate::ids::{Address, SessionId, TenantName, hash};
use crate::ledger::{Ledger, typed_rows};
use crate::sessions::absence::Absence;
use crate::sessions::session::Session;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// So many are read one by one.
const FEW: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSession {
    pub session: Session,
    /// When the reading began that showed it last.
    pub seen_at: DateTime<Utc>,
    /// When the reading of its places began that was taken over last, from one end to the other.
    #[serde(default)]
    pub places_seen_at: Option<DateTime<Utc>>,
    /// Complete passes miss it; and when the last of them began, which is not counted twice.
    #[serde(default)]
    pub absence: Option<Absence>,
    #[serde(default)]
    pub missed_at: Option<DateTime<Utc>>,
    /// Since when it is known to be there no more.
    #[serde(default)]
    pub gone: Option<DateTime<Utc>>,
    /// When its places were last to be asked for.
    #[serde(default)]
    pub places_asked_at: Option<DateTime<Utc>>,
    /// When its events are to be looked at; `None`: nothing waits.
    #[serde(default)]
    pub due: Option<DateTime<Utc>>,
    /// Its places are being written: whoever looks at its events before has not seen all.
    #[serde(default)]
    pub changing_until: Option<DateTime<Utc>>,
    /// A message to look at them was sent then, for what is due.
    #[serde(default)]
    pub woken_at: Option<DateTime<Utc>>,
    /// What the look has found to be mailed.
    #[serde(default)]
    pub weighed: Option<Weighed>,
    /// Somebody may have answered to its own events then.
    #[serde(default)]
    pub answered_at: Option<DateTime<Utc>>,
    /// In which calendars all that stands of it has a row.
    #[serde(default)]
    pub taken_over: BTreeMap<Address, TakenOver>,
}

/// Since then every event of the session in that calendar has a row, as long as no row is lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    pub at: DateTime<Utc>,
    /// By which events are known: under another one others were looked for.
    pub namespace: String,
}

/// Mails that a session's events need now: none goes out before all that are due are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// People who are mailed, each as often as they are.
    pub mails: u32,
    #[serde(default)]
    pub invitations: u32,
    #[serde(default)]
    pub changes: u32,
    #[serde(default)]
    pub cancellations: u32,
    /// So many may go out, since then.
    #[serde(default)]
    pub granted: Option<DateTime<Utc>>,
    /// A person is asked about them.
    #[serde(default)]
    pub is_held: bool,
}

impl SourceSession {
    pub fn new(session: Session, seen_at: DateTime<Utc>) -> Self {
        Self {
            session,
            seen_at,
            places_seen_at: None,
            absence: None,
            missed_at: None,
            gone: None,
            places_asked_at: None,
            due: None,
            changing_until: None,
            woken_at: None,
            weighed: None,
            answered_at: None,
            taken_over: BTreeMap::new(),
        }
    }

    /// Something is known by now that its events may have to say.
    #[must_use]
    pub fn with_news(self, now: DateTime<Utc>) -> Self {
        Self { due: Some(now), changing_until: None, woken_at: None, weighed: None, ..self }
    }

    /// Looked at, from `began` on: nothing is to be done before `next`, unless there is news since.
    #[must_use]
    pub fn looked_at(&self, began: DateTime<Utc>, next: Option<DateTime<Utc>>) -> Self {
        let later = self.due.filter(|due| *due > began);
        let due = [next, later, self.changing_until].into_iter().flatten().min();
        Self { due, woken_at: None, weighed: self.weighed.filter(|_| due.is_some()), ..self.clone() }
    }

    /// Nothing follows any more from its absence, nor from that of its places.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.session.end().is_some_and(|end| end <= now)
    }
}

fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~source-sessions")
}

/// Those that can be read; of one that can't be an alert tells.
pub async fn all(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<Read<SourceSession>>, StoreError> {
    let (partition, all) = (partition(tenant), RowRange::all());
    typed_rows::readable(ledger, tenant, Table::Connections, &partition, all, usize::MAX).await
}

pub async fn load(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<Option<SourceSession>, StoreError> {
    load_hashed(ledger, tenant, &hash(session.as_str())).await
}

/// All that are known of these, and maybe others: one by one where they are few, else all there are.
pub async fn these(
    ledger: &Ledger,
    tenant: &TenantName,
    sessions: impl ExactSizeIterator<Item = &SessionId>,
) -> Result<Vec<Read<SourceSession>>, StoreError> {
    if sessions.len() > FEW {
        return all(ledger, tenant).await;
    }
    let mut found = Vec::new();
    for session in sessions {
        found.extend(read(ledger, tenant, session).await?);
    }
    Ok(found)
}

/// With the version to replace it by.
pub async fn read(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<Option<Read<SourceSession>>, StoreError> {
    read_hashed(ledger, tenant, &hash(session.as_str())).await
}

async fn read_hashed(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &str,
) -> Result<Option<Read<SourceSession>>, StoreError> {
    typed::get(ledger.tables.as_ref(), Table::Connections, &partition(tenant), session).await
}

/// By the session's hash, for who knows no more of it.
pub async fn load_hashed(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &str,
) -> Result<Option<SourceSession>, StoreError> {
    Ok(read_hashed(ledger, tenant, session).await?.map(|read| read.value))
}

/// Something is known by now of its events.
pub async fn note_news(ledger: &Ledger, tenant: &TenantName, session: &SessionId) -> Result<(), StoreError> {
    let now = ledger.now().await?;
    update(ledger, tenant, session, |row| row.map(|row| row.clone().with_news(now))).await?;
    Ok(())
}

/// Its events are looked at by then, and what was counted stays so.
pub async fn look_by(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let hurry = |row: Option<&SourceSession>| {
        let row = row.filter(|row| row.due.is_none_or(|due| due > at))?;
        Some(SourceSession { due: Some(at), ..row.clone() })
    };
    update(ledger, tenant, session, hurry).await?;
    Ok(())
}

/// Somebody may have answered to its events: they are looked at soon, and what was counted stays so.
pub async fn note_answers(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<(), StoreError> {
    let now = ledger.now().await?;
    let hurry = |row: Option<&SourceSession>| {
        let row = row?;
        let due = row.due.filter(|due| *due <= now).unwrap_or(now);
        Some(SourceSession { due: Some(due), answered_at: Some(now), ..row.clone() })
    };
    update(ledger, tenant, session, hurry).await?;
    Ok(())
}

/// As [`typed::update`].
pub async fn update<F>(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
    change: F,
) -> Result<Option<SourceSession>, StoreError>
where
    F: FnMut(Option<&SourceSession>) -> Option<SourceSession>,
{
    let (partition, row) = (partition(tenant), hash(session.as_str()));
    typed::update(ledger.tables.as_ref(), Table::Connections, &partition, &row, change).await
}

/// As [`typed::update_read`].
pub async fn update_read<F>(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
    read: Option<Read<SourceSession>>,
    change: F,
) -> Result<Option<Read<SourceSession>>, StoreError>
where
    F: FnMut(Option<&SourceSession>) -> Option<SourceSession>,
{
    let (partition, row) = (partition(tenant), hash(session.as_str()));
    let row = (partition.as_str(), row.as_str());
    typed::update_read(ledger.tables.as_ref(), Table::Connections, row, read, change).await
}

pub async fn forget(ledger: &Ledger, tenant: &TenantName, session: &SessionId) -> Result<(), StoreError> {
    let row = hash(session.as_str());
    ledger.tables.delete(Table::Connections, &partition(tenant), &row, None).await
}
