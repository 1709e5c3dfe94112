//! Counts decisions for the brake. A decision is counted, and the brake tripped, before the decision is written: killed in
//! between, at worst a person is asked once too often.

use crate::enrolment::brake::{Counted, Trip, counts_from, judge};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::Brake;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::ValveState;
use crate::enrolment::wakeups::stamp;
use crate::ids::{LearnerKey, TenantName, hash};
use crate::jobs::cancel::dispatch;
use crate::jobs::context::{Desk, Office};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::enrolments;
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most that one batch of the store takes.
const BATCH: usize = 100;

/// A learner whose unsent cancellations are held back until a person opens the valve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Held {
    since: DateTime<Utc>,
}

fn decisions(tenant: &TenantName) -> String {
    format!("{tenant}~decisions")
}

fn held(tenant: &TenantName) -> String {
    format!("{tenant}~held")
}

/// True when writing `next` over `old` decides a cancellation that was not decided before.
pub fn is_new_decision(old: Option<&Enrolment>, next: &Enrolment) -> bool {
    let decided = |row: &Enrolment| row.decision.as_ref().map(|decision| decision.decided_at);
    next.state == State::Waiting && decided(next).is_some() && old.and_then(decided) != decided(next)
}

/// Counts the decision that is about to be written, and closes what it trips. Gives the key under which it was counted, for
/// [`uncount`] when the write is lost to somebody else.
pub async fn count(office: &Office, desk: &Desk, next: &Enrolment) -> Result<String, StoreError> {
    let tables = office.tables.as_ref();
    let (tenant, brake) = (&next.tenant, desk.tenant.policy.brake);
    let now = office.clock.now();
    let learner = hash(next.learner.as_str());
    let key = format!("{}~{}~{}", stamp(now), hash(&enrolments::id_of(&next.reference())), next.generation);
    let counted = Counted { at: now, learner: learner.clone() };
    typed::insert_if_absent(tables, Table::Connections, &decisions(tenant), &key, &counted).await?;

    let mut trip = judge(&counted_since(office, tenant, brake, None, now).await?, &learner, brake);
    if trip != Trip::No {
        // A person may have opened the valve within the window: what they have seen doesn't count.
        let opened = dispatch::valve(office, tenant, now).await?.opened;
        trip = judge(&counted_since(office, tenant, brake, opened, now).await?, &learner, brake);
    }
    match trip {
        Trip::No => {}
        Trip::Learner => {
            typed::insert_if_absent(tables, Table::Connections, &held(tenant), &learner, &Held { since: now }).await?;
            alerts::raise(office, tenant, AlertKind::Brake).await?;
        }
        Trip::Tenant => {
            let why = format!("more than {} decisions within {} minutes", brake.decisions, brake.within.num_minutes());
            dispatch::change_valve(office, tenant, now, |valve| {
                matches!(valve.state, ValveState::Open | ValveState::BreakerOpen).then(|| {
                    let mut next = valve.clone();
                    next.close(ValveState::Braked, why.clone(), now);
                    next
                })
            })
            .await?;
            alerts::raise(office, tenant, AlertKind::Brake).await?;
        }
    }
    Ok(key)
}

async fn counted_since(
    office: &Office,
    tenant: &TenantName,
    brake: Brake,
    opened: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Vec<Counted>, StoreError> {
    let range = RowRange { from: Some(stamp(counts_from(brake, opened, now))), to: None };
    let most = brake.decisions as usize + 1;
    let tables = office.tables.as_ref();
    let rows: Vec<Read<Counted>> = typed::scan(tables, Table::Connections, &decisions(tenant), range, most).await?;
    Ok(rows.into_iter().map(|read| read.value).collect())
}

/// Takes back a count whose decision was not written.
pub async fn uncount(office: &Office, tenant: &TenantName, key: &str) -> Result<(), StoreError> {
    office.tables.delete(Table::Connections, &decisions(tenant), key, None).await
}

/// Whether this learner's cancellations are held back.
pub async fn is_held(office: &Office, tenant: &TenantName, learner: &LearnerKey) -> Result<bool, StoreError> {
    let row = hash(learner.as_str());
    Ok(office.tables.get(Table::Connections, &held(tenant), &row).await?.is_some())
}

/// All who are held back, each by a hash of what the LMS knows them by: a handful, or the brake is no brake.
pub async fn held_learners(office: &Office, tenant: &TenantName) -> Result<BTreeSet<String>, StoreError> {
    let (tables, partition) = (office.tables.as_ref(), held(tenant));
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
pub async fn release(office: &Office, tenant: &TenantName) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    let rows: Vec<Read<Held>> =
        typed::scan(tables, Table::Connections, &held(tenant), RowRange::all(), usize::MAX).await?;
    for row in rows {
        tables.delete(Table::Connections, &row.partition, &row.row, None).await?;
    }
    alerts::resolve(office, tenant, AlertKind::Brake).await
}

/// Lets go of counts that no window reaches any more, some at a time: after a busy day they are many.
pub async fn forget(office: &Office, desk: &Desk) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    let partition = decisions(&desk.tenant.name);
    let before = RowRange::before(stamp(office.clock.now() - desk.tenant.policy.brake.within));
    loop {
        let page = tables.scan(Table::Connections, &partition, before.clone(), BATCH).await?;
        let is_last = page.next.is_none();
        let ops: Vec<Op> = page.rows.into_iter().map(|row| Op::Delete { row: row.row, etag: row.etag }).collect();
        if !ops.is_empty() {
            match tables.batch(Table::Connections, &partition, ops).await {
                // Somebody takes one of them back at this moment; the next run finds the others.
                Err(lost) if lost.is_lost_race() => return Ok(()),
                done => done?,
            }
        }
        if is_last {
            return Ok(());
        }
    }
}
