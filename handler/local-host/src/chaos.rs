//! Faults on order, for suites. Nothing here loses anything: it only repeats or refuses, as real storage
//! does.

use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which of a run of things, counted from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Picks {
    #[default]
    None,
    /// Each n-th; `Every(1)` is all.
    Every(u64),
    These(BTreeSet<u64>),
}

impl Picks {
    fn picks(&self, number: u64) -> bool {
        match self {
            Self::None => false,
            Self::Every(n) => *n > 0 && number.is_multiple_of(*n),
            Self::These(numbers) => numbers.contains(&number),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chaos {
    /// Which successful queue invocations have their delete fail, so that the message is delivered again. Its
    /// lease is taken as run out, so the copy comes at once.
    pub redeliver: Picks,
    /// Which sends to a queue output fail, over all bindings; the invocation fails with them
    /// (reference/functions-queues.md#outputs).
    pub fail_send: Picks,
}

/// The faults in force, with their counters.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    chaos: Mutex<Chaos>,
    successes: AtomicU64,
    sends: AtomicU64,
}

impl Faults {
    pub(crate) fn new(chaos: Chaos) -> Self {
        Self { chaos: Mutex::new(chaos), ..Self::default() }
    }

    /// Counts from 1 again.
    pub(crate) fn set(&self, chaos: Chaos) {
        let mut current = self.chaos.lock();
        self.successes.store(0, Ordering::SeqCst);
        self.sends.store(0, Ordering::SeqCst);
        *current = chaos;
    }

    pub(crate) fn redelivers(&self) -> bool {
        let chaos = self.chaos.lock();
        chaos.redeliver.picks(self.successes.fetch_add(1, Ordering::SeqCst) + 1)
    }

    pub(crate) fn fails_send(&self) -> bool {
        let chaos = self.chaos.lock();
        chaos.fail_send.picks(self.sends.fetch_add(1, Ordering::SeqCst) + 1)
    }
}
