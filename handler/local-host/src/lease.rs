//! A message in somebody's hands: a lease under a pop receipt that changes with every renewal, and a dequeue
//! count (reference/functions-queues.md#leases).

use crate::queue_name::QueueName;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::collections::HashSet;
use std::sync::Arc;

/// What this process is working on, each by a name that tells it apart.
#[derive(Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    now: HashSet<String>,
    ever: u64,
}

impl Holds {
    /// None: it is held already.
    pub(crate) fn take(&self, name: &str) -> Option<Hold> {
        let mut held = self.0.lock();
        let is_new = held.now.insert(name.to_owned());
        held.ever += u64::from(is_new);
        is_new.then(|| Hold { name: name.to_owned(), all: self.clone() })
    }

    pub(crate) fn any(&self) -> bool {
        !self.0.lock().now.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.lock().now.len()
    }

    /// How many were taken so far.
    pub(crate) fn ever(&self) -> u64 {
        self.0.lock().ever
    }
}

pub(crate) struct Hold {
    name: String,
    all: Holds,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.all.0.lock().now.remove(&self.name);
    }
}

/// A message in the hands of one invocation; dropped unsettled, it is visible again when its lease ends.
pub(crate) struct Leased {
    pub(crate) queue: QueueName,
    pub(crate) id: String,
    /// Wire form.
    pub(crate) body: String,
    pub(crate) inserted: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    /// When the lease ends, as of the receipt.
    pub(crate) visible: DateTime<Utc>,
    /// This delivery included.
    pub(crate) dequeues: u32,
    pub(crate) receipt: String,
    pub(crate) _hold: Hold,
}

/// What one look at a queue has brought.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) messages: Vec<Leased>,
    /// How many were found to be past their seven days, and removed.
    pub(crate) expired: usize,
}
