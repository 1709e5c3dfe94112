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
    assert_eq!(EXAMPLE.lines().count() - short.len(), 22, "the settings that are marked as defaults");
    let short = read(&short.join("\n")).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(format!("{full:?}"), format!("{short:?}"));
}

/// Every table of the schema beside the parser's keys; a setting that only one of them knows fails here.
#[test]
fn schema_parser_and_example_know_the_same_keys() {
    let schema = schema();
    let keys = |pointer: &str| -> Vec<String> {
        let table = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}"));
        assert_eq!(table["additionalProperties"], serde_json::Value::Bool(false), "{pointer}");
        let mut keys: Vec<String> = table["properties"].as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    let mut tables = vec![("".to_owned(), keys::ROOT)];
    for (name, known) in [
        ("Tenant", keys::TENANT),
        ("Credential", keys::CREDENTIAL),
        ("Identity", keys::IDENTITY),
        ("Secret", keys::SECRET),
        ("Watch", keys::WATCH),
        ("Mailboxes", keys::MAILBOXES),
        ("Only", keys::ONLY),
        ("Recognise", keys::RECOGNISE),
        ("Session", keys::SESSION),
        ("ExtendedProperty", keys::EXTENDED_PROPERTY),
        ("Learner", keys::LEARNER),
        ("Policy", keys::POLICY),
        ("Brake", keys::BRAKE),
        ("Lms", keys::LMS),
        ("Rate", keys::RATE),
        ("Retry", keys::RETRY),
    ] {
        tables.push((format!("/definitions/{name}"), known));
    }
    for (pointer, known) in tables {
        let mut known: Vec<String> = known.iter().map(|key| (*key).to_owned()).collect();
        known.sort();
        assert_eq!(keys(&pointer), known, "{pointer}");
        for key in known {
            assert!(EXAMPLE.contains(&key), "the example doesn't show {key}");
        }
    }
}

#[test]
fn the_schema_tells_the_parsers_defaults() {
    let schema = schema();
    let default = |pointer: &str| schema.pointer(&format!("/definitions/{pointer}/default")).cloned().unwrap();
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
    assert!(EXAMPLE.starts_with("#:schema ./regrets.schema.json\n"), "an editor finds the schema by the first line");
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
