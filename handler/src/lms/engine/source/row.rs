//! One entry of a list with those around it, and what templates say of them.

use crate::lms::recipe::json_path;
use crate::lms::recipe::template::Variables;
use crate::sessions::pass::Quarantined;
use serde_json::Value;
use std::borrow::Cow;

#[derive(Clone)]
pub(super) struct Row<'v> {
    /// All that came with it.
    answer: &'v Value,
    /// From the outermost to the entry itself.
    entries: Vec<&'v Value>,
}

impl<'v> Row<'v> {
    pub(super) fn new(answer: &'v Value, entry: &'v Value) -> Self {
        Self { answer, entries: vec![entry] }
    }

    /// An entry of a list within this one.
    pub(super) fn within(&self, entry: &'v Value) -> Self {
        Self { answer: self.answer, entries: self.entries.iter().copied().chain([entry]).collect() }
    }

    /// The entry, or the one so many lists further out.
    pub(super) fn at(&self, up: usize) -> Option<&'v Value> {
        self.entries.iter().rev().nth(up).copied()
    }
}

/// `record.name`, `record.cells.0`, `parent.name`, `answer.name`, and all that is known beside.
pub(super) struct RowScope<'a> {
    pub(super) row: &'a Row<'a>,
    pub(super) around: &'a dyn Variables,
}

impl Variables for RowScope<'_> {
    /// An empty text is nothing: an id is not to be made of it.
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(inner) = name.strip_prefix("answer.") {
            return within(self.row.answer, inner);
        }
        let (mut rest, mut up) = (name, 0);
        while let Some(inner) = rest.strip_prefix("parent.") {
            (rest, up) = (inner, up + 1);
        }
        if up == 0 {
            match rest.strip_prefix("record.") {
                Some(inner) => rest = inner,
                None => return self.around.get(name),
            }
        }
        within(self.row.at(up)?, rest)
    }
}

fn within<'v>(value: &'v Value, names: &str) -> Option<Cow<'v, str>> {
    let value = names.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            value.get(name)
        }
    })?;
    json_path::text(value).filter(|text| !text.is_empty())
}

/// Why an entry is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unmapped {
    /// As far as that was read.
    pub(super) id: Option<String>,
    pub(super) field: &'static str,
    /// What is wrong, and what would be right.
    pub(super) problem: String,
}

impl Unmapped {
    pub(super) fn new(field: &'static str, problem: impl Into<String>) -> Self {
        Self { id: None, field, problem: problem.into() }
    }

    pub(super) fn of(self, id: &str) -> Self {
        Self { id: Some(id.to_owned()), ..self }
    }

    pub(super) fn quarantined(self, at: &str) -> Quarantined {
        Quarantined { id: self.id, at: format!("{at}.{}", self.field), problem: self.problem }
    }
}

/// As much of what the LMS wrote as is shown.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}
