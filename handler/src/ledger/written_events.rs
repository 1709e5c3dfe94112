//! The events that were written into calendars: a row for each, by its own key; and which session an event
//! stands for, by its `iCalUId`, so that an answer to it is understood without guessing.
//!
//! Guarantees: every change of a row is on the version that was read, so that of two workers one gets on; a
//! row that can't be read hides no other, and its event is never made a second time.

use crate::ids::{ICalUid, SessionId, TenantName, hash};
use crate::ledger::tenant_rows::Collection;
use crate::ledger::{Ledger, typed_rows};
use crate::publishing::event_key::{EventKey, OWN_ROWS};
use crate::publishing::written::Written;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table, sweep};
use serde::{Deserialize, Serialize};

fn partition(tenant: &TenantName, session: &SessionId) -> String {
    format!("{tenant}~written~{}", hash(session.as_str()))
}

/// Those that can be read; of one that can't be an alert tells.
pub async fn of_session(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<Vec<Read<Written>>, StoreError> {
    let (partition, all) = (partition(tenant, session), RowRange::all());
    typed_rows::readable(ledger, tenant, Table::Connections, &partition, all, usize::MAX).await
}

pub async fn load(
    ledger: &Ledger,
    tenant: &TenantName,
    key: &EventKey,
) -> Result<Option<Read<Written>>, StoreError> {
    let partition = partition(tenant, &key.session);
    typed::get(ledger.tables.as_ref(), Table::Connections, &partition, &key.row()).await
}

/// The first row of an event, or the next version of the one that was read.
///
/// # Errors
/// A lost race, where somebody else wrote it meanwhile.
pub async fn write(
    ledger: &Ledger,
    tenant: &TenantName,
    read: Option<&Read<Written>>,
    next: Written,
) -> Result<Read<Written>, StoreError> {
    let (tables, entity) = (ledger.tables.as_ref(), typed::entity(&next)?);
    let (partition, row) = (partition(tenant, &next.key.session), next.key.row());
    let etag = match read {
        Some(read) => tables.replace(Table::Connections, &partition, &row, entity, &read.etag).await?,
        None => tables.insert(Table::Connections, &partition, &row, entity).await?,
    };
    Ok(Read { partition, row, etag, value: next })
}

/// Which session an event stands for, and for whom it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    pub session: SessionId,
    /// Whoever is invited to it holds no place by that: their answer says nothing of one.
    #[serde(default)]
    pub is_of_instructors: bool,
    /// Learners and instructors are invited to it: who holds a place, the LMS says.
    #[serde(default)]
    pub is_for_all: bool,
    /// Its row ([`EventKey::row`]); none of what older builds noted.
    #[serde(default)]
    pub row: Option<String>,
}

fn published(tenant: &TenantName) -> Collection<Published> {
    Collection::of(tenant, "published")
}

/// Notes which session an event stands for: before its row says that it is made.
pub async fn note_session(
    ledger: &Ledger,
    tenant: &TenantName,
    uid: &ICalUid,
    next: &Published,
) -> Result<(), StoreError> {
    let note = |known: Option<&Published>| (known != Some(next)).then(|| next.clone());
    published(tenant).update(ledger, &hash(uid.as_str()), note).await.map(|_| ())
}

/// The session for which an event was written by us, and for whom.
pub async fn published_as(
    ledger: &Ledger,
    tenant: &TenantName,
    uid: &ICalUid,
) -> Result<Option<Published>, StoreError> {
    let found = published(tenant).read(ledger, &hash(uid.as_str())).await;
    typed_rows::if_readable(found)
}

/// The row of an event of ours, by what all its copies have in common.
pub async fn by_ical_uid(
    ledger: &Ledger,
    tenant: &TenantName,
    uid: &ICalUid,
) -> Result<Option<Read<Written>>, StoreError> {
    let Some(found) = published_as(ledger, tenant, uid).await? else { return Ok(None) };
    let Some(row) = &found.row else {
        let all = of_session(ledger, tenant, &found.session).await?;
        return Ok(all.into_iter().find(|read| read.value.ical_uid.as_ref() == Some(uid)));
    };
    let partition = partition(tenant, &found.session);
    let found = typed::get(ledger.tables.as_ref(), Table::Connections, &partition, row).await;
    typed_rows::if_readable(found)
}

/// Those that are the sessions' own, of one session, for each of its parts.
pub async fn own_of_session(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<Vec<Read<Written>>, StoreError> {
    let (partition, own) = (partition(tenant, session), RowRange::prefix(OWN_ROWS));
    typed_rows::readable(ledger, tenant, Table::Connections, &partition, own, usize::MAX).await
}

/// Lets go of all that was written of a session.
pub async fn forget_session(
    ledger: &Ledger,
    tenant: &TenantName,
    session: &SessionId,
) -> Result<(), StoreError> {
    for row in of_session(ledger, tenant, session).await? {
        if let Some(uid) = &row.value.ical_uid {
            published(tenant).remove(ledger, &hash(uid.as_str())).await?;
        }
    }
    sweep::clear(ledger.tables.as_ref(), Table::Connections, &partition(tenant, session), 100).await
}
