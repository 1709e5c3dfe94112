//! How people are told of alerts: the channels that a message goes through, and what came of it.
//!
//! - [`message`]: what is said, without names or keys of learners; [`shapes`]: what it looks like to a
//!   receiver of ours, to Teams and to Slack.
//! - [`webhook`], [`graph_mail`], [`communication_email`]: the channels.
//!
//! Guarantees: nothing is followed that leads elsewhere; a message has the same id and says the same however
//! often it is tried; a channel says whether it took the message, surely did not, or nobody knows.

pub mod communication_email;
pub mod graph_mail;
pub mod message;
mod post;
pub mod shapes;
#[cfg(test)]
pub(crate) mod testing;
pub mod webhook;

use crate::ids::TenantName;
use async_trait::async_trait;
use message::Message;
use std::time::Duration;

/// How long a connection may take to come about, and a whole exchange.
pub const CONNECT: Duration = Duration::from_secs(5);
pub const ANSWER: Duration = Duration::from_secs(10);

/// One way to tell somebody.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// Where it goes, for people and logs: no secret, and no address of a person.
    fn shown(&self) -> String;

    /// The tenant through whose Graph it goes: where that is lost, another channel is used first.
    fn through(&self) -> Option<&TenantName> {
        None
    }

    /// `again`: it may have been sent before.
    async fn send(&self, message: &Message, again: bool) -> Sent;
}

/// What came of sending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub taken: Taken,
    /// What was seen, in one sentence.
    pub seen: String,
    /// What mends it.
    pub step: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// Surely not.
    No,
    /// It may have been, and the answer is lost.
    Unknown,
}

impl Sent {
    pub fn yes(seen: impl Into<String>) -> Self {
        Self { taken: Taken::Yes, seen: seen.into(), step: None }
    }

    pub fn no(seen: impl Into<String>, step: impl Into<String>) -> Self {
        Self { taken: Taken::No, seen: seen.into(), step: Some(step.into()) }
    }

    pub fn unknown(seen: impl Into<String>, step: impl Into<String>) -> Self {
        Self { taken: Taken::Unknown, seen: seen.into(), step: Some(step.into()) }
    }
}

/// A channel whose secret can't be had now.
pub struct Closed {
    pub shown: String,
}

#[async_trait]
impl Channel for Closed {
    fn shown(&self) -> String {
        self.shown.clone()
    }

    async fn send(&self, _: &Message, _: bool) -> Sent {
        Sent::no(
            "A secret of this channel can't be had, so nothing was sent.",
            "`regrets check` says which app setting is missing.",
        )
    }
}

#[cfg(test)]
mod tests;
