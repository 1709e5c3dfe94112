//! A ledger that writes down what is asked of it, one entry for each transaction that the service would bill.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::clock::Clock;
use regrets::store::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) struct Recording {
    inner: Arc<dyn Tables>,
    clock: Arc<dyn Clock>,
    asked: Mutex<Vec<String>>,
}

impl Recording {
    /// `clock` is the one of the bench, which is ahead of the service's.
    pub(crate) fn new(inner: Arc<dyn Tables>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, clock, asked: Mutex::default() }
    }

    /// What was asked since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, what: &str, table: Table) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{what} {}", table.name()));
    }
}

#[async_trait]
impl Tables for Recording {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        self.note("get", table);
        self.inner.get(table, partition, row).await
    }

    async fn insert(&self, table: Table, partition: &str, row: &str, entity: Entity) -> Result<Etag, StoreError> {
        self.note("insert", table);
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
        self.note("replace", table);
        self.inner.replace(table, partition, row, entity, etag).await
    }

    async fn delete(&self, table: Table, partition: &str, row: &str, etag: Option<&Etag>) -> Result<(), StoreError> {
        self.note("delete", table);
        self.inner.delete(table, partition, row, etag).await
    }

    async fn scan(&self, table: Table, partition: &str, range: RowRange, limit: usize) -> Result<Page, StoreError> {
        self.note("scan", table);
        self.inner.scan(table, partition, range, limit).await
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.note("across", table);
        self.inner.across(table, partitions, limit).await
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        self.note("batch", table);
        self.inner.batch(table, partition, ops).await
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        // Rides on the answers to all the others.
        Ok(self.clock.now())
    }
}
