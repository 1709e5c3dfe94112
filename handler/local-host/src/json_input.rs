//! JSON files as the real host reads them: keys match in any case, `null` is the same as nothing, and a value
//! may be text, because app settings may override any value, and do so as text.
//!
//! Guarantees that what is wrong is told with its place, what was found and what would be right.

use crate::timespan;
use serde::de::{Deserialize as _, DeserializeOwned, Deserializer, Error};
use serde_json::{Map, Value};
use std::time::Duration;

/// A sentence that names the place, what was found and what would be right.
pub(crate) type Complaint = String;

pub(crate) fn parse(text: &str) -> Result<Value, Complaint> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())
}

/// `names` are the keys that count, spelled as `T` has them.
pub(crate) fn read<T: DeserializeOwned>(mut value: Value, names: &[&str]) -> Result<T, Complaint> {
    spell(&mut value, names);
    typed(value)
}

pub(crate) fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Complaint> {
    serde_path_to_error::deserialize(value).map_err(|error| match error.path().iter().len() {
        0 => error.inner().to_string(),
        _ => error.to_string(),
    })
}

fn spell(value: &mut Value, names: &[&str]) {
    if let Some(items) = value.as_array_mut() {
        items.iter_mut().for_each(|item| spell(item, names));
    }
    if let Some(members) = value.as_object_mut() {
        spell_members(members, names);
        members.values_mut().for_each(|member| spell(member, names));
    }
}

/// The member that is spelled rightly wins over one that is not.
pub(crate) fn spell_members(members: &mut Map<String, Value>, names: &[&str]) {
    for (key, value) in std::mem::take(members).into_iter().filter(|(_, value)| !value.is_null()) {
        match names.iter().find(|name| name.eq_ignore_ascii_case(&key)) {
            Some(&name) if name != key => drop(members.entry(name).or_insert(value)),
            Some(_) | None => drop(members.insert(key, value)),
        }
    }
}

pub(crate) fn unexpected<E: Error>(expected: &str, found: &Value) -> E {
    E::custom(format!("expected {expected}, found {found}"))
}

pub(crate) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let flag = value.as_bool().or_else(|| value.as_str()?.to_ascii_lowercase().parse().ok());
    flag.ok_or_else(|| unexpected("true or false", &value))
}

pub(crate) fn count<'de, D: Deserializer<'de>, const LEAST: u32, const MOST: u32>(
    deserializer: D,
) -> Result<u32, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let number =
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|number| u32::try_from(number).ok());
    number.filter(|number| (LEAST..=MOST).contains(number)).ok_or_else(|| {
        let range =
            if MOST == u32::MAX { format!("of at least {LEAST}") } else { format!("from {LEAST} to {MOST}") };
        unexpected(&format!("a whole number {range}"), &value)
    })
}

pub(crate) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    timespan::parse(&String::deserialize(deserializer)?).map_err(Error::custom)
}

/// One of these words, in any case.
pub(crate) fn one_of<'de, D: Deserializer<'de>, T: Copy>(
    deserializer: D,
    words: &[(&str, T)],
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let is = |word: &str| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(word));
    let found = words.iter().find(|(word, _)| is(word)).map(|(_, it)| *it);
    found.ok_or_else(|| {
        let words: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        unexpected(&words.join(" or "), &value)
    })
}

#[cfg(test)]
#[path = "json_input_tests.rs"]
mod tests;
