use super::*;

#[test]
fn a_time_has_one_format_whatever_its_fraction() {
    for (given, shown) in [
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00.000Z"),
        ("2026-11-21T10:00:00.1239Z", "2026-11-21T10:00:00.123Z"),
        ("2026-11-21T12:00:00.5+02:00", "2026-11-21T10:00:00.500Z"),
    ] {
        let at: At = serde_json::from_value(given.into()).unwrap();
        assert_eq!(serde_json::to_value(at).unwrap(), shown);
    }
}
