//! What the handler asks of its ledger, counted as the service bills it; and what Graph told it.

use crate::stage::organizer;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::clock::Clock as _;
use regrets::messages::{ChangeType, Changes, Hint};
use regrets::store::{StoreError, Table};
use simulator::forward::FastClock;
use std::collections::BTreeMap;
use std::sync::Mutex;
use suites::observed::{Asked, Observed, Observer};

/// What Graph told, each change as often as it was told.
#[derive(Debug, Default, Clone)]
pub(crate) struct Heard {
    pub(crate) posts: usize,
    pub(crate) shown: usize,
    pub(crate) gone: usize,
    pub(crate) organizers: usize,
}

impl Heard {
    pub(crate) fn note(&mut self, changes: &Changes) {
        self.posts += 1;
        let organizer = organizer().to_string();
        for hint in &changes.hints {
            match hint {
                Hint::Changed { mailbox, .. } if mailbox.as_str() == organizer => self.organizers += 1,
                Hint::Changed { change: ChangeType::Deleted, .. } => self.gone += 1,
                Hint::Changed { .. } => self.shown += 1,
                Hint::Organized { .. } | Hint::Look { .. } | Hint::Again { .. } => {}
                Hint::Invited { .. } | Hint::Resynced { .. } => {}
            }
        }
    }
}

pub(crate) type Counted = Observed<Transactions>;

pub(crate) struct Transactions {
    clock: FastClock,
    counts: Mutex<BTreeMap<(String, &'static str), u64>>,
}

impl Transactions {
    pub(crate) fn new(clock: FastClock) -> Self {
        Self { clock, counts: Mutex::default() }
    }

    /// By table and kind of call.
    pub(crate) fn counts(&self) -> BTreeMap<(String, &'static str), u64> {
        self.counts.lock().unwrap().clone()
    }
}

#[async_trait]
impl Observer for Transactions {
    async fn asked(&self, asked: Asked, table: Table, _: &str) -> Result<(), StoreError> {
        *self.counts.lock().unwrap().entry((table.name().to_owned(), asked.name())).or_default() += 1;
        Ok(())
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
