//! Reading and writing the one row of an enrolment, with its agenda and its audit, in the order that survives
//! a kill:
//!
//! 1. wake-ups that the new row needs are written, so that no state is without its wake-up;
//! 2. the row is written, on the very version that was decided upon;
//! 3. the story's new lines are filed, but while a cancellation is on its way: then with what becomes of it;
//!    wake-ups that only the old row needed are deleted.
//!
//! Where a new generation begins, step 2 also archives the finished one, in the same batch.
//!
//! Killed after 1: a wake-up too many, which finds nothing to do and is deleted. Killed after 2: the same,
//! and lines that whoever comes for that wake-up files, or the next write, or, where the place rests, the
//! visit of its session, within a week. All of it may be repeated.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::size_limits::fit;
use crate::enrolment::wakeups;
use crate::ids::TenantName;
use crate::ledger::agenda::{forget, renew, schedule};
use crate::ledger::audit::file;
use crate::ledger::{Ledger, typed_rows};
use crate::messages::EnrolmentRef;
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table};

/// Row key of a finished generation: behind the current one's, in the order of the generations.
fn archive_key(at: &EnrolmentRef, generation: u32) -> String {
    format!("{}~{generation:06}", at.row)
}

/// True for the row of a finished generation: a current one is named by a hash alone.
pub fn is_archived(row: &str) -> bool {
    row.contains('~')
}

/// The finished generations of an enrolment, the first one first.
pub async fn archived(ledger: &Ledger, at: &EnrolmentRef) -> Result<Vec<Read<Enrolment>>, StoreError> {
    let range = RowRange::prefix(&format!("{}~", at.row));
    typed::scan(ledger.tables.as_ref(), Table::Enrolments, &at.partition, range, usize::MAX).await
}

pub async fn load(ledger: &Ledger, at: &EnrolmentRef) -> Result<Option<Read<Enrolment>>, StoreError> {
    typed::get(ledger.tables.as_ref(), Table::Enrolments, &at.partition, &at.row).await
}

/// The enrolments of a session, finished generations among them; of one that can't be read an alert tells.
pub async fn of_session(
    ledger: &Ledger,
    tenant: &TenantName,
    partition: &str,
    range: RowRange,
) -> Result<Vec<Read<Enrolment>>, StoreError> {
    typed_rows::readable(ledger, tenant, Table::Enrolments, partition, range, usize::MAX).await
}

/// Some of a session's, without going through all.
pub async fn some_of_session(
    ledger: &Ledger,
    partition: &str,
    most: usize,
) -> Result<Vec<Read<Enrolment>>, StoreError> {
    let tables = ledger.tables.as_ref();
    let (rows, _) = typed::sift_all(tables, Table::Enrolments, partition, RowRange::all(), most).await?;
    Ok(rows)
}

/// True where a session has no row, readable or not.
pub async fn is_empty(ledger: &Ledger, partition: &str) -> Result<bool, StoreError> {
    Ok(ledger.tables.scan(Table::Enrolments, partition, RowRange::all(), 1).await?.rows.is_empty())
}

/// Deletes a row whatever is in it by now.
pub async fn remove(ledger: &Ledger, row: &Read<Enrolment>) -> Result<(), StoreError> {
    ledger.tables.delete(Table::Enrolments, &row.partition, &row.row, None).await
}

/// Deletes a row unless somebody has just written it.
pub async fn remove_unchanged(ledger: &Ledger, row: &Read<Enrolment>) -> Result<(), StoreError> {
    match ledger.tables.delete(Table::Enrolments, &row.partition, &row.row, Some(&row.etag)).await {
        Err(lost) if lost.is_lost_race() => Ok(()),
        other => other,
    }
}

/// Lines that may not be filed yet, above which they are filed once more so that they can be called filed.
const BACKLOG: u32 = 12;

/// Writes `next` over `old` (or as a new row), and gives what is stored now. [`StoreError::is_lost_race`]:
/// read again and decide again.
pub async fn commit(
    ledger: &Ledger,
    old: Option<&Read<Enrolment>>,
    next: Enrolment,
) -> Result<Read<Enrolment>, StoreError> {
    let tables = ledger.tables.as_ref();
    let mut next = fit(next);
    let before = old.map(|old| wakeups::entries(&old.value)).unwrap_or_default();
    let after = wakeups::entries(&next);
    let begins = old.is_some_and(|old| old.value.generation < next.generation);

    if let Some(Read { value: old, .. }) = old {
        // Nobody writes down that the last lines are filed, for that would be one more write. So they are
        // filed with the next ones again, until they are many.
        next.filed = old.filed;
        if begins || old.told.saturating_sub(old.filed) >= BACKLOG {
            file(ledger, old).await?;
            next.filed = old.told;
        }
    }
    for entry in after.iter().filter(|entry| !before.contains(entry)) {
        if !schedule(ledger, entry, next.trace.as_deref()).await? {
            // One of the same moment, that a kill left behind: whoever was woken for it came for another
            // need.
            renew(ledger, &entry.reference()).await?;
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
        Some(old) => {
            Some(tables.replace(Table::Enrolments, &at.partition, &at.row, entity, &old.etag).await?)
        }
        None => Some(tables.insert(Table::Enrolments, &at.partition, &at.row, entity).await?),
    };

    // What is on its way has a wake-up and comes to an end: whoever writes that files all. Who lets a row
    // rest files what a kill may have left.
    let has_told = old.is_none_or(|old| old.value.told < next.told);
    if !next.state.is_on_its_way() && has_told || after.is_empty() {
        file(ledger, &next).await?;
    }
    // The old wake-ups go last: as long as one of them stands, somebody comes by and finds what a kill has
    // left undone.
    for entry in before.iter().filter(|entry| !after.contains(entry)) {
        forget(ledger, &entry.reference()).await?;
    }
    match etag {
        Some(etag) => Ok(Read { partition: at.partition, row: at.row, etag, value: next }),
        // A batch names no versions.
        None => load(ledger, &at).await?.ok_or(StoreError::Stale),
    }
}

/// Changes a row until no one else came between. `change` gives `None` when nothing is to be written; it must
/// be a pure function of the row. Returns the row as it is stored now; `None` when there is none.
pub async fn update<F>(ledger: &Ledger, at: &EnrolmentRef, change: F) -> Result<Option<Enrolment>, StoreError>
where
    F: FnMut(&Enrolment) -> Option<Enrolment>,
{
    Ok(change_from(ledger, at, None, change).await?.map(|read| read.value))
}

/// The same, from the row as it was read before. Where that gives no change, or somebody else came between,
/// it is read anew.
pub async fn update_known<F>(
    ledger: &Ledger,
    known: Read<Enrolment>,
    change: F,
) -> Result<Option<Read<Enrolment>>, StoreError>
where
    F: FnMut(&Enrolment) -> Option<Enrolment>,
{
    let at = known.value.reference();
    change_from(ledger, &at, Some(known), change).await
}

async fn change_from<F>(
    ledger: &Ledger,
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
            None => match load(ledger, at).await? {
                Some(old) => old,
                None => return Ok(None),
            },
        };
        let next = match change(&old.value) {
            Some(next) => next,
            None if is_known => continue,
            None => return Ok(Some(old)),
        };
        match commit(ledger, Some(&old), next).await {
            Ok(written) => return Ok(Some(written)),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::Unavailable("an enrolment is written by too many at once".into()))
}

#[cfg(test)]
#[path = "enrolments_tests.rs"]
mod tests;
