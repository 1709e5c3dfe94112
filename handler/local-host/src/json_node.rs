//! A JSON value that knows where in its file it stands, so that a complaint can say so. Keys match in any case, as in
//! the real host's readers.

use crate::timespan;
use serde_json::Value;
use std::time::Duration;

#[derive(Debug, Clone)]
pub(crate) struct Node<'a> {
    path: String,
    value: Option<&'a Value>,
}

/// A sentence that names the place, what was found and what would be right.
pub(crate) type Complaint = String;

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self { path: String::new(), value: Some(value) }
    }

    pub(crate) fn get(&self, key: &str) -> Self {
        let value = self.value.and_then(Value::as_object).and_then(|object| {
            object
                .get(key)
                .or_else(|| object.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value))
        });
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { path, value: value.filter(|value| !value.is_null()) }
    }

    pub(crate) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    pub(crate) fn is_object(&self) -> bool {
        self.value.is_some_and(Value::is_object)
    }

    pub(crate) fn items(&self) -> Result<Option<Vec<Self>>, Complaint> {
        let Some(value) = self.value else { return Ok(None) };
        let items = value.as_array().ok_or_else(|| self.complain("an array"))?;
        let place = |index| format!("{}[{index}]", self.path);
        Ok(Some(items.iter().enumerate().map(|(index, item)| Self { path: place(index), value: Some(item) }).collect()))
    }

    pub(crate) fn text(&self) -> Result<Option<&'a str>, Complaint> {
        let Some(value) = self.value else { return Ok(None) };
        value.as_str().map(Some).ok_or_else(|| self.complain("a string"))
    }

    pub(crate) fn required_text(&self) -> Result<&'a str, Complaint> {
        self.text()?.ok_or_else(|| self.complain("a string"))
    }

    pub(crate) fn texts(&self) -> Result<Option<Vec<String>>, Complaint> {
        let Some(items) = self.items()? else { return Ok(None) };
        items.iter().map(|item| item.required_text().map(str::to_owned)).collect::<Result<_, _>>().map(Some)
    }

    /// Settings may override any value, and do so as text.
    pub(crate) fn flag(&self) -> Result<Option<bool>, Complaint> {
        match self.value {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(self.complain("true or false")),
        }
    }

    pub(crate) fn count(&self, least: u32, most: u32) -> Result<Option<u32>, Complaint> {
        let Some(value) = self.value else { return Ok(None) };
        let number = value.as_u64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (least..=most).contains(number))
            .map(Some)
            .ok_or_else(|| {
                let range =
                    if most == u32::MAX { format!("of at least {least}") } else { format!("from {least} to {most}") };
                self.complain(&format!("a whole number {range}"))
            })
    }

    pub(crate) fn duration(&self) -> Result<Option<Duration>, Complaint> {
        let Some(text) = self.text()? else { return Ok(None) };
        timespan::parse(text).map(Some).map_err(|problem| format!("{}: {problem}", self.path))
    }

    pub(crate) fn complain(&self, expected: &str) -> Complaint {
        match self.value {
            Some(value) => format!("{}: expected {expected}, found {value}", self.path),
            None => format!("{}: is missing; expected {expected}", self.path),
        }
    }
}
