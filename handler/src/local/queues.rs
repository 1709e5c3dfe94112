//! Queues on disk, with the rules of Azure Storage queues (contract sheet 4, 6): wire text of at most 64 KiB, seven days
//! to live, messages handed out under a lease (see [`super::lease`]).
//!
//! [`Queues::send`] returns after the commit: from then on the message survives anything but the loss of the disk.

use super::chaos::Faults;
use super::database::Database;
use super::error::{LocalError, Result};
use super::host_json::Encoding;
use super::lease::Holds;
use super::pulse::Pulse;
use super::queue_name::QueueName;
use crate::clock::Clock;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// On the wire, that is after base64.
const LARGEST: usize = 64 * 1024;
const LIFE: TimeDelta = TimeDelta::days(7);

#[derive(Clone)]
pub(crate) struct Queues {
    pub(super) database: Database,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) holds: Holds,
    encoding: Encoding,
    pulses: Arc<Mutex<HashMap<QueueName, Pulse>>>,
    faults: Arc<Faults>,
}

/// Why a queue can't take a message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("it has {0} bytes on the wire; a queue message has at most 65536, which is 48 KiB before base64")]
    TooLarge(usize),
    #[error("it is not UTF-8, which messageEncoding \"none\" needs")]
    NotText,
    #[error("the send was made to fail")]
    Chaos,
    #[error(transparent)]
    Disk(#[from] LocalError),
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

impl Queues {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, encoding: Encoding, faults: Arc<Faults>) -> Self {
        Self { database, clock, holds: Holds::default(), encoding, pulses: Arc::default(), faults }
    }

    /// Beats when this queue gets a message.
    pub(crate) fn pulse(&self, queue: &QueueName) -> Pulse {
        self.pulses.lock().unwrap_or_else(PoisonError::into_inner).entry(queue.clone()).or_default().clone()
    }

    /// Makes every listener look at its queue, for whoever has moved the clock.
    pub(crate) fn wake_all(&self) {
        self.pulses.lock().unwrap_or_else(PoisonError::into_inner).values().for_each(Pulse::beat);
    }

    /// As an output binding does.
    pub(crate) async fn send(&self, queue: &QueueName, content: &[u8]) -> std::result::Result<(), SendError> {
        if self.faults.fails_send() {
            return Err(SendError::Chaos);
        }
        let wire = match self.encoding {
            Encoding::Base64 => STANDARD.encode(content),
            Encoding::None => std::str::from_utf8(content).map_err(|_| SendError::NotText)?.to_owned(),
        };
        self.send_wire(queue, wire).await
    }

    /// Without encoding, as a foreign writer may.
    pub(crate) async fn send_wire(&self, queue: &QueueName, wire: String) -> std::result::Result<(), SendError> {
        if wire.len() > LARGEST {
            return Err(SendError::TooLarge(wire.len()));
        }
        let (name, now) = (queue.clone(), self.clock.now());
        self.database.run(move |connection| insert(connection, &name, &wire, now)).await?;
        self.pulse(queue).beat();
        Ok(())
    }

    /// None: the text is not what `messageEncoding` says.
    pub(crate) fn decode(&self, wire: &str) -> Option<Vec<u8>> {
        match self.encoding {
            Encoding::Base64 => STANDARD.decode(wire.trim()).ok(),
            Encoding::None => Some(wire.as_bytes().to_vec()),
        }
    }

    /// Every queue that holds a message, and whether an invocation holds one, in one glance: between the two numbers
    /// nothing can move.
    pub(crate) async fn depths(&self) -> Result<(BTreeMap<String, Depth>, bool)> {
        let (now, holds) = (self.clock.now().timestamp_millis(), self.holds.clone());
        self.database
            .run(move |connection| {
                let mut query = connection.prepare_cached(
                    "SELECT queue, sum(visible <= ?1), sum(visible > ?1) FROM messages GROUP BY queue",
                )?;
                let rows = query.query_map([now], |row| {
                    Ok((
                        row.get(0)?,
                        Depth { visible: row.get::<_, u32>(1)?.into(), invisible: row.get::<_, u32>(2)?.into() },
                    ))
                })?;
                Ok((rows.collect::<rusqlite::Result<_>>()?, holds.any()))
            })
            .await
    }

    /// All messages of a queue, oldest first; changes nothing.
    pub(crate) async fn peek(&self, queue: &QueueName) -> Result<Vec<StoredMessage>> {
        let (queues, queue) = (self.clone(), queue.clone());
        self.database
            .run(move |connection| {
                let mut query = connection.prepare_cached(
                    "SELECT id, body, inserted, visible, dequeues FROM messages WHERE queue = ?1 ORDER BY seq",
                )?;
                let rows = query.query_map([queue.as_str()], |row| {
                    let wire: String = row.get(1)?;
                    let text = queues.decode(&wire).map_or(wire, |bytes| String::from_utf8_lossy(&bytes).into_owned());
                    Ok(StoredMessage {
                        id: row.get(0)?,
                        text,
                        inserted: time(row.get(2)?),
                        visible: time(row.get(3)?),
                        dequeues: row.get(4)?,
                    })
                })?;
                rows.collect()
            })
            .await
    }
}

/// A new message: new id, dequeue count 0.
pub(super) fn insert(
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
pub(super) fn time(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap_or_default()
}
