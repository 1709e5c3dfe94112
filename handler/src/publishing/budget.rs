//! What an organizer's mailbox may send: messages a minute, recipients in any 24 hours; and who comes
//! first.
//!
//! Exchange queues or refuses what is beyond its limits (reference/graph-publishing.md#sending-limits), and
//! does not say which. So we stay below them, and count what may have been sent as sent.

use super::written::Act;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    pub messages_a_minute: u32,
    pub recipients_a_day: u32,
}

impl SendLimits {
    /// Where so many of Exchange's minutes pass in one.
    pub fn faster(self, minutes: u32) -> Self {
        Self { messages_a_minute: self.messages_a_minute.saturating_mul(minutes), ..self }
    }
}

impl Default for SendLimits {
    fn default() -> Self {
        Self { messages_a_minute: 25, recipients_a_day: 8_000 }
    }
}

/// What one mailbox has sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sent {
    /// When each of the last minute's messages went.
    messages: Vec<DateTime<Utc>>,
    /// Quarters of an hour since 1970, and recipients in each, of the last day.
    recipients: BTreeMap<i64, u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Counted already.
    Now,
    /// Not before.
    At(DateTime<Utc>),
}

const QUARTER: i64 = 900;
/// Those of a day, and the one that it began in.
const QUARTERS: i64 = 97;

impl Sent {
    /// Takes a message to so many, or says when it may be asked again. More recipients than a day allows at
    /// all go when nothing else was sent.
    pub fn take(&mut self, recipients: u32, limits: SendLimits, now: DateTime<Utc>) -> Allowed {
        self.forget(now);
        if self.messages.len() >= limits.messages_a_minute as usize {
            let oldest = self.messages.iter().min().copied().unwrap_or(now);
            return Allowed::At(oldest + TimeDelta::minutes(1));
        }
        let today = self.recipients.values().fold(0_u32, |sum, one| sum.saturating_add(*one));
        if today > 0 && today.saturating_add(recipients) > limits.recipients_a_day {
            let oldest = self.recipients.keys().next().copied().unwrap_or_default();
            return Allowed::At(beginning_of(oldest + QUARTERS));
        }
        self.messages.push(now);
        let counted = self.recipients.entry(quarter_of(now)).or_default();
        *counted = counted.saturating_add(recipients);
        Allowed::Now
    }

    /// What is in the future was counted by a clock that went wrong: it is kept no longer than the rest.
    fn forget(&mut self, now: DateTime<Utc>) {
        let minute = TimeDelta::minutes(1);
        self.messages.retain(|at| *at + minute > now && *at <= now + minute);
        let quarter = quarter_of(now);
        self.recipients.retain(|at, _| *at > quarter - QUARTERS && *at <= quarter + QUARTERS);
    }
}

fn quarter_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(QUARTER)
}

fn beginning_of(quarter: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(quarter.saturating_mul(QUARTER), 0).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Cancellations before changes before invitations; in each what starts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Turn {
    kind: u8,
    start: DateTime<Utc>,
}

impl Turn {
    pub fn of(act: &Act, start: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let kind = match act {
            Act::Cancel { .. } => 0,
            // Who sets out within the day waits for nobody's cancellation of next month.
            Act::Update { .. } | Act::Attendees { .. } | Act::Create { .. }
                if start - now < TimeDelta::days(1) =>
            {
                0
            }
            Act::Update { .. } | Act::Attendees { .. } => 1,
            Act::Create { .. } => 2,
        };
        Self { kind, start }
    }
}

#[cfg(test)]
#[path = "budget_tests.rs"]
mod tests;
