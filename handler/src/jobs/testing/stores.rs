//! What a world's ledger stands on: memory, unless a test says otherwise for all worlds that are made on its
//! thread.
//!
//! A real store is asked on a runtime of its own, and the caller's thread waits for it. So it looks like
//! memory to the world: nobody else comes in between where memory would let nobody, and a clock that stands
//! does not run away while the disk or the network is at work.

use crate::clock::ManualClock;
use crate::store::memory::MemoryTables;
use crate::store::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, LazyLock, mpsc};
use tokio::runtime::Runtime;

type Make = Rc<dyn Fn() -> Arc<dyn Tables>>;

thread_local! {
    static CHOSEN: RefCell<Option<Make>> = const { RefCell::new(None) };
}

/// Empty tables for one world.
pub(super) fn fresh(clock: &ManualClock) -> Arc<dyn Tables> {
    match CHOSEN.with_borrow(Clone::clone) {
        None => Arc::new(MemoryTables::new(Arc::new(clock.clone()))),
        Some(make) => Arc::new(Elsewhere(make())),
    }
}

/// Every world that `work` makes stands on tables of its own that `make` gives.
pub(crate) fn on<T>(make: impl Fn() -> Arc<dyn Tables> + 'static, work: impl FnOnce() -> T) -> T {
    struct Back;
    impl Drop for Back {
        fn drop(&mut self) {
            CHOSEN.set(None);
        }
    }
    let _back = Back;
    CHOSEN.set(Some(Rc::new(make)));
    work()
}

/// Whether worlds stand on a real store: slower by far.
pub(crate) fn is_real() -> bool {
    CHOSEN.with_borrow(Option::is_some)
}

/// How many cases of a property are tried: `in_memory`, or as many as `PROPTEST_CASES` says; few where each
/// takes seconds.
pub(crate) fn cases(in_memory: u32) -> u32 {
    let asked = |name| std::env::var(name).ok().and_then(|cases| cases.parse().ok());
    if is_real() { asked("STORE_CASES").unwrap_or(3) } else { asked("PROPTEST_CASES").unwrap_or(in_memory) }
}

struct Elsewhere(Arc<dyn Tables>);

impl Elsewhere {
    fn wait<T: Send + 'static, W>(&self, ask: impl FnOnce(Arc<dyn Tables>) -> W) -> T
    where
        W: Future<Output = T> + Send + 'static,
    {
        static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
        let (say, hear) = mpsc::channel();
        let asked = ask(Arc::clone(&self.0));
        RUNTIME.spawn(async move {
            // Whoever asked waits, or has panicked.
            let _ = say.send(asked.await);
        });
        hear.recv().expect("the store answers")
    }
}

#[async_trait]
impl Tables for Elsewhere {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        let (partition, row) = (partition.to_owned(), row.to_owned());
        self.wait(|tables| async move { tables.get(table, &partition, &row).await })
    }

    async fn insert(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
    ) -> Result<Etag, StoreError> {
        let (partition, row) = (partition.to_owned(), row.to_owned());
        self.wait(|tables| async move { tables.insert(table, &partition, &row, entity).await })
    }

    async fn replace(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
        etag: &Etag,
    ) -> Result<Etag, StoreError> {
        let (partition, row, etag) = (partition.to_owned(), row.to_owned(), etag.clone());
        self.wait(|tables| async move { tables.replace(table, &partition, &row, entity, &etag).await })
    }

    async fn delete(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        etag: Option<&Etag>,
    ) -> Result<(), StoreError> {
        let (partition, row, etag) = (partition.to_owned(), row.to_owned(), etag.cloned());
        self.wait(|tables| async move { tables.delete(table, &partition, &row, etag.as_ref()).await })
    }

    async fn scan(
        &self,
        table: Table,
        partition: &str,
        range: RowRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let partition = partition.to_owned();
        self.wait(|tables| async move { tables.scan(table, &partition, range, limit).await })
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        self.wait(|tables| async move { tables.across(table, partitions, limit).await })
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        let partition = partition.to_owned();
        self.wait(|tables| async move { tables.batch(table, &partition, ops).await })
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        self.wait(|tables| async move { tables.now().await })
    }
}
