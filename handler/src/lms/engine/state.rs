//! What an answer shows of a place: its state, since when it is given, whether the session has begun.

use crate::lms::recipe::json_path::{self, JsonPath};
use crate::lms::recipe::step::StateOf;
use crate::lms::recipe::words::PlaceState;
use chrono::{DateTime, Utc};
use serde_json::Value;

/// From here on a number of a time is of milliseconds: as seconds it would be the year 5138.
const MILLIS: f64 = 1e11;

/// The error names the word that is not in the map.
pub(super) fn state(of: &StateOf, json: Option<&Value>) -> Result<PlaceState, String> {
    match of {
        StateOf::Always(state) => Ok(*state),
        StateOf::Map { at, map } => {
            let word = json.and_then(|json| json_path::text(at.one(json)?));
            let Some(word) = word else { return Err(format!("there is no state at `{}`", at.as_str())) };
            map.iter().find(|(known, _)| *known == word).map(|(_, state)| *state).ok_or_else(|| {
                let word: String = word.chars().take(40).collect();
                format!("a state that the connector does not know (`{word}` at `{}`)", at.as_str())
            })
        }
    }
}

/// When a place was given; `None` where nothing is said of it.
pub(super) fn given(path: &JsonPath, json: Option<&Value>) -> Result<Option<DateTime<Utc>>, String> {
    let unreadable = || format!("no time can be read at `{}`", path.as_str());
    let values = json.map(|json| path.all(json)).unwrap_or_default();
    match values.as_slice() {
        [] | [Value::Null] => Ok(None),
        [value] => {
            let text = json_path::text(value).ok_or_else(unreadable)?;
            time(&text).ok_or_else(unreadable)
        }
        [..] => Err(unreadable()),
    }
}

/// RFC 3339, or seconds or milliseconds since 1970; nought and an empty text are no time.
pub(super) fn time(text: &str) -> Option<Option<DateTime<Utc>>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    if let Ok(number) = text.parse::<f64>() {
        if number == 0.0 {
            return Some(None);
        }
        let millis = if number.abs() < MILLIS { number * 1000.0 } else { number };
        let fits = millis.is_finite() && millis.abs() < 1e16;
        #[expect(clippy::cast_possible_truncation, reason = "it was seen to fit")]
        return fits.then(|| DateTime::from_timestamp_millis(millis as i64)).flatten().map(Some);
    }
    DateTime::parse_from_rfc3339(text).ok().map(|time| Some(time.to_utc()))
}

/// Whether the session has begun.
pub(super) fn started(path: &JsonPath, json: Option<&Value>) -> Result<bool, String> {
    let values = json.map(|json| path.all(json)).unwrap_or_default();
    let text = match values.as_slice() {
        [] | [Value::Null] => return Ok(false),
        [value] => json_path::text(value),
        [..] => None,
    };
    match text.as_deref().map(str::to_lowercase).as_deref() {
        Some("true" | "1") => Ok(true),
        Some("false" | "0" | "") => Ok(false),
        Some(_) | None => Err(format!("neither true nor false at `{}`", path.as_str())),
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
