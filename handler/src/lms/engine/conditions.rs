//! Whether a test holds, of something in an answer, of a header, of a value. Compared are texts.

use super::state;
use crate::lms::recipe::json_path::{self, JsonPath};
use crate::lms::recipe::rule::Test;
use crate::lms::recipe::step::Condition;
use crate::lms::recipe::template::{NotRendered, RenderError, Template, Variables};
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;

/// What a test looks at.
pub(super) enum Seen<'a> {
    /// All that stands somewhere in a JSON answer; mostly one, or nothing.
    Json(Vec<&'a Value>),
    One(Option<&'a Value>),
    Text(Option<Cow<'a, str>>),
}

impl<'a> Seen<'a> {
    pub(super) fn at(path: &JsonPath, json: Option<&'a Value>) -> Self {
        match json {
            None => Self::One(None),
            Some(json) => match path.plain(json) {
                Some(one) => Self::One(one),
                None => Self::Json(path.all(json)),
            },
        }
    }

    fn values(&self) -> impl Iterator<Item = &'a Value> {
        let (many, one) = match self {
            Self::Json(values) => (values.as_slice(), None),
            Self::One(value) => (&[][..], *value),
            Self::Text(_) => (&[][..], None),
        };
        many.iter().copied().chain(one)
    }

    fn any_text(&self, fits: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Json(_) | Self::One(_) => self.values().filter_map(json_path::text).any(|text| fits(&text)),
            Self::Text(text) => text.as_deref().is_some_and(fits),
        }
    }

    fn exists(&self) -> bool {
        match self {
            Self::Json(_) | Self::One(_) => self.values().any(|value| !value.is_null()),
            Self::Text(text) => text.is_some(),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Json(_) | Self::One(_) => self.values().all(|value| match value {
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

/// A test of many rows: what it compares with is rendered once, when the first row asks for it.
pub(super) struct Prepared<'t> {
    test: &'t Test,
    wanted: Vec<OnceCell<Cow<'t, str>>>,
}

impl<'t> Prepared<'t> {
    pub(super) fn new(test: &'t Test) -> Self {
        let count = match test {
            Test::Is { .. } | Test::IsNot { .. } | Test::IsTime(_) => 1,
            Test::IsOneOf { values, .. } => values.len(),
            Test::Matches(_) | Test::Exists(_) | Test::IsEmpty(_) => 0,
        };
        Self { test, wanted: vec![OnceCell::new(); count] }
    }

    /// Where several things stand, one that fits is enough; `IsNot` wants that none does.
    pub(super) fn holds(&self, seen: &Seen<'_>, variables: &dyn Variables) -> Result<bool, RenderError> {
        Ok(match self.test {
            Test::Is { value, ignore_case } => self.is(0, value, *ignore_case, seen, variables)?,
            Test::IsNot { value, ignore_case } => !self.is(0, value, *ignore_case, seen, variables)?,
            Test::IsOneOf { values, ignore_case } => {
                for (at, value) in values.iter().enumerate() {
                    if self.is(at, value, *ignore_case, seen, variables)? {
                        return Ok(true);
                    }
                }
                false
            }
            Test::IsTime(value) => match state::time(self.rendered(0, value, false, variables)?) {
                Some(Some(wanted)) => seen.any_text(|text| state::time(text) == Some(Some(wanted))),
                // What is no time is the same as no other.
                Some(None) | None => false,
            },
            Test::Matches(pattern) => seen.any_text(|text| pattern.is_match(text)),
            Test::Exists(wanted) => seen.exists() == *wanted,
            Test::IsEmpty(wanted) => seen.is_empty() == *wanted,
        })
    }

    fn is(
        &self,
        at: usize,
        value: &'t Template,
        ignore_case: bool,
        seen: &Seen<'_>,
        variables: &dyn Variables,
    ) -> Result<bool, RenderError> {
        let wanted = self.rendered(at, value, ignore_case, variables)?;
        Ok(seen.any_text(|text| if ignore_case { text.to_lowercase() == wanted } else { text == wanted }))
    }

    /// What a row is compared with.
    fn rendered(
        &self,
        at: usize,
        value: &'t Template,
        ignore_case: bool,
        variables: &dyn Variables,
    ) -> Result<&str, RenderError> {
        let rendered = || -> Result<Cow<'t, str>, RenderError> {
            let text = match value.constant() {
                Some(text) => Cow::Borrowed(text),
                None => Cow::Owned(value.render(variables)?),
            };
            Ok(if ignore_case { Cow::Owned(text.to_lowercase()) } else { text })
        };
        let Some(cell) = self.wanted.get(at) else { return Ok("") };
        Ok(match cell.get() {
            Some(known) => known,
            None => {
                let first = rendered()?;
                cell.get_or_init(|| first)
            }
        })
    }
}

/// A test of one thing.
pub(super) fn holds(test: &Test, seen: &Seen<'_>, variables: &dyn Variables) -> Result<bool, RenderError> {
    Prepared::new(test).holds(seen, variables)
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
