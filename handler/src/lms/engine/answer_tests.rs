use super::*;
use crate::lms::exchange::Answer as Raw;
use crate::lms::recipe::json_path::{self, JsonPath};
use http::StatusCode;
use proptest::prelude::*;

fn answer(body: &str) -> Answer {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, "Application/JSON; charset=utf-8".parse().unwrap())]);
    Answer::read(Raw { status: StatusCode::OK, headers, body: Received::Whole(body.into()) })
}

#[test]
fn ids_keep_their_digits_however_long() {
    for id in [
        "7",
        "0",
        "-1",
        "9007199254740993",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775809",
        "1234567890123456789012345678901234567890",
        "1e400",
        "0.1234567890123456789",
    ] {
        let answer = answer(&format!(r#"{{"a": [{{"id": {id}, "b": "5\" 12345678901234567890123"}}]}}"#));
        let json = answer.json.unwrap();
        let at = |path: &str| JsonPath::parse(path).unwrap().one(&json).cloned().unwrap();
        assert_eq!(json_path::text(&at("$.a[0].id")).unwrap(), id);
        assert_eq!(json_path::text(&at("$.a[0].b")).unwrap(), "5\" 12345678901234567890123");
    }
}

#[test]
fn what_is_no_json_is_none() {
    for text in ["", " ", "01234567890123456789012", "{\"a\": 1.}", "<html>", "[1,", "--12345678901234567890"]
    {
        assert_eq!(answer(text).json, None, "{text}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(answer(&deep).json, None);
    assert_eq!(answer("\u{feff}{\"a\":1}").json, Some(serde_json::json!({"a": 1})));
    assert_eq!(answer("{}").media_type, "application/json");
}

#[test]
fn pages_are_known_whatever_they_are_called() {
    assert!(answer("\n <!DOCTYPE HTML><p>Sign in").is_page());
    assert!(answer("<HTML>").is_page());
    assert!(!answer("<user/>").is_page());
    assert!(!answer("{}").is_page());
}

proptest! {
    /// Digits are kept and nothing else is changed: what serde_json reads, it reads as it did.
    #[test]
    fn quoting_numbers_changes_no_other_json(json in r#"[\[\]{}",:0-9eE.+\\ tfn-]{0,40}"#) {
        let before: Option<Value> = serde_json::from_str(&json).ok();
        let after: Option<Value> = serde_json::from_str(&with_all_digits(&json)).ok();
        // A number out of range is refused as it stands, and a text in marks.
        prop_assert!(before.is_none() || after.is_some(), "{}", json);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200), status in 100_u16..600) {
        let status = StatusCode::from_u16(status).unwrap();
        let read = Answer::read(Raw { status, headers: HeaderMap::new(), body: Received::Whole(bytes) });
        _ = (read.is_empty(), read.is_page());
    }
}
