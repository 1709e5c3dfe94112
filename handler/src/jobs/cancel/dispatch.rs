//! `dispatch-due`: wakes what is due on the agenda, through the valve, at the connection's rate. The host
//! runs it one at a time in the whole app, so it is the one place that paces a connection.
//!
//! Guarantees: what was woken and not finished is woken again; a closed valve, or a tenant that lacks a
//! secret, wakes nothing; no tick lets more through than the connection's rate allows; cancellations come
//! before looks. A tick ends within its budget ([`crate::jobs::timer_run`]).
//!
//! What is woken and not finished waits in a queue, where whatever is fresh comes after it. So no more is
//! under way at a time than one instance is through with in minutes, all tenants together; what is under way
//! counts against whose it is, and the room is shared evenly between those who have something due. What a
//! tick leaves, the next ones wake, the oldest first.

use crate::enrolment::rate_shares::FREE;
use crate::enrolment::wakeups::WakeUpKind;
use crate::ids::TenantName;
use crate::jobs::JobError;
use crate::jobs::cancel::of_tenants::OfTenants;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::timer_run::{TenantTurn, TimerRun, in_turn};
use crate::ledger::Read;
use crate::ledger::agenda::{self, AgendaRow, cancel_partition, look_partition, stamp};
use crate::ledger::valves::{self, ReadValve};
use crate::messages::{AgendaRef, Cancellation, Changes, Hint, VERSION};
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Duration, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Looks of a tenant that are woken by one tick: they cost reads of Graph, not of the LMS.
const LOOKS_PER_TICK: usize = 2_000;
/// Looks per queue message: small enough for the queue's limit, large enough to fill Graph's batches.
const LOOKS_PER_MESSAGE: usize = 40;
/// What of all tenants together is under way at a time: 200 messages of looks, of which an instance does some
/// 300 a second, and 1,000 of cancellations, of which it does some 400 a minute. The host puts as many into
/// the queues in half a minute.
const ALL_LOOKS: usize = 8_000;
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

type WakeQueue<T> = OfTenants<Vec<T>>;

/// What of a tenant's is due.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Need {
    /// Somebody was woken for so many, and is not through.
    under_way: usize,
    /// So many more could be woken now.
    asleep: usize,
}

/// The same, with what was read to find it out.
#[derive(Debug, Default)]
struct Found {
    need: Need,
    /// The first of those that are asleep, at most [`BATCH`]: all of a quiet tick's, and little enough to be
    /// kept of all tenants.
    first: Vec<Read<AgendaRow>>,
    /// Where cancellations are due: read there alone, and handed on.
    valve: Option<ReadValve>,
}

/// How many of each tenant's are woken, so that no more than `most` are under way. What is under way is part
/// of its tenant's share; who has less than an even share of it leaves the rest to the others. In this order
/// where there is not even one for each.
fn shares(
    order: &[TenantName],
    needs: &BTreeMap<TenantName, Need>,
    most: usize,
) -> BTreeMap<TenantName, usize> {
    let mut open: Vec<(&TenantName, Need)> =
        order.iter().filter_map(|name| needs.get(name).map(|need| (name, *need))).collect();
    // Level by level: whoever is content with the level is taken out, and the others rise.
    let (mut level, mut room) = (0, most);
    while !open.is_empty() {
        let rise = room / open.len();
        if rise == 0 {
            break;
        }
        level += rise;
        room -= rise * open.len();
        open.retain(|(_, need)| {
            let unused = level.saturating_sub(need.under_way + need.asleep);
            room += unused;
            unused == 0
        });
    }
    let mut first: BTreeSet<&TenantName> = open.iter().take(room).map(|(name, _)| *name).collect();
    let share = |(name, need): (&TenantName, &Need)| {
        let level = level + usize::from(first.remove(name));
        (name.clone(), level.saturating_sub(need.under_way).min(need.asleep))
    };
    needs.iter().map(share).collect()
}

/// An error means that nothing could be woken for anybody.
pub async fn dispatch(app: &AppContext, trace: Option<&str>) -> Result<Wake, JobError> {
    let round = TimerRun::begin("dispatch-due", app.timing.budgets.dispatch);
    let now = app.ledger.now().await?;
    let (woken, hints) = (&WakeQueue::default(), &WakeQueue::default());
    let cancelled = in_shares(
        app,
        round.part("dispatch-cancellations", CANCELLATIONS_FIRST),
        ("find-cancellations", ALL_CANCELLATIONS),
        move |context| async move { cancellations_due(app, &context, now).await },
        move |context, share, found| async move {
            cancellations(app, &context, now, trace, share, found, woken).await
        },
    );
    let cancelled = cancelled.await;
    let looked = in_shares(
        app,
        round.part("dispatch-looks", 1.0),
        ("find-looks", ALL_LOOKS),
        move |context| async move {
            let name = &context.tenant.name;
            find(app, name, &look_partition(name), now, LOOKS_PER_TICK).await
        },
        move |context, share, found| async move {
            looks(app, &context.tenant.name, now, share, found, hints).await
        },
    );
    let looked = looked.await;
    let wake = Wake {
        cancellations: in_turn(woken.take().into_values()),
        changes: in_turn(hints.take().into_iter().map(|(name, hints)| messages(&name, &hints, trace))),
    };
    match cancelled.and(looked) {
        Err(failure) if wake.cancellations.is_empty() && wake.changes.is_empty() => Err(failure),
        Ok(()) | Err(_) => Ok(wake),
    }
}

/// The part of the time in which is found out what is due.
const FINDING: f64 = 0.4;

/// Finds out what of each tenant's is due, shares out the room, and has each tenant's share woken.
async fn in_shares<Finding, Woke>(
    app: &AppContext,
    round: TimerRun,
    (part, most): (&'static str, usize),
    find: impl Fn(Arc<TenantContext>) -> Finding,
    wake: impl Fn(Arc<TenantContext>, usize, Found) -> Woke,
) -> Result<(), JobError>
where
    Finding: Future<Output = Result<Found, JobError>>,
    Woke: Future<Output = Result<(), JobError>>,
{
    let all = &OfTenants::<Found>::default();
    let first = round.part(part, FINDING);
    let finding = first.over_tenants(app, |name, context| {
        let finding = find(context);
        async move {
            let found = finding.await?;
            all.change(&name, |known| *known = found);
            Ok(TenantTurn::Done)
        }
    });
    let found = finding.await;
    let needs = all.of_all(|found| found.need);
    if needs.values().all(|need| need.asleep == 0) {
        return found;
    }
    let shares = shares(&round.order(app).await, &needs, most);
    let waking = round.over_tenants(app, |name, context| {
        let turn = turn(needs.get(&name));
        let share = shares.get(&name).copied().filter(|share| *share > 0);
        let waking = share.map(|share| wake(context, share, all.take_of(&name)));
        async move {
            match waking {
                Some(waking) => waking.await.map(|()| TenantTurn::Done),
                None => Ok(turn),
            }
        }
    });
    found.and(waking.await)
}

/// Of one for whom there was no room: the next tick begins with whoever has nothing under way.
fn turn(need: Option<&Need>) -> TenantTurn {
    match need {
        Some(Need { under_way: 0, asleep: 1.. }) => TenantTurn::Cut,
        Some(_) | None => TenantTurn::Done,
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

async fn cancellations_due(
    app: &AppContext,
    context: &TenantContext,
    now: DateTime<Utc>,
) -> Result<Found, JobError> {
    let name = &context.tenant.name;
    // Without its secrets nothing could be sent: what is due stays so.
    if context.tenant.is_closed() {
        return Ok(Found::default());
    }
    let mut found = find(app, name, &cancel_partition(name), now, ALL_CANCELLATIONS).await?;
    if found.need.asleep > 0 {
        let valve = valves::read(&app.ledger, name, now).await?;
        let (rate, cost) = (context.tenant.lms.rate, context.lms.requests_per_order());
        found.need.asleep = found.need.asleep.min(valve.value.clone().pace(rate, cost, now));
        found.valve = Some(valve);
    }
    Ok(found)
}

async fn cancellations(
    app: &AppContext,
    context: &TenantContext,
    now: DateTime<Utc>,
    trace: Option<&str>,
    share: usize,
    Found { first, valve, .. }: Found,
    woken: &WakeQueue<Cancellation>,
) -> Result<(), JobError> {
    // Without it, nothing was due.
    let Some(valve) = valve else { return Ok(()) };
    let name = &context.tenant.name;
    let waiting = asleep(app, name, &cancel_partition(name), now, share, first).await?;
    let (rate, cost, room) = (context.tenant.lms.rate, context.lms.requests_per_order(), waiting.len());
    // Spent before it is sent: killed in between, a tick lets fewer through, never more.
    let (mut allowed, mut is_free) = (0, false);
    valves::change_known(&app.ledger, name, valve, now, |valve| {
        let mut next = valve.clone();
        allowed = next.pace(rate, cost, now).min(room);
        is_free = next.spend(allowed, cost, rate, now);
        (allowed > 0).then_some(next)
    })
    .await?;
    let allowed: Vec<_> = waiting.into_iter().take(allowed).collect();
    let free_until = is_free.then_some(now + FREE);
    for some in allowed.chunks(BATCH) {
        let marked = agenda::mark_woken(&app.ledger, some, now).await?;
        let some = marked.into_iter().filter_map(|row| cancellation(name, row, trace, free_until));
        woken.change(name, |all| all.extend(some));
    }
    Ok(())
}

fn cancellation(
    tenant: &TenantName,
    row: &Read<AgendaRow>,
    trace: Option<&str>,
    free_until: Option<DateTime<Utc>>,
) -> Option<Cancellation> {
    let WakeUpKind::Cancel { enrolment } = &row.value.entry.what else { return None };
    Some(Cancellation {
        v: VERSION,
        trace: row.value.trace.clone().or_else(|| trace.map(str::to_owned)),
        tenant: tenant.clone(),
        enrolment: enrolment.clone(),
        agenda: AgendaRef { partition: row.partition.clone(), row: row.row.clone() },
        free_until,
    })
}

async fn looks(
    app: &AppContext,
    name: &TenantName,
    now: DateTime<Utc>,
    share: usize,
    found: Found,
    woken: &WakeQueue<Hint>,
) -> Result<(), JobError> {
    let waiting = asleep(app, name, &look_partition(name), now, share, found.first).await?;
    for some in waiting.chunks(BATCH) {
        let marked = agenda::mark_woken(&app.ledger, some, now).await?;
        woken.change(name, |all| all.extend(marked.into_iter().filter_map(hint)));
    }
    Ok(())
}

fn hint(row: &Read<AgendaRow>) -> Option<Hint> {
    let agenda = AgendaRef { partition: row.partition.clone(), row: row.row.clone() };
    match row.value.entry.what.clone() {
        WakeUpKind::Look { link, enrolment, part: _ } => Some(Hint::Look { link, enrolment, agenda }),
        WakeUpKind::Hint { hint, tries } => Some(Hint::Again { hint: Box::new(hint), tries, agenda }),
        WakeUpKind::Cancel { .. } | WakeUpKind::Review { .. } => None,
    }
}

/// What of a partition is due.
struct Due {
    /// Nobody was woken for it lately, oldest first.
    asleep: Vec<Read<AgendaRow>>,
    /// Of those before the last of them, somebody was woken for so many.
    under_way: usize,
}

/// What is due, up to `most` rows that nobody was woken for lately.
async fn due(
    app: &AppContext,
    name: &TenantName,
    partition: &str,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Due, StoreError> {
    // '~' follows every digit and letter of a time: the row of this very millisecond is still before it.
    let mut range = RowRange::before(format!("{}~~", stamp(now)));
    let rewake = app.timing.rewake;
    let mut due = Due { asleep: Vec::new(), under_way: 0 };
    while due.asleep.len() < most {
        let page = agenda::page(&app.ledger, name, partition, range.clone(), PAGE).await?;
        let all = page.rows.len();
        let before = due.asleep.len();
        due.asleep.extend(page.rows.into_iter().filter(|row| is_asleep(&row.value, now, rewake)));
        due.under_way += all - (due.asleep.len() - before);
        match page.next {
            Some(next) => range.from = Some(next),
            None => break,
        }
    }
    due.asleep.truncate(most);
    Ok(due)
}

async fn find(
    app: &AppContext,
    name: &TenantName,
    partition: &str,
    now: DateTime<Utc>,
    most: usize,
) -> Result<Found, JobError> {
    let Due { asleep: mut first, under_way } = due(app, name, partition, now, most).await?;
    let need = Need { under_way, asleep: first.len() };
    first.truncate(BATCH);
    Ok(Found { need, first, valve: None })
}

/// The first `share` of those that are asleep; `first` of them were read just before.
async fn asleep(
    app: &AppContext,
    name: &TenantName,
    partition: &str,
    now: DateTime<Utc>,
    share: usize,
    mut first: Vec<Read<AgendaRow>>,
) -> Result<Vec<Read<AgendaRow>>, StoreError> {
    if first.len() < share {
        return Ok(due(app, name, partition, now, share).await?.asleep);
    }
    first.truncate(share);
    Ok(first)
}

fn is_asleep(row: &AgendaRow, now: DateTime<Utc>, rewake: Duration) -> bool {
    row.woken.is_none_or(|woken| woken + rewake <= now)
}

#[cfg(test)]
#[path = "dispatch_tests.rs"]
mod tests;
