//! The state of one process's limiter of subscription writes; how it works stands in write_budget.

use std::sync::atomic::AtomicU32;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// One process's door to a tenant's permits.
#[derive(Default)]
pub struct WriteLimiter {
    pub(crate) creations: Mutex<PermitBatch>,
    pub(crate) writes: Mutex<PermitBatch>,
    /// How many stand before each door.
    pub(crate) waiting: [AtomicU32; 2],
}

#[derive(Default)]
pub(crate) struct PermitBatch {
    pub(crate) left: u32,
    pub(crate) taken: Option<Instant>,
    /// None is to be had before.
    pub(crate) next: Option<Instant>,
}
