//! What the handler is sent in wrapped mode: `{"Data": {<binding>: …}, "Metadata": {…}}`
//! (reference/functions-host.md#wrapped-requests).

mod http;
mod queue;
mod timer;

use chrono::{DateTime, SecondsFormat, Utc};
pub(super) use http::{HttpCall, http};
pub(super) use queue::{QueueCall, queue};
use serde_json::{Map, Value, json};
pub(super) use timer::timer;
use uuid::Uuid;

/// The host encodes a value that isn't an object as a string that holds its JSON text: `hello` travels as
/// `"\"hello\""`.
fn twice(value: &Value) -> Value {
    Value::String(value.to_string())
}

/// Dates are the exception: once, cut to whole seconds, with an offset.
fn date(time: DateTime<Utc>) -> Value {
    Value::String(time.format("%Y-%m-%dT%H:%M:%S+00:00").to_string())
}

/// The host's map of binding data: keys are the same in any case, a later value replaces an earlier one and
/// keeps its key.
#[derive(Default)]
struct Metadata(Vec<(String, Value)>);

impl Metadata {
    fn set(&mut self, key: &str, value: Value) {
        match self.0.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case(key)) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    /// The top-level properties of a JSON object, neither arrays nor nulls; other text has none.
    fn merge_properties(&mut self, text: &str) {
        let Ok(Value::Object(properties)) = serde_json::from_str(text) else { return };
        for (key, value) in properties {
            match value {
                Value::Null | Value::Array(_) => {}
                Value::Object(_) => self.set(&key, value),
                Value::Bool(flag) => self.set(&key, twice(&json!(if flag { "True" } else { "False" }))),
                Value::Number(number) => self.set(&key, twice(&json!(number.to_string()))),
                Value::String(_) => self.set(&key, twice(&value)),
            }
        }
    }

    /// Every key that ends in "trigger" is dropped.
    fn into_value(self) -> Value {
        let kept = self.0.into_iter().filter(|(key, _)| !key.to_ascii_lowercase().ends_with("trigger"));
        Value::Object(kept.collect::<Map<_, _>>())
    }
}

fn sys(function: &str, now: DateTime<Utc>) -> Value {
    let now = now.to_rfc3339_opts(SecondsFormat::Nanos, true);
    // .NET counts in ticks of 100 ns: seven digits.
    let now = now.strip_suffix("00Z").map_or_else(|| now.clone(), |ticks| format!("{ticks}Z"));
    json!({ "MethodName": function, "UtcNow": now, "RandGuid": Uuid::new_v4().to_string() })
}

fn wrap(binding: &str, data: Value, metadata: Metadata) -> Value {
    let data: Map<String, Value> = std::iter::once((binding.to_owned(), data)).collect();
    json!({ "Data": data, "Metadata": metadata.into_value() })
}
