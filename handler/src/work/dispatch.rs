//! `dispatch-due`: wakes what is due on the agenda, through the valve, at the connection's rate. The host runs it one at a
//! time in the whole app, so it is the one place that paces a connection.
//!
//! Guarantees: what was woken and not finished is woken again; a closed valve wakes nothing; no tick lets more through than
//! the connection's rate allows.

use crate::cancellation::agenda::{What, cancel_partition, look_partition, stamp};
use crate::cancellation::valve::Valve;
use crate::ids::TenantName;
use crate::message::{AgendaRef, Cancellation, Changes, Hint, VERSION};
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use crate::work::desk::{Desk, Office};
use crate::work::ledger::AgendaRow;
use crate::work::{WorkError, rows};
use chrono::{DateTime, Duration, Utc};

/// Looks woken per tick and tenant: they cost reads of Graph, not of the LMS.
const LOOKS_PER_TICK: usize = 2_000;
/// Looks per queue message: small enough for the queue's limit, large enough to fill Graph's batches.
const LOOKS_PER_MESSAGE: usize = 40;

/// What a tick sends.
#[derive(Debug, Default)]
pub struct Wake {
    pub cancellations: Vec<Cancellation>,
    pub changes: Vec<Changes>,
}

pub async fn dispatch(office: &Office, trace: Option<&str>) -> Result<Wake, WorkError> {
    let now = office.tables.now().await?;
    let mut wake = Wake::default();
    for (name, desk) in &office.desks {
        cancellations(office, name, desk, now, trace, &mut wake).await?;
        looks(office, name, now, trace, &mut wake).await?;
    }
    Ok(wake)
}

async fn cancellations(
    office: &Office,
    name: &TenantName,
    desk: &Desk,
    now: DateTime<Utc>,
    trace: Option<&str>,
    wake: &mut Wake,
) -> Result<(), WorkError> {
    let waiting = head(office, name, &cancel_partition(name), now).await?;
    let waiting: Vec<_> = due(waiting, now, office.timing.rewake).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    // Spent before it is sent: killed in between, a tick lets fewer through, never more.
    let mut allowed = 0;
    let rate = desk.tenant.lms.rate;
    change_valve(office, name, now, |valve| {
        let mut next = valve.clone();
        allowed = next.pace(rate, now).min(waiting.len());
        next.spend(allowed, now);
        (allowed > 0).then_some(next)
    })
    .await?;
    for row in waiting.into_iter().take(allowed) {
        if let What::Cancel { enrolment } = &row.value.entry.what
            && let Some(agenda) = mark(office, &row, now).await?
        {
            wake.cancellations.push(Cancellation {
                v: VERSION,
                trace: row.value.trace.clone().or_else(|| trace.map(str::to_owned)),
                tenant: name.clone(),
                enrolment: enrolment.clone(),
                agenda,
            });
        }
    }
    Ok(())
}

async fn looks(
    office: &Office,
    name: &TenantName,
    now: DateTime<Utc>,
    trace: Option<&str>,
    wake: &mut Wake,
) -> Result<(), WorkError> {
    let mut hints = Vec::new();
    for row in due(head(office, name, &look_partition(name), now).await?, now, office.timing.rewake) {
        if hints.len() == LOOKS_PER_TICK {
            break;
        }
        let Some(agenda) = mark(office, &row, now).await? else { continue };
        match row.value.entry.what {
            What::Look { link, enrolment, part: _ } => hints.push(Hint::Look { link, enrolment, agenda }),
            What::Hint { hint, tries } => hints.push(Hint::Again { hint: Box::new(hint), tries, agenda }),
            What::Cancel { .. } | What::Review { .. } => {}
        }
    }
    wake.changes.extend(hints.chunks(LOOKS_PER_MESSAGE).map(|some| Changes {
        v: VERSION,
        trace: trace.map(str::to_owned),
        tenant: name.clone(),
        hints: some.to_vec(),
    }));
    Ok(())
}

/// The rows of a partition whose time has come, oldest first.
async fn head(
    office: &Office,
    name: &TenantName,
    partition: &str,
    now: DateTime<Utc>,
) -> Result<Vec<Read<AgendaRow>>, StoreError> {
    // '~' follows every digit and letter of a time: the row of this very millisecond is still before it.
    let until = RowRange::before(format!("{}~~", stamp(now)));
    rows::readable(office, name, Table::Agenda, partition, until, 10_000).await
}

/// Those that nobody was woken for lately.
fn due(rows: Vec<Read<AgendaRow>>, now: DateTime<Utc>, rewake: Duration) -> impl Iterator<Item = Read<AgendaRow>> {
    rows.into_iter().filter(move |row| row.value.woken.is_none_or(|woken| woken + rewake <= now))
}

/// Notes that somebody is woken for this row. `None` when the row has gone or changed meanwhile.
async fn mark(office: &Office, row: &Read<AgendaRow>, now: DateTime<Utc>) -> Result<Option<AgendaRef>, StoreError> {
    let woken = AgendaRow { woken: Some(now), ..row.value.clone() };
    let entity = typed::entity(&woken)?;
    match office.tables.replace(Table::Agenda, &row.partition, &row.row, entity, &row.etag).await {
        Ok(_) => Ok(Some(AgendaRef { partition: row.partition.clone(), row: row.row.clone() })),
        Err(lost) if lost.is_lost_race() => Ok(None),
        Err(other) => Err(other),
    }
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
