//! A ledger that counts what is asked of it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::store::{Entity, Etag, Op, Page, Row, RowRange, SqliteTables, StoreError, Table, Tables};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) struct Counting {
    inner: SqliteTables,
    gets: AtomicUsize,
    scans: AtomicUsize,
    writes: AtomicUsize,
}

impl Counting {
    pub(crate) fn new(inner: SqliteTables) -> Self {
        Self { inner, gets: AtomicUsize::default(), scans: AtomicUsize::default(), writes: AtomicUsize::default() }
    }

    /// What was asked since the last look.
    pub(crate) fn take(&self) -> Value {
        let take = |count: &AtomicUsize| count.swap(0, Ordering::SeqCst);
        json!({ "point_reads": take(&self.gets), "scans": take(&self.scans), "writes": take(&self.writes) })
    }
}

fn one_more(count: &AtomicUsize) {
    count.fetch_add(1, Ordering::SeqCst);
}

#[async_trait]
impl Tables for Counting {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        one_more(&self.gets);
        self.inner.get(table, partition, row).await
    }

    async fn insert(&self, table: Table, partition: &str, row: &str, entity: Entity) -> Result<Etag, StoreError> {
        one_more(&self.writes);
        self.inner.insert(table, partition, row, entity).await
    }

    async fn replace(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
        etag: &Etag,
    ) -> Result<Etag, StoreError> {
        one_more(&self.writes);
        self.inner.replace(table, partition, row, entity, etag).await
    }

    async fn delete(&self, table: Table, partition: &str, row: &str, etag: Option<&Etag>) -> Result<(), StoreError> {
        one_more(&self.writes);
        self.inner.delete(table, partition, row, etag).await
    }

    async fn scan(&self, table: Table, partition: &str, range: RowRange, limit: usize) -> Result<Page, StoreError> {
        one_more(&self.scans);
        self.inner.scan(table, partition, range, limit).await
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        one_more(&self.scans);
        self.inner.across(table, partitions, limit).await
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        one_more(&self.writes);
        self.inner.batch(table, partition, ops).await
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        // Real time: permits are waited for in real time, at the faster pace.
        Ok(Utc::now())
    }
}
