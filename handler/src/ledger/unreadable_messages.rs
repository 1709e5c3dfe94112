//! Messages that nobody can read, kept for a person.

use crate::ids::TenantName;
use crate::store::{Row, RowRange, StoreError, Table, Tables};
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

/// Partition of the agenda that holds unreadable messages. Without `~`: a tenant may be called so.
pub const UNREADABLE: &str = "unreadable";

/// The kept messages that name this tenant.
pub async fn kept_of(tables: &dyn Tables, tenant: &TenantName) -> Result<Vec<Row>, StoreError> {
    let mut found = Vec::new();
    let mut range = RowRange::all();
    loop {
        let page = tables.scan(Table::Agenda, UNREADABLE, range, 1000).await?;
        found.extend(page.rows.into_iter().filter(|row| names(row, tenant)));
        match page.next {
            Some(next) => range = RowRange { from: Some(next), to: None },
            None => return Ok(found),
        }
    }
}

/// By its text, which may be cut off or no JSON at all.
fn names(row: &Row, tenant: &TenantName) -> bool {
    let text: String =
        row.entity.get("text").and_then(serde_json::Value::as_str).unwrap_or_default().split_whitespace().collect();
    text.contains(&format!("\"tenant\":\"{tenant}\""))
}
