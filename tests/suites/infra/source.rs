//! What the handler says in its log: texts and fields, read off its source.

use crate::text::{all, regex};
use std::collections::BTreeSet;
use suites::checkout::files;

/// The sources that run, without the modules that are tests.
fn sources() -> Vec<String> {
    let continued = regex(r"\\\n\s*");
    let is_test = |path: &str| path.contains("/tests/") || path.contains("test");
    let texts: Vec<String> = files("handler/src", &["rs"])
        .iter()
        .filter(|path| !is_test(path.strip_prefix(suites::checkout::root()).unwrap().to_str().unwrap()))
        .map(|path| std::fs::read_to_string(path).unwrap())
        // A text that is too long for its line goes on in the next.
        .map(|text| continued.replace_all(&text, "").into_owned())
        .map(|text| text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned())
        .collect();
    assert!(texts.len() > 100, "{}", texts.len());
    texts
}

/// The arguments of every `tracing::…!( … )`.
fn lines() -> Vec<String> {
    let call = regex(r"tracing::(?:info|warn|error)!\(");
    let mut lines = Vec::new();
    for text in sources() {
        for found in call.find_iter(&text) {
            let mut depth = 1;
            let mut in_quotes = false;
            let body: String = text[found.end()..]
                .chars()
                .take_while(|c| {
                    in_quotes ^= *c == '"';
                    match c {
                        '(' if !in_quotes => depth += 1,
                        ')' if !in_quotes => depth -= 1,
                        _ => {}
                    }
                    depth > 0
                })
                .collect();
            lines.push(body);
        }
    }
    assert!(lines.len() > 40, "{}", lines.len());
    lines
}

/// Every text that a line can have.
pub(crate) fn messages() -> BTreeSet<String> {
    lines().iter().filter_map(|line| all(r#""([^"]*)""#, line).pop()).collect()
}

/// Every field that a line can have, and what tracing adds.
pub(crate) fn fields() -> BTreeSet<String> {
    let mut fields: BTreeSet<String> = ["timestamp", "level", "message"].map(str::to_owned).into();
    for line in lines() {
        let line = regex(r#""[^"]*""#).replace_all(&line, "_").into_owned();
        fields.extend(all(r"(?:^|[,\s])[?%]?(\w+)\s*(?:=|,)", &line));
    }
    fields
}
