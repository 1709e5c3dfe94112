//! Handing out messages: a lease of ten minutes under a pop receipt that changes with every renewal, a dequeue count, and
//! the ways in which a lease ends (contract sheet 4.2, 4.5).
//!
//! A message leaves the disk only by [`Queues::delete`], by [`Queues::poison`] (its copy is committed in the same
//! transaction), or at the end of its seven days while nobody holds it.

use super::error::Result;
use super::queue_name::QueueName;
use super::queues::{Queues, insert, time};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{TransactionBehavior, params};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// The host's own choice; host.json's `visibilityTimeout` is for failures only.
pub(crate) const LEASE: TimeDelta = TimeDelta::minutes(10);

/// Ids of the messages that this process is working on: never handed out twice, whatever the clock does meanwhile.
#[derive(Clone, Default)]
pub(crate) struct Holds(Arc<Mutex<HashSet<String>>>);

impl Holds {
    fn take(&self, id: &str) -> Option<Hold> {
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        is_new.then(|| Hold { id: id.to_owned(), all: self.clone() })
    }

    pub(crate) fn any(&self) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

struct Hold {
    id: String,
    all: Holds,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
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
    _hold: Hold,
}

impl Queues {
    /// Ends the leases that a host left behind that was killed: it held the data directory, so nobody works on them now.
    /// Says how many.
    pub(crate) async fn recover(&self) -> Result<usize> {
        let now = self.clock.now().timestamp_millis();
        self.database
            .run(move |connection| {
                connection.execute(
                    "UPDATE messages SET visible = ?1, receipt = NULL WHERE receipt IS NOT NULL AND visible > ?1",
                    [now],
                )
            })
            .await
    }

    /// At most `count` visible messages, those that have waited longest first. The second value says how many were found
    /// to be past their seven days, and removed.
    pub(crate) async fn receive(&self, queue: &QueueName, count: u32) -> Result<(Vec<Leased>, usize)> {
        let (queue, now, holds) = (queue.clone(), self.clock.now(), self.holds.clone());
        self.database
            .run(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let expired = transaction.execute(
                    "DELETE FROM messages WHERE queue = ?1 AND expires <= ?2 AND visible <= ?2",
                    params![queue.as_str(), now.timestamp_millis()],
                )?;
                let wanted = usize::try_from(count).unwrap_or(usize::MAX);
                let limit = i64::try_from(wanted.saturating_add(holds.count())).unwrap_or(i64::MAX);
                let mut leased = Vec::new();
                {
                    let mut query = transaction.prepare_cached(
                        "SELECT id, body, inserted, expires, dequeues FROM messages
                         WHERE queue = ?1 AND visible <= ?2 ORDER BY visible, seq LIMIT ?3",
                    )?;
                    let mut rows = query.query(params![queue.as_str(), now.timestamp_millis(), limit])?;
                    while let Some(row) = rows.next()? {
                        if leased.len() == wanted {
                            break;
                        }
                        let id: String = row.get(0)?;
                        let Some(hold) = holds.take(&id) else { continue };
                        leased.push(Leased {
                            queue: queue.clone(),
                            id,
                            body: row.get(1)?,
                            inserted: time(row.get(2)?),
                            expires: time(row.get(3)?),
                            visible: now + LEASE,
                            dequeues: row.get::<_, u32>(4)?.saturating_add(1),
                            receipt: Uuid::new_v4().to_string(),
                            _hold: hold,
                        });
                    }
                }
                for message in &leased {
                    transaction.execute(
                        "UPDATE messages SET dequeues = ?2, receipt = ?3, visible = ?4 WHERE id = ?1",
                        params![message.id, message.dequeues, message.receipt, message.visible.timestamp_millis()],
                    )?;
                }
                transaction.commit()?;
                Ok((leased, expired))
            })
            .await
    }

    /// Ten minutes from now; gives the new receipt. None if the message is no longer under the old one.
    pub(crate) async fn renew(&self, id: &str, receipt: &str) -> Result<Option<String>> {
        let (id, old, new) = (id.to_owned(), receipt.to_owned(), Uuid::new_v4().to_string());
        let visible = (self.clock.now() + LEASE).timestamp_millis();
        self.database
            .run(move |connection| {
                let changed = connection.execute(
                    "UPDATE messages SET receipt = ?3, visible = ?4 WHERE id = ?1 AND receipt = ?2",
                    params![id, old, new, visible],
                )?;
                Ok((changed == 1).then_some(new))
            })
            .await
    }

    /// False if the message is no longer under this receipt.
    pub(crate) async fn delete(&self, message: &Leased) -> Result<bool> {
        let (id, receipt) = (message.id.clone(), message.receipt.clone());
        self.database
            .run(move |connection| {
                Ok(connection.execute("DELETE FROM messages WHERE id = ?1 AND receipt = ?2", params![id, receipt])?
                    == 1)
            })
            .await
    }

    /// Gives the message back, visible after `delay`. False if it is no longer under this receipt.
    pub(crate) async fn release(&self, message: &Leased, delay: TimeDelta) -> Result<bool> {
        let (id, receipt) = (message.id.clone(), message.receipt.clone());
        let visible = (self.clock.now() + delay).timestamp_millis();
        let changed = self
            .database
            .run(move |connection| {
                connection.execute(
                    "UPDATE messages SET visible = ?3, receipt = NULL WHERE id = ?1 AND receipt = ?2",
                    params![id, receipt, visible],
                )
            })
            .await?;
        if delay <= TimeDelta::zero() {
            self.pulse(&message.queue).beat();
        }
        Ok(changed == 1)
    }

    /// Moves the message: a new one with the same wire form, dequeue count 0. False if it is no longer under this receipt.
    pub(crate) async fn poison(&self, message: &Leased, poison: &QueueName) -> Result<bool> {
        let (id, receipt, body) = (message.id.clone(), message.receipt.clone(), message.body.clone());
        let (name, now) = (poison.clone(), self.clock.now());
        let moved = self
            .database
            .run(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let gone =
                    transaction.execute("DELETE FROM messages WHERE id = ?1 AND receipt = ?2", params![id, receipt])?;
                if gone == 1 {
                    insert(&transaction, &name, &body, now)?;
                }
                transaction.commit()?;
                Ok(gone == 1)
            })
            .await?;
        self.pulse(poison).beat();
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::super::chaos::{Chaos, Faults};
    use super::super::database::Database;
    use super::super::host_json::Encoding;
    use super::super::queues::{Depth, SendError};
    use super::*;
    use crate::clock::ManualClock;
    use std::path::Path;

    fn clock() -> ManualClock {
        ManualClock::at("2026-11-21T10:00:00Z".parse().unwrap())
    }

    fn queues(directory: &Path, clock: &ManualClock) -> Queues {
        let database = Database::open(directory).unwrap();
        Queues::new(database, Arc::new(clock.clone()), Encoding::Base64, Arc::new(Faults::new(Chaos::default())))
    }

    fn jobs() -> QueueName {
        QueueName::parse("jobs").unwrap()
    }

    async fn one(queues: &Queues) -> Option<Leased> {
        queues.receive(&jobs(), 1).await.unwrap().0.pop()
    }

    #[tokio::test]
    async fn a_lease_hides_a_message_for_ten_minutes_and_each_delivery_counts() {
        let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
        let queues = queues(directory.path(), &clock);
        queues.send(&jobs(), b"hello").await.unwrap();
        let first = one(&queues).await.unwrap();
        assert_eq!((first.dequeues, first.body.as_str()), (1, "aGVsbG8="));
        let stale = first.receipt.clone();
        drop(first);
        clock.advance(TimeDelta::seconds(599));
        assert!(one(&queues).await.is_none());
        clock.advance(TimeDelta::seconds(1));
        let second = one(&queues).await.unwrap();
        assert_eq!(second.dequeues, 2);
        assert_eq!(queues.renew(&second.id, &stale).await.unwrap(), None, "an old receipt has no power");
    }

    #[tokio::test]
    async fn a_message_in_hand_is_not_handed_out_again_even_if_the_clock_leaps_past_its_lease() {
        let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
        let queues = queues(directory.path(), &clock);
        queues.send(&jobs(), b"a").await.unwrap();
        queues.send(&jobs(), b"b").await.unwrap();
        let held = one(&queues).await.unwrap();
        clock.advance(TimeDelta::hours(1));
        let (others, _) = queues.receive(&jobs(), 5).await.unwrap();
        assert_eq!(others.iter().map(|message| message.body.as_str()).collect::<Vec<_>>(), ["Yg=="]);
        assert!(queues.delete(&held).await.unwrap());
    }

    #[tokio::test]
    async fn renewal_prolongs_the_lease_under_a_new_receipt() {
        let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
        let queues = queues(directory.path(), &clock);
        queues.send(&jobs(), b"long").await.unwrap();
        let mut message = one(&queues).await.unwrap();
        clock.advance(TimeDelta::minutes(5));
        let renewed = queues.renew(&message.id, &message.receipt).await.unwrap().unwrap();
        assert!(!queues.delete(&message).await.unwrap(), "the first receipt is stale");
        message.receipt = renewed;
        let id = message.id.clone();
        drop(message);
        clock.advance(TimeDelta::minutes(6));
        assert!(one(&queues).await.is_none());
        clock.advance(TimeDelta::minutes(4));
        assert_eq!(one(&queues).await.unwrap().id, id);
    }

    #[tokio::test]
    async fn messages_outlive_the_process_and_a_dead_hosts_leases_end_at_the_next_start() {
        let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
        let first = queues(directory.path(), &clock);
        for text in ["leased", "retried later", "waiting"] {
            first.send(&jobs(), text.as_bytes()).await.unwrap();
        }
        let (mut messages, _) = first.receive(&jobs(), 2).await.unwrap();
        first.release(&messages.pop().unwrap(), TimeDelta::minutes(1)).await.unwrap();
        drop((messages, first));
        let second = queues(directory.path(), &clock);
        assert_eq!(second.recover().await.unwrap(), 1);
        let (depths, _) = second.depths().await.unwrap();
        assert_eq!(depths.get("jobs"), Some(&Depth { visible: 2, invisible: 1 }), "a retry's delay is kept");
    }

    #[tokio::test]
    async fn poison_is_a_move_with_a_fresh_count() {
        let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
        let queues = queues(directory.path(), &clock);
        queues.send(&jobs(), b"bad").await.unwrap();
        let message = one(&queues).await.unwrap();
        let poison = jobs().poison().unwrap();
        assert!(queues.poison(&message, &poison).await.unwrap());
        assert!(!queues.poison(&message, &poison).await.unwrap(), "a second move would make a second copy");
        let stored = queues.peek(&poison).await.unwrap();
        assert_eq!(stored.len(), 1);
        assert_eq!((stored[0].text.as_str(), stored[0].dequeues), ("bad", 0));
        assert_ne!(stored[0].id, message.id);
        assert!(queues.peek(&jobs()).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn messages_live_seven_days_and_have_64_kib_on_the_wire() {
        let (directory, clock) = (tempfile::tempdir().unwrap(), clock());
        let queues = queues(directory.path(), &clock);
        queues.send(&jobs(), &[b'x'; 48 * 1024]).await.unwrap();
        assert!(matches!(queues.send(&jobs(), &[b'x'; 48 * 1024 + 1]).await, Err(SendError::TooLarge(65_540))));
        clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
        assert_eq!(queues.receive(&jobs(), 0).await.unwrap().1, 0);
        clock.advance(TimeDelta::seconds(1));
        assert_eq!(
            queues.receive(&jobs(), 1).await.map(|(messages, expired)| (messages.len(), expired)).unwrap(),
            (0, 1)
        );
    }
}
