//! Reads the few shapes of Bicep that the checks ask for. `infra/check` holds the files to the grammar; this
//! may be simple.

use regex::Regex;
use std::collections::BTreeMap;
use suites::checkout::root;

pub(crate) fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub(crate) fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap()
}

/// The first group of every match.
pub(crate) fn all(pattern: &str, text: &str) -> Vec<String> {
    regex(pattern).captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// What stands between `head`, which ends with the opening bracket, and the bracket that closes it.
pub(crate) fn inside(text: &str, head: &str) -> String {
    let start = text.find(head).unwrap_or_else(|| panic!("`{head}` is nowhere")) + head.len();
    let open = head.chars().last().unwrap();
    let close = match open {
        '{' => '}',
        '[' => ']',
        other => panic!("`{other}` is no opening bracket"),
    };
    let mut depth = 1;
    for (at, c) in text[start..].char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
        }
        if depth == 0 {
            return text[start..start + at].to_owned();
        }
    }
    panic!("`{head}` is never closed");
}

/// The quoted words of a list.
pub(crate) fn words(text: &str) -> Vec<String> {
    all(r"'([^']*)'", text)
}

/// `key: 'value'` lines of an object; other values come without quotes.
pub(crate) fn entries(text: &str) -> BTreeMap<String, String> {
    regex(r"(?m)^\s*(\w+): (.+)$")
        .captures_iter(text)
        .map(|found| (found[1].to_owned(), found[2].trim_matches('\'').to_owned()))
        .collect()
}

/// Parameters of a template; true: it must be given.
pub(crate) fn params(text: &str) -> BTreeMap<String, bool> {
    regex(r"(?m)^param (\w+) [\w\[\]]+( =)?")
        .captures_iter(text)
        .map(|found| (found[1].to_owned(), found.get(2).is_none()))
        .collect()
}
