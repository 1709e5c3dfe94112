//! The schema and the reader know the same keys, because both are made of `shape.rs`; what it says of each is
//! for people.

use super::*;
use crate::config::testing_schema::violations;
use serde_json::json;

fn as_json(text: &str) -> serde_json::Value {
    let table: toml::Table = toml::from_str(text).unwrap();
    serde_json::to_value(table).unwrap()
}

#[test]
fn a_good_file_is_good_by_the_schema() {
    assert_eq!(violations(&schema(), &as_json(LARKSPUR)), Vec::<String>::new());
}

#[test]
fn what_the_schema_refuses_is_told() {
    let schema = schema();
    for (part, instead) in [
        ("version = 1", "version = 2"),
        ("cancels = \"place\"", "cancels = \"seat\""),
        ("then = \"auth_broken\"", "then = \"broken\""),
        ("pick.none = \"absent\"", "pick.nobody = \"absent\""),
        ("method = \"PUT\"", "method = \"put\""),
        ("concurrency = 2", "concurrency = 0"),
        ("[auth]\nkind = \"bearer\"", "[auth]\nkind = \"token\""),
        ("reads = 3", "reads = '3'"),
    ] {
        assert!(!violations(&schema, &as_json(&with(part, instead))).is_empty(), "{instead}");
    }
}

/// An editor shows these while one types.
#[test]
fn each_entry_of_the_schema_says_what_it_is() {
    let schema = schema();
    assert_eq!(schema["$id"], "urn:regrets:connector");
    let mut silent = Vec::new();
    let tables =
        schema["definitions"].as_object().unwrap().iter().map(|(name, table)| (name.as_str(), table));
    for (name, table) in tables.chain([("", &schema)]) {
        let properties = table["properties"].as_object().into_iter().flatten();
        let entries = properties.map(|(key, entry)| (format!("{name}.{key}"), entry));
        for (path, entry) in entries.chain([(name.to_owned(), table)]) {
            if entry["description"].as_str().is_none_or(str::is_empty) {
                silent.push(path);
            }
        }
        if table["type"] == "object" {
            assert_eq!(table["additionalProperties"], json!(false), "{name}");
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:?}");
}
