//! The ledger on one SQLite file, for one machine.
//!
//! - A write is on the disk before its future is ready: WAL with `synchronous=FULL`. With `NORMAL` a commit
//!   reaches the disk only at the next checkpoint, so that a power cut could take back a cancellation that
//!   was already acknowledged.
//! - Writes that wait for one another share a flush; each is still whole or absent by itself.
//! - Several processes may have the file open at once. Writes take turns (`BEGIN IMMEDIATE`), reads never
//!   wait for them.
//! - Versions are random, not counted: neither a row that was deleted and inserted anew nor a restored backup
//!   ever gives an old version a second life.
//! - What Azure Tables would refuse is refused here too ([`super::rules`]).
//! - Deleted space goes back to the file system bit by bit, so that the file follows what it holds.
//!
//! A future that is dropped does not stop its write: it ends in full or not at all, as after a kill.

mod failure;
mod file;
mod group;
pub(crate) mod options;
mod pool;
mod statements;

use super::rules;
use super::table::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use crate::clock::Clock;
use crate::store::sqlite::options::SqliteOptions;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use pool::Pool;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// [`Tables`] on one SQLite file. Cheap to share behind an `Arc`; must be used within a tokio runtime.
pub struct SqliteTables {
    pool: Pool,
    clock: Arc<dyn Clock>,
}

impl SqliteTables {
    /// Opens the file at `path`, and makes it when there is none; its directory must be there. Blocks for
    /// some milliseconds, or for [`SqliteOptions::patience`] when others hold the file.
    ///
    /// [`StoreError::Unusable`] says what is wrong with the file or the disk and what to mend.
    pub fn open(path: impl AsRef<Path>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with(path, clock, SqliteOptions::default())
    }

    /// As [`Self::open`].
    pub fn open_with(
        path: impl AsRef<Path>,
        clock: Arc<dyn Clock>,
        options: SqliteOptions,
    ) -> Result<Self, StoreError> {
        let pool = Pool::open(PathBuf::from(path.as_ref()), options)?;
        Ok(Self { pool, clock })
    }

    /// The file that holds the ledger.
    pub fn path(&self) -> &Path {
        self.pool.path()
    }
}

#[async_trait]
impl Tables for SqliteTables {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        rules::keys(partition, row)?;
        let (partition, row) = (partition.to_owned(), row.to_owned());
        self.pool.read(move |conn| statements::get(conn, table, &partition, &row)).await
    }

    async fn insert(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
    ) -> Result<Etag, StoreError> {
        rules::entity(partition, row, &entity)?;
        let (partition, row) = (partition.to_owned(), row.to_owned());
        self.pool.write(move |conn| statements::insert(conn, table, &partition, &row, &entity)).await
    }

    async fn replace(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
        etag: &Etag,
    ) -> Result<Etag, StoreError> {
        rules::entity(partition, row, &entity)?;
        let (partition, row, etag) = (partition.to_owned(), row.to_owned(), etag.clone());
        self.pool.write(move |conn| statements::replace(conn, table, &partition, &row, &entity, &etag)).await
    }

    async fn delete(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        etag: Option<&Etag>,
    ) -> Result<(), StoreError> {
        rules::keys(partition, row)?;
        let (partition, row, etag) = (partition.to_owned(), row.to_owned(), etag.cloned());
        self.pool.write(move |conn| statements::delete(conn, table, &partition, &row, etag.as_ref())).await
    }

    async fn scan(
        &self,
        table: Table,
        partition: &str,
        range: RowRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        rules::keys(partition, "")?;
        rules::limit(limit)?;
        let partition = partition.to_owned();
        self.pool.read(move |conn| statements::scan(conn, table, &partition, &range, limit)).await
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        rules::limit(limit)?;
        self.pool.read(move |conn| statements::across(conn, table, &partitions, limit)).await
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        rules::batch(partition, &ops)?;
        if ops.is_empty() {
            return Ok(());
        }
        let partition = partition.to_owned();
        self.pool
            .write(move |conn| {
                for op in &ops {
                    match op {
                        Op::Insert { row, entity } => {
                            statements::insert(conn, table, &partition, row, entity)?;
                        }
                        Op::Put { row, entity } => statements::put(conn, table, &partition, row, entity)?,
                        Op::Replace { row, entity, etag } => {
                            statements::replace(conn, table, &partition, row, entity, etag)?;
                        }
                        Op::Delete { row, etag } => {
                            statements::delete(conn, table, &partition, row, Some(etag))?
                        }
                    }
                }
                Ok(())
            })
            .await
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        Ok(self.clock.now())
    }
}

#[cfg(test)]
mod tests;
