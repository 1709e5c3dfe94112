//! Whether people are told of an alert now, later or not at all: a pure function of what is true, of what
//! they know, and of how often they were told lately.
//!
//! - What opens is told at once, what ends when it has held for [`Policy::settle`]: what can't come to rest
//!   is told at neither of its turns.
//! - At most [`AT_ONCE`] messages in a digest's time; what is more is told once at its end, with how often it
//!   changed and how it is now. What was told so has no more than that in the next such time either, unless
//!   it was quiet through one.
//! - How it is in the end is always told.

use crate::ledger::alert_changes::{Lately, Told};
use crate::ledger::alert_outbox::News;
use chrono::{DateTime, Duration, Utc};

/// So many of one alert are told at once within a digest's time.
pub const AT_ONCE: u32 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// So long an end must hold.
    pub settle: Duration,
    pub digest: Duration,
    /// Zero: never.
    pub remind: Duration,
}

/// What is true of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Actual {
    pub is_open: bool,
    /// A person has seen it.
    pub is_acknowledged: bool,
    /// How often it has opened.
    pub opened: u64,
    pub changed: Option<DateTime<Utc>>,
    /// The first change of which nobody was told.
    pub untold: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// People know all there is to know.
    Rest,
    /// Something is to be told, and not before then.
    Wait(DateTime<Utc>),
    Say(News),
}

/// What people know, and what they were told lately.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    pub told: Option<&'a Told>,
    pub lately: Option<Lately>,
    /// Since when somebody is to be told.
    pub since: Option<DateTime<Utc>>,
}

pub fn plan(actual: &Actual, known: Known<'_>, now: DateTime<Utc>, policy: &Policy) -> Step {
    let was_open = known.told.is_some_and(|told| told.is_open);
    let times = match known.told {
        Some(told) => actual.opened.saturating_sub(told.opened),
        // What was over before anybody was to be told is no news.
        None if !actual.is_open && actual.changed <= known.since => 0,
        None if actual.is_open => 1,
        None => actual.opened,
    };
    let settled = actual.changed.unwrap_or(now) + policy.settle;
    // Whatever does not come to rest is told all the same.
    let overdue = actual.untold.or(actual.changed).unwrap_or(now) + policy.digest;
    let (news, earliest) = match (was_open, actual.is_open, times) {
        (false, false, 0) => return Step::Rest,
        (true, true, 0) => return remind(actual, known, now, policy),
        (false, true, 0 | 1) => (News::Opened, now),
        (false, true, times) => (News::Changed { times }, now),
        (true, false, 0) => (News::Ended, settled.min(overdue)),
        (true, false, times) | (false, false, times) => (News::Changed { times }, settled.min(overdue)),
        (true, true, times) => (News::Changed { times }, overdue),
    };
    let earliest = earliest.max(room(known.lately, policy).unwrap_or(earliest));
    if earliest > now { Step::Wait(earliest) } else { Step::Say(news) }
}

fn remind(actual: &Actual, known: Known<'_>, now: DateTime<Utc>, policy: &Policy) -> Step {
    let Some(told) = known.told.filter(|_| !policy.remind.is_zero() && !actual.is_acknowledged) else {
        return Step::Rest;
    };
    let due = told.at + policy.remind;
    if due > now { Step::Wait(due) } else { Step::Say(News::Reminder) }
}

/// When there is room for one more; `None`: now.
fn room(lately: Option<Lately>, policy: &Policy) -> Option<DateTime<Utc>> {
    lately.filter(|lately| lately.said >= AT_ONCE).map(|lately| lately.since + policy.digest)
}

/// What was told lately, once this was told too.
pub fn after(news: News, lately: Option<Lately>, now: DateTime<Utc>, policy_digest: Duration) -> Lately {
    let running = lately.filter(|lately| lately.since + policy_digest > now);
    match news {
        News::Changed { times } if times > 1 => Lately { since: now, said: AT_ONCE },
        News::Changed { .. } | News::Opened | News::Ended => match running {
            Some(lately) => Lately { said: lately.said + 1, ..lately },
            None => Lately { since: now, said: 1 },
        },
        // Says nothing new.
        News::Reminder | News::Connected => running.unwrap_or(Lately { since: now, said: 0 }),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
