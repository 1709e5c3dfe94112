//! Messages that nobody can read, kept for a person.

use crate::ids::{TenantName, hash};
use crate::ledger::Ledger;
use crate::store::{Row, RowRange, StoreError, Table, typed};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A message that nobody can read, kept as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unreadable {
    pub queue: String,
    pub since: DateTime<Utc>,
    pub text: String,
    pub why: String,
}

/// At most so much of an unreadable message is kept.
const KEPT: usize = 16 * 1024;

/// Partition of the agenda that holds unreadable messages. Without `~`: a tenant may be called so.
pub const UNREADABLE: &str = "unreadable";

/// Keeps a text, once. Gives the key under which it is.
pub async fn keep(ledger: &Ledger, queue: &str, text: &str, why: &str) -> Result<String, StoreError> {
    let kept: String = text.chars().take(KEPT).collect();
    let row =
        Unreadable { queue: queue.to_owned(), since: ledger.clock.now(), text: kept, why: why.to_owned() };
    let key = format!("{queue}~{}", hash(text));
    typed::insert_if_absent(ledger.tables.as_ref(), Table::Agenda, UNREADABLE, &key, &row).await?;
    Ok(key)
}

/// The kept messages that name this tenant.
pub async fn kept_of(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    let mut range = RowRange::all();
    loop {
        let page = ledger.tables.scan(Table::Agenda, UNREADABLE, range, 1000).await?;
        found.extend(page.rows.into_iter().filter(|row| names(row, tenant)));
        match page.next {
            Some(next) => range = RowRange { from: Some(next), to: None },
            None => return Ok(found),
        }
    }
}

/// By its text, which may be cut off or no JSON at all.
fn names(row: &Row, tenant: &TenantName) -> bool {
    let text: String = row
        .entity
        .get("text")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    text.contains(&format!("\"tenant\":\"{tenant}\""))
}
