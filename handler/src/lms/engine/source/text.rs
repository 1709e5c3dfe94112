//! The texts of an entry, and what is made of them: ids, flags, addresses, numbers.

use super::row::{RowScope, Unmapped, shown};
use crate::ids::Address;
use crate::lms::engine::conditions::all_hold;
use crate::lms::recipe::json_path;
use crate::lms::recipe::reading::{TextOf, TextSource, Whence};
use crate::lms::recipe::template::{NotRendered, RenderError, Template};
use serde_json::Value;
use url::Url;

/// Longer ones are nobody's.
const LONGEST_ID: usize = 500;

/// The first source that gives something; without blanks around it.
pub(super) fn text(
    of: &TextOf,
    field: &'static str,
    scope: &RowScope<'_>,
) -> Result<Option<String>, Unmapped> {
    for source in of {
        let found = one(source, scope).map_err(|problem| Unmapped::new(field, problem))?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

pub(super) fn needed(of: &TextOf, field: &'static str, scope: &RowScope<'_>) -> Result<String, Unmapped> {
    text(of, field, scope)?.ok_or_else(|| {
        let places: Vec<String> = of.iter().map(|source| told(&source.whence)).collect();
        Unmapped::new(field, format!("nothing stands {}", places.join(" nor ")))
    })
}

pub(super) fn id(of: &TextOf, field: &'static str, scope: &RowScope<'_>) -> Result<String, Unmapped> {
    checked(needed(of, field, scope)?, field)
}

pub(super) fn checked(id: String, field: &'static str) -> Result<String, Unmapped> {
    if id.len() > LONGEST_ID || id.chars().any(char::is_control) {
        let problem = format!("an id has at most {LONGEST_ID} bytes and no control characters");
        return Err(Unmapped::new(field, problem));
    }
    Ok(id)
}

/// `None`: nothing is said.
pub(super) fn flag(of: &TextOf, field: &'static str, scope: &RowScope<'_>) -> Result<Option<bool>, Unmapped> {
    let Some(text) = text(of, field, scope)? else { return Ok(None) };
    match text.to_lowercase().as_str() {
        "true" | "1" => Ok(Some(true)),
        "false" | "0" => Ok(Some(false)),
        _ => Err(Unmapped::new(field, format!("`{}` is neither true nor false", shown(&text)))),
    }
}

/// The problem does not show it: it may be somebody's.
pub(super) fn address(
    of: &TextOf,
    field: &'static str,
    scope: &RowScope<'_>,
) -> Result<Option<Address>, Unmapped> {
    let Some(text) = text(of, field, scope)? else { return Ok(None) };
    let address = Address::new(&text);
    if address.is_smtp() {
        Ok(Some(address))
    } else {
        Err(Unmapped::new(field, "this is no mail address, such as ana@contoso.com"))
    }
}

pub(super) fn link(of: &TextOf, field: &'static str, scope: &RowScope<'_>) -> Result<Option<Url>, Unmapped> {
    let Some(text) = text(of, field, scope)? else { return Ok(None) };
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") => Ok(Some(url)),
        Ok(_) | Err(_) => Err(Unmapped::new(field, "this is no address that begins with https://")),
    }
}

/// `None` also where there is no limit.
pub(super) fn count(
    of: &TextOf,
    unlimited: &[String],
    field: &'static str,
    scope: &RowScope<'_>,
) -> Result<Option<u32>, Unmapped> {
    let Some(text) = text(of, field, scope)?.filter(|text| !unlimited.contains(text)) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| {
        let problem = format!("`{}` is no whole number from 0; name it in `unlimited`?", shown(&text));
        Unmapped::new(field, problem)
    })
}

/// A value that stands alone; the error says what is wrong.
pub(super) fn value(whence: &Whence, scope: &RowScope<'_>) -> Result<Option<String>, String> {
    one(&TextSource { whence: whence.clone(), languages: Vec::new(), when: Vec::new() }, scope)
}

fn one(source: &TextSource, scope: &RowScope<'_>) -> Result<Option<String>, String> {
    if !all_hold(&source.when, scope).map_err(|error| error.to_string())? {
        return Ok(None);
    }
    let text = match &source.whence {
        Whence::Made(template) => match template.render(scope) {
            Ok(text) => Some(text),
            Err(RenderError { why: NotRendered::Nothing, .. }) => None,
            Err(error) => return Err(error.to_string()),
        },
        Whence::Path { at, up } => {
            let found = scope.row.at(*up).map(|value| at.all(value)).unwrap_or_default();
            match found.as_slice() {
                [] | [Value::Null] => None,
                [Value::Object(map)] if !source.languages.is_empty() => language(map, source, scope)?,
                [value] => Some(json_path::text(value).map(|text| text.into_owned()).ok_or_else(|| {
                    let hint = "of a map of languages `languages` says which";
                    format!("a list or a map stands at `{}`; {hint}", at.as_str())
                })?),
                [..] => return Err(format!("more than one value stands at `{}`", at.as_str())),
            }
        }
    };
    Ok(text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()))
}

/// The first of the languages that is there, else any.
fn language(
    map: &serde_json::Map<String, Value>,
    source: &TextSource,
    scope: &RowScope<'_>,
) -> Result<Option<String>, String> {
    let is_some = |value: &&Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    for wanted in &source.languages {
        let wanted = match wanted.render(scope) {
            Ok(wanted) => wanted,
            Err(RenderError { why: NotRendered::Nothing, .. }) => continue,
            Err(error) => return Err(error.to_string()),
        };
        if let Some(text) = map.get(&wanted).filter(is_some) {
            return Ok(text.as_str().map(str::to_owned));
        }
    }
    Ok(map.values().find(is_some).and_then(Value::as_str).map(str::to_owned))
}

/// Where something was looked for.
pub(super) fn told(whence: &Whence) -> String {
    match whence {
        Whence::Path { at, up: 0 } => format!("at `{}`", at.as_str()),
        Whence::Path { at, up } => format!("at `{}`, {up} further out", at.as_str()),
        Whence::Made(template) => format!("in {}", names(template)),
    }
}

fn names(template: &Template) -> String {
    let names: Vec<String> = template.placeholders().map(|(name, _)| format!("`{name}`")).collect();
    if names.is_empty() { "the connector file".to_owned() } else { names.join(", ") }
}
