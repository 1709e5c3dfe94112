//! The subscriptions of a month, and why a mailbox has none.

use chrono::{DateTime, Duration, Utc};
use std::collections::{BTreeMap, HashMap, VecDeque};
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) url: String,
    pub(super) client_state: String,
    pub(super) expires: DateTime<Utc>,
    /// The authorization has lapsed: what is told waits until it is renewed.
    pub(super) paused: bool,
    warned: bool,
}

/// Why nobody is told of what happens in a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// There never was a subscription.
    NotYet,
    /// It ran out.
    Lapsed,
    /// Graph lost it without a word.
    Lost,
    /// Graph removed it, and said so.
    Removed,
    /// Its owner deleted it.
    Deleted,
}

/// Writes of subscriptions that the service takes within [`WINDOW`]
/// (handler/reference/graph-limits.md#subscriptions).
const WRITES: usize = 1_000;
const WINDOW: Duration = Duration::seconds(20);

#[derive(Debug, Default)]
pub(super) struct Registry {
    all: BTreeMap<Uuid, Subscription>,
    of_user: HashMap<Uuid, Vec<Uuid>>,
    absent: HashMap<Uuid, Absent>,
    writes: VecDeque<DateTime<Utc>>,
    pub(super) most_writes: usize,
    pub(super) breaches: usize,
}

/// What the passing of time did.
#[derive(Debug, Default)]
pub(super) struct Lapses {
    pub(super) ended: Vec<Subscription>,
    pub(super) warned: Vec<Subscription>,
}

impl Registry {
    /// Counts a write against the limit.
    pub(super) fn wrote(&mut self, now: DateTime<Utc>) {
        while self.writes.front().is_some_and(|first| *first + WINDOW <= now) {
            self.writes.pop_front();
        }
        self.writes.push_back(now);
        self.most_writes = self.most_writes.max(self.writes.len());
        self.breaches += usize::from(self.writes.len() > WRITES);
    }

    pub(super) fn add(
        &mut self,
        id: Uuid,
        user: Uuid,
        url: &str,
        client_state: &str,
        expires: DateTime<Utc>,
    ) {
        let (url, client_state) = (url.to_owned(), client_state.to_owned());
        self.all
            .insert(id, Subscription { id, user, url, client_state, expires, paused: false, warned: false });
        self.of_user.entry(user).or_default().push(id);
    }

    pub(super) fn get(&self, id: Uuid, now: DateTime<Utc>) -> Option<&Subscription> {
        self.all.get(&id).filter(|known| known.expires > now)
    }

    pub(super) fn edit(&mut self, id: Uuid, change: impl FnOnce(&mut Subscription)) {
        if let Some(known) = self.all.get_mut(&id) {
            change(known);
        }
    }

    pub(super) fn renew(&mut self, id: Uuid, expires: DateTime<Utc>) {
        self.edit(id, |known| (known.expires, known.paused, known.warned) = (expires, false, false));
    }

    pub(super) fn remove(&mut self, id: Uuid, why: Absent) -> Option<Subscription> {
        let gone = self.all.remove(&id)?;
        if let Some(ids) = self.of_user.get_mut(&gone.user) {
            ids.retain(|known| *known != id);
        }
        self.absent.insert(gone.user, why);
        Some(gone)
    }

    pub(super) fn of(&self, user: Uuid, now: DateTime<Utc>) -> Vec<Subscription> {
        let ids = self.of_user.get(&user).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.get(*id, now)).cloned().collect()
    }

    pub(super) fn absent(&self, user: Uuid) -> Absent {
        self.absent.get(&user).copied().unwrap_or(Absent::NotYet)
    }

    pub(super) fn active(&self, now: DateTime<Utc>) -> impl Iterator<Item = &Subscription> {
        self.all.values().filter(move |known| known.expires > now)
    }

    /// Ends what has run out, and finds what is about to.
    pub(super) fn lapses(&mut self, now: DateTime<Utc>) -> Lapses {
        let mut lapses = Lapses::default();
        let over: Vec<Uuid> =
            self.all.values().filter(|known| known.expires <= now).map(|known| known.id).collect();
        lapses.ended.extend(over.into_iter().filter_map(|id| self.remove(id, Absent::Lapsed)));
        let soon = now + Duration::minutes(15);
        for known in self.all.values_mut().filter(|known| !known.warned && known.expires <= soon) {
            known.warned = true;
            lapses.warned.push(known.clone());
        }
        lapses
    }
}
