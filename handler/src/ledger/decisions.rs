//! Decisions as the brake counts them, and the learners whom it holds back.

use crate::enrolment::brake::{Counted, counts_from};
use crate::enrolment::policy::Brake;
use crate::ids::{LearnerKey, TenantName, hash};
use crate::ledger::Ledger;
use crate::ledger::agenda::stamp;
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table};
use chrono::{DateTime, Duration, Utc};
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

pub(crate) async fn counted_since(
    ledger: &Ledger,
    tenant: &TenantName,
    brake: Brake,
    opened: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Vec<Counted>, StoreError> {
    let range = RowRange { from: Some(stamp(counts_from(brake, opened, now))), to: None };
    let most = brake.decisions as usize + 1;
    let tables = ledger.tables.as_ref();
    let rows: Vec<Read<Counted>> =
        typed::scan(tables, Table::Connections, &decisions(tenant), range, most).await?;
    Ok(rows.into_iter().map(|read| read.value).collect())
}

/// Counts a decision.
pub async fn count(
    ledger: &Ledger,
    tenant: &TenantName,
    key: &str,
    counted: &Counted,
) -> Result<(), StoreError> {
    typed::insert_if_absent(ledger.tables.as_ref(), Table::Connections, &decisions(tenant), key, counted)
        .await
        .map(|_| ())
}

/// Takes back a count whose decision was not written.
pub async fn uncount(ledger: &Ledger, tenant: &TenantName, key: &str) -> Result<(), StoreError> {
    ledger.tables.delete(Table::Connections, &decisions(tenant), key, None).await
}

/// Holds a learner back, who is named by a hash of what the LMS knows them by.
pub async fn hold(
    ledger: &Ledger,
    tenant: &TenantName,
    learner: &str,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    typed::insert_if_absent(
        ledger.tables.as_ref(),
        Table::Connections,
        &held(tenant),
        learner,
        &Held { since },
    )
    .await
    .map(|_| ())
}

/// All who are held back, each by that hash: a handful, or the brake is no brake.
pub async fn held_learners(ledger: &Ledger, tenant: &TenantName) -> Result<BTreeSet<String>, StoreError> {
    let (mut found, mut range) = (BTreeSet::new(), RowRange::all());
    loop {
        let page = ledger.tables.scan(Table::Connections, &held(tenant), range.clone(), 1000).await?;
        found.extend(page.rows.into_iter().map(|row| row.row));
        match page.next {
            Some(next) => range.from = Some(next),
            None => return Ok(found),
        }
    }
}

/// Nobody is held back any more.
pub async fn release(ledger: &Ledger, tenant: &TenantName) -> Result<(), StoreError> {
    let tables = ledger.tables.as_ref();
    let rows: Vec<Read<Held>> =
        typed::scan(tables, Table::Connections, &held(tenant), RowRange::all(), usize::MAX).await?;
    for row in rows {
        tables.delete(Table::Connections, &row.partition, &row.row, None).await?;
    }
    Ok(())
}

/// Whether this learner's cancellations are held back.
pub async fn is_held(ledger: &Ledger, tenant: &TenantName, learner: &LearnerKey) -> Result<bool, StoreError> {
    let row = hash(learner.as_str());
    Ok(ledger.tables.get(Table::Connections, &held(tenant), &row).await?.is_some())
}

/// Lets go of counts that no window reaches any more, some at a time: after a busy day they are many.
pub async fn forget(ledger: &Ledger, tenant: &TenantName, within: Duration) -> Result<(), StoreError> {
    let tables = ledger.tables.as_ref();
    let partition = decisions(tenant);
    let before = RowRange::before(stamp(ledger.clock.now() - within));
    loop {
        let page = tables.scan(Table::Connections, &partition, before.clone(), BATCH).await?;
        let is_last = page.next.is_none();
        let ops: Vec<Op> =
            page.rows.into_iter().map(|row| Op::Delete { row: row.row, etag: row.etag }).collect();
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
