//! What the world remembers, so that somebody may judge afterwards what could have been known when: what
//! became of every notice, which copy was ever shown, which calendar was read when, and what was asked.

use super::registry::Absent;
use crate::world::ChangeKind;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// What became of the notice of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nobody had subscribed.
    Unsubscribed(Absent),
    /// Lost at random, alone.
    Lost,
    /// In a gap in which nothing was told.
    Silent,
    /// Graph was down.
    GraphDown,
    /// The mailbox was not the app's to watch.
    Refused,
    /// On its way still.
    UnderWay,
    /// Our endpoint took it.
    Taken,
    /// Our endpoint did not take it for four hours.
    GivenUp,
    /// The subscription ended before it was taken.
    Ended,
}

/// The notice of one change of one copy.
#[derive(Debug, Clone)]
pub struct Notice {
    /// When the change was made.
    pub at: DateTime<Utc>,
    pub kind: ChangeKind,
    pub told: Told,
    /// When that was so.
    pub since: DateTime<Utc>,
}

/// How much of a calendar was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Whole,
    /// Two days at most.
    Near,
}

/// What was counted.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Requests by kind; each is a part of a `$batch` for the real client.
    pub asked: BTreeMap<&'static str, u64>,
    /// Those that were not answered well, by status.
    pub refused: BTreeMap<u16, u64>,
    pub notices: BTreeMap<String, u64>,
    pub missed: u64,
    pub removed: u64,
    pub reauthorize: u64,
    /// Writes of subscriptions beyond the limit of their twenty seconds.
    pub limit_breaches: usize,
    pub most_writes_in_window: usize,
}

#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) counts: Counts,
    pub(super) notices: HashMap<String, Vec<Notice>>,
    pub(super) shown: HashMap<String, DateTime<Utc>>,
    pub(super) views: HashMap<Uuid, Vec<(DateTime<Utc>, Reach)>>,
    /// When `missed` was told of a mailbox, and when our endpoint took it.
    pub(super) missed: HashMap<Uuid, Vec<DateTime<Utc>>>,
    pub(super) missed_taken: HashMap<Uuid, Vec<DateTime<Utc>>>,
    pub(super) subscribed: HashMap<Uuid, Vec<DateTime<Utc>>>,
    pub(super) ran_out: Vec<(Uuid, DateTime<Utc>)>,
}

/// Names a notice in the book.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) copy: String,
    pub(super) index: usize,
}

impl Book {
    pub(super) fn note(&mut self, copy: &str, kind: ChangeKind, told: Told, now: DateTime<Utc>) -> Entry {
        let notices = self.notices.entry(copy.to_owned()).or_default();
        notices.push(Notice { at: now, kind, told, since: now });
        Entry { copy: copy.to_owned(), index: notices.len() - 1 }
    }

    /// What was taken once is taken, whatever becomes of its doubles.
    pub(super) fn became(&mut self, entry: &Entry, told: Told, now: DateTime<Utc>) {
        let notice = self.notices.get_mut(&entry.copy).and_then(|notices| notices.get_mut(entry.index));
        if let Some(notice) = notice.filter(|notice| notice.told != Told::Taken) {
            (notice.told, notice.since) = (told, now);
        }
    }

    pub(super) fn show(&mut self, copy: &str, now: DateTime<Utc>) {
        if !self.shown.contains_key(copy) {
            self.shown.insert(copy.to_owned(), now);
        }
    }
}
