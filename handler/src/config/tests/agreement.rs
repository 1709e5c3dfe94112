//! The example, the JSON Schema and the parser say the same.

use super::*;
use crate::enrolment::policy::{Policy, PolicyMode, Rate, Retry, WeakPolicy};

/// The example with every default taken out means the same.
#[test]
fn the_defaults_of_the_example_are_those_of_the_parser() {
    let full = read(EXAMPLE).unwrap_or_else(|errors| panic!("{errors}"));
    let mut is_default = false;
    let short: Vec<&str> = EXAMPLE
        .lines()
        .filter(|line| {
            if line.starts_with('#') {
                is_default = line.ends_with(" Default");
                return true;
            }
            !is_default || !line.contains('=')
        })
        .collect();
    assert_eq!(EXAMPLE.lines().count() - short.len(), 27, "the settings that are marked as defaults");
    let short = read(&short.join("\n")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(format!("{full:?}"), format!("{short:?}"));
}

/// The schema and the parser know the same keys, because both are made of `raw.rs`.
#[test]
fn the_example_shows_every_key_and_the_schema_allows_no_other() {
    let schema = schema();
    let definitions = schema["definitions"].as_object().unwrap().values();
    let tables: Vec<_> = definitions.chain([&schema]).filter(|kind| kind["type"] == "object").collect();
    assert_eq!(tables.len(), 38);
    for table in tables {
        // A connector has settings of its own.
        let is_open = table["properties"].get("accept_draft").is_some();
        assert_eq!(table.get("additionalProperties").is_none(), is_open, "{table:#}");
        for key in table["properties"].as_object().unwrap().keys() {
            assert!(EXAMPLE.contains(key), "the example doesn't show {key}");
        }
    }
}

#[test]
fn the_schema_tells_the_parsers_defaults() {
    let schema = schema();
    let default =
        |pointer: &str| schema.pointer(&format!("/definitions/{pointer}/default")).cloned().unwrap();
    let policy = Policy::default();
    // As they stand in the example, which a test holds to the parser.
    for (key, value) in
        [("mode", policy.mode == PolicyMode::Observe), ("removed", policy.removed == WeakPolicy::Review)]
    {
        let default = default(&format!("Policy/properties/{key}"));
        assert!(value && EXAMPLE.contains(&format!("\n{key} = {default}\n")), "{key} = {default}");
    }
    assert_eq!((default("Policy/properties/unseen"), policy.unseen), ("review".into(), WeakPolicy::Review));
    for (key, value) in [
        ("settle", policy.settle),
        ("grace", policy.grace),
        ("recheck", policy.recheck),
        ("deadline", policy.deadline),
        ("take_back_window", policy.take_back_window),
        ("retention", policy.retention),
    ] {
        assert_eq!(default(&format!("Policy/properties/{key}")), show_duration(value), "{key}");
    }
    assert_eq!(default("Brake/properties/decisions"), policy.brake.decisions);
    assert_eq!(default("Brake/properties/per_learner"), policy.brake.per_learner);
    assert_eq!(default("Rate/properties/requests"), Rate::default().requests);
    assert_eq!(default("Retry/properties/most"), show_duration(Retry::default().most));
}

/// An editor shows these while one types.
#[test]
fn each_entry_of_the_schema_says_what_it_is() {
    let schema = schema();
    assert_eq!(schema["$id"], "urn:regrets:configuration");
    assert!(
        EXAMPLE.starts_with("#:schema ./regrets.schema.json\n"),
        "an editor finds the schema by the first line"
    );
    let mut silent = Vec::new();
    let definitions = schema["definitions"].as_object().unwrap();
    let tables = definitions.iter().map(|(name, table)| (name.as_str(), table)).chain([("", &schema)]);
    for (name, table) in tables {
        let properties = table["properties"].as_object().into_iter().flatten();
        let entries = properties.map(|(key, entry)| (format!("{name}.{key}"), entry));
        for (path, entry) in entries.chain([(name.to_owned(), table)]) {
            if entry["description"].as_str().is_none_or(str::is_empty) {
                silent.push(path);
            }
        }
    }
    assert!(silent.is_empty(), "without a description: {silent:?}");
}
