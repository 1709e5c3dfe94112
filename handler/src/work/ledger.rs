//! Reading and writing the one row of an enrolment, with its agenda and its audit, in the order that survives a kill:
//!
//! 1. wake-ups that the new row needs are written, so that no state is without its wake-up;
//! 2. the row is written, on the very version that was decided upon;
//! 3. the story's new lines are filed; wake-ups that only the old row needed are deleted.
//!
//! Where a new generation begins, step 2 also archives the finished one, in the same batch.
//!
//! Killed after 1: a wake-up too many, which finds nothing to do and is deleted. Killed after 2: the same, and lines that
//! whoever comes for that wake-up files, or the next write. All of it may be repeated.

use crate::cancellation::agenda::{self, Entry, stamp};
use crate::cancellation::enrolment::{Enrolment, Line};
use crate::ids::{SessionId, TenantName, hash};
use crate::message::{AgendaRef, EnrolmentRef};
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table, Tables};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// An agenda row as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgendaRow {
    #[serde(flatten)]
    pub entry: Entry,
    /// When `dispatch-due` last sent a message for it.
    pub woken: Option<DateTime<Utc>>,
}

/// A line of the append-only audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    pub tenant: TenantName,
    /// The enrolment's id in the admin JSON.
    pub enrolment: String,
    pub session: SessionId,
    pub generation: u32,
    pub n: u32,
    pub at: DateTime<Utc>,
    pub by: String,
    pub text: String,
    pub state: String,
}

/// Row key of a finished generation: behind the current one's, in the order of the generations.
fn archive_key(at: &EnrolmentRef, generation: u32) -> String {
    format!("{}~{generation:06}", at.row)
}

/// True for the row of a finished generation: a current one is named by a hash alone.
pub fn is_archived(row: &str) -> bool {
    row.contains('~')
}

/// The finished generations of an enrolment, the first one first.
pub async fn archived(tables: &dyn Tables, at: &EnrolmentRef) -> Result<Vec<Read<Enrolment>>, StoreError> {
    let range = RowRange::prefix(&format!("{}~", at.row));
    typed::scan(tables, Table::Enrolments, &at.partition, range, usize::MAX).await
}

pub async fn load(tables: &dyn Tables, at: &EnrolmentRef) -> Result<Option<Read<Enrolment>>, StoreError> {
    typed::get(tables, Table::Enrolments, &at.partition, &at.row).await
}

/// Writes `next` over `old` (or as a new row). [`StoreError::is_lost_race`]: read again and decide again.
pub async fn commit(
    tables: &dyn Tables,
    old: Option<&Read<Enrolment>>,
    mut next: Enrolment,
) -> Result<Enrolment, StoreError> {
    let before = old.map(|old| agenda::entries(&old.value)).unwrap_or_default();
    let after = agenda::entries(&next);

    if let Some(old) = old {
        file(tables, &old.value).await?;
        next.filed = old.value.told;
    }
    for entry in after.iter().filter(|entry| !before.contains(entry)) {
        if !schedule(tables, entry).await? {
            // One of the same moment, that a kill left behind: whoever was woken for it came for another need.
            renew(tables, &entry.reference()).await?;
        }
    }

    let at = next.reference();
    let entity = typed::entity(&next)?;
    match old {
        Some(old) if old.value.generation < next.generation => {
            let archived = Op::Insert {
                row: archive_key(&at, old.value.generation),
                entity: typed::entity(&Enrolment { filed: old.value.told, ..old.value.archived() })?,
            };
            let current = Op::Replace { row: at.row.clone(), entity, etag: old.etag.clone() };
            tables.batch(Table::Enrolments, &at.partition, vec![archived, current]).await?;
        }
        Some(old) => {
            tables.replace(Table::Enrolments, &at.partition, &at.row, entity, &old.etag).await?;
        }
        None => {
            tables.insert(Table::Enrolments, &at.partition, &at.row, entity).await?;
        }
    }

    // The old wake-ups go last: as long as one of them stands, somebody comes by and finds what a kill has left undone.
    file(tables, &next).await?;
    for entry in before.iter().filter(|entry| !after.contains(entry)) {
        forget(tables, &entry.reference()).await?;
    }
    Ok(next)
}

/// Changes a row until no one else came between. `change` gives `None` when nothing is to be written; it must be a pure
/// function of the row. Returns the row as it is stored now; `None` when there is none.
pub async fn update<F>(tables: &dyn Tables, at: &EnrolmentRef, mut change: F) -> Result<Option<Enrolment>, StoreError>
where
    F: FnMut(&Enrolment) -> Option<Enrolment>,
{
    for _ in 0..typed::TRIES {
        let Some(old) = load(tables, at).await? else { return Ok(None) };
        let Some(next) = change(&old.value) else { return Ok(Some(old.value)) };
        match commit(tables, Some(&old), next).await {
            Ok(written) => return Ok(Some(written)),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::Unavailable("an enrolment is written by too many at once".into()))
}

/// Puts a wake-up on the agenda; one that stands there already is left as it is.
pub async fn schedule(tables: &dyn Tables, entry: &Entry) -> Result<bool, StoreError> {
    let at = entry.reference();
    let row = AgendaRow { entry: entry.clone(), woken: None };
    typed::insert_if_absent(tables, Table::Agenda, &at.partition, &at.row, &row).await
}

/// As if nobody had been woken for it yet.
async fn renew(tables: &dyn Tables, at: &AgendaRef) -> Result<(), StoreError> {
    typed::update(tables, Table::Agenda, &at.partition, &at.row, |row: Option<&AgendaRow>| {
        let row = row?;
        row.woken.is_some().then(|| AgendaRow { woken: None, ..row.clone() })
    })
    .await
    .map(|_| ())
}

/// Takes a wake-up off the agenda.
pub async fn forget(tables: &dyn Tables, at: &AgendaRef) -> Result<(), StoreError> {
    tables.delete(Table::Agenda, &at.partition, &at.row, None).await
}

/// True when this wake-up is on the agenda.
pub async fn stands(tables: &dyn Tables, at: &AgendaRef) -> Result<bool, StoreError> {
    Ok(tables.get(Table::Agenda, &at.partition, &at.row).await?.is_some())
}

/// When somebody was last woken for this row of the agenda; `None` when it stands there no more, or nobody was.
pub async fn woken(tables: &dyn Tables, at: &AgendaRef) -> Result<Option<DateTime<Utc>>, StoreError> {
    let found: Option<Read<AgendaRow>> = typed::get(tables, Table::Agenda, &at.partition, &at.row).await?;
    Ok(found.and_then(|read| read.value.woken))
}

/// Takes a wake-up that no row needs off the agenda, but not before it has been due for `rest`: a wake-up is written before
/// the row that needs it, and its writer may be just between the two.
pub async fn forget_stale(
    tables: &dyn Tables,
    at: &AgendaRef,
    now: DateTime<Utc>,
    rest: Duration,
) -> Result<(), StoreError> {
    let found: Option<Read<AgendaRow>> = typed::get(tables, Table::Agenda, &at.partition, &at.row).await?;
    match found {
        Some(read) if read.value.entry.due + rest <= now => forget(tables, at).await,
        Some(_) | None => Ok(()),
    }
}

/// Files the story's lines that may not be in the audit yet. The keys come from the lines, so filing twice is harmless.
pub async fn file(tables: &dyn Tables, row: &Enrolment) -> Result<(), StoreError> {
    let id = id_of(&row.reference());
    for line in row.story.iter().filter(|line| line.n > row.filed) {
        let activity = activity(row, &id, line);
        let partition = format!("{}~{}", row.tenant, line.at.format("%Y-%m-%d"));
        let key = format!("{}~{}~{}~{:06}", stamp(line.at), hash(&id), row.generation, line.n);
        typed::insert_if_absent(tables, Table::Activity, &partition, &key, &activity).await?;
    }
    Ok(())
}

fn activity(row: &Enrolment, id: &str, line: &Line) -> Activity {
    Activity {
        tenant: row.tenant.clone(),
        enrolment: id.to_owned(),
        session: row.session.clone(),
        generation: row.generation,
        n: line.n,
        at: line.at,
        by: line.by.clone(),
        text: line.text.clone(),
        state: row.state.word().to_owned(),
    }
}

/// The opaque id of an enrolment, for the admin JSON and the LMS.
pub fn id_of(at: &EnrolmentRef) -> String {
    format!("{}.{}", at.partition.replace('~', "."), at.row)
}

/// The row that an opaque id names; `None` when it is no id of ours.
pub fn by_id(id: &str) -> Option<EnrolmentRef> {
    let mut parts = id.split('.');
    let (tenant, session, learner) = (parts.next()?, parts.next()?, parts.next()?);
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let sound = parts.next().is_none()
        && [tenant, session, learner].iter().all(|part| part.chars().all(known) && !part.is_empty());
    sound.then(|| EnrolmentRef { partition: format!("{tenant}~{session}"), row: learner.to_owned() })
}

/// Sessions of a tenant that have enrolments, so that they can be listed without a scan over partitions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    pub session: SessionId,
    pub partition: String,
    #[serde(default)]
    pub noted: Option<DateTime<Utc>>,
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
    let row = SessionRow { session: session.clone(), partition: at.partition.clone(), noted: Some(now) };
    typed::insert_if_absent(tables, Table::Connections, &sessions_partition(tenant), &hash(session.as_str()), &row)
        .await?;
    Ok(())
}

pub async fn sessions(tables: &dyn Tables, tenant: &TenantName) -> Result<Vec<SessionRow>, StoreError> {
    let rows =
        typed::scan(tables, Table::Connections, &sessions_partition(tenant), RowRange::all(), usize::MAX).await?;
    Ok(rows.into_iter().map(|read: Read<SessionRow>| read.value).collect())
}
