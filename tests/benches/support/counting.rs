//! A ledger that counts what is asked of it.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::store::{StoreError, Table};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use suites::observed::{Asked, Observed, Observer, Sort};

pub(crate) type Counting = Observed<Count>;

#[derive(Default)]
pub(crate) struct Count {
    gets: AtomicUsize,
    scans: AtomicUsize,
    writes: AtomicUsize,
}

impl Count {
    /// What was asked since the last look.
    pub(crate) fn take(&self) -> Value {
        let take = |count: &AtomicUsize| count.swap(0, Ordering::SeqCst);
        json!({ "point_reads": take(&self.gets), "scans": take(&self.scans), "writes": take(&self.writes) })
    }
}

#[async_trait]
impl Observer for Count {
    async fn asked(&self, asked: Asked, _: Table, _: &str) -> Result<(), StoreError> {
        let count = match asked.sort() {
            Sort::Get => &self.gets,
            Sort::Scan => &self.scans,
            Sort::Write => &self.writes,
        };
        count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        // Real time: permits are waited for in real time, at the faster pace.
        Utc::now()
    }
}
