//! Queues in SQLite: the one file of the data directory, under the lock that the host holds on it.
//!
//! [`QueueStore::put`] returns after the commit: from then on the message survives anything but the loss of
//! the disk. A move to a poison queue is one transaction. What this process works on is never handed out
//! again, whatever the clock does.

use crate::clock::Clock;
use crate::database::Database;
use crate::error::Result;
use crate::lease::{Holds, Leased, Received};
use crate::queue_name::QueueName;
use crate::queue_store::{Depth, QueueStore, StoredMessage};
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

const LIFE: TimeDelta = TimeDelta::days(7);

pub(crate) struct DiskQueues {
    database: Database,
    clock: Arc<dyn Clock>,
    holds: Holds,
    lease: TimeDelta,
}

impl DiskQueues {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, lease: TimeDelta) -> Self {
        Self { database, clock, holds: Holds::default(), lease }
    }
}

#[async_trait]
impl QueueStore for DiskQueues {
    async fn put(&self, queue: &QueueName, wire: String) -> Result<()> {
        let (name, now) = (queue.clone(), self.clock.now());
        self.database.run(move |connection| insert(connection, &name, &wire, now)).await
    }

    /// The database is open, or this would not be here.
    async fn reach(&self) -> Result<()> {
        Ok(())
    }

    async fn receive(&self, queue: &QueueName, count: u32) -> Result<Received> {
        let (queue, now, holds) = (queue.clone(), self.clock.now(), self.holds.clone());
        let lease = self.lease;
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
                            visible: now + lease,
                            dequeues: row.get::<_, u32>(4)?.saturating_add(1),
                            receipt: Uuid::new_v4().to_string(),
                            _hold: hold,
                        });
                    }
                }
                for message in &leased {
                    transaction.execute(
                        "UPDATE messages SET dequeues = ?2, receipt = ?3, visible = ?4 WHERE id = ?1",
                        params![
                            message.id,
                            message.dequeues,
                            message.receipt,
                            message.visible.timestamp_millis()
                        ],
                    )?;
                }
                transaction.commit()?;
                Ok(Received { messages: leased, expired })
            })
            .await
    }

    async fn renew(&self, message: &Leased) -> Result<Option<String>> {
        let (id, old, new) = (message.id.clone(), message.receipt.clone(), Uuid::new_v4().to_string());
        let visible = (self.clock.now() + self.lease).timestamp_millis();
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

    async fn delete(&self, message: &Leased) -> Result<bool> {
        let (id, receipt) = (message.id.clone(), message.receipt.clone());
        self.database
            .run(move |connection| {
                Ok(connection
                    .execute("DELETE FROM messages WHERE id = ?1 AND receipt = ?2", params![id, receipt])?
                    == 1)
            })
            .await
    }

    async fn release(&self, message: &Leased, delay: TimeDelta) -> Result<bool> {
        let (id, receipt) = (message.id.clone(), message.receipt.clone());
        let visible = (self.clock.now() + delay).timestamp_millis();
        self.database
            .run(move |connection| {
                let changed = connection.execute(
                    "UPDATE messages SET visible = ?3, receipt = NULL WHERE id = ?1 AND receipt = ?2",
                    params![id, receipt, visible],
                )?;
                Ok(changed == 1)
            })
            .await
    }

    async fn poison(&self, message: &Leased, poison: &QueueName) -> Result<bool> {
        let (id, receipt, body) = (message.id.clone(), message.receipt.clone(), message.body.clone());
        let (name, now) = (poison.clone(), self.clock.now());
        self.database
            .run(move |connection| {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let gone = transaction
                    .execute("DELETE FROM messages WHERE id = ?1 AND receipt = ?2", params![id, receipt])?;
                if gone == 1 {
                    insert(&transaction, &name, &body, now)?;
                }
                transaction.commit()?;
                Ok(gone == 1)
            })
            .await
    }

    async fn depths(&self) -> Result<(BTreeMap<String, Depth>, bool)> {
        let (now, holds) = (self.clock.now().timestamp_millis(), self.holds.clone());
        self.database
            .run(move |connection| {
                let mut query = connection.prepare_cached(
                    "SELECT queue, sum(visible <= ?1), sum(visible > ?1) FROM messages GROUP BY queue",
                )?;
                let rows = query.query_map([now], |row| {
                    Ok((
                        row.get(0)?,
                        Depth {
                            visible: row.get::<_, u32>(1)?.into(),
                            invisible: row.get::<_, u32>(2)?.into(),
                        },
                    ))
                })?;
                Ok((rows.collect::<rusqlite::Result<_>>()?, holds.any()))
            })
            .await
    }

    async fn peek(&self, queue: &QueueName) -> Result<Vec<StoredMessage>> {
        let queue = queue.clone();
        self.database
            .run(move |connection| {
                let mut query = connection.prepare_cached(
                    "SELECT id, body, inserted, visible, dequeues FROM messages WHERE queue = ?1 ORDER BY \
                     seq",
                )?;
                let rows = query.query_map([queue.as_str()], |row| {
                    Ok(StoredMessage {
                        id: row.get(0)?,
                        text: row.get(1)?,
                        inserted: time(row.get(2)?),
                        visible: time(row.get(3)?),
                        dequeues: row.get(4)?,
                    })
                })?;
                rows.collect()
            })
            .await
    }

    fn lease(&self) -> TimeDelta {
        self.lease
    }
}

/// A new message: new id, dequeue count 0.
fn insert(
    connection: &Connection,
    queue: &QueueName,
    wire: &str,
    now: DateTime<Utc>,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO messages (queue, id, body, inserted, expires, visible) VALUES (?1, ?2, ?3, ?4, ?5, ?4)",
    )?;
    let id = Uuid::new_v4().to_string();
    statement
        .execute(params![queue.as_str(), id, wire, now.timestamp_millis(), (now + LIFE).timestamp_millis()])
        .map(|_| ())
}

/// Milliseconds of the Unix era, as this module wrote them.
fn time(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}

#[cfg(test)]
#[path = "disk_queues_tests.rs"]
mod tests;
