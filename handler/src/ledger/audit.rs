//! The append-only audit.

use crate::enrolment::enrolment::{Enrolment, Line};
use crate::ids::{SessionId, TenantName, hash};
use crate::ledger::Ledger;
use crate::ledger::agenda::stamp;
use crate::ledger::enrolment_ids::id_of;
use crate::store::{Op, StoreError, Table, typed};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A line of the append-only audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditLine {
    pub tenant: TenantName,
    /// The enrolment's id in the management JSON.
    pub enrolment: String,
    pub session: SessionId,
    pub generation: u32,
    pub n: u32,
    pub at: DateTime<Utc>,
    pub by: String,
    pub text: String,
}

/// Files the story's lines that may not be in the audit yet, those of a day in one go. Keys and texts come
/// from the lines, so filing twice is harmless.
pub async fn file(ledger: &Ledger, row: &Enrolment) -> Result<(), StoreError> {
    let id = id_of(&row.reference());
    let mut days: BTreeMap<String, Vec<Op>> = BTreeMap::new();
    for line in row.story.iter().filter(|line| line.n > row.filed) {
        let partition = day(&row.tenant, line.at);
        let key = format!("{}~{}~{}~{:06}", stamp(line.at), hash(&id), row.generation, line.n);
        let entity = typed::entity(&activity(row, &id, line))?;
        days.entry(partition).or_default().push(Op::Put { row: key, entity });
    }
    for (day, lines) in days {
        ledger.tables.batch(Table::Activity, &day, lines).await?;
    }
    Ok(())
}

fn activity(row: &Enrolment, id: &str, line: &Line) -> AuditLine {
    AuditLine {
        tenant: row.tenant.clone(),
        enrolment: id.to_owned(),
        session: row.session.clone(),
        generation: row.generation,
        n: line.n,
        at: line.at,
        by: line.by.clone(),
        text: line.text.clone(),
    }
}

/// Appends a line about no single place: what somebody did, and why.
pub async fn append(ledger: &Ledger, tenant: &TenantName, by: &str, text: &str) -> Result<(), StoreError> {
    let at = ledger.clock.now();
    let line = AuditLine {
        tenant: tenant.clone(),
        enrolment: "-".to_owned(),
        session: SessionId::new("-"),
        generation: 0,
        n: 0,
        at,
        by: by.to_owned(),
        text: text.to_owned(),
    };
    let key = format!("{}~{}", stamp(at), hash(&format!("{text}{}", Uuid::new_v4())));
    let partition = day(tenant, at);
    typed::insert_if_absent(ledger.tables.as_ref(), Table::Activity, &partition, &key, &line)
        .await
        .map(|_| ())
}

fn day(tenant: &TenantName, at: DateTime<Utc>) -> String {
    format!("{tenant}~{}", at.format("%Y-%m-%d"))
}
