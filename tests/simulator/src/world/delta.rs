//! What `calendarView/delta` remembers and tells (handler/reference/graph-events.md#delta).
//!
//! A window is fixed in the token. What is new or changed in it is told, and what is gone from it; and what
//! was added or changed outside of it is told as removed, too. A page may be empty and still have a next link
//! (the first of a round with anything to tell is), and an item may come twice (the first of a round of
//! several pages does). A token that is not known any more is lost: the newest few of a mailbox are kept.

use super::directory::Mailbox;
use super::item::{Item, Series, Slot};
use super::matrix::Matrix;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// States kept of a mailbox.
const KEPT: usize = 6;

/// An item by its immutable id, or one occurrence of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) immutable: String,
    pub(crate) mutable: String,
    pub(crate) occurrence: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    version: u32,
    is_within: bool,
}

type Calendar = BTreeMap<Key, Seen>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    There(Key),
    Removed(Key),
}

/// What the tokens of a mailbox stand for.
#[derive(Debug)]
struct State {
    number: u64,
    user: Uuid,
    window: Slot,
    /// What the round has told of; the next one tells what differs from it.
    told: Calendar,
    pages: Vec<Vec<Entry>>,
}

#[derive(Debug, Default)]
pub(crate) struct SyncStates {
    made: u64,
    states: Vec<State>,
    /// The calendar as it was when somebody followed it last: what a delta that lags behind knows.
    behind: BTreeMap<Uuid, Calendar>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'a> {
    Window(Slot),
    /// A next link's token.
    Skip(&'a str),
    /// A delta link's token.
    Later(&'a str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    pub(crate) token: Token,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    Skip(String),
    Later(String),
}

impl SyncStates {
    /// `None`: the token is lost.
    pub(crate) fn page(
        &mut self,
        (user, mailbox): (Uuid, &Mailbox),
        matrix: &Matrix,
        ask: Ask<'_>,
        size: usize,
    ) -> Option<Page> {
        let (number, page) = match ask {
            Ask::Window(window) => (self.round(user, mailbox, matrix, window, None, size), 0),
            Ask::Later(token) => {
                let state = self.known(user, token)?;
                let (window, told) = (state.window, state.told.clone());
                (self.round(user, mailbox, matrix, window, Some(&told), size), 0)
            }
            Ask::Skip(token) => {
                let (number, page) = token.split_once('~')?;
                (self.known(user, number)?.number, page.parse().ok()?)
            }
        };
        let state = self.states.iter().find(|state| state.number == number)?;
        let entries = state.pages.get(page)?.clone();
        let token = match state.pages.len() - page {
            0 | 1 => Token::Later(number.to_string()),
            _ => Token::Skip(format!("{number}~{}", page + 1)),
        };
        Some(Page { entries, token })
    }

    /// Nothing is remembered any more.
    pub(crate) fn lose(&mut self) {
        self.states.clear();
    }

    fn known(&self, user: Uuid, token: &str) -> Option<&State> {
        let number: u64 = token.parse().ok()?;
        self.states.iter().find(|state| state.number == number && state.user == user)
    }

    fn round(
        &mut self,
        user: Uuid,
        mailbox: &Mailbox,
        matrix: &Matrix,
        window: Slot,
        told: Option<&Calendar>,
        size: usize,
    ) -> u64 {
        let now = calendar(mailbox, matrix, window);
        let before = self.behind.insert(user, now.clone());
        // Read for another window, it would say nothing of this one.
        let now = before.filter(|_| matrix.delta_lags && told.is_some()).unwrap_or(now);
        let entries = entries(told, &now);
        self.made += 1;
        self.states.push(State { number: self.made, user, window, told: now, pages: pages(entries, size) });
        let of_user = self.states.iter().filter(|state| state.user == user).count();
        if of_user > KEPT
            && let Some(oldest) = self.states.iter().position(|state| state.user == user)
        {
            self.states.remove(oldest);
        }
        self.made
    }
}

fn calendar(mailbox: &Mailbox, matrix: &Matrix, window: Slot) -> Calendar {
    let default = mailbox.default_calendar();
    let mut calendar = Calendar::new();
    for item in mailbox.items.iter().filter(|item| item.live && item.calendar == default) {
        for (key, slot) in shown(item, matrix) {
            let is_within = slot.start < window.end && slot.end > window.start;
            calendar.insert(key, Seen { version: item.version, is_within });
        }
    }
    calendar
}

/// Occurrences expanded; with their master, or without it.
fn shown(item: &Item, matrix: &Matrix) -> Vec<(Key, Slot)> {
    let key =
        |occurrence| Key { immutable: item.immutable.clone(), mutable: item.mutable.clone(), occurrence };
    let slot = |start| Slot { start, end: start + item.slot.length() };
    match &item.series {
        Series::Single => vec![(key(None), item.slot)],
        Series::Master { occurrences } => {
            let there = occurrences.iter().filter(|one| !one.is_lost);
            let there = there.map(|one| {
                (key(Some(one.start)), one.exception.as_ref().map_or_else(|| slot(one.start), |own| own.slot))
            });
            let mut shown: Vec<(Key, Slot)> = there.collect();
            if let Some((_, first)) = shown.first().filter(|_| matrix.delta_shows_masters) {
                shown.push((key(None), *first));
            }
            shown
        }
    }
}

fn entries(told: Option<&Calendar>, now: &Calendar) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (key, seen) in now {
        let before = told.map(|told| told.get(key));
        match (before, seen.is_within) {
            (None, true) => entries.push(Entry::There(key.clone())),
            (None, false) => {}
            (Some(before), _) if before == Some(seen) => {}
            (Some(_), true) => entries.push(Entry::There(key.clone())),
            // It was moved out of the window; or never was in it.
            (Some(_), false) => entries.push(Entry::Removed(key.clone())),
        }
    }
    let gone = told.into_iter().flatten().filter(|(key, seen)| seen.is_within && !now.contains_key(*key));
    entries.extend(gone.map(|(key, _)| Entry::Removed(key.clone())));
    entries
}

fn pages(entries: Vec<Entry>, size: usize) -> Vec<Vec<Entry>> {
    let mut pages = vec![Vec::new()];
    pages.extend(entries.chunks(size.max(1)).map(<[Entry]>::to_vec));
    if pages.len() > 2 {
        let first = entries.first().cloned();
        if let Some(last) = pages.last_mut() {
            last.extend(first);
        }
    }
    pages
}
