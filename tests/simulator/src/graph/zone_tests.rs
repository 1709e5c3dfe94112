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

#[test]
fn names_that_exchange_does_not_take_are_refused() {
    for name in
        ["UTC", "W. Europe Standard Time", "GMT Standard Time", "Europe/Berlin", "Asia/Kolkata", "Etc/UTC"]
    {
        assert!(named(name).is_some(), "{name}");
    }
    for name in
        ["", "CET", "Greenwich Mean Time", "[]", "+01:00", "EST5EDT", "w. europe time", "Europe/Atlantis"]
    {
        assert!(named(name).is_none(), "{name}");
        assert_eq!(of(name).unwrap_err().status, 400);
    }
}

#[test]
fn a_wall_time_is_one_instant_where_clocks_change_too() {
    let berlin = named("Europe/Berlin").unwrap();
    let cases = [
        ("2027-02-09T09:00:00", "2027-02-09T08:00:00Z"),
        ("2027-07-09T09:00:00", "2027-07-09T07:00:00Z"),
        ("2027-03-28T02:30:00", "2027-03-28T01:30:00Z"),
        ("2027-10-31T02:30:00", "2027-10-31T01:30:00Z"),
    ];
    for (wall, utc) in cases {
        assert_eq!(instant(berlin, wall.parse().unwrap()), utc.parse::<DateTime<Utc>>().unwrap(), "{wall}");
    }
}
