//! What may go wrong on purpose. A fault applies for a number of times, for a while, or until it is cleared.

use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};

/// `mailbox` is any address of its owner; left out: all mailboxes and the directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum Fault {
    /// 429; `retryAfter` goes into the header as it stands. `outer`: the `$batch` request itself, not its
    /// parts.
    GraphThrottle {
        #[serde(default)]
        mailbox: Option<String>,
        #[serde(default)]
        retry_after: Option<String>,
        #[serde(default)]
        outer: bool,
    },
    /// Any status with any `error.code`, and `Retry-After` where one is given.
    GraphStatus {
        #[serde(default)]
        mailbox: Option<String>,
        status: u16,
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        retry_after: Option<String>,
        #[serde(default)]
        outer: bool,
    },
    /// A write in a calendar (an event made, changed, declined, called off, deleted) is answered so; with
    /// `done` it is carried out first, and nobody is told that it was.
    GraphWrite {
        #[serde(default)]
        mailbox: Option<String>,
        status: u16,
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        retry_after: Option<String>,
        #[serde(default)]
        done: bool,
    },
    /// A write in a calendar is done at once and answered so much later: what it sets off is told before.
    GraphWriteLate {
        ms: u64,
    },
    /// Every answer takes so much longer.
    GraphSlow {
        ms: u64,
    },
    /// The connection ends without an answer.
    GraphLost,
    /// A gateway's HTML page instead of JSON.
    GraphHtml {
        status: u16,
    },
    /// A valid token is not taken: 401.
    TokenBroken,
    /// The mailbox answers 403 `ErrorAccessDenied`.
    MailboxRefused {
        mailbox: String,
    },
    /// Graph forgets what it has told of calendars: 410 `SyncStateNotFound` to whoever follows this one.
    SyncStateLost {
        #[serde(default)]
        mailbox: Option<String>,
    },
    /// The token endpoint answers with this AADSTS code.
    EntraError {
        code: u32,
    },
    /// The token endpoint answers with this status and no sensible body.
    EntraStatus {
        status: u16,
    },
    /// Changes are never told: a silent gap.
    DropNotifications {
        #[serde(default)]
        mailbox: Option<String>,
    },
    /// Changes are held back while this is in force, and then told all at once: a burst. `times` counts
    /// nothing here.
    HoldNotifications {
        #[serde(default)]
        mailbox: Option<String>,
    },
    /// Nobody is reached by the handshake of a new subscription.
    HandshakeLost,
    /// Graph's clock, as its answers date themselves, is so far ahead of this machine's.
    GraphClock {
        seconds: i64,
    },
    /// The LMS's clock.
    LmsClock {
        seconds: i64,
    },
    /// Connections to the LMS are closed as they come.
    LmsDown,
    LmsSlow {
        ms: u64,
    },
    LmsStatus {
        status: u16,
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The cancellation takes effect; the answer never comes.
    LmsLoseReply,
    /// 200 with this outcome, and nothing done.
    LmsLie {
        outcome: String,
        #[serde(default)]
        message: Option<String>,
    },
    /// 200 with `accepted`: the place goes so much later, and whoever asks again meanwhile is told the same.
    LmsTakesItsTime {
        ms: u64,
    },
    /// An HTML page with this status.
    LmsHtml {
        status: u16,
    },
}

#[derive(Debug)]
struct Injected {
    fault: Fault,
    times: Option<u32>,
    until: Option<Instant>,
    /// Of what it could hit, only each so many-th is hit.
    each: u32,
    /// What it could have hit so far.
    met: u32,
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults(Vec<Injected>);

impl Faults {
    pub fn inject(&mut self, fault: Fault, times: Option<u32>, lasting: Option<Duration>) {
        self.add(fault, times, lasting, 1);
    }

    /// For a while, and only each so many-th time: each second part of a batch fails, say.
    pub fn inject_each(&mut self, fault: Fault, each: u32, lasting: Duration) {
        self.add(fault, None, Some(lasting), each.max(1));
    }

    fn add(&mut self, fault: Fault, times: Option<u32>, lasting: Option<Duration>, each: u32) {
        self.0.push(Injected {
            fault,
            times,
            until: lasting.map(|lasting| Instant::now() + lasting),
            each,
            met: 0,
        });
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The first fault in force for which `pick` has an answer; it counts as used once.
    pub fn take<T>(&mut self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.forget(Instant::now());
        for injected in &mut self.0 {
            if let Some(found) = pick(&injected.fault) {
                injected.met = injected.met.wrapping_add(1);
                if injected.met.is_multiple_of(injected.each) {
                    injected.times = injected.times.map(|times| times.saturating_sub(1));
                    return Some(found);
                }
            }
        }
        None
    }

    /// Whether such a fault is in force; it does not count as used.
    pub fn is_in_force(&mut self, pick: impl Fn(&Fault) -> bool) -> bool {
        self.forget(Instant::now());
        self.0.iter().any(|injected| pick(&injected.fault))
    }

    fn forget(&mut self, now: Instant) {
        self.0.retain(|injected| injected.times != Some(0) && injected.until.is_none_or(|until| until > now));
    }

    pub fn list(&self) -> Vec<Fault> {
        self.0
            .iter()
            .filter(|injected| injected.times != Some(0))
            .map(|injected| injected.fault.clone())
            .collect()
    }
}

#[cfg(test)]
#[path = "faults_tests.rs"]
mod tests;
