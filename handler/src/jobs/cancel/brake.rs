//! Counts decisions for the brake. A decision is counted, and the brake tripped, before the decision is
//! written: killed in between, at worst a person is asked once too often.

use crate::enrolment::brake::{Counted, Trip, judge};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::ids::{LearnerKey, TenantName, hash};
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::agenda::stamp;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::decisions::{self, counted_since};
use crate::ledger::{enrolment_ids, valves};
use crate::store::StoreError;
use std::collections::BTreeSet;

/// True when writing `next` over `old` decides a cancellation that was not decided before. The canary's is no
/// learner's, and is not counted.
pub fn is_new_decision(old: Option<&Enrolment>, next: &Enrolment) -> bool {
    let decided = |row: &Enrolment| row.decision.as_ref().map(|decision| decision.decided_at);
    if next.canary {
        return false;
    }
    next.state == State::Waiting && decided(next).is_some() && old.and_then(decided) != decided(next)
}

/// Counts the decision that is about to be written, and closes what it trips. Gives the key under which it
/// was counted, for [`crate::ledger::decisions::uncount`] when the write is lost to somebody else.
pub async fn count(
    app: &AppContext,
    context: &TenantContext,
    next: &Enrolment,
) -> Result<String, StoreError> {
    let (tenant, brake) = (&next.tenant, context.tenant.policy.brake);
    let now = app.ledger.clock.now();
    let learner = hash(next.learner.as_str());
    let key =
        format!("{}~{}~{}", stamp(now), hash(&enrolment_ids::id_of(&next.reference())), next.generation);
    let counted = Counted { at: now, learner: learner.clone() };
    decisions::count(&app.ledger, tenant, &key, &counted).await?;

    let mut trip = judge(&counted_since(&app.ledger, tenant, brake, None, now).await?, &learner, brake);
    if trip != Trip::No {
        // A person may have opened the valve within the window: what they have seen doesn't count.
        let opened = valves::valve(&app.ledger, tenant, now).await?.opened;
        trip = judge(&counted_since(&app.ledger, tenant, brake, opened, now).await?, &learner, brake);
    }
    match trip {
        Trip::No => {}
        Trip::Learner => {
            decisions::hold(&app.ledger, tenant, &learner, now).await?;
            alerts::raise(&app.ledger, tenant, AlertKind::Brake).await?;
        }
        Trip::Tenant => {
            let why = format!(
                "more than {} decisions within {} minutes",
                brake.decisions,
                brake.within.num_minutes()
            );
            valves::change_valve(&app.ledger, tenant, now, |valve| {
                matches!(valve.state, ValveState::Open | ValveState::BreakerOpen).then(|| {
                    let mut next = valve.clone();
                    next.close(ValveState::Braked, why.clone(), now);
                    next
                })
            })
            .await?;
            alerts::raise(&app.ledger, tenant, AlertKind::Brake).await?;
        }
    }
    Ok(key)
}

/// Whether this learner is among them.
pub fn holds(learners: &BTreeSet<String>, learner: &LearnerKey) -> bool {
    learners.contains(&hash(learner.as_str()))
}

/// A person has opened the valve: nobody is held back any more.
pub async fn release(app: &AppContext, tenant: &TenantName) -> Result<(), StoreError> {
    decisions::release(&app.ledger, tenant).await?;
    alerts::resolve(&app.ledger, tenant, AlertKind::Brake).await
}
