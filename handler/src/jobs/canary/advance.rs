//! The planning round's turn at a tenant's canary.
//!
//! Guarantees: one test a day begins when its time has come, however late the round is, and the first one at
//! once; a test goes as far as it can within a round, each step written before the next; how one went is told
//! when it is decided, and again by whoever finds that a kill came between; a test that has passed ends the
//! alert of those before it.

use crate::canary_kit::Kit;
use crate::canary_kit::over_graph::OverGraph;
use crate::config::Canary;
use crate::ids::TenantName;
use crate::jobs::JobError;
use crate::jobs::canary::next::Step;
use crate::jobs::canary::run::{self, Run, Runs, State};
use crate::jobs::canary::step::step;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::Ledger;
use crate::ledger::alerts::{self, AlertKind};
use crate::store::StoreError;
use chrono::{DateTime, Days, Utc};
use std::sync::Arc;

/// A test has fewer.
const STEPS: usize = 20;

pub async fn advance(app: &AppContext, context: &TenantContext) -> Result<(), JobError> {
    let (ledger, name) = (&app.ledger, &context.tenant.name);
    let runs = run::runs(ledger, name).await?;
    let known = match (&context.tenant.canary, runs.current.clone()) {
        (_, Some(run)) => run,
        (Some(canary), None) => match due(canary, &runs, ledger.clock.now()) {
            None => return Ok(()),
            Some(_) => match begin(ledger, name, canary, None).await? {
                Some(run) => run,
                None => return Ok(()),
            },
        },
        (None, None) => {
            // What the last one told is over with it; where none ever ran, nothing is asked of the ledger.
            if !runs.past.is_empty() {
                alerts::resolve(ledger, name, AlertKind::Canary).await?;
            }
            return Ok(());
        }
    };
    go_on(app, context, known).await
}

async fn go_on(app: &AppContext, context: &TenantContext, mut known: Run) -> Result<(), JobError> {
    let (ledger, name) = (&app.ledger, &context.tenant.name);
    let kit: Arc<dyn Kit> = match &context.kit {
        Some(kit) => Arc::clone(kit),
        None => Arc::new(OverGraph(Arc::clone(&context.graph))),
    };
    let mut is_fresh = false;
    for _ in 0..STEPS {
        tell(app, context, &known).await?;
        let next = match step(app, context, kit.as_ref(), &known, is_fresh).await? {
            Step::Next(next) => *next,
            Step::Wait(hindered) => {
                let next = Run { trouble: hindered, ..known.clone() };
                if next != known {
                    run::replace(ledger, name, &known, &next).await?;
                }
                return Ok(());
            }
        };
        tracing::info!(
            tenant = %name,
            canary = %next.id,
            state = next.state.word(),
            failed = next.failed.as_ref().map(|failed| failed.stage.word()),
            "canary"
        );
        if !run::replace(ledger, name, &known, &next).await? {
            return Ok(());
        }
        if next.state == State::Over {
            return Ok(());
        }
        (known, is_fresh) = (next, true);
    }
    Ok(())
}

/// Once it is decided; repeated until the test is over.
async fn tell(app: &AppContext, context: &TenantContext, run: &Run) -> Result<(), StoreError> {
    let (ledger, name) = (&app.ledger, &context.tenant.name);
    match &run.failed {
        Some(_) if context.tenant.canary.is_none() => alerts::resolve(ledger, name, AlertKind::Canary).await,
        Some(failed) => {
            let stage = failed.stage;
            let step = format!(
                "The test decline got stuck at {}: {}. Next: {}.",
                stage.word(),
                failed.why.trim_end_matches('.'),
                stage.step()
            );
            alerts::raise_telling(ledger, name, AlertKind::Canary, 1, &step).await
        }
        None if run.has_passed() => alerts::resolve(ledger, name, AlertKind::Canary).await,
        None => Ok(()),
    }
}

/// Begins a test; `None`: one is under way.
pub(super) async fn begin(
    ledger: &Ledger,
    tenant: &TenantName,
    canary: &Canary,
    by: Option<String>,
) -> Result<Option<Run>, StoreError> {
    let now = ledger.clock.now();
    let id = format!("{tenant}-{}", now.format("%Y%m%d-%H%M%S%3f"));
    let run = Run::begin(id, canary.session.as_str().to_owned(), by, now);
    Ok(run::begin(ledger, tenant, &run).await?.then_some(run))
}

/// The time that has come and for which none began; `None`: none is due.
fn due(canary: &Canary, runs: &Runs, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let slot = last_slot(canary, now);
    // A person's test is none of the day's.
    let last = runs.past.iter().filter(|run| run.by.is_none()).map(|run| run.began).max();
    last.is_none_or(|last| last < slot).then_some(slot)
}

fn last_slot(canary: &Canary, now: DateTime<Utc>) -> DateTime<Utc> {
    let today = now.date_naive().and_time(canary.at).and_utc();
    if today <= now { today } else { today.checked_sub_days(Days::new(1)).unwrap_or(today) }
}

/// When the next one begins by itself.
pub(super) fn next(canary: &Canary, runs: &Runs, now: DateTime<Utc>) -> DateTime<Utc> {
    let slot = last_slot(canary, now);
    match due(canary, runs, now) {
        Some(_) => now,
        None => slot.checked_add_days(Days::new(1)).unwrap_or(slot),
    }
}
