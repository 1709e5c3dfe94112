//! What a place for queues has to do, for the facade in `queues` and through it for triggers and outputs: the
//! rules of Azure Storage queues (reference/azure-storage.md#queues).
//!
//! Guarantees that every implementation gives: what [`QueueStore::put`] has answered survives the end of
//! every process; a message is handed out under a lease, and whoever holds an old receipt has no power over
//! it any more; it leaves its queue only by [`QueueStore::delete`], by [`QueueStore::poison`] (after its copy
//! is safe), or at the end of its seven days.

use crate::error::Result;
use crate::lease::{Leased, Received};
use crate::queue_name::QueueName;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Texts are as they are on the wire, encoded or not.
#[async_trait]
pub(crate) trait QueueStore: Send + Sync + 'static {
    /// A new message with dequeue count 0, to be received at once; makes the queue where it is missing.
    async fn put(&self, queue: &QueueName, wire: String) -> Result<()>;

    /// At most `count` visible messages, those that have waited longest first. A queue that is missing is
    /// empty.
    async fn receive(&self, queue: &QueueName, count: u32) -> Result<Received>;

    /// The whole lease again from now on; gives the new receipt. None if the message is no longer under the
    /// old one.
    async fn renew(&self, message: &Leased) -> Result<Option<String>>;

    /// False if the message is no longer under this receipt.
    async fn delete(&self, message: &Leased) -> Result<bool>;

    /// Gives the message back, visible after `delay`. False if it is no longer under this receipt.
    async fn release(&self, message: &Leased, delay: TimeDelta) -> Result<bool>;

    /// Moves the message: a new one with the same wire form, dequeue count 0. False if it is no longer under
    /// this receipt.
    async fn poison(&self, message: &Leased, poison: &QueueName) -> Result<bool>;

    /// Every queue that holds a message, and whether this process holds one or may have moved one meanwhile:
    /// when it says no, the numbers belong to one moment.
    async fn depths(&self) -> Result<(BTreeMap<String, Depth>, bool)>;

    /// The messages of a queue, oldest first, as far as the store shows them; changes nothing.
    async fn peek(&self, queue: &QueueName) -> Result<Vec<StoredMessage>>;

    /// Finds out whether the place is there and lets us in.
    async fn reach(&self) -> Result<()>;

    /// How long a message is hidden when it is handed out, and after each renewal.
    fn lease(&self) -> TimeDelta;
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Depth {
    /// To be received now.
    pub visible: u64,
    /// Leased, or waiting for another try.
    pub invisible: u64,
}

/// A message as it lies in its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    pub id: String,
    /// Decoded; as it is on the wire where it can't be decoded.
    pub text: String,
    pub inserted: DateTime<Utc>,
    pub visible: DateTime<Utc>,
    pub dequeues: u32,
}
