//! For whom the policy acts: everybody, nobody (mode `observe`), or the learners that `policy.only` names,
//! while the others are observed (reference/rules.md#pilot).

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::PolicyMode;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::directory;
use crate::jobs::{JobError, alerting};
use crate::ledger::links;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollout {
    Act,
    Observe,
    /// The directory does not say now whether the learner is among `policy.only`.
    Unknown,
}

/// Whether this enrolment's cancellation is for the LMS. A learner whose mailbox is not known is not among
/// `policy.only`.
pub async fn acts_for(
    app: &AppContext,
    context: &TenantContext,
    row: &Enrolment,
) -> Result<Rollout, JobError> {
    let only = match (context.tenant.policy.mode, &context.tenant.policy.only) {
        (PolicyMode::Observe, _) => return Ok(Rollout::Observe),
        (PolicyMode::Act, None) => return Ok(Rollout::Act),
        (PolicyMode::Act, Some(only)) => only,
    };
    let members = match context.users.named(|| directory::named(context, only)).await {
        Ok(members) => members,
        Err(failure) => {
            tracing::warn!(tenant = %context.tenant.name, trouble = %failure, "the directory can't say who \
                is in policy.only");
            alerting::graph_failure(app, context, &failure).await?;
            return Ok(Rollout::Unknown);
        }
    };
    for part in &row.parts {
        if let Some(link) = links::load(&app.ledger, &part.link).await?
            && members.contains(&link.mailbox)
        {
            return Ok(Rollout::Act);
        }
    }
    Ok(Rollout::Observe)
}
