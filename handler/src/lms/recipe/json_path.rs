//! Where something stands in an answer: RFC 9535, without descending (`..`), so that a long answer costs no
//! more than its length.

use serde_json::Value;
use std::borrow::Cow;

#[derive(Debug, Clone)]
pub struct JsonPath {
    text: String,
    path: serde_json_path::JsonPath,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonPathError {
    #[error("`..` searches the whole answer; name the way from the top")]
    Descends,
    #[error("longer than {LONGEST} bytes")]
    TooLong,
    #[error("filters are nested too deeply")]
    TooDeep,
    #[error("{message}")]
    Syntax { message: String, at: usize },
}

/// A path is read by descent into its filters.
const LONGEST: usize = 1000;
const DEEPEST: usize = 16;

impl JsonPath {
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        if text.len() > LONGEST {
            return Err(JsonPathError::TooLong);
        }
        if ['?', '(', '!'].into_iter().any(|opens| text.matches(opens).count() > DEEPEST) {
            return Err(JsonPathError::TooDeep);
        }
        if text.contains("..") {
            return Err(JsonPathError::Descends);
        }
        let path = serde_json_path::JsonPath::parse(text).map_err(|error| JsonPathError::Syntax {
            message: error.message().to_owned(),
            at: error.position(),
        })?;
        Ok(Self { text: text.to_owned(), path })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// All that stands there.
    pub fn all<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.path.query(value).all()
    }

    /// What stands there, if exactly one thing does.
    pub fn one<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.path.query(value).exactly_one().ok()
    }
}

/// A value as text: numbers digit for digit; `None` for null, lists and objects.
pub fn text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
