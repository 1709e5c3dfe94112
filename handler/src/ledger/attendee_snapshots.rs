//! What was last seen of an organizer's event: when it is, and who has answered what. So a change of it leads
//! to those learners only whose answer it changed, be there five hundred on the list.
//!
//! Guarantee: a snapshot is written after everything that it says has been judged; killed before that, the
//! next hint finds the same differences again. It takes as many rows as it needs, which are written as one.
//! Addresses are kept as keyed hashes.

use crate::calendar::event::{Answer, Attendee};
use crate::ids::{EventId, SessionId, TenantName, UserId, hash};
use crate::ledger::{Ledger, typed_rows};
use crate::messages::LinkRef;
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttendeeSnapshot {
    pub event: EventId,
    pub session: SessionId,
    /// The series' master, where this is an occurrence.
    pub master: Option<EventId>,
    pub is_cancelled: bool,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
    /// Keyed hash of an attendee's address → whose it is, and the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, SnapshotEntry>,
}

/// Short, because there may be hundreds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SnapshotEntry(pub UserId, pub String);

/// Row keys of snapshots begin so; links' begin otherwise.
const PREFIX: &str = "r-";

/// Row keys of the marks of series begin so.
const SERIES: &str = "t-";

/// The mark of an organizer whose every series is marked: snapshots of an earlier build stand without.
const ALL_MARKED: &str = "u-all-series-are-marked";

/// Says that there are snapshots of a series' occurrences, so that nobody need go through all of them to
/// know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Mark {
    /// Of the series' last known occurrence.
    end: Option<DateTime<Utc>>,
}

fn series_row(master: &EventId) -> String {
    format!("{SERIES}{}", hash(master.as_str()))
}

/// True for the row keys of marks.
pub fn is_mark(key: &str) -> bool {
    key.starts_with(SERIES) || key == ALL_MARKED
}

/// True when there are snapshots of this series.
pub async fn knows_series(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &UserId,
    master: &EventId,
) -> Result<bool, StoreError> {
    let (tables, partition) = (ledger.tables.as_ref(), LinkRef::partition(tenant, organizer));
    if tables.get(Table::Links, &partition, &series_row(master)).await?.is_some() {
        return Ok(true);
    }
    if tables.get(Table::Links, &partition, ALL_MARKED).await?.is_some() {
        return Ok(false);
    }
    // Once: what an earlier build has stored is marked.
    let mut is_known = false;
    for snapshot in all(ledger, tenant, organizer).await? {
        is_known |= snapshot.master.as_ref() == Some(master);
        mark(ledger, &partition, &snapshot).await?;
    }
    typed::insert_if_absent(tables, Table::Links, &partition, ALL_MARKED, &Mark { end: None }).await?;
    Ok(is_known)
}

/// Before the snapshot itself: killed between, there is a mark too many.
async fn mark(ledger: &Ledger, partition: &str, snapshot: &AttendeeSnapshot) -> Result<(), StoreError> {
    let Some(master) = &snapshot.master else { return Ok(()) };
    typed::update(
        ledger.tables.as_ref(),
        Table::Links,
        partition,
        &series_row(master),
        |mark: Option<&Mark>| {
            let end = mark.and_then(|mark| mark.end).max(snapshot.end);
            mark.is_none_or(|mark| mark.end != end).then_some(Mark { end })
        },
    )
    .await
    .map(|_| ())
}

pub async fn forget_series(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &UserId,
    master: &EventId,
) -> Result<(), StoreError> {
    ledger
        .tables
        .delete(Table::Links, &LinkRef::partition(tenant, organizer), &series_row(master), None)
        .await
}

/// True for the row key of a snapshot.
pub fn is_row(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// Where the snapshot stands that a further row belongs to; `None` for any other row key.
pub fn own_row_of(key: &str) -> Option<String> {
    let of = key.strip_prefix(MORE)?.split('~').next()?;
    Some(format!("{PREFIX}{of}"))
}

fn row_of(event: &EventId) -> String {
    format!("{PREFIX}{}", hash(event.as_str()))
}

/// The answer of somebody who has not answered.
pub const UNANSWERED: &str = "-";

/// An attendee's answer in a few characters.
pub(crate) fn answer(attendee: &Attendee) -> String {
    let letter = match attendee.response.answer {
        Answer::Accepted => "a",
        Answer::TentativelyAccepted => "t",
        Answer::Declined => "d",
        Answer::None | Answer::Organizer | Answer::NotResponded => return UNANSWERED.to_owned(),
    };
    match attendee.response.at {
        Some(at) => format!("{letter}{}", at.timestamp_millis()),
        None => letter.to_owned(),
    }
}

/// The answers of as many people as go into one property of a row, with room to spare.
const UNITS: usize = 30_000;
/// Row keys of what does not go into a snapshot's own row begin so.
const MORE: &str = "s-";

/// A snapshot's own row. The answers are packed into it and, where they are many, into further rows of the
/// same writing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SnapshotRow {
    /// Without people, but for rows that an earlier build has written.
    #[serde(flatten)]
    snapshot: AttendeeSnapshot,
    #[serde(default)]
    packed: String,
    /// How many rows more there are.
    #[serde(default)]
    more: usize,
    /// Of which writing this is: rows of different ones don't go together.
    #[serde(default)]
    writing: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SnapshotOverflowRow {
    writing: String,
    packed: String,
}

fn more_of(row: &str, n: usize) -> String {
    format!("{MORE}{}~{n:04}", row.strip_prefix(PREFIX).unwrap_or(row))
}

/// An id in few characters: most are UUIDs.
fn pack_id(id: &UserId) -> String {
    match Uuid::parse_str(id.as_str()) {
        Ok(uuid) if uuid.hyphenated().to_string() == id.as_str() => {
            format!("u{}", URL_SAFE_NO_PAD.encode(uuid.as_bytes()))
        }
        Ok(_) | Err(_) => format!("b{}", URL_SAFE_NO_PAD.encode(id.as_str())),
    }
}

fn unpack_id(packed: &str) -> Option<UserId> {
    if let Some(uuid) = packed.strip_prefix('u') {
        let bytes: [u8; 16] = URL_SAFE_NO_PAD.decode(uuid).ok()?.try_into().ok()?;
        return Some(UserId::new(Uuid::from_bytes(bytes).hyphenated().to_string()));
    }
    let text = URL_SAFE_NO_PAD.decode(packed.strip_prefix('b')?).ok()?;
    Some(UserId::new(String::from_utf8(text).ok()?))
}

/// A line for each of the people: key, id and answer. In as many texts as are needed, none of them too long.
fn pack(people: &BTreeMap<String, SnapshotEntry>) -> Vec<String> {
    let mut texts = vec![String::new()];
    for (hash, SnapshotEntry(id, answer)) in people {
        let line = format!("{hash} {} {answer}\n", pack_id(id));
        match texts.last_mut() {
            Some(text) if text.is_empty() || text.len() + line.len() <= UNITS => text.push_str(&line),
            Some(_) | None => texts.push(line),
        }
    }
    texts
}

fn unpack(packed: &str) -> Option<BTreeMap<String, SnapshotEntry>> {
    let entry = |line: &str| {
        let mut words = line.split(' ');
        let (hash, id, answer) = (words.next()?, unpack_id(words.next()?)?, words.next()?);
        words.next().is_none().then(|| (hash.to_owned(), SnapshotEntry(id, answer.to_owned())))
    };
    packed.lines().map(entry).collect()
}

/// The snapshot of these rows. `None`: they are of different writings, as when somebody writes them between
/// two readings.
fn put_together(
    read: &Read<SnapshotRow>,
    more: &[Read<SnapshotOverflowRow>],
) -> Result<Option<AttendeeSnapshot>, StoreError> {
    let stored = &read.value;
    let is_whole = more.len() == stored.more && more.iter().all(|more| more.value.writing == stored.writing);
    if !is_whole {
        return Ok(None);
    }
    let mut snapshot = stored.snapshot.clone();
    for packed in std::iter::once(&stored.packed).chain(more.iter().map(|more| &more.value.packed)) {
        let people = unpack(packed).ok_or_else(|| StoreError::Corrupt {
            table: Table::Links.name(),
            partition: read.partition.clone(),
            row: read.row.clone(),
            why: "the answers in it are not packed as they should be".to_owned(),
        })?;
        snapshot.people.extend(people);
    }
    Ok(Some(snapshot))
}

/// A snapshot with the versions of its rows.
struct StoredSnapshot {
    snapshot: AttendeeSnapshot,
    own: Read<SnapshotRow>,
    more: Vec<Read<SnapshotOverflowRow>>,
}

async fn whole(ledger: &Ledger, partition: &str, row: &str) -> Result<Option<StoredSnapshot>, StoreError> {
    let tables = ledger.tables.as_ref();
    for _ in 0..typed::TRIES {
        let Some(own) = typed::get::<SnapshotRow>(tables, Table::Links, partition, row).await? else {
            return Ok(None);
        };
        let more = match own.value.more {
            0 => Vec::new(),
            _ => {
                let range =
                    RowRange { from: Some(more_of(row, 0)), to: Some(format!("{}~", more_of(row, 9_999))) };
                typed::scan(tables, Table::Links, partition, range, usize::MAX).await?
            }
        };
        if let Some(snapshot) = put_together(&own, &more)? {
            return Ok(Some(StoredSnapshot { snapshot, own, more }));
        }
    }
    Err(StoreError::Unavailable("an organizer's event is written by too many at once".into()))
}

pub async fn load(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &UserId,
    event: &EventId,
) -> Result<Option<AttendeeSnapshot>, StoreError> {
    let partition = LinkRef::partition(tenant, organizer);
    Ok(whole(ledger, &partition, &row_of(event)).await?.map(|whole| whole.snapshot))
}

/// Whoever writes last may have read first: then the next hint finds a difference that is none, and judges it
/// in vain.
pub async fn keep(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &UserId,
    snapshot: &AttendeeSnapshot,
) -> Result<(), StoreError> {
    let (partition, row) = (LinkRef::partition(tenant, organizer), row_of(&snapshot.event));
    for _ in 0..typed::TRIES {
        let old = whole(ledger, &partition, &row).await?;
        if old.as_ref().is_some_and(|old| old.snapshot == *snapshot) {
            return Ok(());
        }
        mark(ledger, &partition, snapshot).await?;
        match ledger.tables.batch(Table::Links, &partition, writes(&row, old.as_ref(), snapshot)?).await {
            Ok(()) => return Ok(()),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::Unavailable("an organizer's event is written by too many at once".into()))
}

/// All rows of a snapshot in one go, so that no one ever finds half of them.
fn writes(
    row: &str,
    old: Option<&StoredSnapshot>,
    snapshot: &AttendeeSnapshot,
) -> Result<Vec<Op>, StoreError> {
    let mut texts = pack(&snapshot.people).into_iter();
    let own = texts.next().unwrap_or_default();
    let texts: Vec<String> = texts.collect();
    let writing = Uuid::new_v4().simple().to_string();
    let stored = SnapshotRow {
        snapshot: AttendeeSnapshot { people: BTreeMap::new(), ..snapshot.clone() },
        packed: own,
        more: texts.len(),
        writing: writing.clone(),
    };
    let (key, entity) = (row.to_owned(), typed::entity(&stored)?);
    let mut ops = vec![match old {
        Some(old) => Op::Replace { row: key, entity, etag: old.own.etag.clone() },
        None => Op::Insert { row: key, entity },
    }];
    let count = texts.len();
    for (n, packed) in texts.into_iter().enumerate() {
        let entity = typed::entity(&SnapshotOverflowRow { writing: writing.clone(), packed })?;
        ops.push(Op::Put { row: more_of(row, n), entity });
    }
    let left_over = old.into_iter().flat_map(|old| old.more.iter().skip(count));
    ops.extend(left_over.map(|more| Op::Delete { row: more.row.clone(), etag: more.etag.clone() }));
    Ok(ops)
}

pub async fn forget(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &UserId,
    event: &EventId,
) -> Result<(), StoreError> {
    let (partition, row) = (LinkRef::partition(tenant, organizer), row_of(event));
    for _ in 0..typed::TRIES {
        let Some(old) = whole(ledger, &partition, &row).await? else { return Ok(()) };
        let own = Op::Delete { row: row.clone(), etag: old.own.etag };
        let more = old.more.into_iter().map(|more| Op::Delete { row: more.row, etag: more.etag });
        match ledger.tables.batch(Table::Links, &partition, std::iter::once(own).chain(more).collect()).await
        {
            Ok(()) => return Ok(()),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::Unavailable("an organizer's event is written by too many at once".into()))
}

/// Every snapshot of an organizer's mailbox; one that can't be read is named in an alert, and hides no other.
pub async fn all(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &UserId,
) -> Result<Vec<AttendeeSnapshot>, StoreError> {
    let partition = LinkRef::partition(tenant, organizer);
    let range = RowRange::prefix(PREFIX);
    let own: Vec<Read<SnapshotRow>> =
        typed_rows::readable(ledger, tenant, Table::Links, &partition, range, usize::MAX).await?;
    let mut snapshots = Vec::with_capacity(own.len());
    for read in own {
        if read.value.more == 0 {
            snapshots.extend(put_together(&read, &[])?);
        } else if let Some(whole) = whole(ledger, &partition, &read.row).await? {
            snapshots.push(whole.snapshot);
        }
    }
    Ok(snapshots)
}

#[cfg(test)]
#[path = "attendee_snapshots_tests.rs"]
mod tests;
