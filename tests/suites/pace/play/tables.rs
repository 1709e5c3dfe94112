//! The ledger: in memory, but each call takes as long as one over the network, is counted for whoever made
//! it, and is refused where the storage account has enough to do.

use super::scene::Throttle;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use regrets::clock::Clock;
use regrets::invocation_deadline;
use regrets::store::azure_tables::Patience;
use regrets::store::memory::MemoryTables;
use regrets::store::{StoreError, Table};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use suites::observed::{Asked, Observed, Observer, Sort};
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

    fn add(&mut self, sort: Sort) {
        match sort {
            Sort::Get => self.gets += 1,
            Sort::Scan => self.scans += 1,
            Sort::Write => self.writes += 1,
        }
    }
}

#[derive(Default)]
struct Counts {
    by: BTreeMap<&'static str, Calls>,
    /// Of this second: what the account was asked, and what it did for each partition.
    second: u64,
    asked: usize,
    done: usize,
    partitions: HashMap<(Table, String), usize>,
    busiest: usize,
    throttled: Throttled,
}

/// What the account refused.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Throttled {
    /// Requests that were answered by 503, for the account's sake, or for a partition's.
    pub(crate) account: usize,
    pub(crate) partition: usize,
    /// Calls that had no patience left.
    pub(crate) given_up: usize,
}

pub(crate) type Paced = Observed<Pace>;

pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    throttle: Option<Throttle>,
    latency: Mutex<Duration>,
    counts: Mutex<Counts>,
    began: Instant,
}

pub(crate) fn paced(clock: Arc<dyn Clock>, throttle: Option<Throttle>) -> Paced {
    let inner = Arc::new(MemoryTables::new(Arc::clone(&clock)));
    let (latency, counts) = (Mutex::default(), Mutex::default());
    Observed::new(inner, Pace { clock, throttle, latency, counts, began: Instant::now() })
}

impl Pace {
    /// Each call takes so long from now on; one that takes none is not throttled either.
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

    pub(crate) fn throttled(&self) -> Throttled {
        self.counts.lock().unwrap().throttled
    }

    /// One request. False: 503, `ServerBusy`. The account counts requests; a partition counts entities, of
    /// which a batch has some.
    fn admits(&self, asked: Asked, table: Table, partition: &str) -> bool {
        let mut counts = self.counts.lock().unwrap();
        counts.by.entry(WHO.try_with(|who| *who).unwrap_or("others")).or_default().add(asked.sort());
        let now = self.began.elapsed().as_secs();
        if counts.second != now {
            (counts.second, counts.asked, counts.done) = (now, 0, 0);
            counts.partitions.clear();
        }
        counts.asked += 1;
        counts.busiest = counts.busiest.max(counts.asked);
        let Some(throttle) = self.throttle else { return true };
        if counts.done >= throttle.account {
            counts.throttled.account += 1;
            return false;
        }
        let entities = if let Asked::Batch(ops) = asked { ops } else { 1 };
        let of_partition = counts.partitions.entry((table, partition.to_owned())).or_default();
        if *of_partition >= throttle.partition {
            counts.throttled.partition += 1;
            return false;
        }
        *of_partition += entities;
        counts.done += 1;
        true
    }
}

#[async_trait]
impl Observer for Pace {
    /// Asked again as the adapter of Azure Tables does it.
    async fn asked(&self, asked: Asked, table: Table, partition: &str) -> Result<(), StoreError> {
        let latency = *self.latency.lock().unwrap();
        if latency.is_zero() {
            return Ok(());
        }
        let (began, mut tries) = (Instant::now(), 0);
        loop {
            let is_done = self.admits(asked, table, partition);
            sleep(latency).await;
            if is_done {
                invocation_deadline::answered();
                return Ok(());
            }
            tries += 1;
            let ends = invocation_deadline::ends();
            let wait = Patience::default().wait(tries, began.elapsed(), None);
            match wait.filter(|wait| ends.is_none_or(|ends| Instant::now() + *wait < ends)) {
                Some(wait) => sleep(wait).await,
                None => {
                    self.counts.lock().unwrap().throttled.given_up += 1;
                    return Err(StoreError::Unavailable(
                        "the storage account is throttled (503 ServerBusy)".into(),
                    ));
                }
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
