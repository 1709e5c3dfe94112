use super::*;
use crate::lms::engine::testing::{take as take_json, text};
use crate::lms::exchange::{self, Received};
use http::{HeaderMap, StatusCode};
use regex::Regex;
use std::borrow::Cow;

fn answer(body: &str) -> Answer {
    let headers = HeaderMap::from_iter([(http::header::LOCATION, "/x/12".parse().unwrap())]);
    let body = Received::Whole(body.as_bytes().to_vec());
    Answer::read(exchange::Answer { status: StatusCode::OK, headers, body })
}

fn by_text(pattern: &str) -> Take {
    Take { name: "v".to_owned(), at: TakeAt::Text(Regex::new(pattern).unwrap()), is_optional: false }
}

/// What an earlier step took.
struct Earlier;

impl Variables for Earlier {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        (name == "date.id").then_some(Cow::Borrowed("42"))
    }
}

/// The one value, or `missing`.
fn taken(of: Take, body: &str, picked: Option<&Value>) -> Result<String, &'static str> {
    let takes = [of];
    let values = take(&takes, &answer(body), picked, &Earlier).map_err(|_| "missing")?;
    Ok(values[0].1.clone())
}

#[test]
fn values_are_taken_whole_or_not_at_all() {
    let body = r#"{"id": 12345678901234567890123, "none": null, "empty": "", "list": [1, 2], "flag": true}"#;
    let got = |path: &str| taken(take_json("v", path), body, None);
    assert_eq!(got("$.id"), Ok("12345678901234567890123".to_owned()));
    assert_eq!(got("$.flag"), Ok("true".to_owned()));
    for missing in ["$.none", "$.empty", "$.list", "$.list[*]", "$.other"] {
        assert_eq!(got(missing), Err("missing"), "{missing}");
    }
    let optional = Take { is_optional: true, ..take_json("v", "$.other") };
    assert_eq!(taken(optional, body, None), Ok(String::new()));
}

#[test]
fn a_value_is_made_of_earlier_ones() {
    let made =
        |template| Take { name: "v".to_owned(), at: TakeAt::Value(text(template)), is_optional: false };
    assert_eq!(taken(made("safety/{{ date.id }}"), "{}", None), Ok("safety/42".to_owned()));
    assert_eq!(taken(made("safety/{{ date.gone }}"), "{}", None), Err("missing"));
}

#[test]
fn headers_and_texts_are_taken_too() {
    let header = Take { name: "v".to_owned(), at: TakeAt::Header("location".to_owned()), is_optional: false };
    let two = "id=7; again id=7; token=1, token=2";
    assert_eq!(taken(header, two, None), Ok("/x/12".to_owned()));
    assert_eq!(taken(by_text("id=(\\d+)"), two, None), Ok("7".to_owned()));
    assert_eq!(taken(by_text("token=(\\d+)"), two, None), Err("missing"), "two that differ");
    assert_eq!(taken(by_text("sesskey=(\\d+)"), two, None), Err("missing"));
}

#[test]
fn the_picked_entry_comes_before_the_answer() {
    let entry = serde_json::json!({ "id": 1 });
    assert_eq!(taken(take_json("v", "$.id"), r#"{"id": 2}"#, Some(&entry)), Ok("1".to_owned()));
}
