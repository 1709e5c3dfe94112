//! Looks after the rows of one session.

use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::transitions::State;
use crate::enrolment::{organizer_list, wakeups};
use crate::ids::{TenantName, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::waiting_wakeups::{WaitingWakeup, judged, visit_wakeup};
use crate::jobs::watch::lifetime;
use crate::jobs::{JobError, alerting};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::sessions::SessionRow;
use crate::ledger::{Read, agenda, audit, enrolment_ids, enrolments, links, sessions};
use crate::messages::AgendaRef;
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Duration, Utc};
use parking_lot::Mutex;
use std::collections::HashSet;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct HousekeepingReport {
    pub enrolments: usize,
    pub wakeups_restored: usize,
    pub forgotten: usize,
}

/// Between two rounds, less what one may come early.
pub(super) const DAILY: Duration = Duration::minutes(23 * 60 + 30);

/// A session whose rows all rest is looked after at least so often.
const WEEK: Duration = Duration::days(7);

/// Clocks of different instances may differ by less than this.
const MARGIN: Duration = Duration::hours(1);

/// A session without enrolments is let go of so long after it was noted.
const AFTER_NOTING: Duration = Duration::days(1);

/// What a visit found in a session's rows.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct VisitReport {
    pub(crate) expired: bool,
    pub(crate) unknown: bool,
}

/// Looks after all rows of a session. Where all of them rest, they are left alone for days: what
/// rests is neither read nor written every day.
pub(super) async fn visit(
    app: &AppContext,
    name: &TenantName,
    context: &TenantContext,
    session: &Read<SessionRow>,
    waiting: &[WaitingWakeup],
    kept: &Mutex<HousekeepingReport>,
) -> Result<VisitReport, JobError> {
    let ledger = &app.ledger;
    let (now, policy) = (app.ledger.clock.now(), &context.tenant.policy);
    let of = &session.value;
    let rows = enrolments::of_session(&app.ledger, name, &of.partition, RowRange::all()).await?;
    let current: HashSet<&str> =
        rows.iter().map(|row| row.row.as_str()).filter(|row| !enrolments::is_archived(row)).collect();
    let (mut seen, mut rests) = (VisitReport::default(), true);
    let mut until = now + WEEK - lifetime::jitter(&UserId::new(of.partition.as_str()), DAILY);
    let (mut there, mut restored, mut forgotten) = (0, 0, 0);
    let stands: HashSet<&AgendaRef> = waiting.iter().map(|one| &one.at).collect();
    let mut needed = HashSet::new();
    for row in &rows {
        if enrolments::is_archived(&row.row) {
            if !current.contains(row.row.split('~').next().unwrap_or_default()) {
                forget_orphan(app, row).await?;
            }
            continue;
        }
        if over(&row.value, context, now) {
            forget(app, row).await?;
            alerting::resolve_causes(app, &row.value, None).await?;
            forgotten += 1;
            continue;
        }
        there += 1;
        let judged = judged(app, &row.value, policy, now).await?;
        let row = judged.as_ref().unwrap_or(&row.value);
        let wake_ups = wakeups::entries(row);
        for entry in &wake_ups {
            let at = entry.reference();
            if !stands.contains(&at) {
                restored += usize::from(agenda::schedule(ledger, entry, row.trace.as_deref()).await?);
            }
            needed.insert(at);
        }
        // Lines that an earlier visit has filed are in the audit, and what they tell has its alert.
        let last = row.story.last().map(|line| line.at);
        if last.is_none_or(|last| of.visited.is_none_or(|visited| last + MARGIN >= visited)) {
            audit::file(ledger, row).await?;
            // A kill between a row and its alert must not leave it in silence.
            alerting::raise_causes(app, row).await?;
        }
        seen.expired |= row.state == State::Expired;
        if organizer_list::is_long_unknown(row, now) {
            seen.unknown = true;
            alerts::raise(&app.ledger, name, AlertKind::PartsUnknown).await?;
        }
        rests &= wake_ups.is_empty();
        until = until.min(leaves(row, context).unwrap_or(until));
    }
    // What no row of these needs: its writer may be just about to write the row that does, or the row can't
    // be read.
    for one in waiting.iter().filter(|one| !needed.contains(&one.at)) {
        if let Some(enrolment) = &one.enrolment {
            visit_wakeup(app, context, &one.at, enrolment, now).await?;
        }
    }
    let count = |kept: &mut HousekeepingReport| {
        kept.enrolments += there;
        kept.wakeups_restored += restored;
        kept.forgotten += forgotten;
    };
    count(&mut kept.lock());

    if there == 0 {
        forget_empty(app, session, now).await?;
        return Ok(seen);
    }
    let next = SessionRow {
        visited: Some(now),
        rests_until: rests.then_some(until),
        expired: seen.expired,
        ..session.value.clone()
    };
    sessions::visited(&app.ledger, session, &next).await?;
    Ok(seen)
}

/// Of a tenant that is switched off: lets go of the rows whose retention is over, and changes no other.
/// Nobody carries out any more what was decided by then, so that goes, too, and the audit says so; but for
/// what is at the LMS at this moment.
pub(super) async fn visit_while_off(
    app: &AppContext,
    context: &TenantContext,
    session: &Read<SessionRow>,
    kept: &Mutex<HousekeepingReport>,
) -> Result<(), JobError> {
    let (ledger, name, now) = (&app.ledger, &context.tenant.name, app.ledger.clock.now());
    let rows = enrolments::of_session(ledger, name, &session.value.partition, RowRange::all()).await?;
    let (archived, current): (Vec<_>, Vec<_>) =
        rows.iter().partition(|row| enrolments::is_archived(&row.row));
    let mut forgotten = 0;
    for row in &current {
        let is_over = leaves(&row.value, context).is_some_and(|at| at <= now);
        if !is_over || is_claimed(&row.value, now) {
            continue;
        }
        if matches!(row.value.state, State::Waiting | State::Running) {
            let told =
                format!("{} is forgotten undone: {UNDONE}", enrolment_ids::id_of(&row.value.reference()));
            audit::append(ledger, name, SELF, &told).await?;
        }
        forget(app, row).await?;
        alerting::resolve_causes(app, &row.value, None).await?;
        forgotten += 1;
    }
    kept.lock().forgotten += forgotten;
    for row in archived {
        let is_left = !current.iter().any(|one| row.row.split('~').next() == Some(one.row.as_str()));
        if is_left {
            forget_orphan(app, row).await?;
        }
    }
    if forgotten == current.len() { Ok(forget_empty(app, session, now).await?) } else { Ok(()) }
}

const UNDONE: &str = "the tenant is switched off, and the retention is over";

/// Somebody may be at the LMS with it.
fn is_claimed(row: &Enrolment, now: DateTime<Utc>) -> bool {
    let give_back = row.attempt.give_back.as_ref().and_then(|wanted| wanted.claim.as_ref());
    row.attempt.claim.iter().chain(give_back).any(|claim| claim.until > now)
}

/// Asked of the store again: an enrolment may have come meanwhile, and rows that can't be read count too. One
/// that was noted just now may be about to get its first enrolment.
async fn forget_empty(
    app: &AppContext,
    session: &Read<SessionRow>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let is_new = session.value.noted.is_some_and(|noted| noted + AFTER_NOTING > now);
    if is_new || !enrolments::is_empty(&app.ledger, &session.value.partition).await? {
        return Ok(());
    }
    sessions::forget(&app.ledger, session).await
}

/// Nothing is on its way, and the session has been over for the retention. Where no time of the session was
/// ever read, the last line of the story counts.
fn over(row: &Enrolment, context: &TenantContext, now: DateTime<Utc>) -> bool {
    let settled = match row.state {
        State::Watched | State::Done | State::Expired | State::Review => true,
        State::Waiting | State::Running => false,
    };
    settled && leaves(row, context).is_some_and(|at| at <= now)
}

fn leaves(row: &Enrolment, context: &TenantContext) -> Option<DateTime<Utc>> {
    let end = row.end.or(row.start).or(row.story.last().map(|line| line.at));
    end.map(|end| end + context.tenant.policy.retention)
}

/// A finished generation goes with the current one; what a kill has left behind goes now.
async fn forget_orphan(app: &AppContext, archived: &Read<Enrolment>) -> Result<(), StoreError> {
    match enrolments::load(&app.ledger, &archived.value.reference()).await? {
        Some(_) => Ok(()),
        None => enrolments::remove(&app.ledger, archived).await,
    }
}

async fn forget(app: &AppContext, row: &Read<Enrolment>) -> Result<(), StoreError> {
    let ledger = &app.ledger;
    audit::file(ledger, &row.value).await?;
    for part in &row.value.parts {
        links::forget_session(&app.ledger, &part.link.partition, &row.value.session).await?;
    }
    for entry in wakeups::entries(&row.value) {
        agenda::forget(ledger, &entry.reference()).await?;
    }
    for old in enrolments::archived(ledger, &row.value.reference()).await? {
        enrolments::remove(&app.ledger, &old).await?;
    }
    // Where somebody has just written it, it is not over after all, or it is found again tomorrow.
    enrolments::remove_unchanged(&app.ledger, row).await
}
