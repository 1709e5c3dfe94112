//! `housekeeping`: re-derives what a kill may have lost, and lets go of what is over.
//!
//! It also begins to hold the list of our subscriptions against the ledger
//! ([`crate::jobs::watch::subscription_listing`]).
//!
//! A round takes its time within a budget ([`crate::jobs::timer_run`]); the timer comes every hour and goes
//! on where the last one stopped, and a round that came to its end is the only one of its day. A session
//! whose rows all rest is passed over for about a week, or until the first of them leaves.
//!
//! Guarantees: after it, every row has the wake-ups that its state needs and its story is in the audit; rows
//! whose retention is over are gone, links first, so that nothing personal outlives it. Of a tenant that is
//! switched off only that is done ([`super::retention_while_off`]).

use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::session_visit::{DAILY, HousekeepingReport, VisitReport, visit};
use crate::jobs::operate::waiting_wakeups::{Agenda, visit_wakeup};
use crate::jobs::operate::{doctor, retention_while_off, stale_links, stale_snapshots, stale_tokens};
use crate::jobs::timer_run::{TenantTurn, TimerRun};
use crate::jobs::watch::subscription_listing;
use crate::jobs::{JobError, alerting, publish};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::sessions::SessionRow;
use crate::ledger::tenant_rows::Singleton;
use crate::ledger::{agenda, consents, decisions, sessions, valves};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Sessions, or wake-ups, looked after side by side.
const SIDE_BY_SIDE: usize = 8;
/// Of a tenant's turn, for looking at everything that must be so.
const EXAMINING: std::time::Duration = std::time::Duration::from_secs(60);

/// All of it, but for the tenants whose last round came to its end less than a day ago. The timer comes every
/// hour, so that a round whose time was over goes on soon.
pub async fn hourly(app: &AppContext) -> Result<HousekeepingReport, JobError> {
    rounds(app, Some(DAILY)).await
}

/// All of it, now.
pub async fn housekeep(app: &AppContext) -> Result<HousekeepingReport, JobError> {
    rounds(app, None).await
}

/// The last round that came to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LastRun {
    ended: DateTime<Utc>,
}

const LAST: Singleton<LastRun> = Singleton::new("housekept");

async fn rounds(app: &AppContext, rest: Option<Duration>) -> Result<HousekeepingReport, JobError> {
    let round = TimerRun::begin("housekeeping", app.timing.budgets.housekeeping);
    let kept: &Mutex<HousekeepingReport> = &Mutex::default();
    let went = round.over_all_tenants(app, move |name, context| async move {
        if !context.tenant.active {
            return retention_while_off::keep(app, &context, round, rest, kept).await;
        }
        let last = LAST.read(&app.ledger, &name).await;
        let now = app.ledger.clock.now();
        if let (Ok(Some(last)), Some(rest)) = (&last, rest)
            && last.ended + rest > now
        {
            return Ok(TenantTurn::Done);
        }
        let turn = tenant(app, &name, &context, round, rest, kept).await?;
        if turn == TenantTurn::Done {
            LAST.update(&app.ledger, &name, |_| Some(LastRun { ended: now })).await?;
        }
        Ok(turn)
    });
    went.await?;
    let kept = kept.lock();
    Ok(*kept)
}

/// Each step by itself: one that fails holds up no other.
async fn tenant(
    app: &AppContext,
    name: &TenantName,
    context: &TenantContext,
    round: TimerRun,
    rest: Option<Duration>,
    kept: &Mutex<HousekeepingReport>,
) -> Result<TenantTurn, JobError> {
    let now = app.ledger.clock.now();
    let mut turn = TenantTurn::Done;
    let mut failure = None;
    let mut note = |step: &'static str, failed: JobError| {
        tracing::warn!(tenant = %name, step, %failed, "a step of housekeeping failed");
        failure.get_or_insert(failed);
    };
    match sessions(app, name, context, round, rest, kept).await {
        Ok(sessions) => turn = sessions,
        Err(failed) => note("sessions", failed),
    }
    // Behind a closed valve nobody is woken who could say so.
    let valve =
        async { alerting::reflect_valve(app, name, &valves::valve(&app.ledger, name, now).await?).await };
    if let Err(failed) = valve.await {
        note("valve", failed.into());
    }
    if let Err(failed) = stale_snapshots::forget(app, context).await {
        note("organizers", failed.into());
    }
    if let Err(failed) = consents::forget_requests(&app.ledger, name).await {
        note("consent", failed.into());
    }
    if let Err(failed) = stale_links::sweep(app, context).await {
        note("leftovers", failed.into());
    }
    if let Err(failed) = publish::retention::forget(app, context).await {
        note("publishing", failed.into());
    }
    if let Err(failed) = stale_tokens::tidy(context).await {
        note("refresh tokens", failed.into());
    }
    if let Err(failed) =
        decisions::forget(&app.ledger, &context.tenant.name, context.tenant.policy.brake.within).await
    {
        note("brake", failed.into());
    }
    // A long list goes on apart: what is begun here is in the ledger, and the planning rounds have it done.
    let time = (round.left() / 2).min(app.timing.budgets.few_subscriptions);
    let listed = match round.in_time(subscription_listing::daily(app, context, rest, time)).await {
        Some(listed) => listed,
        None => subscription_listing::want(app, context).await.map_err(JobError::from),
    };
    if let Err(failed) = listed {
        note("subscriptions", failed);
    }
    // Whoever is examined may be slow to answer.
    let time = (round.left() / 2).min(EXAMINING);
    let examined = doctor::daily::daily(app, context, rest, time);
    if let Some(Err(failed)) = round.in_time(examined).await {
        note("doctor", failed);
    }
    failure.map_or(Ok(turn), Err)
}

/// Goes through the sessions that are due for it, those first that were not seen for longest. Where a round
/// was cut short, those that it came to are not seen again.
async fn sessions(
    app: &AppContext,
    name: &TenantName,
    context: &TenantContext,
    round: TimerRun,
    rest: Option<Duration>,
    kept: &Mutex<HousekeepingReport>,
) -> Result<TenantTurn, JobError> {
    let now = app.ledger.clock.now();
    let all = sessions::readable(&app.ledger, name).await?;
    let mut agenda = Agenda::read(app, name).await?.sessions;
    // One that came to rest and has something to do by now is on the agenda again.
    let rests = |row: &SessionRow| {
        row.rests_until.is_some_and(|until| until > now) && !agenda.contains_key(&row.partition)
    };
    let (resting, due): (Vec<_>, Vec<_>) = all.into_iter().partition(|row| rests(&row.value));
    let is_seen =
        |row: &SessionRow| rest.zip(row.visited).is_some_and(|(rest, visited)| visited + rest > now);
    let (seen, mut due): (Vec<_>, Vec<_>) = due.into_iter().partition(|row| is_seen(&row.value));
    due.sort_by_key(|row| row.value.visited);
    let due: Vec<_> = due
        .into_iter()
        .map(|row| {
            let waiting = agenda.remove(&row.value.partition).unwrap_or_default();
            (row, waiting)
        })
        .collect();
    seen.iter().chain(&resting).for_each(|row| drop(agenda.remove(&row.value.partition)));
    let visited: Vec<Option<VisitReport>> = stream::iter(due)
        .map(|(row, waiting)| async move {
            if round.is_over() {
                Ok(None)
            } else {
                visit(app, name, context, &row, &waiting, kept).await.map(Some)
            }
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let is_cut = visited.iter().any(Option::is_none);
    let is_whole = !is_cut && seen.is_empty();
    // Of sessions that are not listed.
    let strays = agenda.into_values().flatten().filter_map(|one| Some((one.at, one.enrolment?)));
    stream::iter(strays)
        .map(|(at, enrolment)| async move { visit_wakeup(app, context, &at, &enrolment, now).await })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect::<()>()
        .await?;

    // Sessions that rest count as they were seen last; an alert that is younger than that is not theirs to
    // take back.
    let mut expired = visited.iter().flatten().any(|seen| seen.expired);
    let unknown = visited.iter().flatten().any(|seen| seen.unknown);
    let mut oldest = now;
    for row in resting.into_iter().chain(seen) {
        expired |= row.value.expired;
        oldest = row.value.visited.map_or(oldest, |at| oldest.min(at));
    }
    if !expired && !is_cut {
        alerts::resolve_since(&app.ledger, name, AlertKind::Expired, oldest).await?;
        alerts::resolve_since(&app.ledger, name, AlertKind::DeclinedLate, oldest).await?;
    }
    // Whose calendars can't be read is looked for: it does not rest.
    if !unknown && is_whole {
        alerts::none_left(&app.ledger, name, AlertKind::PartsUnknown).await?;
    }
    persons(app, name).await?;
    Ok(if is_cut { TenantTurn::Cut } else { TenantTurn::Done })
}

/// Each that waits for a person has its entry on the agenda.
async fn persons(app: &AppContext, name: &TenantName) -> Result<(), StoreError> {
    let waiting = agenda::waiting_for_person(&app.ledger, name).await?;
    for (kind, is_take_back) in [(AlertKind::Review, false), (AlertKind::TakeBack, true)] {
        if !waiting.iter().any(|row| row.entry.what.is_take_back() == is_take_back) {
            alerts::none_left(&app.ledger, name, kind).await?;
        }
    }
    Ok(())
}
