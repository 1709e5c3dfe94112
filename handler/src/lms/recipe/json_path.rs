//! Where something stands in an answer: RFC 9535, without descending (`..`), so that a long answer costs no
//! more than its length.

use serde_json::Value;
use std::borrow::Cow;

#[derive(Debug, Clone)]
pub struct JsonPath {
    text: String,
    path: serde_json_path::JsonPath,
    /// Where the list stands whose entries it selects; `None` where it selects none of a list.
    list: Option<Box<JsonPath>>,
    /// The names, of a path that is nothing but names: `$.user.id`. Most are, and rows are many.
    names: Option<Vec<String>>,
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
        let list = list(text).map(Self::parse).transpose()?.map(Box::new);
        Ok(Self { text: text.to_owned(), path, list, names: names(text) })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether there is a list through which it looks, however empty: nothing found in a list is an answer,
    /// and nothing found where there is no list is none. True where it looks through no list. Below the top,
    /// an object of objects is as good as a list: some write lists with their ids for keys.
    pub fn has_list(&self, value: &Value) -> bool {
        let Some(list) = &self.list else { return true };
        match list.all(value).as_slice() {
            // The list of lists may be empty.
            [] => list.list.is_some() && list.has_list(value),
            lists => lists.iter().all(|entries| match entries {
                Value::Array(_) => true,
                Value::Object(entries) => {
                    list.text != "$" && !entries.is_empty() && entries.values().all(Value::is_object)
                }
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
            }),
        }
    }

    /// All that stands there.
    pub fn all<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.path.query(value).all()
    }

    /// What stands there, if exactly one thing does.
    pub fn one<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.plain(value).unwrap_or_else(|| self.path.query(value).exactly_one().ok())
    }

    /// What stands there, of a path that can't lead to more than one thing; `None` of any other.
    pub fn plain<'v>(&self, value: &'v Value) -> Option<Option<&'v Value>> {
        let names = self.names.as_ref()?;
        Some(names.iter().try_fold(value, |value, name| value.as_object()?.get(name)))
    }
}

/// Of a path in the short form, with names of ASCII letters, digits and `_` alone.
fn names(text: &str) -> Option<Vec<String>> {
    let rest = text.strip_prefix('$')?;
    let is_name = |name: &str| {
        let starts = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_');
        starts && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match rest.strip_prefix('.') {
        Some(names) => names.split('.').map(|name| is_name(name).then(|| name.to_owned())).collect(),
        None => rest.is_empty().then(Vec::new),
    }
}

/// The path to the list, of a path that ends with `[*]`, `.*` or `[?…]`, or goes on behind the last of them.
fn list(text: &str) -> Option<&str> {
    let (mut depth, mut quote, mut start, mut last) = (0_u32, None, 0, None);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => _ = chars.next(),
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '[') => {
                if depth == 0 {
                    start = at;
                }
                depth += 1;
            }
            (None, ']') => depth = depth.saturating_sub(1),
            (None, '*' | '?') if depth == 1 => {
                let before = text.get(start + 1..at).unwrap_or_default();
                if before.trim().is_empty() {
                    last = Some(start);
                }
            }
            (None, '*') if depth == 0 && text.get(..at).is_some_and(|text| text.ends_with('.')) => {
                last = Some(at - 1);
            }
            (None, _) => {}
        }
    }
    last.and_then(|end| text.get(..end))
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

#[cfg(test)]
#[path = "json_path_tests.rs"]
mod tests;
