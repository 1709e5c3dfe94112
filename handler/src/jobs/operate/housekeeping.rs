//! `housekeeping`: re-derives what a kill may have lost, and lets go of what is over.
//!
//! It also begins to hold the list of our subscriptions against the ledger ([`crate::jobs::watch::subscription_listing`]).
//!
//! A round takes its time within a budget ([`crate::jobs::timer_run`]); the timer comes every hour and goes on where the last one stopped, and
//! a round that came to its end is the only one of its day. A session whose rows all rest is passed over for about a week, or until
//! the first of them leaves.
//!
//! Guarantees: after it, every row has the wake-ups that its state needs and its story is in the audit; rows whose retention is
//! over are gone, links first, so that nothing personal outlives it.

use crate::calendar::link::Link;
use crate::enrolment::deadline;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::organizer_list;
use crate::enrolment::policy::Policy;
use crate::enrolment::transitions::State;
use crate::enrolment::wakeups::{self, What};
use crate::ids::{TenantName, UserId};
use crate::jobs::WorkError;
use crate::jobs::alerting;
use crate::jobs::operate::stale_snapshots;
use crate::ledger::agenda::{cancel_partition, look_partition, review_partition};
use crate::ledger::{agenda, audit, decisions, sessions, valves};

use crate::jobs::context::{Desk, Office};

use crate::jobs::operate::stale_links;
use crate::jobs::timer_run::{Round, Turn};
use crate::jobs::watch::{lifetime, subscription_listing};
use crate::ledger::agenda::AgendaRow;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::sessions::SessionRow;
use crate::ledger::{enrolments, links, typed_rows};
use crate::messages::{AgendaRef, EnrolmentRef};
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
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
const PAGE: usize = 1_000;

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
        let turn = tenant(office, &name, &desk, round, rest, kept).await?;
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
    rest: Option<Duration>,
    kept: &Mutex<Kept>,
) -> Result<Turn, WorkError> {
    let now = office.clock.now();
    let mut turn = Turn::Done;
    let mut trouble = None;
    let mut note = |step: &'static str, failed: WorkError| {
        tracing::warn!(tenant = %name, step, %failed, "a step of housekeeping failed");
        trouble.get_or_insert(failed);
    };
    match sessions(office, name, desk, round, rest, kept).await {
        Ok(sessions) => turn = sessions,
        Err(failed) => note("sessions", failed),
    }
    // Behind a closed valve nobody is woken who could say so.
    let valve = async { alerting::for_valve(office, name, &valves::valve(office, name, now).await?).await };
    if let Err(failed) = valve.await {
        note("valve", failed.into());
    }
    if let Err(failed) = stale_snapshots::forget(office, desk).await {
        note("organizers", failed.into());
    }
    if let Err(failed) = stale_links::sweep(office, desk).await {
        note("leftovers", failed.into());
    }
    if let Err(failed) = decisions::forget(office, desk).await {
        note("brake", failed.into());
    }
    // A long list goes on apart: what is begun here is in the ledger, and the planning rounds have it done.
    let time = (round.left() / 2).min(office.timing.budgets.few_subscriptions);
    let listed = match round.in_time(subscription_listing::daily(office, desk, rest, time)).await {
        Some(listed) => listed,
        None => subscription_listing::want(office, desk).await.map_err(WorkError::from),
    };
    if let Err(failed) = listed {
        note("subscriptions", failed);
    }
    trouble.map_or(Ok(turn), Err)
}

/// Wake-ups of a tenant as they stand on the agenda, by the session whose places they are about.
#[derive(Default)]
struct Agenda {
    sessions: HashMap<String, Vec<Standing>>,
}

/// One of them, that nobody may be woken for: what waits for a person, and cancellations, a closed valve's among them. Of looks
/// only the key is kept.
struct Standing {
    at: AgendaRef,
    enrolment: Option<EnrolmentRef>,
}

impl Agenda {
    async fn read(office: &Office, name: &TenantName) -> Result<Self, StoreError> {
        let mut agenda = Self::default();
        for partition in [look_partition(name), cancel_partition(name), review_partition(name)] {
            let mut range = RowRange::all();
            loop {
                let page =
                    typed_rows::page::<AgendaRow>(office, name, Table::Agenda, &partition, range.clone(), PAGE).await?;
                page.rows.into_iter().for_each(|row| agenda.add(row));
                match page.next {
                    Some(next) => range.from = Some(next),
                    None => break,
                }
            }
        }
        Ok(agenda)
    }

    fn add(&mut self, row: Read<AgendaRow>) {
        let what = row.value.entry.what;
        let Some(enrolment) = what.enrolment().cloned() else { return };
        let is_look = matches!(what, What::Look { .. });
        let at = AgendaRef { partition: row.partition, row: row.row };
        let all = self.sessions.entry(enrolment.partition.clone()).or_default();
        all.push(Standing { at, enrolment: (!is_look).then_some(enrolment) });
    }
}

/// A wake-up that its row may not need, or whose session is not listed.
async fn tend(
    office: &Office,
    desk: &Desk,
    at: &AgendaRef,
    enrolment: &EnrolmentRef,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (tables, policy) = (office.tables.as_ref(), &desk.tenant.policy);
    let known = match enrolments::load(tables, enrolment).await {
        Err(StoreError::Corrupt { .. }) => return Ok(()),
        known => known?.map(|known| known.value),
    };
    let known = match known {
        Some(known) => Some(judged(office, &known, policy, now).await?.unwrap_or(known)),
        None => None,
    };
    match &known {
        Some(row) if agenda::needs(row, at) => alerting::for_state(office, row).await,
        Some(_) | None => agenda::forget_stale(tables, at, now, office.timing.rewake).await,
    }
}

/// What waits behind a closed valve, or for a person, is not woken at its deadline. `None`: it is not over yet.
async fn judged(
    office: &Office,
    row: &Enrolment,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Option<Enrolment>, StoreError> {
    if deadline::judge_deadline(row, policy, now).is_none() {
        return Ok(None);
    }
    let (tables, at) = (office.tables.as_ref(), row.reference());
    let judged = enrolments::update(tables, &at, |row| deadline::judge_deadline(row, policy, now)).await?;
    alerting::left(office, row, judged.as_ref()).await?;
    Ok(judged)
}

/// Goes through the sessions that are due for it, those first that were not seen for longest. Where a round was cut short, those
/// that it came to are not seen again.
async fn sessions(
    office: &Office,
    name: &TenantName,
    desk: &Desk,
    round: Round,
    rest: Option<Duration>,
    kept: &Mutex<Kept>,
) -> Result<Turn, WorkError> {
    let now = office.clock.now();
    let partition = sessions::sessions_partition(name);
    let all: Vec<Read<SessionRow>> =
        typed_rows::readable(office, name, Table::Connections, &partition, RowRange::all(), usize::MAX).await?;
    let mut agenda = Agenda::read(office, name).await?.sessions;
    // One that came to rest and has something to do by now is on the agenda again.
    let rests =
        |row: &SessionRow| row.rests_until.is_some_and(|until| until > now) && !agenda.contains_key(&row.partition);
    let (resting, due): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| rests(&row.value));
    let is_seen = |row: &SessionRow| rest.zip(row.visited).is_some_and(|(rest, visited)| visited + rest > now);
    let (seen, mut due): (Vec<_>, Vec<_>) = due.into_iter().partition(|row| is_seen(&row.value));
    due.sort_by_key(|row| row.value.visited);
    let due: Vec<_> = due
        .into_iter()
        .map(|row| {
            let standing = agenda.remove(&row.value.partition).unwrap_or_default();
            (row, standing)
        })
        .collect();
    seen.iter().chain(&resting).for_each(|row| drop(agenda.remove(&row.value.partition)));
    let visited: Vec<Option<Seen>> = stream::iter(due)
        .map(|(row, standing)| async move {
            if round.is_over() { Ok(None) } else { visit(office, name, desk, &row, &standing, kept).await.map(Some) }
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let is_cut = visited.iter().any(Option::is_none);
    let is_whole = !is_cut && seen.is_empty();
    // Of sessions that are not listed.
    let strays = agenda.into_values().flatten().filter_map(|one| Some((one.at, one.enrolment?)));
    stream::iter(strays)
        .map(|(at, enrolment)| async move { tend(office, desk, &at, &enrolment, now).await })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect::<()>()
        .await?;

    // Sessions that rest count as they were seen last; an alert that is younger than that is not theirs to take back.
    let mut expired = visited.iter().flatten().any(|seen| seen.expired);
    let unknown = visited.iter().flatten().any(|seen| seen.unknown);
    let mut oldest = now;
    for row in resting.into_iter().chain(seen) {
        expired |= row.value.expired;
        oldest = row.value.visited.map_or(oldest, |at| oldest.min(at));
    }
    if !expired && !is_cut {
        alerts::resolve_since(office, name, AlertKind::Expired, oldest).await?;
        alerts::resolve_since(office, name, AlertKind::DeclinedLate, oldest).await?;
    }
    // Whose calendars can't be read is looked for: it does not rest.
    if !unknown && is_whole {
        alerts::none_left(office, name, AlertKind::PartsUnknown).await?;
    }
    persons(office, name).await?;
    Ok(if is_cut { Turn::Cut } else { Turn::Done })
}

/// Each that waits for a person has its entry on the agenda.
async fn persons(office: &Office, name: &TenantName) -> Result<(), StoreError> {
    let partition = review_partition(name);
    let waiting: Vec<Read<AgendaRow>> =
        typed_rows::readable(office, name, Table::Agenda, &partition, RowRange::all(), usize::MAX).await?;
    for (kind, is_take_back) in [(AlertKind::Review, false), (AlertKind::TakeBack, true)] {
        if !waiting.iter().any(|row| row.value.entry.what.is_take_back() == is_take_back) {
            alerts::none_left(office, name, kind).await?;
        }
    }
    Ok(())
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
    standing: &[Standing],
    kept: &Mutex<Kept>,
) -> Result<Seen, WorkError> {
    let tables = office.tables.as_ref();
    let (now, policy) = (office.clock.now(), &desk.tenant.policy);
    let of = &session.value;
    let rows: Vec<Read<Enrolment>> =
        typed_rows::readable(office, name, Table::Enrolments, &of.partition, RowRange::all(), usize::MAX).await?;
    let current: HashSet<&str> =
        rows.iter().map(|row| row.row.as_str()).filter(|row| !enrolments::is_archived(row)).collect();
    let (mut seen, mut rests) = (Seen::default(), true);
    let mut until = now + WEEK - lifetime::share(&UserId::new(of.partition.as_str()), DAILY);
    let (mut there, mut restored, mut forgotten) = (0, 0, 0);
    let stands: HashSet<&AgendaRef> = standing.iter().map(|one| &one.at).collect();
    let mut needed = HashSet::new();
    for row in &rows {
        if enrolments::is_archived(&row.row) {
            if !current.contains(row.row.split('~').next().unwrap_or_default()) {
                forget_orphan(office, row).await?;
            }
            continue;
        }
        if over(&row.value, desk, now) {
            forget(office, row).await?;
            alerting::left(office, &row.value, None).await?;
            forgotten += 1;
            continue;
        }
        there += 1;
        let judged = judged(office, &row.value, policy, now).await?;
        let row = judged.as_ref().unwrap_or(&row.value);
        let wake_ups = wakeups::entries(row);
        for entry in &wake_ups {
            let at = entry.reference();
            if !stands.contains(&at) {
                restored += usize::from(agenda::schedule(tables, entry, row.trace.as_deref()).await?);
            }
            needed.insert(at);
        }
        // Lines that an earlier visit has filed are in the audit, and what they tell has its alert.
        let last = row.story.last().map(|line| line.at);
        if last.is_none_or(|last| of.visited.is_none_or(|visited| last + MARGIN >= visited)) {
            audit::file(tables, row).await?;
            // A kill between a row and its alert must not leave it in silence.
            alerting::for_state(office, row).await?;
        }
        seen.expired |= row.state == State::Expired;
        if organizer_list::is_long_unknown(row, now) {
            seen.unknown = true;
            alerts::raise(office, name, AlertKind::PartsUnknown).await?;
        }
        rests &= wake_ups.is_empty();
        until = until.min(leaves(row, desk).unwrap_or(until));
    }
    // What no row of these needs: its writer may be just about to write the row that does, or the row can't be read.
    for one in standing.iter().filter(|one| !needed.contains(&one.at)) {
        if let Some(enrolment) = &one.enrolment {
            tend(office, desk, &one.at, enrolment, now).await?;
        }
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
    let next = SessionRow {
        visited: Some(now),
        rests_until: rests.then_some(until),
        expired: seen.expired,
        ..session.value.clone()
    };
    match tables
        .replace(Table::Connections, &session.partition, &session.row, typed::entity(&next)?, &session.etag)
        .await
    {
        // Somebody else has just been here.
        Err(lost) if lost.is_lost_race() => {}
        written => drop(written?),
    }
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
    match enrolments::load(tables, &archived.value.reference()).await? {
        Some(_) => Ok(()),
        None => tables.delete(Table::Enrolments, &archived.partition, &archived.row, None).await,
    }
}

async fn forget(office: &Office, row: &Read<Enrolment>) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    audit::file(tables, &row.value).await?;
    for part in &row.value.parts {
        let links: Vec<Read<Link>> =
            typed::scan(tables, Table::Links, &part.link.partition, links::rows(), usize::MAX).await?;
        for link in links.iter().filter(|link| link.value.session == row.value.session) {
            tables.delete(Table::Links, &link.partition, &link.row, None).await?;
        }
    }
    for entry in wakeups::entries(&row.value) {
        agenda::forget(tables, &entry.reference()).await?;
    }
    for old in enrolments::archived(tables, &row.value.reference()).await? {
        tables.delete(Table::Enrolments, &old.partition, &old.row, None).await?;
    }
    match tables.delete(Table::Enrolments, &row.partition, &row.row, Some(&row.etag)).await {
        // Somebody has just written it: it is not over after all, or it is found again tomorrow.
        Err(lost) if lost.is_lost_race() => Ok(()),
        other => other,
    }
}
