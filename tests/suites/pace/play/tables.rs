//! The ledger: in memory, but each call takes as long as one over the network, and is counted for whoever made it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::clock::Clock;
use regrets::store::memory::MemoryTables;
use regrets::store::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

tokio::task_local! {
    /// On whose behalf the ledger is asked.
    pub(crate) static WHO: &'static str;
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Calls {
    pub(crate) gets: usize,
    pub(crate) scans: usize,
    pub(crate) writes: usize,
}

impl Calls {
    pub(crate) fn all(self) -> usize {
        self.gets + self.scans + self.writes
    }
}

#[derive(Default)]
struct Counts {
    by: BTreeMap<&'static str, Calls>,
    second: (u64, usize),
    busiest: usize,
}

pub(crate) struct Paced {
    pub(crate) inner: MemoryTables,
    clock: Arc<dyn Clock>,
    latency: Mutex<Duration>,
    counts: Mutex<Counts>,
    began: Instant,
}

impl Paced {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: MemoryTables::new(Arc::clone(&clock)),
            clock,
            latency: Mutex::default(),
            counts: Mutex::default(),
            began: Instant::now(),
        }
    }

    /// Each call takes so long from now on.
    pub(crate) fn take(&self, latency: Duration) {
        *self.latency.lock().unwrap() = latency;
    }

    /// What was asked on this one's behalf since the last look.
    pub(crate) fn calls(&self, who: &str) -> Calls {
        self.counts.lock().unwrap().by.remove(who).unwrap_or_default()
    }

    /// The most calls in a second of the clock.
    pub(crate) fn busiest_second(&self) -> usize {
        self.counts.lock().unwrap().busiest
    }

    async fn call(&self, count: impl FnOnce(&mut Calls)) {
        let latency = *self.latency.lock().unwrap();
        {
            let mut counts = self.counts.lock().unwrap();
            count(counts.by.entry(WHO.try_with(|who| *who).unwrap_or("others")).or_default());
            let now = self.began.elapsed().as_secs();
            counts.second = if counts.second.0 == now { (now, counts.second.1 + 1) } else { (now, 1) };
            if !latency.is_zero() {
                counts.busiest = counts.busiest.max(counts.second.1);
            }
        }
        if !latency.is_zero() {
            sleep(latency).await;
        }
    }
}

#[async_trait]
impl Tables for Paced {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        self.call(|calls| calls.gets += 1).await;
        self.inner.get(table, partition, row).await
    }

    async fn insert(&self, table: Table, partition: &str, row: &str, entity: Entity) -> Result<Etag, StoreError> {
        self.call(|calls| calls.writes += 1).await;
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
        self.call(|calls| calls.writes += 1).await;
        self.inner.replace(table, partition, row, entity, etag).await
    }

    async fn delete(&self, table: Table, partition: &str, row: &str, etag: Option<&Etag>) -> Result<(), StoreError> {
        self.call(|calls| calls.writes += 1).await;
        self.inner.delete(table, partition, row, etag).await
    }

    async fn scan(&self, table: Table, partition: &str, range: RowRange, limit: usize) -> Result<Page, StoreError> {
        self.call(|calls| calls.scans += 1).await;
        self.inner.scan(table, partition, range, limit).await
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.call(|calls| calls.scans += 1).await;
        self.inner.across(table, partitions, limit).await
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        self.call(|calls| calls.writes += 1).await;
        self.inner.batch(table, partition, ops).await
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        // Rides on the answers to all the others.
        Ok(self.clock.now())
    }
}
