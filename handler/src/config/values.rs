//! The kinds of values that stand in the file: what the schema says of each, and how it is read.

use super::duration::{self, DURATION_PATTERN};
use super::nearest::{listed, nearest};
use super::reader::Reader;
use super::table::{At, May};
use super::tree::Value;
use chrono::TimeDelta;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};
use std::ops::RangeInclusive;

/// An object's id in Entra.
#[derive(JsonSchema)]
#[schemars(extend("format" = "uuid"))]
pub(super) struct Guid(#[allow(dead_code, reason = "for the schema")] String);

/// A duration, such as 1h 30m.
#[derive(JsonSchema)]
#[schemars(extend("pattern" = DURATION_PATTERN, "examples" = ["30s", "10m", "1h 30m", "90d"]))]
pub(super) struct Duration(#[allow(dead_code, reason = "for the schema")] String);

impl Reader<'_> {
    /// An Entra object id, tenant id or application id, in lower case.
    pub(super) fn guid(&mut self, given: At<'_, Guid>, what: &str, hint: &str) -> Option<String> {
        let expected = format!("{what}, a GUID such as 11111111-2222-3333-4444-555555555555");
        let text = self.text(&given, &expected)?;
        if !is_guid(text) {
            self.bad_value(&given, &expected, "not a GUID", Some(hint.to_owned()));
            return None;
        }
        // What `regrets init` writes until somebody fills it in.
        if text.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
            self.bad_value(&given, &expected, "not filled in yet", Some(hint.to_owned()));
            return None;
        }
        Some(text.to_ascii_lowercase())
    }

    /// One of the words that the schema knows.
    pub(super) fn choice<K: JsonSchema + DeserializeOwned>(
        &mut self,
        given: May<'_, K>,
        default: K,
    ) -> Option<K> {
        let Some(given) = given else { return Some(default) };
        let schema = K::json_schema(&mut SchemaGenerator::default());
        let words = words_of(&schema);
        let expected = listed(words.iter().copied());
        let text = self.text(&given, &expected)?;
        let chosen = K::deserialize(StrDeserializer::<Error>::new(text)).ok();
        if chosen.is_none() {
            let hint = nearest(text, words).map(|near| format!("did you mean \"{near}\"?"));
            self.bad_value(&given, &expected, "not one of them", hint);
        }
        chosen
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, given: May<'_, bool>, default: bool) -> Option<bool> {
        let Some(given) = given else { return Some(default) };
        if let Value::Boolean(flag) = given.value {
            return Some(flag);
        }
        self.bad_value(&given, "`true` or `false`", "", None);
        None
    }

    pub(super) fn duration(&mut self, given: May<'_, Duration>, default: TimeDelta) -> Option<TimeDelta> {
        const EXPECTED: &str = "a duration such as \"1h 30m\"";
        let Some(given) = given else { return Some(default) };
        if let Value::Integer(Some(number)) = given.value {
            self.bad_value(
                &given,
                EXPECTED,
                "a number without a unit",
                Some(format!("seconds are \"{number}s\"")),
            );
            return None;
        }
        let text = self.text(&given, EXPECTED)?;
        match duration::parse(text) {
            Ok(duration) => Some(duration),
            Err(error) => {
                self.bad_value(&given, EXPECTED, &error.to_string(), None);
                None
            }
        }
    }

    /// As [`Reader::duration`], but nothing would happen, or everything at once, if it were zero.
    pub(super) fn duration_above_zero(
        &mut self,
        given: May<'_, Duration>,
        default: TimeDelta,
    ) -> Option<TimeDelta> {
        let duration = self.duration(given, default)?;
        if let Some(given) = given.filter(|_| duration.is_zero()) {
            self.bad_value(&given, "a duration longer than zero", "", None);
            return None;
        }
        Some(duration)
    }

    /// A whole number in this range.
    pub(super) fn number<N: TryFrom<u32>>(
        &mut self,
        given: May<'_, u32>,
        default: N,
        range: RangeInclusive<u32>,
    ) -> Option<N> {
        let Some(given) = given else { return Some(default) };
        if let Value::Integer(Some(number)) = given.value
            && let Ok(number) = u32::try_from(number)
            && range.contains(&number)
            && let Ok(number) = N::try_from(number)
        {
            return Some(number);
        }
        let expected = match *range.end() {
            u32::MAX => format!("a whole number from {}", range.start()),
            most => format!("a whole number from {} to {most}", range.start()),
        };
        self.bad_value(&given, &expected, "", None);
        None
    }

    /// A whole number from 1.
    pub(super) fn count(&mut self, given: May<'_, u32>, default: u32) -> Option<u32> {
        self.number(given, default, 1..=u32::MAX)
    }
}

/// Of a schema that lists them, each by itself where it is described.
fn words_of(schema: &Schema) -> Vec<&str> {
    let list = |key: &str| schema.get(key).and_then(serde_json::Value::as_array).into_iter().flatten();
    // Those that say nothing of themselves stand together.
    let described = list("oneOf").flat_map(|one| {
        let together = one.get("enum").and_then(serde_json::Value::as_array).into_iter().flatten();
        one.get("const").into_iter().chain(together)
    });
    list("enum").chain(described).filter_map(serde_json::Value::as_str).collect()
}

pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}
