//! Queues of a real queue service: Azure Storage, or Azurite in its place, by the REST API.
//!
//! What [`QueueStore`] guarantees is the service's own doing, and what it counts (deliveries, seven days) is
//! the service's count by the service's clock. One thing is done here: a queue is made when something is
//! first sent to it.
//!
//! A move to the poison queue is two requests, as with the real host: a kill in between leaves the message in
//! both.

mod answer;
mod counts;
mod wire;

use self::answer::{Message, Messages};
use self::counts::peek;
use self::wire::{Call, Reply};
use crate::error::{LocalError, Result};
use crate::lease::{Holds, Leased, Received};
use crate::queue_name::QueueName;
use crate::queue_store::{Depth, QueueStore, StoredMessage};
use crate::service::wire::MOST;
use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
pub(crate) use counts::depths;
use reqwest::Method;
use std::collections::BTreeMap;
pub(crate) use wire::{Access, Account, Wire};

pub(crate) struct ServiceQueues {
    wire: Wire,
    holds: Holds,
    lease: TimeDelta,
}

impl ServiceQueues {
    pub(crate) fn new(account: Account, lease: TimeDelta, http: reqwest::Client) -> Self {
        Self { wire: Wire::new(account, http), holds: Holds::default(), lease }
    }

    /// Whoever else makes it at the same time is welcome.
    async fn create(&self, queue: &QueueName) -> Result<()> {
        let reply = self.wire.call(&Call::new(Method::PUT, &[queue.as_str()])).await?;
        match (reply.status, reply.code.as_str()) {
            (201 | 204, _) | (409, "QueueAlreadyExists") => Ok(()),
            _ => Err(self.wire.unexpected(&format!("making queue {queue}"), &reply)),
        }
    }

    /// The change of a message that is under this receipt; None if it no longer is.
    async fn change(&self, message: &Leased, call: Call) -> Result<Option<Reply>> {
        let reply = self.wire.call(&call.query("popreceipt", &message.receipt)).await?;
        match (reply.status, reply.code.as_str()) {
            (200..300, _) => Ok(Some(reply)),
            (404, _) | (400, "PopReceiptMismatch") => Ok(None),
            _ => Err(self.wire.unexpected(&format!("changing a message of queue {}", message.queue), &reply)),
        }
    }

    /// Hides the message for so long from now on; the new receipt.
    async fn hide(&self, message: &Leased, time: TimeDelta) -> Result<Option<String>> {
        // Nothing can be hidden for longer than it lives.
        let time = time.min(message.expires - Utc::now());
        let call = Call::new(Method::PUT, &place_of(message)).query("visibilitytimeout", &seconds(time));
        let Some(reply) = self.change(message, call).await? else { return Ok(None) };
        let receipt = reply.header("x-ms-popreceipt").map(str::to_owned);
        receipt
            .map(Some)
            .ok_or_else(|| self.wire.failure("a changed message came back without a receipt".into()))
    }

    /// None where there is no such queue.
    async fn get(&self, queue: &QueueName, call: Call) -> Result<Option<Vec<Message>>> {
        let reply = self.wire.call(&call).await?;
        match reply.status {
            200 => Ok(Some(self.wire.read::<Messages>(&reply)?.messages)),
            404 => Ok(None),
            _ => Err(self.wire.unexpected(&format!("reading queue {queue}"), &reply)),
        }
    }

    fn leased(&self, queue: &QueueName, message: Message) -> std::result::Result<Leased, String> {
        let (Some(receipt), Some(visible)) = (message.pop_receipt, message.time_next_visible) else {
            return Err("a message came without its PopReceipt or its TimeNextVisible".into());
        };
        let id = message.message_id;
        // Azurite gives messages of one moment the same receipt. The same message may be in our hands a
        // second time, after a lease that could not be renewed.
        let hold = self.holds.take(&format!("{id} {receipt}")).ok_or("the same receipt came twice")?;
        Ok(Leased {
            queue: queue.clone(),
            id,
            body: message.message_text,
            inserted: message.insertion_time,
            expires: message.expiration_time,
            visible,
            dequeues: message.dequeue_count,
            receipt,
            _hold: hold,
        })
    }
}

fn place_of(message: &Leased) -> [&str; 3] {
    [message.queue.as_str(), "messages", &message.id]
}

/// Whole seconds, never fewer than were meant.
fn seconds(time: TimeDelta) -> String {
    let time = time.max(TimeDelta::zero());
    let more = i64::from(time.subsec_nanos() > 0);
    (time.num_seconds() + more).to_string()
}

#[async_trait]
impl QueueStore for ServiceQueues {
    async fn put(&self, queue: &QueueName, wire: String) -> Result<()> {
        let body = answer::message(&wire).map_err(LocalError::Refused)?;
        let call = Call::new(Method::POST, &[queue.as_str(), "messages"]).body(body);
        let mut reply = self.wire.call(&call).await?;
        if reply.status == 404 {
            self.create(queue).await?;
            reply = self.wire.call(&call).await?;
        }
        if reply.status == 201 {
            Ok(())
        } else {
            Err(self.wire.unexpected(&format!("sending to queue {queue}"), &reply))
        }
    }

    async fn receive(&self, queue: &QueueName, count: u32) -> Result<Received> {
        let call = Call::new(Method::GET, &[queue.as_str(), "messages"])
            .query("numofmessages", &count.clamp(1, MOST).to_string())
            .query("visibilitytimeout", &seconds(self.lease));
        let found = self.get(queue, call).await?.unwrap_or_default();
        let messages =
            found.into_iter().map(|it| self.leased(queue, it)).collect::<std::result::Result<Vec<_>, _>>();
        Ok(Received { messages: messages.map_err(|why| self.wire.failure(why))?, expired: 0 })
    }

    async fn renew(&self, message: &Leased) -> Result<Option<String>> {
        self.hide(message, self.lease).await
    }

    async fn delete(&self, message: &Leased) -> Result<bool> {
        let reply = self
            .wire
            .call(&Call::new(Method::DELETE, &place_of(message)).query("popreceipt", &message.receipt))
            .await?;
        match (reply.status, reply.code.as_str()) {
            (200..300, _) => Ok(true),
            // The answer to an earlier try may have been lost.
            (404, _) => Ok(reply.tries > 1),
            (400, "PopReceiptMismatch") => Ok(false),
            _ => Err(self.wire.unexpected(&format!("deleting a message of queue {}", message.queue), &reply)),
        }
    }

    async fn release(&self, message: &Leased, delay: TimeDelta) -> Result<bool> {
        Ok(self.hide(message, delay).await?.is_some())
    }

    async fn poison(&self, message: &Leased, poison: &QueueName) -> Result<bool> {
        // Whoever has lost the message must not make a copy of it.
        let Some(receipt) = self.hide(message, self.lease).await? else { return Ok(false) };
        self.put(poison, message.body.clone()).await?;
        let call = Call::new(Method::DELETE, &place_of(message)).query("popreceipt", &receipt);
        let reply = self.wire.call(&call).await?;
        match reply.status {
            200..300 | 404 => Ok(true),
            _ => Err(self.wire.unexpected(&format!("deleting a message of queue {}", message.queue), &reply)),
        }
    }

    async fn depths(&self) -> Result<(BTreeMap<String, Depth>, bool)> {
        let ever = self.holds.ever();
        let mut moving = self.holds.any();
        let depths = depths(&self.wire).await?;
        // What was taken and done in between may have left a message in a queue that was counted before.
        moving |= self.holds.any() || self.holds.ever() != ever;
        Ok((depths, moving))
    }

    /// The service shows the first 32 that are visible.
    async fn peek(&self, queue: &QueueName) -> Result<Vec<StoredMessage>> {
        let found = self.get(queue, peek(queue.as_str())).await?.unwrap_or_default();
        let stored = |message: Message| StoredMessage {
            id: message.message_id,
            text: message.message_text,
            inserted: message.insertion_time,
            // When it became visible is not told.
            visible: message.insertion_time,
            dequeues: message.dequeue_count,
        };
        Ok(found.into_iter().map(stored).collect())
    }

    async fn reach(&self) -> Result<()> {
        counts::names(&self.wire, Some(1)).await.map(drop)
    }

    fn lease(&self) -> TimeDelta {
        self.lease
    }
}
