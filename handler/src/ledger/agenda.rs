//! Wake-ups: rows by kind, tenant and due time.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::wakeups::{WakeUp, WakeUpKind, entries};
use crate::ids::{TenantName, hash};
use crate::ledger::Ledger;
use crate::ledger::typed_rows::{self, ReadPage};
use crate::messages::{AgendaRef, EnrolmentRef};
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// An agenda row as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgendaRow {
    #[serde(flatten)]
    pub entry: WakeUp,
    /// When `dispatch-due` last sent a message for it.
    pub woken: Option<DateTime<Utc>>,
    /// The trace of what caused it.
    #[serde(default)]
    pub trace: Option<String>,
}

/// Puts a wake-up on the agenda; one that stands there already is left as it is.
pub async fn schedule(ledger: &Ledger, entry: &WakeUp, trace: Option<&str>) -> Result<bool, StoreError> {
    let at = entry.reference();
    let row = AgendaRow { entry: entry.clone(), woken: None, trace: trace.map(str::to_owned) };
    typed::insert_if_absent(ledger.tables.as_ref(), Table::Agenda, &at.partition, &at.row, &row).await
}

/// As if nobody had been woken for it yet.
pub(crate) async fn renew(ledger: &Ledger, at: &AgendaRef) -> Result<(), StoreError> {
    typed::update(ledger.tables.as_ref(), Table::Agenda, &at.partition, &at.row, |row: Option<&AgendaRow>| {
        let row = row?;
        row.woken.is_some().then(|| AgendaRow { woken: None, ..row.clone() })
    })
    .await
    .map(|_| ())
}

/// Takes a wake-up off the agenda.
pub async fn forget(ledger: &Ledger, at: &AgendaRef) -> Result<(), StoreError> {
    ledger.tables.delete(Table::Agenda, &at.partition, &at.row, None).await
}

/// True when this wake-up is on the agenda.
pub async fn stands(ledger: &Ledger, at: &AgendaRef) -> Result<bool, StoreError> {
    Ok(ledger.tables.get(Table::Agenda, &at.partition, &at.row).await?.is_some())
}

/// When somebody was last woken for this row of the agenda; `None` when it stands there no more, or nobody
/// was.
pub async fn woken(ledger: &Ledger, at: &AgendaRef) -> Result<Option<DateTime<Utc>>, StoreError> {
    let found: Option<Read<AgendaRow>> =
        typed::get(ledger.tables.as_ref(), Table::Agenda, &at.partition, &at.row).await?;
    Ok(found.and_then(|read| read.value.woken))
}

/// Takes a wake-up that no row needs off the agenda, but not before it has been due for `rest`: a wake-up is
/// written before the row that needs it, and its writer may be just between the two.
pub async fn forget_stale(
    ledger: &Ledger,
    at: &AgendaRef,
    now: DateTime<Utc>,
    rest: Duration,
) -> Result<(), StoreError> {
    let found: Option<Read<AgendaRow>> =
        typed::get(ledger.tables.as_ref(), Table::Agenda, &at.partition, &at.row).await?;
    match found {
        Some(read) if read.value.entry.due + rest <= now => forget(ledger, at).await,
        Some(_) | None => Ok(()),
    }
}

/// A page of a partition's wake-ups, in the order of their times.
pub async fn page(
    ledger: &Ledger,
    tenant: &TenantName,
    partition: &str,
    range: RowRange,
    limit: usize,
) -> Result<ReadPage<AgendaRow>, StoreError> {
    typed_rows::page(ledger, tenant, Table::Agenda, partition, range, limit).await
}

/// All that waits for a person.
pub async fn waiting_for_person(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<AgendaRow>, StoreError> {
    let partition = review_partition(tenant);
    let rows: Vec<Read<AgendaRow>> =
        typed_rows::readable(ledger, tenant, Table::Agenda, &partition, RowRange::all(), usize::MAX).await?;
    Ok(rows.into_iter().map(|read| read.value).collect())
}

/// True when nothing waits for a person.
pub async fn nobody_waits_for_person(ledger: &Ledger, tenant: &TenantName) -> Result<bool, StoreError> {
    let page = ledger.tables.scan(Table::Agenda, &review_partition(tenant), RowRange::all(), 1).await?;
    Ok(page.rows.is_empty())
}

/// Notes that somebody is woken for these rows of one partition, in one write. Gives those that are marked:
/// one that has gone or changed meanwhile is not.
pub async fn mark_woken<'a>(
    ledger: &Ledger,
    rows: &'a [Read<AgendaRow>],
    now: DateTime<Utc>,
) -> Result<Vec<&'a Read<AgendaRow>>, StoreError> {
    let woken = |row: &Read<AgendaRow>| typed::entity(&AgendaRow { woken: Some(now), ..row.value.clone() });
    let replace = |row: &Read<AgendaRow>| {
        woken(row).map(|entity| Op::Replace { row: row.row.clone(), entity, etag: row.etag.clone() })
    };
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let ops = rows.iter().map(replace).collect::<Result<Vec<_>, _>>()?;
    match ledger.tables.batch(Table::Agenda, &first.partition, ops).await {
        Ok(()) => return Ok(rows.iter().collect()),
        Err(lost) if lost.is_lost_race() => {}
        Err(other) => return Err(other),
    }
    // Somebody has just finished with one of them; each by itself, then.
    let mut marked = Vec::with_capacity(rows.len());
    for row in rows {
        match ledger.tables.replace(Table::Agenda, &row.partition, &row.row, woken(row)?, &row.etag).await {
            Ok(_) => marked.push(row),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Ok(marked)
}

/// True when this wake-up is one that the row needs.
pub fn needs(row: &Enrolment, agenda: &AgendaRef) -> bool {
    entries(row).iter().any(|entry| entry.reference() == *agenda)
}

impl WakeUp {
    /// Partition by kind and tenant, row by due time first: what is due is the head of the partition.
    pub fn reference(&self) -> AgendaRef {
        let due = stamp(self.due);
        match &self.what {
            WakeUpKind::Look { enrolment, part, .. } => AgendaRef {
                partition: look_partition(&self.tenant),
                row: format!("{due}~{}~{part}", short(enrolment)),
            },
            WakeUpKind::Cancel { enrolment } => AgendaRef {
                partition: cancel_partition(&self.tenant),
                row: format!("{due}~{}", short(enrolment)),
            },
            // The reason is in the key: where it changes, one entry gives way to another, as with times.
            WakeUpKind::Review { enrolment, why, .. } => AgendaRef {
                partition: review_partition(&self.tenant),
                row: format!("{due}~{}~{}", short(enrolment), hash(why)),
            },
            WakeUpKind::Hint { hint, .. } => AgendaRef {
                partition: look_partition(&self.tenant),
                row: format!("{due}~{}", hash(&hint.subject())),
            },
        }
    }
}

pub fn look_partition(tenant: &TenantName) -> String {
    format!("look~{tenant}")
}

pub fn cancel_partition(tenant: &TenantName) -> String {
    format!("cancel~{tenant}")
}

pub fn review_partition(tenant: &TenantName) -> String {
    format!("review~{tenant}")
}

/// A time as a key: sorts as time does.
pub fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn short(enrolment: &EnrolmentRef) -> String {
    hash(&format!("{}\n{}", enrolment.partition, enrolment.row))
}
