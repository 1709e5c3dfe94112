//! Counts decisions for the brake. A decision is counted, and the brake tripped, before the decision is written: killed in
//! between, at worst a person is asked once too often.

use crate::enrolment::brake::{Counted, Trip, judge};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::ids::{LearnerKey, TenantName, hash};
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::agenda::stamp;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::decisions::{Held, counted_since, decisions, held};
use crate::ledger::{enrolment_ids, valves};
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use std::collections::BTreeSet;

/// True when writing `next` over `old` decides a cancellation that was not decided before.
pub fn is_new_decision(old: Option<&Enrolment>, next: &Enrolment) -> bool {
    let decided = |row: &Enrolment| row.decision.as_ref().map(|decision| decision.decided_at);
    next.state == State::Waiting && decided(next).is_some() && old.and_then(decided) != decided(next)
}

/// Counts the decision that is about to be written, and closes what it trips. Gives the key under which it was counted, for
/// [`crate::ledger::decisions::uncount`] when the write is lost to somebody else.
pub async fn count(app: &AppContext, context: &TenantContext, next: &Enrolment) -> Result<String, StoreError> {
    let tables = app.ledger.tables.as_ref();
    let (tenant, brake) = (&next.tenant, context.tenant.policy.brake);
    let now = app.ledger.clock.now();
    let learner = hash(next.learner.as_str());
    let key = format!("{}~{}~{}", stamp(now), hash(&enrolment_ids::id_of(&next.reference())), next.generation);
    let counted = Counted { at: now, learner: learner.clone() };
    typed::insert_if_absent(tables, Table::Connections, &decisions(tenant), &key, &counted).await?;

    let mut trip = judge(&counted_since(&app.ledger, tenant, brake, None, now).await?, &learner, brake);
    if trip != Trip::No {
        // A person may have opened the valve within the window: what they have seen doesn't count.
        let opened = valves::valve(&app.ledger, tenant, now).await?.opened;
        trip = judge(&counted_since(&app.ledger, tenant, brake, opened, now).await?, &learner, brake);
    }
    match trip {
        Trip::No => {}
        Trip::Learner => {
            typed::insert_if_absent(tables, Table::Connections, &held(tenant), &learner, &Held { since: now }).await?;
            alerts::raise(&app.ledger, tenant, AlertKind::Brake).await?;
        }
        Trip::Tenant => {
            let why = format!("more than {} decisions within {} minutes", brake.decisions, brake.within.num_minutes());
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

/// All who are held back, each by a hash of what the LMS knows them by: a handful, or the brake is no brake.
pub async fn held_learners(app: &AppContext, tenant: &TenantName) -> Result<BTreeSet<String>, StoreError> {
    let (tables, partition) = (app.ledger.tables.as_ref(), held(tenant));
    let (mut found, mut range) = (BTreeSet::new(), RowRange::all());
    loop {
        let page = tables.scan(Table::Connections, &partition, range.clone(), 1000).await?;
        found.extend(page.rows.into_iter().map(|row| row.row));
        match page.next {
            Some(next) => range.from = Some(next),
            None => return Ok(found),
        }
    }
}

/// Whether this learner is among them.
pub fn holds(learners: &BTreeSet<String>, learner: &LearnerKey) -> bool {
    learners.contains(&hash(learner.as_str()))
}

/// A person has opened the valve: nobody is held back any more.
pub async fn release(app: &AppContext, tenant: &TenantName) -> Result<(), StoreError> {
    let tables = app.ledger.tables.as_ref();
    let rows: Vec<Read<Held>> =
        typed::scan(tables, Table::Connections, &held(tenant), RowRange::all(), usize::MAX).await?;
    for row in rows {
        tables.delete(Table::Connections, &row.partition, &row.row, None).await?;
    }
    alerts::resolve(&app.ledger, tenant, AlertKind::Brake).await
}
