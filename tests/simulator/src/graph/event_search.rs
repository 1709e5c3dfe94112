//! `$filter` of a list of events: by `iCalUId`, or by the value of an extended property. Nothing else is
//! simulated, and so is refused.

use super::call::Answer;
use super::query::{self, bad};
use crate::world::item::Item;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    Uids(Vec<String>),
    /// `singleValueExtendedProperties/Any(ep: ep/id eq '…' and …)`.
    Marked(Mark),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    id: String,
    value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    Is(String),
    StartsWith(String),
    Contains(String),
}

impl Search {
    pub(super) fn read(filter: &str) -> Result<Self, Answer> {
        if filter.starts_with("singleValueExtendedProperties/") {
            let mark = mark(filter).ok_or_else(|| bad(format!("Invalid filter clause: {filter}")))?;
            return Ok(Self::Marked(mark));
        }
        let uid = |side: Vec<query::Term>| match side.as_slice() {
            [term] if term.property == "iCalUId" => Ok(term.value.clone()),
            _ => Err(bad(format!("The filter '{filter}' is not supported on events: only iCalUId eq '…'."))),
        };
        query::filter(filter)?.into_iter().map(uid).collect::<Result<_, _>>().map(Self::Uids)
    }
}

impl Mark {
    /// Names are told apart by case, values are not.
    pub(super) fn is_on(&self, item: &Item) -> bool {
        let Some(known) = item.extended.get(&self.id).map(|known| known.to_lowercase()) else { return false };
        match &self.value {
            Value::Is(value) => known == value.to_lowercase(),
            Value::StartsWith(value) => known.starts_with(&value.to_lowercase()),
            Value::Contains(value) => known.contains(&value.to_lowercase()),
        }
    }
}

fn mark(filter: &str) -> Option<Mark> {
    let rest = filter.strip_prefix("singleValueExtendedProperties/")?;
    let rest = rest.strip_prefix("Any(").or_else(|| rest.strip_prefix("any("))?.strip_suffix(')')?;
    let (name, inner) = rest.split_once(':')?;
    let name = name.trim();
    let (id, rest) = equality(inner.trim(), &format!("{name}/id"))?;
    let rest = rest.trim_start().strip_prefix("and ")?.trim_start();
    let property = format!("{name}/value");
    let (value, rest) = match equality(rest, &property) {
        Some((value, rest)) => (Value::Is(value), rest),
        None => called(rest, &property)?,
    };
    rest.trim().is_empty().then_some(Mark { id, value })
}

/// `property eq 'value'`, and what comes after it.
fn equality<'t>(text: &'t str, property: &str) -> Option<(String, &'t str)> {
    quoted(text.strip_prefix(property)?.trim_start().strip_prefix("eq")?.trim_start())
}

/// `startswith(property,'value')`, or `contains`.
fn called<'t>(text: &'t str, property: &str) -> Option<(Value, &'t str)> {
    let (function, rest) = text.split_once('(')?;
    let rest = rest.trim_start().strip_prefix(property)?.trim_start().strip_prefix(',')?.trim_start();
    let (value, rest) = quoted(rest)?;
    let value = match function.to_ascii_lowercase().as_str() {
        "startswith" => Value::StartsWith(value),
        "contains" => Value::Contains(value),
        _ => return None,
    };
    Some((value, rest.trim_start().strip_prefix(')')?))
}

/// A literal in which doubled quotes stand for one.
fn quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut rest) = (String::new(), text.strip_prefix('\'')?);
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
#[path = "event_search_tests.rs"]
mod tests;
