//! Wake-ups: rows by kind, tenant and due time.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::wakeups::{WakeUp, WakeUpKind, entries};
use crate::ids::{TenantName, hash};
use crate::messages::{AgendaRef, EnrolmentRef};
use crate::store::typed::{self, Read};
use crate::store::{StoreError, Table, Tables};
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
pub async fn schedule(tables: &dyn Tables, entry: &WakeUp, trace: Option<&str>) -> Result<bool, StoreError> {
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

/// True when this wake-up is one that the row needs.
pub fn needs(row: &Enrolment, agenda: &AgendaRef) -> bool {
    entries(row).iter().any(|entry| entry.reference() == *agenda)
}

impl WakeUp {
    /// Partition by kind and tenant, row by due time first: what is due is the head of the partition.
    pub fn reference(&self) -> AgendaRef {
        let due = stamp(self.due);
        match &self.what {
            WakeUpKind::Look { enrolment, part, .. } => {
                AgendaRef { partition: look_partition(&self.tenant), row: format!("{due}~{}~{part}", short(enrolment)) }
            }
            WakeUpKind::Cancel { enrolment } => {
                AgendaRef { partition: cancel_partition(&self.tenant), row: format!("{due}~{}", short(enrolment)) }
            }
            // The reason is in the key: where it changes, one entry gives way to another, as with times.
            WakeUpKind::Review { enrolment, why, .. } => AgendaRef {
                partition: review_partition(&self.tenant),
                row: format!("{due}~{}~{}", short(enrolment), hash(why)),
            },
            WakeUpKind::Hint { hint, .. } => {
                AgendaRef { partition: look_partition(&self.tenant), row: format!("{due}~{}", hash(&hint.subject())) }
            }
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
