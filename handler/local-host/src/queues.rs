//! The queues of the host, wherever they are (see [`crate::queue_store`]): encoding, the limit of 64 KiB on
//! the wire, faults on order. As on the real host, an output wakes no listener, not even in the same process:
//! each polls by its own clock.

use crate::chaos::Faults;
use crate::error::{LocalError, Result};
use crate::host_json::Encoding;
use crate::lease::{Leased, Received};
use crate::notifier::Notifier;
use crate::queue_name::QueueName;
use crate::queue_store::{Depth, QueueStore, StoredMessage};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// On the wire, that is after base64.
const LARGEST: usize = 64 * 1024;

#[derive(Clone)]
pub(crate) struct Queues {
    store: Arc<dyn QueueStore>,
    encoding: Encoding,
    notifiers: Arc<Mutex<HashMap<QueueName, Notifier>>>,
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
    Store(#[from] LocalError),
}

impl Queues {
    pub(crate) fn new(store: Arc<dyn QueueStore>, encoding: Encoding, faults: Arc<Faults>) -> Self {
        Self { store, encoding, notifiers: Arc::default(), faults }
    }

    /// Notifies when a suite has moved the clock.
    pub(crate) fn notifier(&self, queue: &QueueName) -> Notifier {
        self.notifiers.lock().entry(queue.clone()).or_default().clone()
    }

    /// Makes every listener look at its queue, for whoever has moved the clock.
    pub(crate) fn wake_all(&self) {
        self.notifiers.lock().values().for_each(Notifier::notify);
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
    pub(crate) async fn send_wire(
        &self,
        queue: &QueueName,
        wire: String,
    ) -> std::result::Result<(), SendError> {
        if wire.len() > LARGEST {
            return Err(SendError::TooLarge(wire.len()));
        }
        Ok(self.store.put(queue, wire).await?)
    }

    /// None: the text is not what `messageEncoding` says.
    pub(crate) fn decode(&self, wire: &str) -> Option<Vec<u8>> {
        match self.encoding {
            Encoding::Base64 => STANDARD.decode(wire.trim()).ok(),
            Encoding::None => Some(wire.as_bytes().to_vec()),
        }
    }

    pub(crate) async fn receive(&self, queue: &QueueName, count: u32) -> Result<Received> {
        self.store.receive(queue, count).await
    }

    pub(crate) async fn renew(&self, message: &Leased) -> Result<Option<String>> {
        self.store.renew(message).await
    }

    pub(crate) async fn delete(&self, message: &Leased) -> Result<bool> {
        self.store.delete(message).await
    }

    pub(crate) async fn release(&self, message: &Leased, delay: TimeDelta) -> Result<bool> {
        self.store.release(message, delay).await
    }

    pub(crate) async fn poison(&self, message: &Leased, poison: &QueueName) -> Result<bool> {
        self.store.poison(message, poison).await
    }

    pub(crate) async fn depths(&self) -> Result<(BTreeMap<String, Depth>, bool)> {
        self.store.depths().await
    }

    /// With texts decoded; as they are on the wire where they can't be.
    pub(crate) async fn peek(&self, queue: &QueueName) -> Result<Vec<StoredMessage>> {
        let mut messages = self.store.peek(queue).await?;
        for message in &mut messages {
            if let Some(bytes) = self.decode(&message.text) {
                message.text = String::from_utf8_lossy(&bytes).into_owned();
            }
        }
        Ok(messages)
    }

    /// See [`QueueStore::reach`].
    pub(crate) async fn reach(&self) -> Result<()> {
        self.store.reach().await
    }

    /// See [`QueueStore::lease`].
    pub(crate) fn lease(&self) -> TimeDelta {
        self.store.lease()
    }
}

#[cfg(test)]
#[path = "queues_tests.rs"]
mod tests;
