//! Readings: lists of an LMS, and how an entry becomes a session or a record of a place.

use super::json_path::JsonPath;
use super::rule::Test;
use super::step::{Condition, Step};
use super::template::Template;
use schemars::JsonSchema;
use serde::Deserialize;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// One list.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its request and its rules; the values that it takes are those of an entry.
    pub step: Step,
    /// Once for each entry of that reading before it.
    pub each: Option<String>,
    /// Once for so many of them together: fields that name their values are repeated.
    pub batch: Option<usize>,
    /// Each of a batch is an entry: fewer are a doubt.
    pub finds_each: bool,
    /// An empty list is a doubt.
    pub never_empty: bool,
    /// The list's entries.
    pub records: JsonPath,
    /// Lists within an entry, each within an entry of the one before: the innermost are what is read.
    pub explode: Vec<JsonPath>,
    /// All must hold of the innermost entry.
    pub filter: Vec<(JsonPath, Test)>,
    /// How many entries the LMS says there are.
    pub total: Option<JsonPath>,
    /// Where the LMS says that it left something out: whatever stands there is a doubt.
    pub left_out: Option<JsonPath>,
    pub gives: Gives,
}

/// What becomes of an entry.
#[derive(Debug, Clone)]
pub enum Gives {
    /// Later readings are made once for each.
    Parents,
    /// The values that it takes are for readings that are made once for each, too.
    Session(Box<SessionFields>),
    /// A date of a session that another reading gives.
    Part(Box<ApartFields>),
    Place(Box<PlaceFields>),
}

/// Where something of an entry stands.
#[derive(Debug, Clone)]
pub enum Whence {
    /// Of the entry, or so many lists further out.
    Path {
        at: JsonPath,
        up: usize,
    },
    Made(Template),
}

/// A text; where the LMS has it in several languages, the first of these that is there, else any.
#[derive(Debug, Clone)]
pub struct TextSource {
    pub whence: Whence,
    pub languages: Vec<Template>,
    /// All must hold, else it gives nothing.
    pub when: Vec<Condition>,
}

/// The first that gives something counts.
pub type TextOf = Vec<TextSource>;

#[derive(Debug, Clone)]
pub struct TimeSource {
    pub whence: Whence,
    pub kind: TimeKind,
    /// As `strftime` writes it.
    pub format: Option<String>,
}

/// The first that gives something counts.
pub type TimeOf = Vec<TimeSource>;

/// How a time is written
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TimeKind {
    /// RFC 3339, with its offset
    Iso,
    /// Without an offset: as a clock in the session's zone shows it
    Naive,
    /// Seconds since 1970
    EpochSeconds,
    /// Milliseconds since 1970
    EpochMillis,
    /// A whole day; as an end, the last one
    Date,
    /// iso, naive or date, as each is written
    Any,
    /// An end: seconds after the start
    Seconds,
    /// An end: minutes after the start
    Minutes,
    /// An end: hours after the start
    Hours,
}

impl TimeKind {
    /// A length, and no time.
    pub fn is_length(self) -> bool {
        match self {
            Self::Seconds | Self::Minutes | Self::Hours => true,
            Self::Iso | Self::Naive | Self::EpochSeconds | Self::EpochMillis | Self::Date | Self::Any => {
                false
            }
        }
    }

    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// The state of an entry. There is no default: of a word that is in no map nobody knows what it says.
#[derive(Debug, Clone)]
pub enum StateIn<W> {
    Always(W),
    /// The first that knows its word counts.
    Maps(Vec<StateMap<W>>),
}

#[derive(Debug, Clone)]
pub struct StateMap<W> {
    pub whence: Whence,
    pub words: Vec<(String, W)>,
    /// All must hold, else it says nothing.
    pub when: Vec<Condition>,
}

/// What a session may be
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SessionWord {
    Draft,
    Scheduled,
    Undated,
    Cancelled,
    Finished,
    Hidden,
}

/// What a record may say of a place
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RecordWord {
    Held,
    Requested,
    Waitlisted,
    Invited,
    Declined,
    Cancelled,
    Attended,
    NoShow,
    Tombstone,
}

#[derive(Debug, Clone)]
pub struct SessionFields {
    pub id: TextOf,
    /// All of them.
    pub aliases: Vec<TextSource>,
    pub title: TextOf,
    pub description: TextOf,
    pub reason: TextOf,
    pub state: StateIn<SessionWord>,
    pub capacity: Option<Capacity>,
    pub instructors: Option<InstructorFields>,
    /// Without lists of parts the session is its only one.
    pub parts: Option<PartFields>,
    pub span: SpanFields,
}

/// A list of who leads it.
#[derive(Debug, Clone)]
pub struct InstructorFields {
    /// Within the session's entry.
    pub from: JsonPath,
    pub address: TextOf,
    pub name: TextOf,
    pub is_primary: TextOf,
}

#[derive(Debug, Clone)]
pub struct Capacity {
    pub from: TextOf,
    /// What stands there where there is no limit.
    pub unlimited: Vec<String>,
}

/// A dated span, and where.
#[derive(Debug, Clone, Default)]
pub struct SpanFields {
    pub zone: TextOf,
    pub start: TimeOf,
    pub end: TimeOf,
    pub venue: TextOf,
    pub room: TextOf,
    pub mailbox: TextOf,
    pub link: TextOf,
}

#[derive(Debug, Clone)]
pub struct PartFields {
    /// Within the session's entry.
    pub from: JsonPath,
    /// Without: their numbers.
    pub id: TextOf,
    pub title: TextOf,
    pub cancelled: TextOf,
    /// What it does not say, the session's fields say.
    pub span: SpanFields,
}

/// Of an entry that is a date, and says of which session.
#[derive(Debug, Clone)]
pub struct ApartFields {
    pub session: TextOf,
    pub id: TextOf,
    pub title: TextOf,
    pub cancelled: TextOf,
    pub span: SpanFields,
}

#[derive(Debug, Clone)]
pub struct PlaceFields {
    pub id: TextOf,
    /// Without: the session that is asked for.
    pub session: TextOf,
    pub learner: TextOf,
    pub address: TextOf,
    pub name: TextOf,
    pub language: TextOf,
    pub state: StateIn<RecordWord>,
    pub since: TimeOf,
    pub is_test: TextOf,
}
