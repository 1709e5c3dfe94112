//! What people are told of the canary. Reads only.

use crate::jobs::canary::advance;
use crate::jobs::canary::run::{self, Run};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::canary_json;
use crate::jobs::operate::management_json as json;
use crate::ledger::enrolment_ids;
use crate::store::StoreError;

/// At a glance; `None`: the tenant has none.
pub async fn status(
    app: &AppContext,
    context: &TenantContext,
) -> Result<Option<json::CanaryStatus>, StoreError> {
    let Some(all) = all(app, context).await? else { return Ok(None) };
    let last = all.past.first();
    let state = match (last, &all.current) {
        (Some(last), _) if last.passed => "passed",
        (Some(_), _) => "failed",
        (None, Some(_)) => "running",
        (None, None) => "never",
    };
    let passed = all.past.iter().find(|run| run.passed);
    Ok(Some(json::CanaryStatus {
        state: state.to_owned(),
        session: all.session.clone(),
        under_way: all.current.as_ref().map(|run| run.state.clone()),
        passed: passed.and_then(|run| run.answered),
        seconds: passed.and_then(|run| run.seconds),
        proved: passed.map(|run| run.proved),
        failed: last.filter(|last| !last.passed).and_then(|last| last.failed.clone()),
        next: all.next,
    }))
}

pub async fn all(
    app: &AppContext,
    context: &TenantContext,
) -> Result<Option<canary_json::Canary>, StoreError> {
    let Some(canary) = &context.tenant.canary else { return Ok(None) };
    let runs = run::runs(&app.ledger, &context.tenant.name).await?;
    let next = advance::next(canary, &runs, app.ledger.clock.now());
    Ok(Some(canary_json::Canary {
        tenant: context.tenant.name.clone(),
        session: canary.session.as_str().to_owned(),
        next: next.into(),
        current: runs.current.as_ref().map(shown),
        past: runs.past.iter().map(shown).collect(),
    }))
}

fn shown(run: &Run) -> canary_json::CanaryRun {
    canary_json::CanaryRun {
        id: run.id.clone(),
        began: run.began.into(),
        by: run.by.clone(),
        state: run.state.word().to_owned(),
        passed: run.has_passed(),
        invited: run.invited.map(json::At),
        linked: run.linked.map(json::At),
        declined: run.declined.map(json::At),
        answered: run.answered.map(json::At),
        seconds: run.took().map(|took| took.num_seconds()),
        outcome: run.answer.map(|answer| answer.word().to_owned()),
        proved: run.is_proved(),
        given_back: run.given_back.clone(),
        failed: run.failed.as_ref().map(|failed| json::CanaryFailure {
            stage: failed.stage.word().to_owned(),
            why: failed.why.clone(),
            step: failed.stage.step().to_owned(),
            at: failed.at.into(),
        }),
        trouble: run.trouble.clone(),
        left_behind: run.left_behind.clone(),
        enrolment: run.enrolment.as_ref().map(enrolment_ids::id_of),
    }
}
