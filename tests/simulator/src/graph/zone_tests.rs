use super::*;

#[test]
fn summer_time_is_kept() {
    let cases = [
        ("UTC", "2026-07-01T12:00:00Z", "2026-07-01T12:00:00"),
        ("W. Europe Standard Time", "2026-03-29T00:59:00Z", "2026-03-29T01:59:00"),
        ("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00"),
        ("Pacific Standard Time", "2026-03-08T10:00:00Z", "2026-03-08T03:00:00"),
        ("Pacific Standard Time", "2026-11-01T09:00:00Z", "2026-11-01T01:00:00"),
        ("India Standard Time", "2026-01-01T00:00:00Z", "2026-01-01T05:30:00"),
    ];
    for (zone, utc, wanted) in cases {
        let shown = local(zone, utc.parse().unwrap()).unwrap();
        assert_eq!(shown.format("%Y-%m-%dT%H:%M:%S").to_string(), wanted, "{zone} {utc}");
    }
    assert_eq!(local("Middle-earth Standard Time", Utc::now()), None);
}
