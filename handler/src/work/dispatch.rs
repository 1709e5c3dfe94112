//! `dispatch-due`: wakes what is due on the agenda, through the valve, at the connection's rate. The host runs it one at a
//! time in the whole app, so it is the one place that paces a connection.
//!
//! Guarantees: what was woken and not finished is woken again; a closed valve, or a tenant that lacks a secret, wakes nothing; no tick lets more through than
//! the connection's rate allows; cancellations come before looks. A tick ends within its budget ([`super::round`]), and sends no
//! more than the host puts into the queues in seconds; what it leaves, the next ones wake, the oldest first, whoever had no turn
//! before the others.

use crate::cancellation::agenda::{What, cancel_partition, look_partition, stamp};
use crate::cancellation::valve::Valve;
use crate::ids::TenantName;
use crate::message::{AgendaRef, Cancellation, Changes, Hint, VERSION};
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table};
use crate::work::desk::{Desk, Office};
use crate::work::ledger::AgendaRow;
use crate::work::round::{Round, Turn, in_turn};
use crate::work::{WorkError, rows};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Looks woken per tick and tenant: they cost reads of Graph, not of the LMS.
const LOOKS_PER_TICK: usize = 2_000;
/// Looks per queue message: small enough for the queue's limit, large enough to fill Graph's batches.
const LOOKS_PER_MESSAGE: usize = 40;
/// What all tenants together have woken by one tick: some 500 messages of looks and 1,000 of cancellations, which the host puts
/// into the queues one after the other.
const ALL_LOOKS: usize = 20_000;
const ALL_CANCELLATIONS: usize = 1_000;
/// The part of a tick's time that cancellations may take before looks have theirs.
const CANCELLATIONS_FIRST: f64 = 0.6;
const PAGE: usize = 1_000;
/// The most that one batch of the store takes.
const BATCH: usize = 100;

/// What a tick sends.
#[derive(Debug, Default)]
pub struct Wake {
    pub cancellations: Vec<Cancellation>,
    pub changes: Vec<Changes>,
}

/// What was woken of each tenant, kept apart from the work on it: that may be cut off.
struct Woken<T> {
    of: Mutex<BTreeMap<TenantName, Vec<T>>>,
    /// How many more may be woken.
    room: AtomicUsize,
}

impl<T> Woken<T> {
    fn with_room(room: usize) -> Self {
        Self { of: Mutex::default(), room: AtomicUsize::new(room) }
    }

    /// Takes room for so many, or for what there is.
    fn take(&self, wanted: usize) -> usize {
        let taken =
            self.room.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |room| Some(room.saturating_sub(wanted)));
        taken.unwrap_or_else(|room| room).min(wanted)
    }

    fn give_back(&self, room: usize) {
        self.room.fetch_add(room, Ordering::SeqCst);
    }

    fn add(&self, tenant: &TenantName, some: impl IntoIterator<Item = T>) {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        of.entry(tenant.clone()).or_default().extend(some);
    }

    fn take_all(&self) -> BTreeMap<TenantName, Vec<T>> {
        std::mem::take(&mut *self.of.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An error means that nothing could be woken for anybody.
pub async fn dispatch(office: &Office, trace: Option<&str>) -> Result<Wake, WorkError> {
    let round = Round::begin("dispatch-due", office.timing.budgets.dispatch);
    let now = office.tables.now().await?;
    let (cancelling, looking) = (&Woken::with_room(ALL_CANCELLATIONS), &Woken::with_room(ALL_LOOKS));
    let first = round.part("dispatch-cancellations", CANCELLATIONS_FIRST);
    let first = first.over_tenants(office, move |name, desk| async move {
        cancellations(office, &name, &desk, now, trace, cancelling).await
    });
    let cancelled = first.await;
    let second = round.part("dispatch-looks", 1.0);
    let looked =
        second.over_tenants(office, move |name, _| async move { looks(office, &name, now, looking).await }).await;

    let hints = looking.take_all().into_iter();
    let wake = Wake {
        cancellations: in_turn(cancelling.take_all().into_values()),
        changes: in_turn(hints.map(|(name, hints)| messages(&name, &hints, trace))),
    };
    match cancelled.and(looked) {
        Err(trouble) if wake.cancellations.is_empty() && wake.changes.is_empty() => Err(trouble),
        Ok(()) | Err(_) => Ok(wake),
    }
}

fn messages(tenant: &TenantName, hints: &[Hint], trace: Option<&str>) -> Vec<Changes> {
    let message = |some: &[Hint]| Changes {
        v: VERSION,
        trace: trace.map(str::to_owned),
        tenant: tenant.clone(),
        hints: some.to_vec(),
    };
    hints.chunks(LOOKS_PER_MESSAGE).map(message).collect()
}

async fn cancellations(
    office: &Office,
    name: &TenantName,
    desk: &Desk,
    now: DateTime<Utc>,
    trace: Option<&str>,
    woken: &Woken<Cancellation>,
) -> Result<Turn, WorkError> {
    // Without its secrets nothing could be sent: what is due stays so.
    if desk.tenant.is_closed() {
        return Ok(Turn::Done);
    }
    let waiting = due(office, name, &cancel_partition(name), now, ALL_CANCELLATIONS).await?;
    if waiting.is_empty() {
        return Ok(Turn::Done);
    }
    let rate = desk.tenant.lms.rate;
    let wanted = valve(office, name, now).await?.pace(rate, now).min(waiting.len());
    let room = woken.take(wanted);
    // Spent before it is sent: killed in between, a tick lets fewer through, never more.
    let mut allowed = 0;
    change_valve(office, name, now, |valve| {
        let mut next = valve.clone();
        allowed = next.pace(rate, now).min(room);
        next.spend(allowed, now);
        (allowed > 0).then_some(next)
    })
    .await?;
    woken.give_back(room - allowed);
    let allowed: Vec<_> = waiting.into_iter().take(allowed).collect();
    for some in allowed.chunks(BATCH) {
        let marked = mark(office, some, now).await?;
        woken.add(name, marked.into_iter().filter_map(|row| cancellation(name, row, trace)));
    }
    Ok(if room < wanted { Turn::Cut } else { Turn::Done })
}

fn cancellation(tenant: &TenantName, row: &Read<AgendaRow>, trace: Option<&str>) -> Option<Cancellation> {
    let What::Cancel { enrolment } = &row.value.entry.what else { return None };
    Some(Cancellation {
        v: VERSION,
        trace: row.value.trace.clone().or_else(|| trace.map(str::to_owned)),
        tenant: tenant.clone(),
        enrolment: enrolment.clone(),
        agenda: AgendaRef { partition: row.partition.clone(), row: row.row.clone() },
    })
}

async fn looks(office: &Office, name: &TenantName, now: DateTime<Utc>, woken: &Woken<Hint>) -> Result<Turn, WorkError> {
    let room = woken.take(LOOKS_PER_TICK);
    let waiting = due(office, name, &look_partition(name), now, room).await?;
    woken.give_back(room - waiting.len());
    for some in waiting.chunks(BATCH) {
        let marked = mark(office, some, now).await?;
        woken.add(name, marked.into_iter().filter_map(hint));
    }
    // More than its own share waits for the next tick in any case.
    Ok(if room < LOOKS_PER_TICK && waiting.len() == room { Turn::Cut } else { Turn::Done })
}

fn hint(row: &Read<AgendaRow>) -> Option<Hint> {
    let agenda = AgendaRef { partition: row.partition.clone(), row: row.row.clone() };
    match row.value.entry.what.clone() {
        What::Look { link, enrolment, part: _ } => Some(Hint::Look { link, enrolment, agenda }),
        What::Hint { hint, tries } => Some(Hint::Again { hint: Box::new(hint), tries, agenda }),
        What::Cancel { .. } | What::Review { .. } => None,
    }
}

/// At most so many rows of a partition whose time has come and that nobody was woken for lately, oldest first.
async fn due(
    office: &Office,
    name: &TenantName,
    partition: &str,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Vec<Read<AgendaRow>>, StoreError> {
    // '~' follows every digit and letter of a time: the row of this very millisecond is still before it.
    let mut range = RowRange::before(format!("{}~~", stamp(now)));
    let rewake = office.timing.rewake;
    let mut found = Vec::new();
    while found.len() < most {
        let page = rows::page::<AgendaRow>(office, name, Table::Agenda, partition, range.clone(), PAGE).await?;
        found.extend(page.rows.into_iter().filter(|row| is_asleep(&row.value, now, rewake)));
        match page.next {
            Some(next) => range.from = Some(next),
            None => break,
        }
    }
    found.truncate(most);
    Ok(found)
}

fn is_asleep(row: &AgendaRow, now: DateTime<Utc>, rewake: Duration) -> bool {
    row.woken.is_none_or(|woken| woken + rewake <= now)
}

/// Notes that somebody is woken for these rows of one partition, in one write. Gives those that are marked: one that has gone or
/// changed meanwhile is not.
async fn mark<'a>(
    office: &Office,
    rows: &'a [Read<AgendaRow>],
    now: DateTime<Utc>,
) -> Result<Vec<&'a Read<AgendaRow>>, StoreError> {
    let woken = |row: &Read<AgendaRow>| typed::entity(&AgendaRow { woken: Some(now), ..row.value.clone() });
    let replace = |row: &Read<AgendaRow>| {
        woken(row).map(|entity| Op::Replace { row: row.row.clone(), entity, etag: row.etag.clone() })
    };
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let ops = rows.iter().map(replace).collect::<Result<Vec<_>, _>>()?;
    match office.tables.batch(Table::Agenda, &first.partition, ops).await {
        Ok(()) => return Ok(rows.iter().collect()),
        Err(lost) if lost.is_lost_race() => {}
        Err(other) => return Err(other),
    }
    // Somebody has just finished with one of them; each by itself, then.
    let mut marked = Vec::with_capacity(rows.len());
    for row in rows {
        match office.tables.replace(Table::Agenda, &row.partition, &row.row, woken(row)?, &row.etag).await {
            Ok(_) => marked.push(row),
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Ok(marked)
}

const VALVE: &str = "valve";

/// Reads the tenant's valve; one that was never written is open.
pub async fn valve(office: &Office, name: &TenantName, now: DateTime<Utc>) -> Result<Valve, StoreError> {
    let found = typed::get(office.tables.as_ref(), Table::Connections, name.as_str(), VALVE).await?;
    Ok(found.map_or_else(|| Valve::new(now), |read: Read<Valve>| read.value))
}

pub async fn change_valve<F>(
    office: &Office,
    name: &TenantName,
    now: DateTime<Utc>,
    mut change: F,
) -> Result<(), StoreError>
where
    F: FnMut(&Valve) -> Option<Valve>,
{
    typed::update(office.tables.as_ref(), Table::Connections, name.as_str(), VALVE, |stored: Option<&Valve>| {
        match stored {
            Some(valve) => change(valve),
            None => change(&Valve::new(now)),
        }
    })
    .await
    .map(|_| ())
}
