//! What has come to its end goes also while a tenant is switched off: how long something is kept is promised
//! to people, and does not rest because a connection does.
//!
//! Guarantees: nobody is called, woken or told, and nothing is touched that is younger than its time. Once a
//! day for each tenant, session by session; one that was cut short goes on in the next hour where it stopped,
//! and one that was killed begins again with what is left.

use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::session_visit::{HousekeepingReport, visit_while_off};
use crate::jobs::operate::{stale_links, stale_tokens};
use crate::jobs::publish::retention;
use crate::jobs::timer_run::{TenantTurn, TimerRun};
use crate::ledger::tenant_rows::Singleton;
use crate::ledger::{consents, decisions, sessions};
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

/// Sessions that are looked after side by side.
const SIDE_BY_SIDE: usize = 8;

/// Of a round's time, for the sessions: what is left is for the rest, and for writing down how far it came.
const SHARE: f64 = 0.7;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LastRun {
    /// When a round came to its end last.
    ended: Option<DateTime<Utc>>,
    /// With the session of this partition the next one goes on.
    from: Option<String>,
}

/// Housekeeping has its own: on again, a tenant has a whole round at once.
const LAST: Singleton<LastRun> = Singleton::new("kept-while-off");

/// Unless that was done within `rest`.
pub(super) async fn keep(
    app: &AppContext,
    context: &TenantContext,
    round: TimerRun,
    rest: Option<Duration>,
    kept: &Mutex<HousekeepingReport>,
) -> Result<TenantTurn, JobError> {
    let (ledger, name, now) = (&app.ledger, &context.tenant.name, app.ledger.clock.now());
    let last = LAST.if_readable(ledger, name).await?;
    let (ended, from) = last.map_or((None, None), |last| (last.ended, last.from));
    if from.is_none() && ended.zip(rest).is_some_and(|(ended, rest)| ended + rest > now) {
        return Ok(TenantTurn::Done);
    }
    let mut failure: Option<JobError> = None;
    let mut note = |step: &'static str, failed: JobError| {
        tracing::warn!(tenant = %name, step, %failed, "a step of housekeeping failed");
        failure.get_or_insert(failed);
    };
    match places(app, context, round.part("retention", SHARE), from, kept).await {
        Ok(Some(next)) => {
            LAST.update(ledger, name, |_| Some(LastRun { ended, from: Some(next.clone()) })).await?;
            return Ok(TenantTurn::Cut);
        }
        Ok(None) => {}
        Err(failed) => note("sessions", failed),
    }
    if let Err(failed) = stale_links::sweep(app, context).await {
        note("leftovers", failed.into());
    }
    if let Err(failed) = consents::forget_requests(ledger, name).await {
        note("consent", failed.into());
    }
    if let Err(failed) = retention::forget(app, context).await {
        note("publishing", failed.into());
    }
    if let Err(failed) = stale_tokens::tidy(context).await {
        note("refresh tokens", failed.into());
    }
    if let Err(failed) = decisions::forget(ledger, name, context.tenant.policy.brake.within).await {
        note("brake", failed.into());
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    LAST.update(ledger, name, |_| Some(LastRun { ended: Some(now), from: None })).await?;
    Ok(TenantTurn::Done)
}

/// From this session on; gives the one for which there was no time. One that came to rest has nothing to let
/// go of before its time ([`sessions::SessionRow`]).
async fn places(
    app: &AppContext,
    context: &TenantContext,
    round: TimerRun,
    from: Option<String>,
    kept: &Mutex<HousekeepingReport>,
) -> Result<Option<String>, JobError> {
    let now = app.ledger.clock.now();
    let mut due = sessions::readable(&app.ledger, &context.tenant.name).await?;
    due.retain(|row| row.value.rests_until.is_none_or(|until| until <= now));
    due.retain(|row| from.as_ref().is_none_or(|from| row.value.partition >= *from));
    due.sort_by(|one, other| one.value.partition.cmp(&other.value.partition));
    let cut: Vec<Option<String>> = stream::iter(due)
        .map(|row| async move {
            if round.is_over() {
                return Ok::<_, JobError>(Some(row.value.partition));
            }
            visit_while_off(app, context, &row, kept).await.map(|()| None)
        })
        .buffered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    Ok(cut.into_iter().flatten().next())
}
