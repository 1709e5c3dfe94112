//! One step of a recipe: a request, and what is made of its answer.

use super::json_path::JsonPath;
use super::rule::{Rule, Test};
use super::template::Template;
use super::words::{PlaceState, Verdict};
use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;
use strum::{EnumString, IntoStaticStr, VariantArray};

#[derive(Debug, Clone)]
pub struct Step {
    /// `[a-z][a-z0-9_]*`; its values are `<name>.<value>`.
    pub name: String,
    pub about: String,
    /// All must hold, else the step is passed over.
    pub when: Vec<Condition>,
    /// A step without a request only ends a recipe ([`Step::exit`]).
    pub request: Option<Request>,
    /// Own rules, then those of the service.
    pub rules: Vec<Rule>,
    pub pick: Option<Pick>,
    pub take: Vec<Take>,
    /// The recipe ends with it, unless the step was passed over.
    pub state: Option<StateOf>,
    /// When the place was given.
    pub given: Option<JsonPath>,
    /// Whether the session has begun.
    pub started: Option<JsonPath>,
    pub exit: Option<Verdict>,
    /// Takes away no membership of a course.
    pub keeps_course: bool,
}

#[derive(Debug, Clone)]
pub struct Condition {
    pub value: Template,
    pub test: Test,
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: http::Method,
    pub target: Target,
    pub query: Vec<(String, Template)>,
    pub headers: Vec<(String, Template)>,
    pub body: Body,
    /// It carries the connection's credential. Not where its address is somebody else's.
    pub is_signed: bool,
    /// It changes nothing at the LMS, whatever its method.
    pub reads: bool,
    /// How long what was picked is kept.
    pub cache: Option<Duration>,
    pub timeout: Duration,
    pub expect: Expect,
    /// An empty 2xx is an answer.
    pub empty_is_ok: bool,
    pub paging: Option<Paging>,
}

#[derive(Debug, Clone)]
pub enum Target {
    /// Below the service's base.
    Path(Template),
    /// Absolute; its host must be allowed.
    Url(Template),
}

#[derive(Debug, Clone)]
pub enum Body {
    None,
    Form(Vec<(String, Template)>),
    Json(JsonBody),
    /// The query holds no placeholder; values go into variables.
    GraphQl {
        query: String,
        variables: JsonBody,
    },
    Xml(Template),
}

/// JSON whose texts are templates.
#[derive(Debug, Clone)]
pub enum JsonBody {
    Null,
    Boolean(bool),
    /// A number as it is written.
    Number(String),
    Text(Template),
    /// A text that becomes a JSON number, digit for digit.
    AsNumber(Template),
    AsBoolean(Template),
    List(Vec<JsonBody>),
    Object(Vec<(String, JsonBody)>),
}

/// What a 2xx must be
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Expect {
    Json,
    /// A table of comma-separated values: a list of its rows, by the first line's names
    Csv,
    /// A calendar feed: its events, each with its dates
    Icalendar,
    Text,
    Empty,
    Any,
}

#[derive(Debug, Clone)]
pub struct Paging {
    pub kind: PagingKind,
    /// More pages than these are a doubtful reading: `retry`.
    pub most: u32,
}

#[derive(Debug, Clone)]
pub enum PagingKind {
    /// `Link` header, `rel="next"`; opaque.
    Link,
    /// The next page's address in the body; null or nothing ends.
    Next(JsonPath),
    /// Page numbers, as a query value, or as `{{ page.number }}` anywhere.
    Page { query: Option<String>, from: u32, size: u32, size_query: Option<String>, ends: PagesEnd },
    /// Counts rows, the candidates of [`Step::pick`]: a query value, or `{{ page.offset }}` anywhere.
    Offset { query: Option<String>, size: u32, size_query: Option<String>, ends: PagesEnd },
    /// A cursor in the body, sent back as a query value, or as `{{ page.cursor }}` anywhere; of several
    /// values, such as time and id of a page's last entry, with a blank between.
    Cursor { at: Vec<JsonPath>, query: Option<String> },
}

/// Which page is the last. Rows are the candidates of [`Step::pick`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum PagesEnd {
    /// One with fewer rows than were asked for: only where the server never gives fewer of its own accord
    Short,
    /// One without rows
    Empty,
}

/// One of the candidates in an answer, never simply the first.
#[derive(Debug, Clone)]
pub struct Pick {
    pub from: JsonPath,
    /// All must hold. Looked at within the candidate.
    pub filter: Vec<(JsonPath, Test)>,
    /// What the picked entry says of itself: paths are looked at within it. Where none matches, it is good.
    pub rules: Vec<Rule>,
    /// [`Verdict::Ok`]: on, with empty values.
    pub none: Verdict,
    pub many: Verdict,
}

#[derive(Debug, Clone)]
pub struct Take {
    pub name: String,
    pub at: TakeAt,
    pub is_optional: bool,
}

#[derive(Debug, Clone)]
pub enum TakeAt {
    Json(JsonPath),
    Header(String),
    /// The pattern's one group.
    Text(Regex),
    /// Made of what earlier steps took.
    Value(Template),
}

#[derive(Debug, Clone)]
pub enum StateOf {
    Always(PlaceState),
    /// What is not in the map is for a person.
    Map {
        at: JsonPath,
        map: Vec<(String, PlaceState)>,
    },
}
