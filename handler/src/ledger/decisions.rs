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

/// The most that one batch of the store takes.
const BATCH: usize = 100;

/// A learner whose unsent cancellations are held back until a person opens the valve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) since: DateTime<Utc>,
}

pub(crate) fn decisions(tenant: &TenantName) -> String {
    format!("{tenant}~decisions")
}

pub(crate) fn held(tenant: &TenantName) -> String {
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
    let rows: Vec<Read<Counted>> = typed::scan(tables, Table::Connections, &decisions(tenant), range, most).await?;
    Ok(rows.into_iter().map(|read| read.value).collect())
}

/// Takes back a count whose decision was not written.
pub async fn uncount(ledger: &Ledger, tenant: &TenantName, key: &str) -> Result<(), StoreError> {
    ledger.tables.delete(Table::Connections, &decisions(tenant), key, None).await
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
