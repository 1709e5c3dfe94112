//! A ledger that somebody watches: each call goes on to another ledger, and is told to an observer first, who
//! may take time for it or refuse it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::store::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use std::sync::Arc;
use strum::IntoStaticStr;

/// What is asked of a ledger: a transaction, as the service bills it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum Asked {
    Get,
    Insert,
    Replace,
    Delete,
    Scan,
    Across,
    /// So many operations at once.
    Batch(usize),
}

/// The same by what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Get,
    Scan,
    Write,
}

impl Asked {
    pub fn name(self) -> &'static str {
        self.into()
    }

    pub fn sort(self) -> Sort {
        match self {
            Self::Get => Sort::Get,
            Self::Scan | Self::Across => Sort::Scan,
            Self::Insert | Self::Replace | Self::Delete | Self::Batch(_) => Sort::Write,
        }
    }
}

#[async_trait]
pub trait Observer: Send + Sync + 'static {
    /// Before each call. An error is the call's answer.
    async fn asked(&self, asked: Asked, table: Table, partition: &str) -> Result<(), StoreError>;

    /// The ledger's clock, which rides on the answers to all the others.
    fn now(&self) -> DateTime<Utc>;
}

pub struct Observed<O> {
    /// For who looks at it from outside.
    pub inner: Arc<dyn Tables>,
    pub observer: O,
}

impl<O> Observed<O> {
    pub fn new(inner: Arc<dyn Tables>, observer: O) -> Self {
        Self { inner, observer }
    }
}

#[async_trait]
impl<O: Observer> Tables for Observed<O> {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        self.observer.asked(Asked::Get, table, partition).await?;
        self.inner.get(table, partition, row).await
    }

    async fn insert(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
    ) -> Result<Etag, StoreError> {
        self.observer.asked(Asked::Insert, table, partition).await?;
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
        self.observer.asked(Asked::Replace, table, partition).await?;
        self.inner.replace(table, partition, row, entity, etag).await
    }

    async fn delete(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        etag: Option<&Etag>,
    ) -> Result<(), StoreError> {
        self.observer.asked(Asked::Delete, table, partition).await?;
        self.inner.delete(table, partition, row, etag).await
    }

    async fn scan(
        &self,
        table: Table,
        partition: &str,
        range: RowRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.observer.asked(Asked::Scan, table, partition).await?;
        self.inner.scan(table, partition, range, limit).await
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        let from = partitions.from.clone().unwrap_or_default();
        self.observer.asked(Asked::Across, table, &from).await?;
        self.inner.across(table, partitions, limit).await
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        self.observer.asked(Asked::Batch(ops.len()), table, partition).await?;
        self.inner.batch(table, partition, ops).await
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        Ok(self.observer.now())
    }
}
