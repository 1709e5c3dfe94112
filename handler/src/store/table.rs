//! The small table trait on which the ledger stands: what Azure Tables can do, and nothing more.
//!
//! Guarantees every implementation gives: a write is durable when its future is ready; `replace` and `delete`
//! with an [`Etag`] succeed only on the very version that was read; a batch is all or nothing; rows of one
//! partition come back ordered by row key, byte by byte.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use strum::IntoStaticStr;
use thiserror::Error;

/// Begins the names of all tables of the ledger, so that they stand together in an account that others use
/// too.
pub const PREFIX: &str = "regrets";

/// The tables of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Table {
    Mailboxes,
    Links,
    Enrolments,
    Agenda,
    Activity,
    Connections,
}

impl Table {
    pub const ALL: [Table; 6] = [
        Table::Mailboxes,
        Table::Links,
        Table::Enrolments,
        Table::Agenda,
        Table::Activity,
        Table::Connections,
    ];

    /// Name without prefix: lower case letters only, so that Azure Tables takes it as it is.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What it is called in the storage account. Templates, scripts and documents say it so too:
    /// `infra/names.json` is made of this.
    pub fn in_account(self) -> String {
        format!("{PREFIX}{}", self.name())
    }
}

/// Opaque version of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Etag(pub String);

/// Properties of a row. Top-level values become table properties; nested ones are stored as JSON text.
pub type Entity = Map<String, Value>;

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub partition: String,
    pub row: String,
    pub etag: Etag,
    pub entity: Entity,
}

/// Row keys from `from` (included) to `to` (excluded); `None` leaves that end open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowRange {
    pub from: Option<String>,
    pub to: Option<String>,
}

impl RowRange {
    pub fn all() -> Self {
        Self::default()
    }

    /// Every row key that starts with `prefix`.
    pub fn prefix(prefix: &str) -> Self {
        // '\u{10FFFF}' is above every character a key may hold, in UTF-8 order as in UTF-16's for our ASCII
        // keys.
        Self { from: Some(prefix.to_owned()), to: Some(format!("{prefix}\u{10FFFF}")) }
    }

    pub fn before(to: impl Into<String>) -> Self {
        Self { from: None, to: Some(to.into()) }
    }
}

/// One page of a scan. `next` is where to go on: pass it as the next range's `from`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    pub rows: Vec<Row>,
    pub next: Option<String>,
}

/// One operation of a batch; all of a batch are in one table and one partition, at most 100, each row once.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    Insert {
        row: String,
        entity: Entity,
    },
    /// Inserts the row, or puts this in the place of whatever is there: for rows whose key says all that they
    /// hold.
    Put {
        row: String,
        entity: Entity,
    },
    Replace {
        row: String,
        entity: Entity,
        etag: Etag,
    },
    Delete {
        row: String,
        etag: Etag,
    },
}

#[derive(Debug, Error)]
pub enum StoreError {
    /// An insert met an existing row.
    #[error("the row exists already")]
    Exists,
    /// A conditional write met another version, or no row at all.
    #[error("the row was changed by somebody else")]
    Stale,
    /// The store can't take writes: the disk is full, read-only, or the file is not ours. Says what to mend.
    #[error("the store can't be used: {0}")]
    Unusable(String),
    /// Try again later: throttled, locked, network.
    #[error("the store is not available now: {0}")]
    Unavailable(String),
    /// What was asked breaks the table's rules (key characters, sizes, batch limits): a defect of ours.
    #[error("the store refused the request: {0}")]
    Invalid(String),
    /// A row is there but can't be understood.
    #[error("row {table}/{partition}/{row} can't be read: {why}")]
    Corrupt { table: &'static str, partition: String, row: String, why: String },
}

impl StoreError {
    /// True when reading again and deciding again is the cure.
    pub fn is_lost_race(&self) -> bool {
        matches!(self, StoreError::Exists | StoreError::Stale)
    }
}

#[async_trait]
pub trait Tables: Send + Sync + 'static {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError>;

    /// Fails with [`StoreError::Exists`] when the row is there.
    async fn insert(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
    ) -> Result<Etag, StoreError>;

    /// Replaces the whole row; fails with [`StoreError::Stale`] when it is another version or gone.
    async fn replace(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
        etag: &Etag,
    ) -> Result<Etag, StoreError>;

    /// Deletes; `None` deletes whatever version is there and does not mind when nothing is. With an etag it
    /// fails with [`StoreError::Stale`] when the row is another version or gone.
    async fn delete(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        etag: Option<&Etag>,
    ) -> Result<(), StoreError>;

    /// Rows of one partition in key order, at most `limit` (1 to 1000).
    async fn scan(
        &self,
        table: Table,
        partition: &str,
        range: RowRange,
        limit: usize,
    ) -> Result<Page, StoreError>;

    /// The first rows, in the order of partition and row key, of all partitions from `from` (included) to
    /// `to` (excluded), at most `limit` (1 to 1000); fewer only where there are no more. It may go through
    /// much: for who tidies up ([`super::sweep`]), never for a decline.
    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError>;

    /// All or nothing. A failure names the first operation that could not be done by its kind.
    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError>;

    /// The store's own clock, by which claims run out.
    async fn now(&self) -> Result<DateTime<Utc>, StoreError>;
}
