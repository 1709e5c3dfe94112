//! What an event shows of what we have written, as the server answered to it: a hash for each field.
//!
//! Guarantees: compared is what was shown after our own last write with what is shown now, never with what
//! was asked for: Exchange rewrites what it is given, blanks and names alike. So a write of ours is never
//! taken for a person's. The text is not compared: Exchange rewrites all of it, and Teams adds to it.

use super::content::Field;
use crate::calendar::event::Event;
use crate::ids::hash;
use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A hash for each field that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shown(BTreeMap<Field, String>);

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

    /// Of this field nothing is known.
    #[must_use]
    pub fn without(mut self, field: Field) -> Self {
        self.0.remove(&field);
        self
    }
}

/// It only tells two apart.
fn short(text: &str) -> String {
    hash(text).chars().take(12).collect()
}
