//! Query parameters: what nobody knows is refused, because a filter that is passed over gives everything.

use crate::jobs::operate::management_json::MOST;
use crate::jobs::operate::operator::{OperatorError, counted};
use std::collections::BTreeMap;

pub(super) const ENROLMENTS: &[&str] = &["tenant", "state", "session", "learner", "after", "limit"];
pub(super) const MAILBOXES: &[&str] = &["tenant", "standing", "after", "limit"];
pub(super) const DOCTOR: &[&str] = &["tenant"];
pub(super) const AGAIN: &[&str] = &["session", "learner", "organizer"];

/// By route: any other takes none.
pub(super) const KNOWN: &[(&str, &[&str])] = &[
    ("/enrolments", ENROLMENTS),
    ("/mailboxes", MAILBOXES),
    ("/doctor", DOCTOR),
    ("/tenants/{tenant}/publish/again", AGAIN),
];

/// What the host itself takes: a function key may come as `code`, with `clientId`.
const OF_THE_HOST: &[&str] = &["code", "clientId"];

pub(super) const AFTER: &str = "`after` is none that we gave; pass `next` of the page before";

/// The parameters, each once, and of these names only.
pub(super) fn read(query: Option<&str>, known: &[&str]) -> Result<BTreeMap<String, String>, OperatorError> {
    let mut given = BTreeMap::new();
    let mut unknown = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if OF_THE_HOST.contains(&&*name) {
            continue;
        }
        if !known.contains(&&*name) {
            unknown.push(format!("`{name}`"));
        } else if given.insert(name.clone().into_owned(), value.into_owned()).is_some() {
            return Err(OperatorError::Wrong(format!("the parameter `{name}` is given twice; give it once")));
        }
    }
    match unknown.is_empty() {
        true => Ok(given),
        false => {
            let what = counted(unknown.len(), "unknown parameter", "unknown parameters");
            let known = match known {
                [] => "this route takes none".to_owned(),
                known => format!("those that are known are {}", known.join(", ")),
            };
            Err(OperatorError::Wrong(format!("{what}: {}; {known}", unknown.join(", "))))
        }
    }
}

/// Items per page.
pub(super) fn limit(text: Option<String>) -> Result<Option<usize>, OperatorError> {
    let Some(text) = text else { return Ok(None) };
    match text.parse() {
        Ok(limit) if (1..=MOST).contains(&limit) => Ok(Some(limit)),
        Ok(_) | Err(_) => {
            Err(OperatorError::Wrong(format!("`limit` is {text}; it is a number from 1 to {MOST}")))
        }
    }
}
