//! For whom the policy acts: everybody, nobody (mode `observe`), or the learners that `policy.only` names, while the others are
//! observed (design, section 7).

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::PolicyMode;
use crate::jobs::WorkError;
use crate::jobs::alerting;
use crate::jobs::context::{Desk, Office};
use crate::jobs::watch::directory;
use crate::ledger::links;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pilot {
    Act,
    Observe,
    /// The directory does not say now whether the learner is among `policy.only`.
    Unknown,
}

/// Whether this enrolment's cancellation is for the LMS. A learner whose mailbox is not known is not among `policy.only`.
pub async fn acts_for(office: &Office, desk: &Desk, row: &Enrolment) -> Result<Pilot, WorkError> {
    let only = match (desk.tenant.policy.mode, &desk.tenant.policy.only) {
        (PolicyMode::Observe, _) => return Ok(Pilot::Observe),
        (PolicyMode::Act, None) => return Ok(Pilot::Act),
        (PolicyMode::Act, Some(only)) => only,
    };
    let members = match desk.people.named(|| directory::named(desk, only)).await {
        Ok(members) => members,
        Err(trouble) => {
            tracing::warn!(tenant = %desk.tenant.name, %trouble, "the directory can't say who is in policy.only");
            alerting::graph_trouble(office, desk, &trouble).await?;
            return Ok(Pilot::Unknown);
        }
    };
    for part in &row.parts {
        if let Some(link) = links::load(&office.ledger, &part.link).await?
            && members.contains(&link.mailbox)
        {
            return Ok(Pilot::Act);
        }
    }
    Ok(Pilot::Observe)
}
