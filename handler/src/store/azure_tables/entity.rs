//! Between our properties (JSON values) and the service's (typed, flat, never null).
//!
//! | value | property |
//! |---|---|
//! | text, boolean, integer of 32 bits | as it is |
//! | larger integer | `Edm.Int64`, which is written as text |
//! | fraction | `Edm.Double`, said even where the number is whole |
//! | null, list, object | text: `json:` and the JSON ([`rules::as_json`]) |
//!
//! What comes back is what went in, kind and all.

use crate::store::rules;
use crate::store::table::{Entity, Etag};
use serde_json::{Map, Number, Value, json};

const TYPE: &str = "@odata.type";

/// The body of an insert or a replacement.
pub(super) fn encode(partition: &str, row: &str, entity: &Entity) -> Map<String, Value> {
    let mut body = Map::with_capacity(entity.len() + 2);
    body.insert("PartitionKey".to_owned(), json!(partition));
    body.insert("RowKey".to_owned(), json!(row));
    for (name, value) in entity {
        let (value, kind) = match value {
            Value::Bool(_) => (value.clone(), None),
            Value::String(text) => (json!(rules::as_text(text)), None),
            Value::Null | Value::Array(_) | Value::Object(_) => (json!(rules::as_json(value)), None),
            Value::Number(number) => match number.as_i64() {
                Some(whole) if i32::try_from(whole).is_ok() => (value.clone(), None),
                Some(whole) => (json!(whole.to_string()), Some("Edm.Int64")),
                None => (value.clone(), Some("Edm.Double")),
            },
        };
        if let Some(kind) = kind {
            body.insert(format!("{name}{TYPE}"), json!(kind));
        }
        body.insert(name.clone(), value);
    }
    body
}

/// A row as it was read.
#[derive(Debug, PartialEq)]
pub(super) struct Decoded {
    pub(super) row: String,
    /// The version, where the body says it: in lists it does.
    pub(super) etag: Option<Etag>,
    pub(super) entity: Entity,
}

/// Understands a row with all its annotations (`odata=fullmetadata`). The error says which property is wrong,
/// and how.
pub(super) fn decode(mut body: Map<String, Value>) -> Result<Decoded, String> {
    let text = |value: Option<Value>| match value {
        Some(Value::String(text)) => Some(text),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => {
            None
        }
    };
    let row = text(body.remove("RowKey")).ok_or("it has no RowKey")?;
    let etag = text(body.remove("odata.etag")).map(Etag);
    let mut entity = Entity::new();
    let names: Vec<String> = body.keys().filter(|name| !name.contains(['.', '@'])).cloned().collect();
    for name in names {
        let kind = text(body.remove(&format!("{name}{TYPE}")));
        let Some(value) = body.remove(&name) else { continue };
        if matches!(name.as_str(), "PartitionKey" | "Timestamp") {
            continue;
        }
        let value = restore(value, kind.as_deref()).map_err(|why| format!("the property {name} {why}"))?;
        entity.insert(name, value);
    }
    Ok(Decoded { row, etag, entity })
}

fn restore(value: Value, kind: Option<&str>) -> Result<Value, &'static str> {
    match (kind, value) {
        (Some("Edm.Int64"), Value::String(digits)) => {
            digits.parse::<i64>().map(Value::from).map_err(|_| "is not the integer it is said to be")
        }
        (Some("Edm.Double"), Value::Number(number)) => {
            let fraction = number.as_f64().and_then(Number::from_f64);
            fraction.map(Value::Number).ok_or("is not the number it is said to be")
        }
        (_, Value::String(text)) => match (text.strip_prefix(rules::JSON), text.strip_prefix(rules::TEXT)) {
            (Some(json), _) => serde_json::from_str(json).map_err(|_| "is not the JSON it is said to be"),
            (None, Some(rest)) => Ok(Value::from(rest)),
            (None, None) => Ok(Value::String(text)),
        },
        (_, plain) => Ok(plain),
    }
}

#[cfg(test)]
#[path = "entity_tests.rs"]
mod tests;
