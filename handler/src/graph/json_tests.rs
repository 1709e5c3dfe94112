use super::*;
use serde_json::json;

#[test]
fn times_are_read_in_every_form_that_graph_writes() {
    for (value, expected) in [
        ("2026-02-02T08:00:00Z", Some("2026-02-02T08:00:00Z")),
        ("2026-05-26T23:29:18.2277768+00:00", Some("2026-05-26T23:29:18.227776800Z")),
        ("2026-05-26T23:29:18+05:30", Some("2026-05-26T17:59:18Z")),
        ("0001-01-01T00:00:00Z", None),
        ("4501-01-01T00:00:00Z", None),
        ("1601-01-01T00:00:00Z", None),
        ("soon", None),
    ] {
        let expected: Option<DateTime<Utc>> = expected.map(|time| time.parse().unwrap());
        assert_eq!(instant(&json!({"time": value}), "time"), expected, "{value}");
    }
}

#[test]
fn an_unknown_zone_is_no_time_and_no_crash() {
    for (zone, is_told) in [
        (json!("UTC"), true),
        (json!("tzone://Microsoft/Utc"), true),
        (json!(null), true),
        (json!("Mars/Olympus"), false),
    ] {
        let value = json!({"start": {"dateTime": "2026-02-02T08:00:00.0000000", "timeZone": zone}});
        assert_eq!(zoned(&value, "start").is_some(), is_told, "{zone}");
    }
    assert_eq!(zoned(&json!({"start": null}), "start"), None);
}
