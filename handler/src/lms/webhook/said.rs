//! What the body of an answer says, whatever its content type pretends.
//!
//! JSON is read leniently where it can't be misunderstood: a byte order mark, UTF-16, bytes that are no UTF-8
//! within texts, an `outcome` under `data` or `result`, and keys in any letter case are what frameworks and
//! their settings make of an answer. Reading over an `outcome` because of such a thing would turn a refusal
//! into "done".

use super::contract::Outcome;
use super::exchange::Received;
use crate::lms::exchange::text;
use serde_json::{Map, Value};

pub(super) struct Said {
    pub(super) content: Content,
    /// What a person may want to read.
    pub(super) words: Option<String>,
}

pub(super) enum Content {
    /// Nothing but blanks.
    Nothing,
    Object {
        named: Named,
        /// What in it speaks of failure, in words.
        failure: Option<String>,
    },
    /// JSON, but no object.
    OtherJson,
    /// HTML or XML.
    Page,
    Text,
    /// More than is read, and it begins like an object.
    TooMuchJson,
    TooMuch,
    Broken,
}

/// The outcome that an object names.
pub(super) enum Named {
    Nothing,
    Known(Outcome),
    /// Or two that differ.
    Unknown,
}

impl Said {
    pub(super) fn of(body: &Received) -> Self {
        let (bytes, cut) = match body {
            Received::Whole(bytes) => (bytes, false),
            Received::Cut(bytes) => (bytes, true),
            Received::Broken => return Self { content: Content::Broken, words: None },
        };
        let text = text(bytes);
        let text = text.trim();
        let words = Some(text.to_owned());
        if cut {
            let content = if text.starts_with('{') { Content::TooMuchJson } else { Content::TooMuch };
            return Self { content, words };
        }
        if text.is_empty() {
            return Self { content: Content::Nothing, words: None };
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(object)) => {
                // Of an answer by the book only the message is for people; of any other, all of it.
                let by_the_book = object.iter().all(|(key, value)| match bare(key).as_str() {
                    "message" => value.is_string() || value.is_null(),
                    "outcome" => value.is_null() || value.as_str().and_then(Outcome::named).is_some(),
                    _ => false,
                });
                let words = if by_the_book {
                    all(&object, "message").into_iter().next().and_then(Value::as_str).map(str::to_owned)
                } else {
                    words
                };
                let content = Content::Object { named: named(&object), failure: failure(&object) };
                Self { content, words }
            }
            Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Self { content: Content::OtherJson, words }
            }
            Err(_) if text.starts_with('<') => Self { content: Content::Page, words },
            Err(_) => Self { content: Content::Text, words },
        }
    }

    pub(super) fn named(&self) -> Option<&Named> {
        match &self.content {
            Content::Object { named, .. } => Some(named),
            Content::Nothing
            | Content::OtherJson
            | Content::Page
            | Content::Text
            | Content::TooMuchJson
            | Content::TooMuch
            | Content::Broken => None,
        }
    }
}

/// Without what tells naming conventions apart.
fn bare(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The values under this key, at the top or one level below.
fn all<'a>(object: &'a Map<String, Value>, wanted: &str) -> Vec<&'a Value> {
    let here = |object: &'a Map<String, Value>| {
        object.iter().filter(|(key, value)| bare(key) == wanted && !value.is_null()).map(|(_, value)| value)
    };
    here(object).chain(below(object).flat_map(here)).collect()
}

/// The objects one level below, in lists, too.
fn below(object: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    object.values().flat_map(|value| match value {
        Value::Object(inner) => vec![inner],
        Value::Array(items) => items.iter().filter_map(Value::as_object).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    })
}

fn named(object: &Map<String, Value>) -> Named {
    let mut outcomes =
        all(object, "outcome").into_iter().map(|value| value.as_str().and_then(Outcome::named));
    match outcomes.next() {
        None => Named::Nothing,
        Some(Some(first)) if outcomes.all(|other| other == Some(first)) => Named::Known(first),
        Some(_) => Named::Unknown,
    }
}

/// Must be true where they are there.
const MUST_BE_TRUE: &[&str] = &[
    "success",
    "ok",
    "succeeded",
    "successful",
    "issuccess",
    "issuccessful",
    "cancelled",
    "canceled",
    "done",
];
/// Must be empty where they are there.
const MUST_BE_EMPTY: &[&str] = &[
    "error",
    "errors",
    "errorcode",
    "errormessage",
    "errordescription",
    "exception",
    "exceptions",
    "fault",
    "faults",
    "failure",
    "failures",
    "failed",
];
/// Say in a word, or by a number as HTTP does, how it went.
const STATUS: &[&str] = &["status", "result", "state", "statuscode", "httpstatus", "code"];

/// What in an object speaks of failure; keys only, since the rest is quoted.
fn failure(object: &Map<String, Value>) -> Option<String> {
    std::iter::once(object).chain(below(object)).flat_map(|object| object.iter()).find_map(|(key, value)| {
        let bare = bare(key);
        let key: String = key.chars().take(40).collect();
        if MUST_BE_TRUE.contains(&bare.as_str()) && says_no(value) {
            Some(format!("`{key}` is not true"))
        } else if MUST_BE_EMPTY.contains(&bare.as_str()) && !is_empty(value) {
            Some(format!("`{key}` is not empty"))
        } else if STATUS.contains(&bare.as_str()) && is_bad_status(value) {
            Some(format!("`{key}` speaks of failure"))
        } else {
            None
        }
    })
}

fn says_no(value: &Value) -> bool {
    match value {
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            let word = bare(text);
            matches!(word.as_str(), "false" | "no" | "n" | "0" | "never" | "not") || is_bad_word(&word)
        }
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => {
            matches!(bare(text).as_str(), "" | "0" | "false" | "no" | "none" | "null" | "ok")
        }
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(inner) => inner.values().all(is_empty),
    }
}

fn is_bad_status(value: &Value) -> bool {
    let bad = |number: f64| (400.0..600.0).contains(&number);
    match value {
        Value::Bool(good) => !good,
        Value::Number(number) => number.as_f64().is_some_and(bad),
        Value::String(text) => text.trim().parse().is_ok_and(bad) || is_bad_word(&bare(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn is_bad_word(word: &str) -> bool {
    const BAD: &[&str] = &[
        "error",
        "err",
        "fail",
        "failed",
        "failure",
        "fault",
        "exception",
        "invalid",
        "rejected",
        "refused",
        "denied",
        "forbidden",
        "unauthorized",
        "unauthorised",
        "unauthenticated",
        "notfound",
        "notdone",
        "notcancelled",
        "unavailable",
        "timeout",
        "ko",
        "nok",
        "nack",
    ];
    BAD.contains(&word)
}
