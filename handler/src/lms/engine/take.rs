//! The values that a step takes from its answer. What must be there and is not, or is there twice, ends the
//! step: the next request would name somebody else, or everybody.

use super::answer::Answer;
use crate::lms::recipe::json_path;
use crate::lms::recipe::step::{Take, TakeAt};
use crate::lms::recipe::template::Variables;
use serde_json::Value;

/// The values by their names, or the name of the one that is missing.
pub(super) fn take<'s>(
    takes: &'s [Take],
    answer: &Answer,
    picked: Option<&Value>,
    variables: &dyn Variables,
) -> Result<Vec<(&'s str, String)>, &'s str> {
    takes
        .iter()
        .map(|take| match value(&take.at, answer, picked, variables).filter(|value| !value.is_empty()) {
            Some(value) => Ok((take.name.as_str(), value)),
            None if take.is_optional => Ok((take.name.as_str(), String::new())),
            None => Err(take.name.as_str()),
        })
        .collect()
}

fn value(at: &TakeAt, answer: &Answer, picked: Option<&Value>, variables: &dyn Variables) -> Option<String> {
    match at {
        TakeAt::Value(template) => template.render(variables).ok(),
        TakeAt::Json(path) => {
            let value = path.one(picked.or(answer.json.as_ref())?)?;
            Some(json_path::text(value)?.into_owned())
        }
        TakeAt::Header(name) => Some(answer.header(name)?.into_owned()),
        TakeAt::Text(pattern) => {
            let mut found = pattern.captures_iter(&answer.text);
            let first = found.next()?.get(1)?.as_str();
            // The same twice is one.
            found
                .all(|other| other.get(1).is_some_and(|other| other.as_str() == first))
                .then(|| first.to_owned())
        }
    }
}

#[cfg(test)]
#[path = "take_tests.rs"]
mod tests;
