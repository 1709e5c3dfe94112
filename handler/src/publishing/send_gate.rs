//! How many mails may go out before a person is asked.
//!
//! Guarantees: the first mails ever wait for a person; later, more in an hour than `confirm_above` do, all
//! that are due together and not only those beyond it; a person's word holds for a day, and for no more mails
//! than they were shown.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub since: DateTime<Utc>,
    pub sessions: u32,
    pub mails: u32,
}

/// What a person has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub by: String,
    pub at: DateTime<Utc>,
    /// Mails that may still go out by it.
    pub mails: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SendGate {
    /// Since when a person wants mails to go out at all.
    #[serde(default)]
    pub opened: Option<DateTime<Utc>>,
    /// Minutes since 1970, and mails granted in each, of the last hour.
    #[serde(default)]
    granted: BTreeMap<i64, u32>,
    #[serde(default)]
    pub held: Option<Held>,
    #[serde(default)]
    pub word: Option<Word>,
}

const HOUR: i64 = 60;
/// How long a person's word holds.
const HOLDS: TimeDelta = TimeDelta::hours(24);

impl SendGate {
    /// Takes so many mails, or none of them. `asked`: a person is asked about these already, so that nothing
    /// but their word lets them out.
    pub fn take(&mut self, mails: u32, asked: bool, above: u32, now: DateTime<Utc>) -> bool {
        let minute = now.timestamp().div_euclid(60);
        self.granted.retain(|at, _| *at > minute - HOUR && *at <= minute);
        let sent = self.granted.values().fold(0_u32, |sum, one| sum.saturating_add(*one));
        let is_usual = self.opened.is_some() && !asked && sent.saturating_add(mails) <= above;
        let by_word = self.word.as_mut().filter(|word| word.at + HOLDS > now && word.mails >= mails);
        match (is_usual, by_word) {
            (true, _) => {}
            (false, Some(word)) => {
                word.mails -= mails;
                self.opened.get_or_insert(now);
            }
            (false, None) => return false,
        }
        let counted = self.granted.entry(minute).or_default();
        *counted = counted.saturating_add(mails);
        true
    }

    /// So many wait for a person; none: nobody is asked any more.
    pub fn hold(&mut self, sessions: u32, mails: u32, now: DateTime<Utc>) {
        let since = self.held.map_or(now, |held| held.since);
        self.held = (mails > 0).then_some(Held { since, sessions, mails });
    }

    /// From now on a person is asked first, as in the beginning.
    pub fn shut(&mut self) {
        (self.opened, self.held, self.word) = (None, None, None);
    }

    /// A person lets out what they were shown.
    pub fn let_out(&mut self, mails: u32, by: &str, now: DateTime<Utc>) {
        self.word = Some(Word { by: by.to_owned(), at: now, mails });
    }
}

#[cfg(test)]
#[path = "send_gate_tests.rs"]
mod tests;
