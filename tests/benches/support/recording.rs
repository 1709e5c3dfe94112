//! A ledger that writes down what is asked of it, one entry for each transaction that the service would bill.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use regrets::clock::Clock;
use regrets::store::{StoreError, Table};
use std::sync::Arc;
use suites::observed::{Asked, Observed, Observer};

pub(crate) type Recording = Observed<Record>;

pub(crate) struct Record {
    /// The one of the bench, which is ahead of the service's.
    clock: Arc<dyn Clock>,
    asked: Mutex<Vec<String>>,
}

impl Record {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, asked: Mutex::default() }
    }

    /// What was asked since the last look.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock())
    }
}

#[async_trait]
impl Observer for Record {
    async fn asked(&self, asked: Asked, table: Table, _: &str) -> Result<(), StoreError> {
        let entry = format!("{} {}", asked.name(), table.name());
        self.asked.lock().push(entry);
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
