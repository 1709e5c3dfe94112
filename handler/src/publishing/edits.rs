//! A person has edited an event of ours: what becomes of that, field by field.
//!
//! Guarantees: an edit is told once; where the LMS wins it is undone once, and stays then until the LMS
//! itself changes that field: nobody is drawn into a war of mails. The place of what is an online meeting or
//! has a room is nobody's edit: Teams and rooms write theirs into it.

use super::content::Field;
use super::shown::Shown;
use super::written::{Stand, Written};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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
#[path = "edits_tests.rs"]
mod tests;
