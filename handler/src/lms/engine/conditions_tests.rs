use super::*;
use crate::lms::engine::testing::text;
use regex::Regex;
use serde_json::json;

struct Nothing;

impl Variables for Nothing {
    fn get(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

fn is(value: &str) -> Test {
    Test::Is { value: text(value), ignore_case: false }
}

fn is_time(value: &str) -> Test {
    Test::IsTime(text(value))
}

fn met(test: &Test, path: &str, json: &Value) -> bool {
    holds(test, &Seen::at(&JsonPath::parse(path).unwrap(), Some(json)), &Nothing).unwrap()
}

#[test]
fn texts_are_compared_and_what_is_not_there_is_nothing() {
    let json = json!({ "n": 7, "t": "7", "yes": true, "null": null, "list": [], "words": ["a", "B"],
        "when": "2027-03-03T09:00:00+01:00", "epoch": ["0", 1_804_060_800], "none": "", "soon": "soon" });
    for (test, path, expected) in [
        (is("7"), "$.n", true),
        (is("7"), "$.t", true),
        (is("true"), "$.yes", true),
        (is(""), "$.null", false),
        (is("null"), "$.null", false),
        (is("B"), "$.words[*]", true),
        (is("b"), "$.words[*]", false),
        (Test::Is { value: text("b"), ignore_case: true }, "$.words[*]", true),
        (Test::IsNot { value: text("a"), ignore_case: false }, "$.words[*]", false),
        (Test::IsNot { value: text("c"), ignore_case: false }, "$.words[*]", true),
        (Test::IsNot { value: text("c"), ignore_case: false }, "$.gone", true),
        (Test::IsOneOf { values: vec![text("6"), text("7")], ignore_case: false }, "$.n", true),
        (Test::IsOneOf { values: vec![text("6")], ignore_case: false }, "$.n", false),
        (Test::Matches(Regex::new("^[0-9]$").unwrap()), "$.n", true),
        (is_time("2027-03-03T08:00:00Z"), "$.when", true),
        (is_time("2027-03-03T08:00:00Z"), "$.epoch[*]", true),
        (is_time("1804060800"), "$.when", true),
        (is_time("2027-03-03T08:00:01Z"), "$.when", false),
        (is_time("2027-03-03T08:00:00Z"), "$.n", false),
        (is_time(""), "$.none", false),
        (is_time("soon"), "$.soon", false),
        (Test::Exists(true), "$.null", false),
        (Test::Exists(false), "$.null", true),
        (Test::Exists(true), "$.list", true),
        (Test::IsEmpty(true), "$.list", true),
        (Test::IsEmpty(true), "$.gone", true),
        (Test::IsEmpty(true), "$.n", false),
        (Test::IsEmpty(false), "$.words", true),
    ] {
        assert_eq!(met(&test, path, &json), expected, "{test:?} at {path}");
    }
}

#[test]
fn a_condition_of_a_value_that_nobody_has_is_of_nothing() {
    let condition = |test| [Condition { value: text("{{ user.id }}"), test }];
    assert!(all_hold(&condition(Test::IsEmpty(true)), &Nothing).unwrap());
    assert!(!all_hold(&condition(Test::IsEmpty(false)), &Nothing).unwrap());
    assert!(!all_hold(&condition(is("7")), &Nothing).unwrap());
    assert!(all_hold(&[], &Nothing).unwrap());
    let bad = [Condition { value: text("{{ user.id | default(\"x\") | number }}"), test: is("7") }];
    assert!(all_hold(&bad, &Nothing).is_err());
}
