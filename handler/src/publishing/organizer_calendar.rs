//! What vanishes from an organizer's calendar, and not by us: one event is a person's doing, many at once are
//! an accident.
//!
//! Guarantees: beyond the configured number and share within an hour nothing of that calendar is believed,
//! until a person has said what is to become of it; an event counts once, however often it is missed.

use crate::ids::Address;
use crate::sessions::vanish_brake::VanishLimits;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of one organizer's calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizerCalendar {
    pub organizer: Address,
    /// Events that were missed within the last hour, and when.
    #[serde(default)]
    gone: BTreeMap<String, DateTime<Utc>>,
    /// Nothing is written there.
    #[serde(default)]
    pub stopped: Option<Stopped>,
    /// Since when the mailbox itself can't be read: of its events nothing is known.
    #[serde(default)]
    pub away: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    pub since: DateTime<Utc>,
    /// So many events had vanished then, of so many.
    pub events: u64,
    pub of: u64,
    pub cause: Cause,
}

/// What is known of why they vanished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The mailbox is not there any more, or refuses us.
    MailboxAway,
    /// Its automatic replies are on: Outlook declines and cancels meetings of an absence, where it is asked
    /// to.
    Absence {
        until: Option<DateTime<Utc>>,
    },
    Unknown,
}

/// What is missed within so long is missed together.
const TOGETHER: TimeDelta = TimeDelta::hours(1);
/// So many are remembered: a row has an end.
const MOST: usize = 500;

impl OrganizerCalendar {
    /// What a person may take away in an hour without being asked: five, or a tenth.
    pub const LIMITS: VanishLimits = VanishLimits { few: 5, percent: 10 };

    pub fn new(organizer: Address) -> Self {
        Self { organizer, gone: BTreeMap::new(), stopped: None, away: None }
    }

    /// An event is missed; `event` names it.
    #[must_use]
    pub fn missing(&self, event: &str, now: DateTime<Utc>) -> Self {
        let mut next = self.clone();
        // What is in the future was noted by a clock that went wrong.
        next.gone.retain(|_, at| *at + TOGETHER > now && *at <= now + TOGETHER);
        if next.gone.len() < MOST {
            next.gone.entry(event.to_owned()).or_insert(now);
        }
        next
    }

    /// One that was missed is there again.
    #[must_use]
    pub fn found(&self, event: &str) -> Self {
        let mut next = self.clone();
        next.gone.remove(event);
        next
    }

    /// So many are missed together.
    pub fn missed(&self, now: DateTime<Utc>) -> u64 {
        self.gone.values().filter(|at| **at + TOGETHER > now).count() as u64
    }

    /// It is worth counting of how many.
    pub fn are_many(&self, limits: VanishLimits, now: DateTime<Utc>) -> bool {
        self.stopped.is_none() && self.missed(now) > limits.few as u64
    }

    /// `standing`: events that stand there and are not over, with those that are missed.
    pub fn are_too_many(&self, standing: u64, limits: VanishLimits, now: DateTime<Utc>) -> bool {
        let share = self.missed(now).saturating_mul(100);
        self.are_many(limits, now) && share > standing.saturating_mul(u64::from(limits.percent))
    }

    /// Nothing is written there from now on.
    #[must_use]
    pub fn stop(&self, of: u64, cause: Cause, now: DateTime<Utc>) -> Self {
        let stopped = Stopped { since: now, events: self.missed(now), of, cause };
        Self { stopped: Some(stopped), ..self.clone() }
    }

    /// A person has said what is to become of what vanished.
    #[must_use]
    pub fn go_on(&self) -> Self {
        Self { gone: BTreeMap::new(), stopped: None, ..self.clone() }
    }
}

impl Cause {
    /// In words, for people.
    pub fn words(self) -> String {
        match self {
            Self::MailboxAway => "the mailbox is gone, or the app may not read it any more".to_owned(),
            Self::Absence { until } => {
                let until = until.map(|until| format!(" until {}", until.format("%Y-%m-%d %H:%M UTC")));
                format!(
                    "the mailbox has automatic replies on{}, and an absence can decline and cancel the \
                     meetings that fall into it",
                    until.unwrap_or_default()
                )
            }
            Self::Unknown => "not known; a clean-up, a script or a person may have done it".to_owned(),
        }
    }
}

#[cfg(test)]
#[path = "organizer_calendar_tests.rs"]
mod tests;
