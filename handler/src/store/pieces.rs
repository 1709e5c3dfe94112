//! Properties that are longer than the service takes one (64 KiB): cut into pieces, and joined when they are
//! read.
//!
//! A row of many parts, or with a long story, is stored like any other, up to what the service takes of a
//! row. Pieces are the value's JSON; their names are the property's with a number behind two underscores,
//! which no property has otherwise.

use super::rules;
use super::table::Entity;
use serde_json::Value;
use std::collections::BTreeMap;

/// With room for what marks a text in a table.
const UNITS: usize = rules::STRING_UTF16_UNITS - 64;

/// The same properties, none of them too long.
pub(super) fn cut(properties: Entity) -> Entity {
    if properties.values().all(is_short) {
        return properties;
    }
    let mut cut = Entity::new();
    for (name, value) in properties {
        if is_short(&value) {
            cut.insert(name, value);
            continue;
        }
        for (n, piece) in pieces(&value.to_string()).into_iter().enumerate() {
            cut.insert(format!("{name}__{n}"), Value::String(piece));
        }
    }
    cut
}

fn is_short(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => rules::utf16_units(&rules::as_text(text)) <= UNITS,
        Value::Array(_) | Value::Object(_) => rules::utf16_units(&rules::as_json(value)) <= UNITS,
    }
}

fn pieces(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut piece, mut units) = (String::new(), 0);
    for c in text.chars() {
        if units + c.len_utf16() > UNITS {
            pieces.push(std::mem::take(&mut piece));
            units = 0;
        }
        units += c.len_utf16();
        piece.push(c);
    }
    pieces.push(piece);
    pieces
}

/// The properties as they were before they were cut.
///
/// # Errors
/// Pieces are missing, or are not of one value.
pub(super) fn join(entity: Entity) -> Result<Entity, serde_json::Error> {
    if !entity.keys().any(|name| number_of(name).is_some()) {
        return Ok(entity);
    }
    let mut joined = Entity::new();
    let mut cut: BTreeMap<String, BTreeMap<usize, String>> = BTreeMap::new();
    for (name, value) in entity {
        match (number_of(&name), value) {
            (Some((of, n)), Value::String(piece)) => {
                cut.entry(of.to_owned()).or_default().insert(n, piece);
            }
            (_, value) => {
                joined.insert(name, value);
            }
        }
    }
    for (name, pieces) in cut {
        if pieces.keys().enumerate().any(|(place, n)| place != *n) {
            return Err(serde::de::Error::custom(format!("a piece of {name} is missing")));
        }
        let text: String = pieces.into_values().collect();
        joined.insert(name, serde_json::from_str(&text)?);
    }
    Ok(joined)
}

fn number_of(name: &str) -> Option<(&str, usize)> {
    let (of, n) = name.rsplit_once("__")?;
    Some((of, n.parse().ok()?))
}

#[cfg(test)]
#[path = "pieces_tests.rs"]
mod tests;
