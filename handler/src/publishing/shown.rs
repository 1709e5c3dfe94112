//! What an event shows of what we have written, as the server answered to it; and what follows when it shows
//! something else: a person has edited it.
//!
//! Guarantees: compared is what was shown after our own last write with what is shown now, never with what
//! was asked for: Exchange rewrites what it is given, blanks and names alike. So a write of ours is never
//! taken for a person's. An edit is told once; where the LMS wins it is undone once, and stays then until
//! the LMS itself changes that field: nobody is drawn into a war of mails. The text is not compared: Exchange
//! rewrites all of it, and Teams adds to it. Nor is the place of what is an online meeting or has a room:
//! Teams and rooms write theirs into it.

use super::content::Field;
use super::written::{Stand, Written};
use crate::calendar::event::Event;
use crate::ids::hash;
use chrono::SecondsFormat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A hash for each field that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shown(BTreeMap<Field, String>);

/// Who wins where a person edits what the LMS says
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Wins {
    /// The edit stays, until the LMS says something else of that field
    Person,
    /// The edit is undone, once
    Lms,
}

/// Who wins, field by field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edits {
    pub when: Wins,
    pub title: Wins,
    pub place: Wins,
}

impl Default for Edits {
    fn default() -> Self {
        Self { when: Wins::Person, title: Wins::Person, place: Wins::Person }
    }
}

impl Edits {
    fn undoes(self, field: Field) -> bool {
        let wins = match field {
            Field::When => self.when,
            Field::Title => self.title,
            Field::Place => self.place,
            Field::Link | Field::Text | Field::Attendees => Wins::Person,
        };
        wins == Wins::Lms
    }
}

impl Shown {
    /// What was not read is not in it.
    pub fn of(event: &Event) -> Self {
        let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let when = event.start.zip(event.end).map(|(start, end)| format!("{} {}", time(start), time(end)));
        let all = [
            (Field::When, when),
            (Field::Title, event.subject.clone()),
            (Field::Place, event.location.clone()),
        ];
        Self(all.into_iter().filter_map(|(field, text)| Some((field, short(&text?)))).collect())
    }

    /// Of one field, to tell one edit from another.
    pub fn mark(&self, field: Field) -> &str {
        self.0.get(&field).map_or("", String::as_str)
    }

    /// Fields of which both know something else.
    pub fn differing(&self, now: &Self) -> BTreeSet<Field> {
        let differs = |(field, known): (&Field, &String)| {
            now.0.get(field).filter(|seen| *seen != known).map(|_| *field)
        };
        self.0.iter().filter_map(differs).collect()
    }

    /// With all that is shown now.
    #[must_use]
    pub fn and(&self, now: &Self) -> Self {
        let mut next = self.clone();
        next.0.extend(now.0.clone());
        next
    }

    fn without(mut self, field: Field) -> Self {
        self.0.remove(&field);
        self
    }
}

/// It only tells two apart.
fn short(text: &str) -> String {
    hash(text).chars().take(12).collect()
}

/// What follows from what an event shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The row, with what is known now.
    pub next: Written,
    /// What a person has edited, and whether it is undone.
    pub edited: BTreeMap<Field, bool>,
}

/// `None`: it shows what it showed after our last write.
pub fn seen(row: &Written, shown: &Shown, edits: Edits) -> Option<Seen> {
    if row.stand != Stand::Stands || row.act.is_some() || row.missing.is_some() {
        return None;
    }
    let is_placed_by_others =
        row.booking.is_some() || row.meeting.as_ref().is_some_and(|meeting| meeting.is_of_event);
    let shown = match is_placed_by_others {
        true => shown.clone().without(Field::Place),
        false => shown.clone(),
    };
    // Of what an older build wrote, or whose answer was lost, nothing is known: it begins with this.
    let known = row.shown.clone().unwrap_or_default();
    let next = known.and(&shown);
    if row.shown.as_ref() == Some(&next) {
        return None;
    }
    let edited: BTreeMap<Field, bool> = known
        .differing(&shown)
        .into_iter()
        .map(|field| (field, edits.undoes(field) && !row.undone.contains(&field)))
        .collect();
    let undo: BTreeSet<Field> =
        edited.iter().filter(|(_, undoes)| **undoes).map(|(field, _)| *field).collect();
    let next = Written {
        shown: Some(next),
        undone: row.undone.union(&undo).copied().collect(),
        undo: row.undo.union(&undo).copied().collect(),
        ..row.clone()
    };
    Some(Seen { next, edited })
}

#[cfg(test)]
#[path = "shown_tests.rs"]
mod tests;
