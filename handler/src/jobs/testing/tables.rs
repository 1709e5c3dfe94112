//! The ledger of a world, with a count of what is asked of it, a view of all of it, and a way to die in the
//! middle. Its clock is the world's, whatever store it stands on.

use super::stores;
use crate::clock::{Clock, ManualClock};
use crate::store::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// When the process is killed: at the n-th write from now (from 0), before or after it took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    Before(usize),
    After(usize),
}

struct Stall {
    table: Table,
    pass: usize,
    turns: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) gets: usize,
    pub(crate) scans: usize,
    pub(crate) writes: usize,
}

pub(crate) struct TestTables {
    inner: Arc<dyn Tables>,
    clock: ManualClock,
    partitions: Mutex<BTreeSet<(&'static str, String)>>,
    gets: AtomicUsize,
    scans: AtomicUsize,
    writes: AtomicUsize,
    /// Gives way to other workers before every call, so that they interleave.
    pub(crate) yields: AtomicBool,
    /// Nothing is answered any more.
    pub(crate) silent: AtomicBool,
    /// Nothing can be written.
    pub(crate) refuses: AtomicBool,
    /// Point reads find nothing.
    pub(crate) forgets: AtomicBool,
    stall: Mutex<Option<Stall>>,
    /// Every write to this table takes so long.
    slow: Mutex<Option<(Table, Duration)>>,
    death: Mutex<Option<Death>>,
    dead: AtomicBool,
    died: Arc<Notify>,
}

impl TestTables {
    pub(crate) fn new(clock: ManualClock) -> Self {
        Self {
            inner: stores::fresh(&clock),
            clock,
            partitions: Mutex::default(),
            gets: AtomicUsize::default(),
            scans: AtomicUsize::default(),
            writes: AtomicUsize::default(),
            yields: AtomicBool::default(),
            silent: AtomicBool::default(),
            refuses: AtomicBool::default(),
            forgets: AtomicBool::default(),
            stall: Mutex::default(),
            slow: Mutex::default(),
            death: Mutex::default(),
            dead: AtomicBool::default(),
            died: Arc::new(Notify::new()),
        }
    }

    /// What was asked since the last count.
    pub(crate) fn count(&self) -> Count {
        Count {
            gets: self.gets.swap(0, Ordering::SeqCst),
            scans: self.scans.swap(0, Ordering::SeqCst),
            writes: self.writes.swap(0, Ordering::SeqCst),
        }
    }

    /// The next write to this table waits so many turns, while others act.
    pub(crate) fn stall(&self, table: Table, turns: usize) {
        self.stall_after(table, 0, turns);
    }

    /// The write to this table after the next `pass` ones waits so many turns.
    pub(crate) fn stall_after(&self, table: Table, pass: usize, turns: usize) {
        *self.stall.lock().unwrap() = Some(Stall { table, pass, turns });
    }

    /// Every write to this table takes so long from now on.
    pub(crate) fn slow(&self, table: Table, time: Duration) {
        *self.slow.lock().unwrap() = (!time.is_zero()).then_some((table, time));
    }

    /// Runs `work` and kills it at `death`. `None`: killed. `Some`: it came to its end before.
    pub(crate) async fn killed<T>(&self, death: Death, work: impl Future<Output = T>) -> Option<T> {
        *self.death.lock().unwrap() = Some(death);
        let died = Arc::clone(&self.died);
        let outcome = tokio::select! {
            biased;
            () = died.notified() => None,
            done = work => Some(done),
        };
        *self.death.lock().unwrap() = None;
        outcome
    }

    pub(crate) fn revive(&self) {
        self.dead.store(false, Ordering::SeqCst);
        *self.death.lock().unwrap() = None;
    }

    /// Every row of a table.
    pub(crate) fn dump(&self, table: Table) -> Vec<Row> {
        let partitions: Vec<String> = self
            .partitions
            .lock()
            .unwrap()
            .iter()
            .filter(|(name, _)| *name == table.name())
            .map(|(_, partition)| partition.clone())
            .collect();
        let mut rows = Vec::new();
        for partition in partitions {
            let mut range = RowRange::all();
            loop {
                // No store that `stores` gives makes its caller wait for a runtime.
                let page = self.inner.scan(table, &partition, range.clone(), 1000);
                let page = futures::executor::block_on(page).unwrap();
                rows.extend(page.rows);
                match page.next {
                    Some(next) => range.from = Some(next),
                    None => break,
                }
            }
        }
        rows
    }

    pub(crate) fn wipe(&self, table: Table) {
        for row in self.dump(table) {
            futures::executor::block_on(self.inner.delete(table, &row.partition, &row.row, None)).unwrap();
        }
    }

    async fn read(&self) {
        if self.yields.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        if self.dead.load(Ordering::SeqCst) || self.silent.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }

    async fn write<T>(
        &self,
        table: Table,
        partition: &str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.read().await;
        if self.refuses.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("for a test".into()));
        }
        let stalls = {
            let mut stall = self.stall.lock().unwrap();
            match stall.as_mut().filter(|stall| stall.table == table) {
                Some(Stall { pass: 0, turns, .. }) => {
                    let turns = *turns;
                    *stall = None;
                    turns
                }
                Some(later) => {
                    later.pass -= 1;
                    0
                }
                None => 0,
            }
        };
        for _ in 0..stalls {
            tokio::task::yield_now().await;
        }
        let slow = self.slow.lock().unwrap().filter(|(slow, _)| *slow == table);
        if let Some((_, time)) = slow {
            tokio::time::sleep(time).await;
        }
        self.writes.fetch_add(1, Ordering::SeqCst);
        self.partitions.lock().unwrap().insert((table.name(), partition.to_owned()));
        let hit = {
            let mut death = self.death.lock().unwrap();
            match *death {
                Some(Death::Before(0) | Death::After(0)) => death.take(),
                Some(Death::Before(n)) => {
                    *death = Some(Death::Before(n - 1));
                    None
                }
                Some(Death::After(n)) => {
                    *death = Some(Death::After(n - 1));
                    None
                }
                None => None,
            }
        };
        if let Some(Death::After(_)) = hit {
            let _ = work.await;
        } else if hit.is_none() {
            return work.await;
        }
        self.dead.store(true, Ordering::SeqCst);
        self.died.notify_one();
        std::future::pending().await
    }
}

#[async_trait]
impl Tables for TestTables {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        self.read().await;
        self.gets.fetch_add(1, Ordering::SeqCst);
        if self.forgets.load(Ordering::SeqCst) {
            return Ok(None);
        }
        self.inner.get(table, partition, row).await
    }

    async fn insert(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
    ) -> Result<Etag, StoreError> {
        self.write(table, partition, self.inner.insert(table, partition, row, entity)).await
    }

    async fn replace(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
        etag: &Etag,
    ) -> Result<Etag, StoreError> {
        self.write(table, partition, self.inner.replace(table, partition, row, entity, etag)).await
    }

    async fn delete(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        etag: Option<&Etag>,
    ) -> Result<(), StoreError> {
        self.write(table, partition, self.inner.delete(table, partition, row, etag)).await
    }

    async fn scan(
        &self,
        table: Table,
        partition: &str,
        range: RowRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.read().await;
        self.scans.fetch_add(1, Ordering::SeqCst);
        self.inner.scan(table, partition, range, limit).await
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.read().await;
        self.scans.fetch_add(1, Ordering::SeqCst);
        self.inner.across(table, partitions, limit).await
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        self.write(table, partition, self.inner.batch(table, partition, ops)).await
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        self.read().await;
        Ok(self.clock.now())
    }
}
