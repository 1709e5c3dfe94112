//! Query options: what is not known here is refused, so that a wrong request is noticed and not humoured.

use super::call::{Answer, Call};
use serde_json::{Map, Value};

/// 400 unless every option is one of these.
pub(crate) fn only(call: &Call, known: &[&str]) -> Result<(), Answer> {
    for (name, _) in &call.query {
        if !known.iter().any(|option| option.eq_ignore_ascii_case(name)) {
            return Err(bad(format!("The query option '{name}' is not supported on this resource.")));
        }
    }
    Ok(())
}

pub(crate) fn bad(message: impl Into<String>) -> Answer {
    Answer::error(400, "BadRequest", message)
}

/// 400 without one.
pub(crate) fn body(call: &Call) -> Result<&Value, Answer> {
    call.body.as_ref().ok_or_else(|| bad("Empty Payload. JSON content expected."))
}

/// `$select` as names; a name that the type does not have is refused. `None`: no `$select`.
pub(crate) fn select(call: &Call, of_type: &str, properties: &[&str]) -> Result<Option<Vec<String>>, Answer> {
    let Some(text) = call.option("$select") else { return Ok(None) };
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    if let Some(unknown) = names.iter().find(|name| !properties.contains(&name.as_str())) {
        let message = format!("Could not find a property named '{unknown}' on type '{of_type}'.");
        return Err(Answer::error(400, "RequestBroker--ParseUri", message));
    }
    Ok(Some(names))
}

/// Only what was asked for, and what is always there.
pub(crate) fn keep(mut all: Map<String, Value>, select: Option<&[String]>, always: &[&str]) -> Value {
    if let Some(names) = select {
        all.retain(|name, _| names.contains(name) || always.contains(&name.as_str()));
    }
    Value::Object(all)
}

/// A number option within bounds.
pub(crate) fn number(call: &Call, name: &str, most: usize) -> Result<Option<usize>, Answer> {
    let Some(text) = call.option(name) else { return Ok(None) };
    let number: usize =
        text.parse().map_err(|_| bad(format!("Invalid value '{text}' for {name}: a number is wanted.")))?;
    if number > most {
        return Err(bad(format!("The limit of '{most}' for {name} has been exceeded: '{number}'.")));
    }
    Ok(Some(number))
}

/// One comparison of a `$filter`: a property (or path) and the value it must equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) property: String,
    pub(crate) value: String,
}

/// A filter of equalities joined by `or`, each side perhaps joined by `and`; doubled quotes stand for one.
/// Gives the alternatives, each a list of terms that must all hold.
pub(crate) fn filter(text: &str) -> Result<Vec<Vec<Term>>, Answer> {
    let refuse = || Answer::error(400, "BadRequest", format!("Invalid filter clause: {text}"));
    split(text, " or ")
        .into_iter()
        .map(|side| split(side, " and ").into_iter().map(|t| term(t).ok_or_else(refuse)).collect())
        .collect()
}

fn term(text: &str) -> Option<Term> {
    let text = text.trim().trim_start_matches('(').trim();
    let lower = text.to_ascii_lowercase();
    // `proxyAddresses/any(p:p eq 'smtp:a@b')`
    if let Some(place) = lower.find("/any(") {
        let property = text.get(..place)?;
        let inner = text.get(place + 5..)?.trim_end_matches(')').split_once(':')?.1;
        return Some(Term { property: property.to_owned(), value: term(inner)?.value });
    }
    let (property, value) = text.split_once(" eq ")?;
    let value = value.trim();
    let value = match value.strip_prefix('\'') {
        Some(quoted) => {
            let bare =
                quoted.strip_suffix('\'').or_else(|| quoted.trim_end_matches(')').strip_suffix('\''))?;
            // A lone quote inside means that the sender forgot to double it.
            if bare.replace("''", "").contains('\'') {
                return None;
            }
            bare.replace("''", "'")
        }
        None if ["true", "false", "null"].contains(&value) => value.to_owned(),
        None => return None,
    };
    Some(Term { property: property.trim().to_owned(), value })
}

/// Splits at a word, but not inside quotes.
fn split<'a>(text: &'a str, word: &str) -> Vec<&'a str> {
    let (mut parts, mut from, mut quoted) = (Vec::new(), 0, false);
    for (place, character) in text.char_indices() {
        if character == '\'' {
            quoted = !quoted;
        }
        let starts = text.get(place..).is_some_and(|rest| rest.to_ascii_lowercase().starts_with(word));
        if !quoted && place >= from && starts {
            parts.extend(text.get(from..place));
            from = place + word.len();
        }
    }
    parts.extend(text.get(from..));
    parts
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
