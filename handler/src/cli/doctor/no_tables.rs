//! A ledger that can't be opened: each call says why. Whoever looks can look at all the rest.

use crate::store::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use async_trait::async_trait;
use chrono::{DateTime, Utc};

pub(in crate::cli) struct NoTables(pub(in crate::cli) String);

impl NoTables {
    fn why<T>(&self) -> Result<T, StoreError> {
        Err(StoreError::Unusable(self.0.clone()))
    }
}

#[async_trait]
impl Tables for NoTables {
    async fn get(&self, _: Table, _: &str, _: &str) -> Result<Option<Row>, StoreError> {
        self.why()
    }

    async fn insert(&self, _: Table, _: &str, _: &str, _: Entity) -> Result<Etag, StoreError> {
        self.why()
    }

    async fn replace(&self, _: Table, _: &str, _: &str, _: Entity, _: &Etag) -> Result<Etag, StoreError> {
        self.why()
    }

    async fn delete(&self, _: Table, _: &str, _: &str, _: Option<&Etag>) -> Result<(), StoreError> {
        self.why()
    }

    async fn scan(&self, _: Table, _: &str, _: RowRange, _: usize) -> Result<Page, StoreError> {
        self.why()
    }

    async fn across(&self, _: Table, _: RowRange, _: usize) -> Result<Vec<Row>, StoreError> {
        self.why()
    }

    async fn batch(&self, _: Table, _: &str, _: Vec<Op>) -> Result<(), StoreError> {
        self.why()
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        self.why()
    }
}
