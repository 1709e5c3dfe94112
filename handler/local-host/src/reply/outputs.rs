//! Queue outputs. An array of strings goes out exactly as given; every other shape is changed on its way by
//! the real host (reference/functions-queues.md#outputs), so it is refused here with what would have become
//! of it.

use crate::function_json::QueueOutput;
use crate::queue_name::QueueName;
use crate::reply::fault::{Fault, short};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

/// Takes the queue outputs out of `outputs`; each binding's messages in their order.
pub(super) fn take(
    bindings: &[QueueOutput],
    outputs: &mut Map<String, Value>,
) -> Result<Vec<(QueueName, String)>, Fault> {
    let mut messages = Vec::new();
    for output in bindings {
        let Some(value) = outputs.remove(&output.binding) else { continue };
        let texts =
            texts(value).map_err(|problem| Fault::Messages { binding: output.binding.clone(), problem })?;
        messages.extend(texts.into_iter().map(|text| (output.queue.clone(), text)));
    }
    Ok(messages)
}

fn texts(value: Value) -> Result<Vec<String>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => {
            items.into_iter().enumerate().map(|(index, item)| element(index, item)).collect()
        }
        Value::String(text) => Err(bare(&text)),
        Value::Object(_) => Err("an object would be sent as indented JSON by the Functions host".into()),
        Value::Number(_) | Value::Bool(_) => Err("a number or flag would be sent as .NET prints it".into()),
    }
}

fn element(index: usize, item: Value) -> Result<String, String> {
    match item {
        Value::String(text) if is_date(&text) => Err(format!(
            "element {index} is a date, which the Functions host would write in another form: {text}"
        )),
        Value::String(text) => Ok(text),
        Value::Null => {
            Err(format!("element {index} is null, which the Functions host would send as an empty message"))
        }
        Value::Object(_) | Value::Array(_) => {
            Err(format!("element {index} is not a string; the Functions host would send it as indented JSON"))
        }
        Value::Number(_) | Value::Bool(_) => Err(format!(
            "element {index} is not a string; the Functions host would send it as .NET prints it"
        )),
    }
}

fn bare(text: &str) -> String {
    if STANDARD.decode(text).is_ok() {
        return format!(
            "the string reads as base64, and the Functions host would send the bytes it decodes to: {}",
            short(text)
        );
    }
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Array(_)) => {
            "the string is a JSON array, which the Functions host would split into several messages".into()
        }
        Ok(Value::Object(_)) => {
            "the string is a JSON object, which the Functions host would print again with indentation".into()
        }
        Ok(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | Err(_) => {
            "a bare string goes out unchanged only if it happens to be neither base64 nor JSON".into()
        }
    }
}

/// What Json.NET would take for a date: ISO 8601, with or without zone, or its own old form.
fn is_date(text: &str) -> bool {
    DateTime::parse_from_rfc3339(text).is_ok()
        || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").is_ok()
        || (text.starts_with("/Date(") && text.ends_with(")/"))
}

#[cfg(test)]
#[path = "outputs_tests.rs"]
mod tests;
