use super::*;
use serde_json::json;

fn path(text: &str) -> JsonPath {
    JsonPath::parse(text).unwrap()
}

#[test]
fn only_states_that_the_connector_knows_are_states() {
    let map = vec![("0".to_owned(), PlaceState::Held), ("1".to_owned(), PlaceState::Cancelled)];
    let of = StateOf::Map { at: path("$.status"), map };
    let seen = |json: Value| state(&of, Some(&json));
    assert_eq!(seen(json!({ "status": 0 })), Ok(PlaceState::Held));
    assert_eq!(seen(json!({ "status": "1" })), Ok(PlaceState::Cancelled));
    for other in
        [json!({ "status": 2 }), json!({ "status": null }), json!({}), json!([]), json!({"status": [0]})]
    {
        assert!(seen(other.clone()).is_err(), "{other}");
    }
    assert!(state(&of, None).is_err());
}

#[test]
fn times_are_read_as_lms_write_them() {
    let at = |value: Value| given(&path("$.at"), Some(&json!({ "at": value })));
    let time = DateTime::parse_from_rfc3339("2026-11-21T10:00:00Z").unwrap().to_utc();
    for value in [
        json!("2026-11-21T10:00:00Z"),
        json!("2026-11-21T12:00:00.000+02:00"),
        json!(1_795_255_200),
        json!("1795255200"),
        json!(1_795_255_200_000_i64),
    ] {
        assert_eq!(at(value.clone()), Ok(Some(time)), "{value}");
    }
    for nothing in [json!(null), json!(0), json!("0"), json!(""), json!(" ")] {
        assert_eq!(at(nothing.clone()), Ok(None), "{nothing}");
    }
    for bad in [json!("yesterday"), json!("2026-11-21"), json!(true), json!({}), json!(1e300), json!("NaN")] {
        assert!(at(bad.clone()).is_err(), "{bad}");
    }
    assert_eq!(given(&path("$.other"), Some(&json!({}))), Ok(None));
}

#[test]
fn whether_a_session_has_begun_is_never_guessed() {
    let begun = |value: Value| started(&path("$.begun"), Some(&json!({ "begun": value })));
    for (value, expected) in [
        (json!(true), Ok(true)),
        (json!(1), Ok(true)),
        (json!("TRUE"), Ok(true)),
        (json!(false), Ok(false)),
        (json!(0), Ok(false)),
        (json!(null), Ok(false)),
        (json!(""), Ok(false)),
    ] {
        assert_eq!(begun(value), expected);
    }
    assert!(begun(json!("2026-11-21T10:00:00Z")).is_err());
    assert!(begun(json!([true])).is_err());
}
