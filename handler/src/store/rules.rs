//! What Azure Tables accepts, checked before any store is asked, so that what works on SQLite works on Azure
//! too.
//!
//! Source of the limits: "Understanding the Table service data model" and "Performing entity group
//! transactions" in the Azure Storage reference. Every breach is a [`StoreError::Invalid`] that names the
//! rule, never the value: keys may be hashes of personal data, values may be the data itself.

use super::table::{Entity, Op, StoreError};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashSet;

/// A key has at most 1 KiB, in the service's UTF-16 as in our UTF-8.
pub const KEY_UTF16_UNITS: usize = 512;
pub const KEY_UTF8_BYTES: usize = 1024;
/// 255 properties less `PartitionKey`, `RowKey` and `Timestamp`.
pub const PROPERTIES: usize = 252;
pub const PROPERTY_NAME_CHARS: usize = 255;
/// 64 KiB of UTF-16; nested values count as [`as_json`] writes them.
pub const STRING_UTF16_UNITS: usize = 32 * 1024;
/// Bytes of one entity, by the service's own way of counting.
pub const ENTITY_BYTES: usize = 1024 * 1024;
pub const BATCH_OPS: usize = 100;
/// Bytes of all entities of a batch.
pub const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Rows of one page.
pub const PAGE_ROWS: usize = 1000;

/// A partition key and a row key.
pub fn keys(partition: &str, row: &str) -> Result<(), StoreError> {
    key("partition key", partition)?;
    key("row key", row)
}

fn key(what: &str, key: &str) -> Result<(), StoreError> {
    if key.len() > KEY_UTF8_BYTES || key.encode_utf16().count() > KEY_UTF16_UNITS {
        return broken(format!(
            "a {what} has at most {KEY_UTF16_UNITS} UTF-16 units and {KEY_UTF8_BYTES} bytes of UTF-8"
        ));
    }
    match key.char_indices().find(|(_, c)| matches!(c, '/' | '\\' | '#' | '?') || c.is_control()) {
        Some((at, c)) => broken(format!(
            "a {what} holds no / \\ # ? and no control character; there is {c:?} at byte {at}"
        )),
        None => Ok(()),
    }
}

/// One whole row. Returns the bytes it takes by the service's way of counting.
pub fn entity(partition: &str, row: &str, entity: &Entity) -> Result<usize, StoreError> {
    keys(partition, row)?;
    if entity.len() > PROPERTIES {
        return broken(format!("a row has at most {PROPERTIES} properties; this has {}", entity.len()));
    }
    let mut bytes = 4 + utf16_bytes(partition) + utf16_bytes(row);
    for (name, value) in entity {
        property_name(name)?;
        bytes += 8 + utf16_bytes(name) + value_bytes(name, value)?;
    }
    if bytes > ENTITY_BYTES {
        return broken(format!("a row has at most {ENTITY_BYTES} bytes; this has {bytes}"));
    }
    Ok(bytes)
}

fn property_name(name: &str) -> Result<(), StoreError> {
    let mut chars = name.chars();
    let starts_well = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !starts_well
        || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
        || name.len() > PROPERTY_NAME_CHARS
    {
        return broken(format!(
            "a property name is an identifier ([A-Za-z_][A-Za-z0-9_]*) of at most {PROPERTY_NAME_CHARS} \
             characters; \
             {name:?} is not"
        ));
    }
    if matches!(name, "PartitionKey" | "RowKey" | "Timestamp") {
        return broken(format!("the property name {name} belongs to the service"));
    }
    Ok(())
}

fn value_bytes(name: &str, value: &Value) -> Result<usize, StoreError> {
    match value {
        Value::Bool(_) => Ok(1),
        Value::Number(number) if number.is_u64() && !number.is_i64() => {
            broken(format!("an integer is at most {}; the property {name:?} holds a larger one", i64::MAX))
        }
        Value::Number(_) => Ok(8),
        Value::String(text) => string_bytes(name, &as_text(text)),
        Value::Null | Value::Array(_) | Value::Object(_) => string_bytes(name, &as_json(value)),
    }
}

/// Begins a text property that holds what the service has no type for, as JSON.
pub const JSON: &str = "json:";
/// Begins a text property whose text would be taken for one of these two.
pub const TEXT: &str = "text:";

/// How a null, a list or an object stands in a row of Azure Tables, which knows only flat values and drops
/// nulls.
pub fn as_json(value: &Value) -> String {
    format!("{JSON}{value}")
}

/// How a text stands in a row of Azure Tables: nearly always as it is.
pub fn as_text(text: &str) -> Cow<'_, str> {
    if text.starts_with(JSON) || text.starts_with(TEXT) {
        Cow::Owned(format!("{TEXT}{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

fn string_bytes(name: &str, text: &str) -> Result<usize, StoreError> {
    let units = text.encode_utf16().count();
    if units > STRING_UTF16_UNITS {
        return broken(format!(
            "a property has at most {STRING_UTF16_UNITS} UTF-16 units (nested values as JSON text); {name:?} \
             has {units}"
        ));
    }
    Ok(4 + 2 * units)
}

/// A whole batch.
pub fn batch(partition: &str, ops: &[Op]) -> Result<(), StoreError> {
    if ops.len() > BATCH_OPS {
        return broken(format!("a batch has at most {BATCH_OPS} operations; this has {}", ops.len()));
    }
    let mut seen = HashSet::with_capacity(ops.len());
    let mut bytes = 0;
    for op in ops {
        let row = match op {
            Op::Insert { row, entity: body }
            | Op::Put { row, entity: body }
            | Op::Replace { row, entity: body, .. } => {
                bytes += entity(partition, row, body)?;
                row
            }
            Op::Delete { row, .. } => {
                keys(partition, row)?;
                row
            }
        };
        if !seen.insert(row.as_str()) {
            return broken("a batch names each row once; one is named twice".to_owned());
        }
    }
    if bytes > BATCH_BYTES {
        return broken(format!("a batch has at most {BATCH_BYTES} bytes; this has {bytes}"));
    }
    Ok(())
}

/// The size of a page.
pub fn limit(limit: usize) -> Result<(), StoreError> {
    if (1..=PAGE_ROWS).contains(&limit) {
        Ok(())
    } else {
        broken(format!("a page has 1 to {PAGE_ROWS} rows; {limit} were asked for"))
    }
}

pub fn utf16_units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

fn utf16_bytes(text: &str) -> usize {
    2 * utf16_units(text)
}

fn broken<T>(rule: String) -> Result<T, StoreError> {
    Err(StoreError::Invalid(rule))
}
