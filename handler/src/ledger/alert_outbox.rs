//! The message about alerts that is on its way to people: one row for each who is told (the deployment, or a
//! tenant that has channels of its own), so that a channel that is down holds up one message, and what comes
//! meanwhile is gathered into the next.
//!
//! Guarantees: a message is written before it is sent, and what becomes of it by the very version that was
//! read: of two that send at the same time one goes on.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::store::typed::{self, Read};
use crate::store::{StoreError, Table};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const ROW: &str = "message";

/// What is remembered for who is told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outbox {
    #[serde(default)]
    pub message: Option<Outgoing>,
    /// Since when somebody is to be told: what was over before is no news.
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
    /// What of the messages of the last hours is left, in thousandths, and as of when.
    #[serde(default)]
    pub pace: Option<Pace>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    pub left: u32,
    pub at: DateTime<Utc>,
}

/// A message as it is sent: its id and what it says stay the same however often it is tried.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outgoing {
    pub id: String,
    pub made: DateTime<Utc>,
    pub items: Vec<Item>,
    /// It may be on its way: nobody has written down yet what came of the last try.
    #[serde(default)]
    pub sending: bool,
    /// When it is tried next.
    pub due: DateTime<Utc>,
    #[serde(default)]
    pub tries: u32,
    /// By channel: what came of the last try.
    #[serde(default)]
    pub asked: BTreeMap<String, Asked>,
    /// The channel that took it. What is left is to write down that it was told.
    #[serde(default)]
    pub taken: Option<Taken>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    pub by: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub at: DateTime<Utc>,
    pub why: String,
    /// So many tries in a row after which nobody knows whether it was taken.
    #[serde(default)]
    pub unknown: u32,
}

/// One thing that a message says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Item {
    pub tenant: TenantName,
    /// An alert's kind, or `connected`.
    pub kind: String,
    pub news: News,
    /// What is true when it is said.
    pub is_open: bool,
    pub opened: u64,
    /// How many things the alert is about.
    #[serde(default)]
    pub count: u64,
    #[serde(default)]
    pub since: Option<DateTime<Utc>>,
    #[serde(default)]
    pub note: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// It has opened.
    Opened,
    /// It has ended.
    Ended,
    /// It has opened and ended so often since it was told last.
    Changed { times: u64 },
    /// It is open still.
    Reminder,
    /// The tenant is connected.
    Connected,
}

impl Outgoing {
    /// Somebody may have it, so that only the same message may be tried again.
    pub fn may_be_taken(&self) -> bool {
        self.sending || self.unknown() > 0
    }

    /// So many tries of one channel in a row of which nobody knows what came.
    pub fn unknown(&self) -> u32 {
        self.asked.values().map(|asked| asked.unknown).max().unwrap_or_default()
    }
}

/// `None`: the deployment's. No tenant's name is `-`.
fn partition(route: Option<&TenantName>) -> String {
    format!("{}~outbox", route.map_or("-", TenantName::as_str))
}

/// The row as it was read; to be written back by its version.
#[derive(Debug)]
pub struct ReadOutbox {
    pub value: Outbox,
    read: Option<Read<Outbox>>,
}

pub async fn read(ledger: &Ledger, route: Option<&TenantName>) -> Result<ReadOutbox, StoreError> {
    let read: Option<Read<Outbox>> =
        typed::get(ledger.tables.as_ref(), Table::Connections, &partition(route), ROW).await?;
    let value = read.as_ref().map(|read| read.value.clone()).unwrap_or_default();
    Ok(ReadOutbox { value, read })
}

/// `None`: somebody else has written it meanwhile.
pub async fn write(
    ledger: &Ledger,
    route: Option<&TenantName>,
    old: ReadOutbox,
    next: Outbox,
) -> Result<Option<ReadOutbox>, StoreError> {
    let (tables, partition, entity) = (ledger.tables.as_ref(), partition(route), typed::entity(&next)?);
    let written = match &old.read {
        Some(read) => tables.replace(Table::Connections, &partition, ROW, entity, &read.etag).await,
        None => tables.insert(Table::Connections, &partition, ROW, entity).await,
    };
    match written {
        Ok(etag) => {
            let read = Read { partition, row: ROW.to_owned(), etag, value: next.clone() };
            Ok(Some(ReadOutbox { value: next, read: Some(read) }))
        }
        Err(lost) if lost.is_lost_race() => Ok(None),
        Err(other) => Err(other),
    }
}
