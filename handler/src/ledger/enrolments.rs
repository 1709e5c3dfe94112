//! Reading and writing the one row of an enrolment, with its agenda and its audit, in the order that survives a kill:
//!
//! 1. wake-ups that the new row needs are written, so that no state is without its wake-up;
//! 2. the row is written, on the very version that was decided upon;
//! 3. the story's new lines are filed, but those of a claim with what becomes of it; wake-ups that only the old row needed are
//!    deleted.
//!
//! Where a new generation begins, step 2 also archives the finished one, in the same batch.
//!
//! Killed after 1: a wake-up too many, which finds nothing to do and is deleted. Killed after 2: the same, and lines that
//! whoever comes for that wake-up files, or the next write, or, where the place rests, the visit of its session, within a week.
//! All of it may be repeated.

use crate::enrolment::enrolment::{Enrolment, Line};
use crate::enrolment::size_limits::fit;
use crate::enrolment::transitions::State;
use crate::enrolment::wakeups::{self, Entry, stamp};
use crate::ids::{SessionId, TenantName, hash};
use crate::messages::{AgendaRef, EnrolmentRef};
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table, Tables};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An agenda row as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgendaRow {
    #[serde(flatten)]
    pub entry: Entry,
    /// When `dispatch-due` last sent a message for it.
    pub woken: Option<DateTime<Utc>>,
    /// The trace of what caused it.
    #[serde(default)]
    pub trace: Option<String>,
}

/// A line of the append-only audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Activity {
    pub tenant: TenantName,
    /// The enrolment's id in the management JSON.
    pub enrolment: String,
    pub session: SessionId,
    pub generation: u32,
    pub n: u32,
    pub at: DateTime<Utc>,
    pub by: String,
    pub text: String,
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

/// Lines that may not be filed yet, above which they are filed once more so that they can be called filed.
const BACKLOG: u32 = 12;

/// Writes `next` over `old` (or as a new row), and gives what is stored now. [`StoreError::is_lost_race`]: read again and
/// decide again.
pub async fn commit(
    tables: &dyn Tables,
    old: Option<&Read<Enrolment>>,
    next: Enrolment,
) -> Result<Read<Enrolment>, StoreError> {
    let mut next = fit(next);
    let before = old.map(|old| wakeups::entries(&old.value)).unwrap_or_default();
    let after = wakeups::entries(&next);
    let begins = old.is_some_and(|old| old.value.generation < next.generation);

    if let Some(Read { value: old, .. }) = old {
        // Nobody writes down that the last lines are filed, for that would be one more write. So they are filed with the next
        // ones again, until they are many.
        next.filed = old.filed;
        if begins || old.told.saturating_sub(old.filed) >= BACKLOG {
            file(tables, old).await?;
            next.filed = old.told;
        }
    }
    for entry in after.iter().filter(|entry| !before.contains(entry)) {
        if !schedule(tables, entry, next.trace.as_deref()).await? {
            // One of the same moment, that a kill left behind: whoever was woken for it came for another need.
            renew(tables, &entry.reference()).await?;
        }
    }

    let at = next.reference();
    let entity = typed::entity(&next)?;
    let etag = match old {
        Some(old) if begins => {
            let archived = Op::Insert {
                row: archive_key(&at, old.value.generation),
                entity: typed::entity(&Enrolment { filed: old.value.told, ..old.value.archived() })?,
            };
            let current = Op::Replace { row: at.row.clone(), entity, etag: old.etag.clone() };
            tables.batch(Table::Enrolments, &at.partition, vec![archived, current]).await?;
            None
        }
        Some(old) => Some(tables.replace(Table::Enrolments, &at.partition, &at.row, entity, &old.etag).await?),
        None => Some(tables.insert(Table::Enrolments, &at.partition, &at.row, entity).await?),
    };

    // Whoever claims files that with the outcome; who only holds a claim, or lets a row rest, files what a kill may have left.
    let has_told = old.is_none_or(|old| old.value.told < next.told);
    let files = if next.state == State::Running { !has_told } else { has_told || after.is_empty() };
    if files {
        file(tables, &next).await?;
    }
    // The old wake-ups go last: as long as one of them stands, somebody comes by and finds what a kill has left undone.
    for entry in before.iter().filter(|entry| !after.contains(entry)) {
        forget(tables, &entry.reference()).await?;
    }
    match etag {
        Some(etag) => Ok(Read { partition: at.partition, row: at.row, etag, value: next }),
        // A batch names no versions.
        None => load(tables, &at).await?.ok_or(StoreError::Stale),
    }
}

/// Changes a row until no one else came between. `change` gives `None` when nothing is to be written; it must be a pure
/// function of the row. Returns the row as it is stored now; `None` when there is none.
pub async fn update<F>(tables: &dyn Tables, at: &EnrolmentRef, change: F) -> Result<Option<Enrolment>, StoreError>
where
    F: FnMut(&Enrolment) -> Option<Enrolment>,
{
    Ok(change_from(tables, at, None, change).await?.map(|read| read.value))
}

/// The same, from the row as it was read before. Where that gives no change, or somebody else came between, it is read anew.
pub async fn update_known<F>(
    tables: &dyn Tables,
    known: Read<Enrolment>,
    change: F,
) -> Result<Option<Read<Enrolment>>, StoreError>
where
    F: FnMut(&Enrolment) -> Option<Enrolment>,
{
    let at = known.value.reference();
    change_from(tables, &at, Some(known), change).await
}

async fn change_from<F>(
    tables: &dyn Tables,
    at: &EnrolmentRef,
    mut known: Option<Read<Enrolment>>,
    mut change: F,
) -> Result<Option<Read<Enrolment>>, StoreError>
where
    F: FnMut(&Enrolment) -> Option<Enrolment>,
{
    for _ in 0..typed::TRIES {
        let is_known = known.is_some();
        let old = match known.take() {
            Some(known) => known,
            None => match load(tables, at).await? {
                Some(old) => old,
                None => return Ok(None),
            },
        };
        let next = match change(&old.value) {
            Some(next) => next,
            None if is_known => continue,
            None => return Ok(Some(old)),
        };
        match commit(tables, Some(&old), next).await {
            Ok(written) => return Ok(Some(written)),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::Unavailable("an enrolment is written by too many at once".into()))
}

/// Puts a wake-up on the agenda; one that stands there already is left as it is.
pub async fn schedule(tables: &dyn Tables, entry: &Entry, trace: Option<&str>) -> Result<bool, StoreError> {
    let at = entry.reference();
    let row = AgendaRow { entry: entry.clone(), woken: None, trace: trace.map(str::to_owned) };
    typed::insert_if_absent(tables, Table::Agenda, &at.partition, &at.row, &row).await
}

/// As if nobody had been woken for it yet.
pub(crate) async fn renew(tables: &dyn Tables, at: &AgendaRef) -> Result<(), StoreError> {
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

/// Files the story's lines that may not be in the audit yet, those of a day in one go. Keys and texts come from the lines, so
/// filing twice is harmless.
pub async fn file(tables: &dyn Tables, row: &Enrolment) -> Result<(), StoreError> {
    let id = id_of(&row.reference());
    let mut days: BTreeMap<String, Vec<Op>> = BTreeMap::new();
    for line in row.story.iter().filter(|line| line.n > row.filed) {
        let partition = format!("{}~{}", row.tenant, line.at.format("%Y-%m-%d"));
        let key = format!("{}~{}~{}~{:06}", stamp(line.at), hash(&id), row.generation, line.n);
        let entity = typed::entity(&activity(row, &id, line))?;
        days.entry(partition).or_default().push(Op::Put { row: key, entity });
    }
    for (day, lines) in days {
        tables.batch(Table::Activity, &day, lines).await?;
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
    }
}

/// The opaque id of an enrolment, for the management JSON and the LMS.
pub fn id_of(at: &EnrolmentRef) -> String {
    format!("{}.{}", at.partition.replace('~', "."), at.row)
}

/// The id of a decision at the LMS, its `webhook-id`. `decision` 0: from before decisions were counted.
pub fn order_id(at: &EnrolmentRef, generation: u32, decision: u32) -> String {
    match decision {
        0 => format!("{}.{generation}", id_of(at)),
        _ => format!("{}.{generation}.{decision}", id_of(at)),
    }
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

/// What an id names that an LMS was given, or a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub at: EnrolmentRef,
    /// Where the id names one.
    pub generation: Option<u32>,
    /// The decision of that generation; none in ids from before decisions were counted.
    pub decision: Option<u32>,
}

/// The enrolment that an id names: its own, or one that an LMS was given, which goes on with numbers, the generation first.
pub fn named(id: &str) -> Option<Named> {
    let mut parts: Vec<&str> = id.trim().split('.').collect();
    let numbers = parts.split_off(parts.len().min(3));
    let is_number = |part: &&str| part.parse::<u32>().is_ok() && part.bytes().all(|byte| byte.is_ascii_digit());
    if numbers.len() > 2 || !numbers.iter().all(is_number) {
        return None;
    }
    let mut numbers = numbers.iter().map(|number| number.parse().ok());
    let (generation, decision) = (numbers.next().flatten(), numbers.next().flatten());
    Some(Named { at: by_id(&parts.join("."))?, generation, decision })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_that_people_or_an_lms_were_given_names_its_enrolment() {
        let at = EnrolmentRef { partition: "contoso~c2Vzc2lvbg".into(), row: "bGVhcm5lcg".into() };
        let names = |generation, decision| Some(Named { at: at.clone(), generation, decision });
        assert_eq!(named(&id_of(&at)), names(None, None));
        assert_eq!(named(&order_id(&at, 2, 0)), names(Some(2), None));
        assert_eq!(named(&order_id(&at, 2, 13)), names(Some(2), Some(13)));
        assert_eq!(by_id(&order_id(&at, 2, 13)), None);
        for wrong in ["", "a.b", "a.b.", "a..c", "a.b.c.", "a.b.c.x", "a.b.c.+1", "a.b.c.1.1.1", "a.b~.c"] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }
}
