//! What the queries look for is what the handler says.

use crate::source;
use crate::text::{all, inside, read};
use regrets::functions::names::NAMES;
use serde_json::Value;

/// Queries of the alert rules and of the workbook.
fn queries() -> Vec<String> {
    let bicep = read("infra/modules/alerts.bicep");
    let mut queries = all(r"(?m)query: '(.+)'$", &bicep);
    queries.extend(all(r"(?m)^var alertLines = '(.+)'$", &bicep));
    let workbook: Value = serde_json::from_str(&read("infra/modules/workbook.json")).unwrap();
    for item in workbook["items"].as_array().unwrap() {
        queries.extend(item.pointer("/content/query").and_then(Value::as_str).map(str::to_owned));
    }
    assert!(queries.len() > 15, "{}", queries.len());
    queries
}

#[test]
fn every_text_that_is_looked_for_is_said() {
    let messages = source::messages();
    let mut texts = Vec::new();
    for query in queries() {
        texts.extend(all(r#"\btext == "([^"]+)""#, &query));
        for list in all(r"(?:\btext|message\)) in \(([^)]+)\)", &query) {
            texts.extend(all(r#""([^"]+)""#, &list));
        }
    }
    assert!(texts.len() > 10, "{texts:?}");
    for text in texts {
        assert!(messages.contains(&text), "nobody says `{text}`");
    }
}

/// The cheap test on the whole line, which saves parsing it, must let through all that is looked for.
#[test]
fn no_text_is_lost_by_the_words_that_are_asked_for_first() {
    let mut asked = 0;
    for query in queries() {
        let words = all(r#"message has "(\w+)""#, &query);
        for list in all(r"message\) in \(([^)]+)\)", &query) {
            for text in all(r#""([^"]+)""#, &list) {
                asked += 1;
                let passes = words.is_empty()
                    || text
                        .split(|c: char| !c.is_alphanumeric())
                        .any(|word| words.contains(&word.to_owned()));
                assert!(passes, "`{text}` holds none of {words:?}");
            }
        }
    }
    assert!(asked > 1, "{asked}");
}

#[test]
fn every_field_that_is_read_is_written() {
    let fields = source::fields();
    let read: Vec<String> =
        queries().iter().flat_map(|query| all(r#"\bline(?:\.|\[")(\w+)"#, query)).collect();
    assert!(read.len() > 30, "{read:?}");
    for field in read {
        assert!(fields.contains(&field), "no line has a field `{field}`");
    }
}

#[test]
fn every_function_that_is_asked_for_exists() {
    for query in queries() {
        for name in all(r#"(?:\bfn|function"\]\)|\bname) == "([^"]+)""#, &query) {
            assert!(NAMES.contains(&name.as_str()), "{name}");
        }
    }
}

#[test]
fn brackets_and_quotes_are_closed() {
    for query in queries() {
        let count = |c: char| query.matches(c).count();
        assert_eq!(count('('), count(')'), "{query}");
        assert_eq!(count('"') % 2, 0, "{query}");
        assert!(!query.contains('\n'), "{query}");
    }
}

/// The workbook as the portal wants it: unique names, and each parameter that a query uses is declared.
#[test]
fn the_workbook_is_whole() {
    let text = read("infra/modules/workbook.json");
    let workbook: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(workbook["version"], "Notebook/1.0");
    assert_eq!(workbook["fallbackResourceIds"][0], "{component}");
    let mut names: Vec<&str> =
        workbook["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    let declared = all(r#""name": "([A-Z]\w+)""#, &inside(&text, "\"parameters\": ["));
    for query in queries() {
        for parameter in all(r#""\{(\w+)\}""#, &query) {
            assert!(declared.contains(&parameter), "{parameter}");
        }
    }
}
