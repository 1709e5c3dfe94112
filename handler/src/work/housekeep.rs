//! `housekeeping`: re-derives what a kill may have lost, and lets go of what is over.
//!
//! It also holds the list of our subscriptions against the ledger.
//!
//! A round takes its time within a budget ([`super::round`]); the timer comes every hour and goes on where the last one stopped, and
//! a round that came to its end is the only one of its day. A session whose rows all rest is passed over for about a week, or until
//! the first of them leaves.
//!
//! Guarantees: after it, every row has the wake-ups that its state needs and its story is in the audit; rows whose retention is
//! over are gone, links first, so that nothing personal outlives it.

use crate::calendar::link::Link;
use crate::cancellation::agenda::{self, What};
use crate::cancellation::enrolment::Enrolment;
use crate::cancellation::table::State;
use crate::cancellation::{carry, meanwhile};
use crate::ids::{TenantName, UserId};
use crate::message::AgendaRef;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use crate::work::alerts::{self, AlertKind};
use crate::work::desk::{Desk, Office};
use crate::work::ledger::{AgendaRow, SessionRow};
use crate::work::round::{Round, Turn};
use crate::work::{WorkError, brake, dispatch, ledger, leftovers, life, links, observe, organized, rows, strays};
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub enrolments: usize,
    pub wakeups_restored: usize,
    pub forgotten: usize,
}

/// Between two rounds, less what one may come early.
const DAILY: Duration = Duration::minutes(23 * 60 + 30);
/// A session whose rows all rest is looked after at least so often.
const WEEK: Duration = Duration::days(7);
/// Clocks of different instances may differ by less than this.
const MARGIN: Duration = Duration::hours(1);
/// Sessions, or wake-ups, looked after side by side.
const SIDE_BY_SIDE: usize = 8;

/// A session without enrolments is let go of so long after it was noted.
const AFTER_NOTING: Duration = Duration::days(1);

/// All of it, but for the tenants whose last round came to its end less than a day ago. The timer comes every hour, so that a round
/// whose time was over goes on soon.
pub async fn hourly(office: &Office) -> Result<Kept, WorkError> {
    rounds(office, Some(DAILY)).await
}

/// All of it, now.
pub async fn housekeep(office: &Office) -> Result<Kept, WorkError> {
    rounds(office, None).await
}

/// The last round that came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Last {
    ended: DateTime<Utc>,
}

const LAST: &str = "housekept";

async fn rounds(office: &Office, rest: Option<Duration>) -> Result<Kept, WorkError> {
    let round = Round::begin("housekeeping", office.timing.budgets.housekeeping);
    let kept: &Mutex<Kept> = &Mutex::default();
    let went = round.over_tenants(office, move |name, desk| async move {
        let last = typed::get(office.tables.as_ref(), Table::Connections, name.as_str(), LAST).await;
        let last = last.map(|last: Option<Read<Last>>| last.map(|last| last.value.ended));
        let now = office.clock.now();
        if let (Ok(Some(ended)), Some(rest)) = (&last, rest)
            && *ended + rest > now
        {
            return Ok(Turn::Done);
        }
        let turn = tenant(office, &name, &desk, round, kept).await?;
        if turn == Turn::Done {
            typed::update(office.tables.as_ref(), Table::Connections, name.as_str(), LAST, |_: Option<&Last>| {
                Some(Last { ended: now })
            })
            .await?;
        }
        Ok(turn)
    });
    went.await?;
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(*kept)
}

/// Each step by itself: one that fails holds up no other.
async fn tenant(
    office: &Office,
    name: &TenantName,
    desk: &Desk,
    round: Round,
    kept: &Mutex<Kept>,
) -> Result<Turn, WorkError> {
    let now = office.clock.now();
    let mut turn = Turn::Done;
    let mut trouble = None;
    let mut note = |step: &'static str, failed: WorkError| {
        tracing::warn!(tenant = %name, step, %failed, "a step of housekeeping failed");
        trouble.get_or_insert(failed);
    };
    // Nobody is woken for what waits for a person, nor for cancellations behind a closed valve: nobody else finds that their time
    // is over, nor what a kill has left there.
    match waiting(office, name, desk, now).await {
        Ok(()) => {}
        Err(failed) => note("waiting", failed),
    }
    match sessions(office, name, desk, round, kept).await {
        Ok(sessions) => turn = sessions,
        Err(failed) => note("sessions", failed),
    }
    // Behind a closed valve nobody is woken who could say so.
    let valve = async { alerts::for_valve(office, name, &dispatch::valve(office, name, now).await?).await };
    if let Err(failed) = valve.await {
        note("valve", failed.into());
    }
    if let Err(failed) = organized::forget(office, desk).await {
        note("organizers", failed.into());
    }
    if let Err(failed) = leftovers::sweep(office, desk).await {
        note("leftovers", failed.into());
    }
    if let Err(failed) = brake::forget(office, desk).await {
        note("brake", failed.into());
    }
    if let Err(failed) = strays::daily(office, desk).await {
        note("subscriptions", failed);
    }
    trouble.map_or(Ok(turn), Err)
}

/// What waits for a person, and cancellations, a closed valve's among them.
async fn waiting(office: &Office, name: &TenantName, desk: &Desk, now: DateTime<Utc>) -> Result<(), WorkError> {
    let tables = office.tables.as_ref();
    let policy = &desk.tenant.policy;
    let (mut review, mut taken_back) = (false, false);
    for partition in [agenda::review_partition(name), agenda::cancel_partition(name)] {
        let rows: Vec<Read<AgendaRow>> =
            rows::readable(office, name, Table::Agenda, &partition, RowRange::all(), usize::MAX).await?;
        let found: Vec<Option<Enrolment>> = stream::iter(rows)
            .map(|row| async move {
                let at = AgendaRef { partition: row.partition, row: row.row };
                let (What::Review { enrolment, .. } | What::Cancel { enrolment }) = &row.value.entry.what else {
                    return Ok(None);
                };
                let known = match ledger::load(tables, enrolment).await {
                    Err(StoreError::Corrupt { .. }) => return Ok(None),
                    known => known?,
                };
                let is_over = |row: &Enrolment| carry::judge_deadline(row, policy, now);
                let known = match known {
                    Some(known) if is_over(&known.value).is_some() => {
                        let row = ledger::update(tables, enrolment, is_over).await?;
                        alerts::left(office, &known.value, row.as_ref()).await?;
                        row
                    }
                    known => known.map(|known| known.value),
                };
                if !known.as_ref().is_some_and(|row| observe::needs(row, &at)) {
                    ledger::forget_stale(tables, &at, now, office.timing.rewake).await?;
                }
                Ok::<_, WorkError>(known)
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await?;
        for row in found.into_iter().flatten() {
            // A kill between a row and its alert must not leave it in silence.
            if row.state == State::Expired {
                alerts::for_state(office, &row).await?;
            }
            review |= row.state == State::Review;
            taken_back |= row.taken_back.is_some();
        }
    }
    // Each that waits for a person has its entry there.
    for (kind, still) in [(AlertKind::Review, review), (AlertKind::TakeBack, taken_back)] {
        if !still {
            alerts::none_left(office, name, kind).await?;
        }
    }
    Ok(())
}

/// Goes through the sessions that are due for it, those first that were not seen for longest.
async fn sessions(
    office: &Office,
    name: &TenantName,
    desk: &Desk,
    round: Round,
    kept: &Mutex<Kept>,
) -> Result<Turn, WorkError> {
    let now = office.clock.now();
    let partition = ledger::sessions_partition(name);
    let all: Vec<Read<SessionRow>> =
        rows::readable(office, name, Table::Connections, &partition, RowRange::all(), usize::MAX).await?;
    // One that came to rest and has something to do by now is on the agenda again.
    let active = active(office, name).await?;
    let rests = |row: &SessionRow| row.rests_until.is_some_and(|until| until > now) && !active.contains(&row.partition);
    let (resting, mut due): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| rests(&row.value));
    due.sort_by_key(|row| row.value.visited);
    let visited: Vec<Option<Seen>> = stream::iter(due)
        .map(|row| async move {
            if round.is_over() { Ok(None) } else { visit(office, name, desk, &row, kept).await.map(Some) }
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let is_cut = visited.iter().any(Option::is_none);

    // Sessions that rest count as they were seen last; an alert that is younger than that is not theirs to take back.
    let mut expired = visited.iter().flatten().any(|seen| seen.expired);
    let unknown = visited.iter().flatten().any(|seen| seen.unknown);
    let mut oldest = now;
    for row in resting {
        expired |= row.value.expired;
        oldest = row.value.visited.map_or(oldest, |at| oldest.min(at));
    }
    if !expired && !is_cut {
        alerts::resolve_since(office, name, AlertKind::Expired, oldest).await?;
        alerts::resolve_since(office, name, AlertKind::DeclinedLate, oldest).await?;
    }
    // Whose calendars can't be read is looked for: it does not rest.
    if !unknown && !is_cut {
        alerts::none_left(office, name, AlertKind::PartsUnknown).await?;
    }
    Ok(if is_cut { Turn::Cut } else { Turn::Done })
}

/// Where there are enrolments that the agenda names.
async fn active(office: &Office, name: &TenantName) -> Result<HashSet<String>, StoreError> {
    let mut active = HashSet::new();
    for partition in [agenda::look_partition(name), agenda::cancel_partition(name), agenda::review_partition(name)] {
        let rows: Vec<Read<AgendaRow>> =
            rows::readable(office, name, Table::Agenda, &partition, RowRange::all(), usize::MAX).await?;
        active.extend(rows.into_iter().filter_map(|row| match row.value.entry.what {
            What::Look { enrolment, .. } | What::Cancel { enrolment } | What::Review { enrolment, .. } => {
                Some(enrolment.partition)
            }
            What::Hint { .. } => None,
        }));
    }
    Ok(active)
}

/// What a visit found in a session's rows.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    expired: bool,
    unknown: bool,
}

/// Looks after all rows of a session. Where all of them rest, they are left alone for days: what
/// rests is neither read nor written every day.
async fn visit(
    office: &Office,
    name: &TenantName,
    desk: &Desk,
    session: &Read<SessionRow>,
    kept: &Mutex<Kept>,
) -> Result<Seen, WorkError> {
    let tables = office.tables.as_ref();
    let (now, policy) = (office.clock.now(), &desk.tenant.policy);
    let of = &session.value;
    let rows: Vec<Read<Enrolment>> =
        rows::readable(office, name, Table::Enrolments, &of.partition, RowRange::all(), usize::MAX).await?;
    let current: HashSet<&str> =
        rows.iter().map(|row| row.row.as_str()).filter(|row| !ledger::is_archived(row)).collect();
    let (mut seen, mut rests) = (Seen::default(), true);
    let mut until = now + WEEK - life::share(&UserId::new(of.partition.as_str()), DAILY);
    let (mut there, mut restored, mut forgotten) = (0, 0, 0);
    for row in &rows {
        if ledger::is_archived(&row.row) {
            if !current.contains(row.row.split('~').next().unwrap_or_default()) {
                forget_orphan(office, row).await?;
            }
            continue;
        }
        if over(&row.value, desk, now) {
            forget(office, row).await?;
            alerts::left(office, &row.value, None).await?;
            forgotten += 1;
            continue;
        }
        there += 1;
        // What waits behind a closed valve, or for a person, is not woken at its deadline.
        let judged = match carry::judge_deadline(&row.value, policy, now) {
            Some(_) => {
                let at = row.value.reference();
                let judged = ledger::update(tables, &at, |row| carry::judge_deadline(row, policy, now)).await?;
                alerts::left(office, &row.value, judged.as_ref()).await?;
                judged
            }
            None => None,
        };
        let row = judged.as_ref().unwrap_or(&row.value);
        let wake_ups = agenda::entries(row);
        for entry in &wake_ups {
            restored += usize::from(ledger::schedule(tables, entry, row.trace.as_deref()).await?);
        }
        // Lines that an earlier visit has filed are in the audit.
        let last = row.story.last().map(|line| line.at);
        if last.is_none_or(|last| of.visited.is_none_or(|visited| last + MARGIN >= visited)) {
            ledger::file(tables, row).await?;
        }
        // A kill between a row and its alert must not leave it in silence.
        alerts::for_state(office, row).await?;
        seen.expired |= row.state == State::Expired;
        if meanwhile::is_long_unknown(row, now) {
            seen.unknown = true;
            alerts::raise(office, name, AlertKind::PartsUnknown).await?;
        }
        rests &= wake_ups.is_empty();
        until = until.min(leaves(row, desk).unwrap_or(until));
    }
    let count = |kept: &mut Kept| {
        kept.enrolments += there;
        kept.wakeups_restored += restored;
        kept.forgotten += forgotten;
    };
    count(&mut kept.lock().unwrap_or_else(PoisonError::into_inner));

    if there == 0 {
        // Asked of the store again: an enrolment may have come meanwhile, and rows that can't be read count too.
        let empty = tables.scan(Table::Enrolments, &of.partition, RowRange::all(), 1).await?.rows.is_empty();
        // One that was noted just now may be about to get its first enrolment.
        if empty && of.noted.is_none_or(|noted| noted + AFTER_NOTING <= now) {
            tables.delete(Table::Connections, &session.partition, &session.row, None).await?;
        }
        return Ok(seen);
    }
    let expired = seen.expired;
    typed::update(tables, Table::Connections, &session.partition, &session.row, |stored: Option<&SessionRow>| {
        let stored = stored?;
        let next = SessionRow { visited: Some(now), rests_until: rests.then_some(until), expired, ..stored.clone() };
        // A session that does not rest is visited every time; when it was last is of no use then, but for the audit.
        (rests || stored.rests_until.is_some() || stored.expired != expired).then_some(next)
    })
    .await?;
    Ok(seen)
}

/// Nothing is on its way, and the session has been over for the retention. Where no time of the session was ever read, the last
/// line of the story counts.
fn over(row: &Enrolment, desk: &Desk, now: DateTime<Utc>) -> bool {
    let settled = match row.state {
        State::Watched | State::Done | State::Expired | State::Review => true,
        State::Waiting | State::Running => false,
    };
    settled && leaves(row, desk).is_some_and(|at| at <= now)
}

fn leaves(row: &Enrolment, desk: &Desk) -> Option<DateTime<Utc>> {
    let end = row.end.or(row.start).or(row.story.last().map(|line| line.at));
    end.map(|end| end + desk.tenant.policy.retention)
}

/// A finished generation goes with the current one; what a kill has left behind goes now.
async fn forget_orphan(office: &Office, archived: &Read<Enrolment>) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    match ledger::load(tables, &archived.value.reference()).await? {
        Some(_) => Ok(()),
        None => tables.delete(Table::Enrolments, &archived.partition, &archived.row, None).await,
    }
}

async fn forget(office: &Office, row: &Read<Enrolment>) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    ledger::file(tables, &row.value).await?;
    for part in &row.value.parts {
        let links: Vec<Read<Link>> =
            typed::scan(tables, Table::Links, &part.link.partition, links::rows(), usize::MAX).await?;
        for link in links.iter().filter(|link| link.value.session == row.value.session) {
            tables.delete(Table::Links, &link.partition, &link.row, None).await?;
        }
    }
    for entry in agenda::entries(&row.value) {
        ledger::forget(tables, &entry.reference()).await?;
    }
    for old in ledger::archived(tables, &row.value.reference()).await? {
        tables.delete(Table::Enrolments, &old.partition, &old.row, None).await?;
    }
    match tables.delete(Table::Enrolments, &row.partition, &row.row, Some(&row.etag)).await {
        // Somebody has just written it: it is not over after all, or it is found again tomorrow.
        Err(lost) if lost.is_lost_race() => Ok(()),
        other => other,
    }
}
