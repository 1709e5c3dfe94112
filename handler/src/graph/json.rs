//! Lenient reading of Graph's JSON: a field that is missing, null or of another type is absent, never an
//! error; and a time that can't be told is absent too, with a trace line.

use crate::ids::Address;
use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde_json::Value;

pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

pub(super) fn flag(value: &Value, key: &str) -> Option<bool> {
    value.get(key)?.as_bool()
}

/// `{"emailAddress": {"address": …}}`.
pub(super) fn address(value: &Value) -> Option<Address> {
    text(value.get("emailAddress")?, "address").map(|address| Address::new(&address))
}

/// A `DateTimeOffset`: any offset, up to nine decimals. Exchange's ways to say "never" (years 0001, 1601 and
/// 4501) are absent.
pub(super) fn instant(value: &Value, key: &str) -> Option<DateTime<Utc>> {
    let text = value.get(key)?.as_str()?;
    read(text, key)
}

/// A `dateTimeTimeZone`: local text with the name of its zone. We ask for UTC everywhere; another zone is a
/// thing that we can't tell the time of.
pub(super) fn zoned(value: &Value, key: &str) -> Option<DateTime<Utc>> {
    let value = value.get(key)?;
    let zone = value.get("timeZone").and_then(Value::as_str).unwrap_or("UTC");
    if !is_utc(zone) {
        tracing::warn!(field = key, zone, "a time in a zone that was not asked for");
        return None;
    }
    read(value.get("dateTime")?.as_str()?, key)
}

fn is_utc(zone: &str) -> bool {
    ["UTC", "Etc/UTC", "Etc/GMT", "GMT", "Z", "Coordinated Universal Time", "tzone://Microsoft/Utc"]
        .iter()
        .any(|name| name.eq_ignore_ascii_case(zone.trim()))
}

fn read(text: &str, field: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let local = |format| NaiveDateTime::parse_from_str(text, format).map(|local| local.and_utc());
    let parsed = DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .or_else(|_| local("%Y-%m-%dT%H:%M:%S%.f"))
        .or_else(|_| local("%Y-%m-%dT%H:%M"));
    match parsed {
        Ok(time) if (1602..4500).contains(&time.year()) => Some(time),
        Ok(_) => None,
        Err(_) => {
            tracing::warn!(field, "a time that can't be read");
            None
        }
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
