//! The ledger in memory: fast, and gone with the process. For tests of what stands on [`Tables`]; it passes
//! the same conformance checks as the real stores.

use super::rules;
use super::table::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use crate::clock::Clock;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use parking_lot::{Mutex, MutexGuard};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

type Key = (&'static str, String, String);

pub struct MemoryTables {
    rows: Mutex<Rows>,
    clock: Arc<dyn Clock>,
}

#[derive(Default)]
struct Rows {
    rows: BTreeMap<Key, (Etag, Entity)>,
    written: u64,
}

impl MemoryTables {
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { rows: Mutex::default(), clock }
    }

    fn lock(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock()
    }
}

impl Rows {
    fn insert(&mut self, key: Key, entity: Entity) -> Result<Etag, StoreError> {
        self.expect_none(&key)?;
        Ok(self.put(key, entity))
    }

    fn replace(&mut self, key: Key, entity: Entity, etag: &Etag) -> Result<Etag, StoreError> {
        self.expect(&key, etag)?;
        Ok(self.put(key, entity))
    }

    fn delete(&mut self, key: &Key, etag: Option<&Etag>) -> Result<(), StoreError> {
        if let Some(etag) = etag {
            self.expect(key, etag)?;
        }
        self.rows.remove(key);
        Ok(())
    }

    fn expect(&self, key: &Key, etag: &Etag) -> Result<(), StoreError> {
        match self.rows.get(key) {
            Some((there, _)) if there == etag => Ok(()),
            Some(_) | None => Err(StoreError::Stale),
        }
    }

    fn expect_none(&self, key: &Key) -> Result<(), StoreError> {
        if self.rows.contains_key(key) { Err(StoreError::Exists) } else { Ok(()) }
    }

    fn put(&mut self, key: Key, entity: Entity) -> Etag {
        self.written += 1;
        let etag = Etag(self.written.to_string());
        self.rows.insert(key, (etag.clone(), entity));
        etag
    }
}

fn key(table: Table, partition: &str, row: &str) -> Key {
    (table.name(), partition.to_owned(), row.to_owned())
}

#[async_trait]
impl Tables for MemoryTables {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        rules::keys(partition, row)?;
        let found = self.lock().rows.get(&key(table, partition, row)).cloned();
        Ok(found.map(|(etag, entity)| Row {
            partition: partition.to_owned(),
            row: row.to_owned(),
            etag,
            entity,
        }))
    }

    async fn insert(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
    ) -> Result<Etag, StoreError> {
        rules::entity(partition, row, &entity)?;
        self.lock().insert(key(table, partition, row), entity)
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
        self.lock().replace(key(table, partition, row), entity, etag)
    }

    async fn delete(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        etag: Option<&Etag>,
    ) -> Result<(), StoreError> {
        rules::keys(partition, row)?;
        self.lock().delete(&key(table, partition, row), etag)
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
        let from = key(table, partition, range.from.as_deref().unwrap_or(""));
        let held = self.lock();
        let mut page = Page::default();
        for ((name, of, row), (etag, entity)) in held.rows.range((Bound::Included(from), Bound::Unbounded)) {
            if *name != table.name() || of != partition || range.to.as_ref().is_some_and(|to| row >= to) {
                break;
            }
            if page.rows.len() == limit {
                page.next = Some(row.clone());
                break;
            }
            page.rows.push(Row {
                partition: of.clone(),
                row: row.clone(),
                etag: etag.clone(),
                entity: entity.clone(),
            });
        }
        Ok(page)
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        rules::limit(limit)?;
        let from = key(table, partitions.from.as_deref().unwrap_or(""), "");
        let held = self.lock();
        let rows = held.rows.range((Bound::Included(from), Bound::Unbounded));
        let wanted = rows.take_while(|((name, of, _), _)| {
            *name == table.name() && partitions.to.as_ref().is_none_or(|to| of < to)
        });
        let row = |((_, of, row), (etag, entity)): (&Key, &(Etag, Entity))| Row {
            partition: of.clone(),
            row: row.clone(),
            etag: etag.clone(),
            entity: entity.clone(),
        };
        Ok(wanted.take(limit).map(row).collect())
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        rules::batch(partition, &ops)?;
        let mut held = self.lock();
        // No row is in a batch twice, so what is expected of each holds until its turn.
        for op in &ops {
            match op {
                Op::Insert { row, .. } => held.expect_none(&key(table, partition, row))?,
                Op::Put { .. } => {}
                Op::Replace { row, etag, .. } | Op::Delete { row, etag } => {
                    held.expect(&key(table, partition, row), etag)?;
                }
            }
        }
        for op in ops {
            match op {
                Op::Insert { row, entity } | Op::Put { row, entity } | Op::Replace { row, entity, .. } => {
                    held.put(key(table, partition, &row), entity);
                }
                Op::Delete { row, .. } => {
                    held.rows.remove(&key(table, partition, &row));
                }
            }
        }
        Ok(())
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        Ok(self.clock.now())
    }
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
