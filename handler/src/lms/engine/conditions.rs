//! Whether a test holds, of something in an answer, of a header, of a value. Compared are texts.

use crate::lms::recipe::json_path::{self, JsonPath};
use crate::lms::recipe::rule::Test;
use crate::lms::recipe::step::Condition;
use crate::lms::recipe::template::{NotRendered, RenderError, Template, Variables};
use serde_json::Value;
use std::borrow::Cow;

/// What a test looks at.
pub(super) enum Seen<'a> {
    /// All that stands somewhere in a JSON answer; mostly one, or nothing.
    Json(Vec<&'a Value>),
    Text(Option<Cow<'a, str>>),
}

impl<'a> Seen<'a> {
    pub(super) fn at(path: &JsonPath, json: Option<&'a Value>) -> Self {
        Self::Json(json.map(|json| path.all(json)).unwrap_or_default())
    }

    fn texts(&self) -> Vec<Cow<'_, str>> {
        match self {
            Self::Json(values) => values.iter().filter_map(|value| json_path::text(value)).collect(),
            Self::Text(text) => text.as_deref().map(Cow::Borrowed).into_iter().collect(),
        }
    }

    fn exists(&self) -> bool {
        match self {
            Self::Json(values) => values.iter().any(|value| !value.is_null()),
            Self::Text(text) => text.is_some(),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Json(values) => values.iter().all(|value| match value {
                Value::Null => true,
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                Value::Object(fields) => fields.is_empty(),
                Value::Bool(_) | Value::Number(_) => false,
            }),
            Self::Text(text) => text.as_deref().is_none_or(str::is_empty),
        }
    }
}

/// Where several things stand, one that fits is enough; `IsNot` wants that none does.
pub(super) fn holds(test: &Test, seen: &Seen<'_>, variables: &dyn Variables) -> Result<bool, RenderError> {
    Ok(match test {
        Test::Is { value, ignore_case } => is(value, *ignore_case, seen, variables)?,
        Test::IsNot { value, ignore_case } => !is(value, *ignore_case, seen, variables)?,
        Test::IsOneOf { values, ignore_case } => {
            for value in values {
                if is(value, *ignore_case, seen, variables)? {
                    return Ok(true);
                }
            }
            false
        }
        Test::Matches(pattern) => seen.texts().iter().any(|text| pattern.is_match(text)),
        Test::Exists(wanted) => seen.exists() == *wanted,
        Test::IsEmpty(wanted) => seen.is_empty() == *wanted,
    })
}

fn is(
    value: &Template,
    ignore_case: bool,
    seen: &Seen<'_>,
    variables: &dyn Variables,
) -> Result<bool, RenderError> {
    let wanted = match value.constant() {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(value.render(variables)?),
    };
    Ok(seen
        .texts()
        .iter()
        .any(|text| if ignore_case { text.to_lowercase() == wanted.to_lowercase() } else { *text == wanted }))
}

/// All must hold. A value that nobody has yet is nothing, and an empty text.
pub(super) fn all_hold(conditions: &[Condition], variables: &dyn Variables) -> Result<bool, RenderError> {
    for condition in conditions {
        let seen = match condition.value.render(variables) {
            Ok(text) => Seen::Text(Some(Cow::Owned(text))),
            Err(RenderError { why: NotRendered::Nothing, .. }) => Seen::Text(None),
            Err(error) => return Err(error),
        };
        if !holds(&condition.test, &seen, variables)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
#[path = "conditions_tests.rs"]
mod tests;
