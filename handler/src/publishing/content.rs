//! What an event is to say, and what is remembered of it.
//!
//! Compared is what is wanted with what was wanted last, field by field and by hash: never with what the
//! server made of it, for Exchange rewrites texts.

use crate::ids::{Address, hash};
use crate::sessions::moment::Span;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use strum::{IntoStaticStr, VariantArray};
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub span: Span,
    /// Cut to what Exchange takes.
    pub title: String,
    /// HTML, as it is sent.
    pub text: String,
    /// HTML that is sent after the text and changes by itself: it goes along with what is told anyhow, and
    /// is told by itself to nobody.
    pub also: String,
    pub place: Option<Place>,
    /// Where attendees join.
    pub link: Option<Url>,
    /// In the link's place where it is compared: an address of our own changes with our keys, and nobody is
    /// mailed because a key was rotated.
    pub known_as: Option<Url>,
    pub attendees: BTreeMap<Address, Attendee>,
    pub online: bool,
    pub hides_attendees: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub name: String,
    /// The room's mailbox.
    pub mailbox: Option<Address>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    pub name: Option<String>,
    pub kind: AttendeeKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttendeeKind {
    Learner,
    Instructor,
    Room,
}

/// What may differ.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    IntoStaticStr,
    VariantArray,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Field {
    /// Date, time and zone.
    When,
    /// The place, by name and room.
    Place,
    /// The link to join.
    Link,
    Title,
    Text,
    /// Changed in a request of its own, which mails only whom it concerns.
    Attendees,
}

/// A hash for each field of what was wanted last.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprints(BTreeMap<Field, String>);

impl Fingerprints {
    /// Fields in which the two differ.
    pub fn differing(&self, other: &Self) -> BTreeSet<Field> {
        Field::VARIANTS.iter().copied().filter(|field| self.0.get(field) != other.0.get(field)).collect()
    }

    /// One hash of all but the list, which is changed by itself: what the event carries of what it was last
    /// told.
    pub fn revision(&self) -> String {
        let mut told = self.0.clone();
        told.remove(&Field::Attendees);
        hashed(&told)
    }

    /// No way into a meeting was told.
    pub fn tells_no_link(&self) -> bool {
        self.0.get(&Field::Link) == Some(&hashed(&(None::<&Url>, false)))
    }

    /// Whether just these were invited when this was written.
    pub fn lists(&self, all: &BTreeMap<Address, AttendeeKind>) -> bool {
        self.0.get(&Field::Attendees) == Some(&hashed(&all.iter().collect::<Vec<_>>()))
    }

    /// This, with these fields of another.
    #[must_use]
    pub fn with(&self, other: &Self, fields: &BTreeSet<Field>) -> Self {
        let mut next = self.clone();
        for field in fields {
            match other.0.get(field) {
                Some(hash) => next.0.insert(*field, hash.clone()),
                None => next.0.remove(field),
            };
        }
        next
    }
}

impl Content {
    pub fn fingerprints(&self) -> Fingerprints {
        let attendees: Vec<(&Address, AttendeeKind)> =
            self.attendees.iter().map(|(address, one)| (address, one.kind)).collect();
        let of = |field: Field| match field {
            Field::When => hashed(&self.span),
            Field::Place => hashed(&self.place),
            Field::Link => hashed(&(self.known_as.as_ref().or(self.link.as_ref()), self.online)),
            Field::Title => hashed(&self.title),
            Field::Text => hashed(&self.text_as_known()),
            Field::Attendees => hashed(&attendees),
        };
        Fingerprints(Field::VARIANTS.iter().map(|field| (*field, of(*field))).collect())
    }

    fn text_as_known(&self) -> Cow<'_, str> {
        match (&self.link, &self.known_as) {
            (Some(link), Some(name)) => Cow::Owned(self.text.replace(link.as_str(), name.as_str())),
            (Some(_) | None, _) => Cow::Borrowed(&self.text),
        }
    }

    /// A room, or Teams, has something to say to it.
    pub fn awaits_answer(&self) -> bool {
        self.online || self.place.as_ref().is_some_and(|place| place.mailbox.is_some())
    }

    /// This, for none but those who are listed already.
    #[must_use]
    pub fn for_listed(&self, known: &BTreeSet<String>) -> Self {
        let mut content = self.clone();
        content.attendees.retain(|address, _| known.contains(&listed(address)));
        content
    }

    /// Who is invited, as a row keeps it.
    pub fn listed(&self) -> BTreeSet<String> {
        self.attendees.keys().map(listed).collect()
    }
}

/// One of a list, as a row keeps it: by it nobody is known, and it can be told whom a list concerns.
pub fn listed(address: &Address) -> String {
    hash(address.as_str()).chars().take(LISTED).collect()
}

/// Characters of an address's hash: they only tell those apart who are invited to one event.
const LISTED: usize = 12;

/// By the value's JSON, whose order is fixed.
fn hashed(value: &impl Serialize) -> String {
    // A value of ours without maps by other keys than texts always has a JSON form.
    let json = serde_json::to_vec(value).unwrap_or_default();
    let digest = Sha256::digest(&json);
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[path = "content_tests.rs"]
mod tests;
