//! What killed workers have left behind in the ledger of a stage is taken from them at once, so that nobody
//! who looks on waits for leases of minutes to run out.
//!
//! Guarantee: what was taken after the kill is left alone, so that no two live workers ever hold the same.

use crate::stage::{Stage, StageError};
use chrono::{DateTime, Duration, Utc};
use regrets::clock::{SystemClock, whole_millis};
use regrets::enrolment::enrolment::Enrolment;
use regrets::enrolment::lms_order::LEASE;
use regrets::ids::TenantName;
use regrets::ledger::mailboxes::{self, MailboxRow};
use regrets::ledger::{Ledger, enrolments, sessions};
use regrets::store::typed::{self, Read};
use regrets::store::{RowRange, StoreError, Table};
use std::sync::Arc;

/// How long somebody may maintain a mailbox before another may try.
const TENDING: Duration = Duration::minutes(5);

impl Stage {
    /// Ends the claims and leases of workers that were dead at `killed`, and the rest of mailboxes after a
    /// failure.
    pub async fn release_from_the_dead(&self, killed: DateTime<Utc>) -> Result<(), StageError> {
        let ledger = Ledger { tables: self.ledger()?, clock: Arc::new(SystemClock) };
        let tenant = TenantName::new("contoso");
        claims(&ledger, &tenant, killed).await?;
        mailboxes(&ledger, &tenant, killed).await?;
        Ok(())
    }
}

async fn claims(ledger: &Ledger, tenant: &TenantName, killed: DateTime<Utc>) -> Result<(), StoreError> {
    let now = whole_millis(Utc::now());
    let is_dead = |row: &Enrolment| {
        row.attempt.claim.as_ref().is_some_and(|claim| claim.until > now && claim.until - LEASE < killed)
    };
    for session in sessions::sessions(ledger, tenant).await? {
        let rows: Vec<Read<Enrolment>> = typed::scan(
            ledger.tables.as_ref(),
            Table::Enrolments,
            &session.partition,
            RowRange::all(),
            usize::MAX,
        )
        .await?;
        for row in rows.iter().filter(|row| is_dead(&row.value)) {
            enrolments::update(ledger, &row.value.reference(), |row| {
                let mut next = row.clone();
                let claim = next.attempt.claim.as_mut().filter(|_| is_dead(row))?;
                claim.until = now;
                Some(next)
            })
            .await?;
        }
    }
    Ok(())
}

async fn mailboxes(ledger: &Ledger, tenant: &TenantName, killed: DateTime<Utc>) -> Result<(), StoreError> {
    let now = Utc::now();
    for row in mailboxes::all(ledger, tenant).await? {
        mailboxes::update(ledger, tenant, &row.user, |row| {
            let row = row?;
            let leased_until = row.leased_until.filter(|until| *until - TENDING >= killed);
            let due = if row.failures > 0 { row.due.min(now) } else { row.due };
            let next = MailboxRow { leased_until, due, ..row.clone() };
            (next != *row).then_some(next)
        })
        .await?;
    }
    Ok(())
}
