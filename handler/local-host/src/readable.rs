//! The handler's JSON lines for a person at a terminal: time, level, what happened, and its fields. Whatever
//! is no such line stays as it is.

use chrono::{DateTime, Local};
use serde_json::{Map, Value};
use std::fmt::Write as _;

pub(super) fn readable(line: &str) -> Option<String> {
    let mut fields: Map<String, Value> = serde_json::from_str(line).ok()?;
    let mut take = |name: &str| match fields.remove(name) {
        Some(Value::String(text)) => Some(text),
        Some(other) => Some(other.to_string()),
        None => None,
    };
    let (time, level, message) = (take("timestamp")?, take("level")?, take("message")?);
    let time =
        DateTime::parse_from_rfc3339(&time).ok()?.with_timezone(&Local).format("%H:%M:%S%.3f").to_string();
    let mut told = format!("{time} {level:5} {}", plain(&message));
    for (name, value) in &fields {
        let value = match value {
            Value::String(text) if text.is_empty() => continue,
            Value::String(text) if text.contains(char::is_whitespace) => format!("{:?}", plain(text)),
            Value::String(text) => plain(text),
            Value::Null => continue,
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
        };
        // Writing to a String can't fail.
        let _ = write!(told, "  {name}={value}");
    }
    Some(told)
}

/// What others have said must not move the cursor.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
#[path = "readable_tests.rs"]
mod tests;
