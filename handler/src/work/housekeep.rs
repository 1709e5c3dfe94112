//! `housekeeping`: re-derives what a kill may have lost, and lets go of what is over.
//!
//! Guarantees: after it, every row has the wake-ups that its state needs and its story is in the audit; rows whose retention is
//! over are gone, links first, so that nothing personal outlives it.

use crate::calendar::link::Link;
use crate::cancellation::agenda;
use crate::cancellation::enrolment::Enrolment;
use crate::cancellation::table::State;
use crate::ids::{TenantName, hash};
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use crate::work::desk::{Desk, Office};
use crate::work::{WorkError, alerts, brake, ledger};
use chrono::{DateTime, Utc};

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub enrolments: usize,
    pub wakeups_restored: usize,
    pub forgotten: usize,
}

pub async fn housekeep(office: &Office) -> Result<Kept, WorkError> {
    let mut kept = Kept::default();
    for (name, desk) in &office.desks {
        tenant(office, name, desk, &mut kept).await?;
        brake::forget(office, desk).await?;
    }
    Ok(kept)
}

async fn tenant(office: &Office, name: &TenantName, desk: &Desk, kept: &mut Kept) -> Result<(), WorkError> {
    let tables = office.tables.as_ref();
    let now = office.clock.now();
    let (mut reviews, mut expired) = (0_usize, 0_usize);
    for session in ledger::sessions(tables, name).await? {
        let rows: Vec<Read<Enrolment>> =
            typed::scan(tables, Table::Enrolments, &session.partition, RowRange::all(), usize::MAX).await?;
        let mut left = rows.len();
        for row in &rows {
            if over(&row.value, desk, now) {
                forget(office, row).await?;
                kept.forgotten += 1;
                left -= 1;
                continue;
            }
            kept.enrolments += 1;
            for entry in agenda::entries(&row.value) {
                if ledger::schedule(tables, &entry).await? {
                    kept.wakeups_restored += 1;
                }
            }
            ledger::file(tables, &row.value).await?;
            match row.value.state {
                State::Review => reviews += 1,
                State::Expired => expired += 1,
                State::Watched | State::Waiting | State::Running | State::Done => {}
            }
        }
        if left == 0 && !rows.is_empty() {
            let partition = ledger::sessions_partition(name);
            tables.delete(Table::Connections, &partition, &hash(session.session.as_str()), None).await?;
        }
    }
    if reviews == 0 {
        alerts::resolve(office, name, "review").await?;
    }
    if expired == 0 {
        alerts::resolve(office, name, "expired").await?;
    }
    Ok(())
}

/// Nothing is pending, and the session has been over for the retention.
fn over(row: &Enrolment, desk: &Desk, now: DateTime<Utc>) -> bool {
    let settled = match row.state {
        State::Watched | State::Done | State::Expired | State::Review => true,
        State::Waiting | State::Running => false,
    };
    settled && row.end.is_some_and(|end| end + desk.tenant.policy.retention <= now)
}

async fn forget(office: &Office, row: &Read<Enrolment>) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    for part in &row.value.parts {
        let links: Vec<Read<Link>> =
            typed::scan(tables, Table::Links, &part.link.partition, RowRange::all(), usize::MAX).await?;
        for link in links.iter().filter(|link| link.value.session == row.value.session) {
            tables.delete(Table::Links, &link.partition, &link.row, None).await?;
        }
    }
    for entry in agenda::entries(&row.value) {
        ledger::forget(tables, &entry.reference()).await?;
    }
    match tables.delete(Table::Enrolments, &row.partition, &row.row, Some(&row.etag)).await {
        // Somebody has just written it: it is not over after all, or it is found again tomorrow.
        Err(lost) if lost.is_lost_race() => Ok(()),
        other => other,
    }
}
