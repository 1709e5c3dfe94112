//! Writes that wait for one another go to the disk together: one transaction, one flush, as many as had come
//! by then.
//!
//! Guarantees: each write is whole or absent, and a refused one takes no other with it; none is answered
//! before it is on the disk; they take effect in the order in which they came. Alone, a write costs what it
//! always did.

use super::failure::Fault;
use crate::store::table::StoreError;
use parking_lot::Mutex;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;
use tokio::sync::oneshot;

/// The most that share a flush, so that none waits long for the others' work.
const GROUP: usize = 256;

/// Does the work and holds back its outcome; then gives it, when the group is on the disk or has failed as a
/// whole.
pub(super) trait Job: Send {
    /// True when nobody waits for it any more.
    fn is_given_up(&self) -> bool;
    /// `false`: refused, so that what it did is to be undone.
    fn work(&mut self, conn: &Connection, path: &Path) -> bool;
    fn answer(self: Box<Self>, flushed: Result<(), StoreError>);
}

#[derive(Default)]
pub(super) struct Waiting(Mutex<Vec<Box<dyn Job>>>);

impl Waiting {
    pub(super) fn push(&self, job: Box<dyn Job>) {
        self.0.lock().push(job);
    }

    /// Those who came first.
    fn take(&self) -> Vec<Box<dyn Job>> {
        let mut waiting = self.0.lock();
        let most = waiting.len().min(GROUP);
        waiting.drain(..most).collect()
    }
}

/// One write and whoever waits for it.
pub(super) struct Write<T, F> {
    work: F,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Write<T, F> {
    pub(super) fn new(work: F, reply: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self { work, outcome: None, reply }
    }
}

impl<T: Send, F: FnMut(&Connection) -> Result<T, Fault> + Send> Job for Write<T, F> {
    fn is_given_up(&self) -> bool {
        self.reply.is_closed()
    }

    fn work(&mut self, conn: &Connection, path: &Path) -> bool {
        let outcome = (self.work)(conn).map_err(|fault| fault.at(path));
        let is_good = outcome.is_ok();
        self.outcome = Some(outcome);
        is_good
    }

    fn answer(self: Box<Self>, flushed: Result<(), StoreError>) {
        let answer = match (self.outcome, flushed) {
            // Refused, whatever became of the others.
            (Some(Err(refusal)), _) => Err(refusal),
            (_, Err(failure)) => Err(failure),
            (Some(Ok(done)), Ok(())) => Ok(done),
            (None, Ok(())) => Err(StoreError::Unavailable("the write was not begun".to_owned())),
        };
        // Whoever has gone misses nothing.
        drop(self.reply.send(answer));
    }
}

/// Does what has come by now. False when there was nothing.
pub(super) fn run(conn: &mut Connection, waiting: &Waiting, path: &Path) -> bool {
    let mut jobs = waiting.take();
    jobs.retain(|job| !job.is_given_up());
    if jobs.is_empty() {
        return false;
    }
    let flushed = transact(conn, &mut jobs, path);
    for job in jobs {
        // A failure as a whole is everybody's; it can't be cloned, so each gets its words.
        job.answer(flushed.as_ref().copied().map_err(same));
    }
    true
}

fn transact(conn: &mut Connection, jobs: &mut [Box<dyn Job>], path: &Path) -> Result<(), StoreError> {
    let at = |error: rusqlite::Error| Fault::from(error).at(path);
    // Immediate: a transaction that reads first and asks for the lock later would fail at once when another
    // wrote between.
    let mut transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(at)?;
    let mut refused = 0;
    for job in jobs.iter_mut() {
        let savepoint = transaction.savepoint().map_err(at)?;
        if job.work(&savepoint, path) {
            savepoint.commit().map_err(at)?;
        } else {
            refused += 1;
            savepoint.finish().map_err(at)?;
        }
    }
    if refused == jobs.len() { transaction.rollback().map_err(at) } else { transaction.commit().map_err(at) }
}

fn same(error: &StoreError) -> StoreError {
    match error {
        StoreError::Exists => StoreError::Exists,
        StoreError::Stale => StoreError::Stale,
        StoreError::Unusable(why) => StoreError::Unusable(why.clone()),
        StoreError::Unavailable(why) => StoreError::Unavailable(why.clone()),
        StoreError::Invalid(why) => StoreError::Invalid(why.clone()),
        StoreError::Corrupt { table, partition, row, why } => {
            StoreError::Corrupt { table, partition: partition.clone(), row: row.clone(), why: why.clone() }
        }
    }
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
