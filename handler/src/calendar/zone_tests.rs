use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn every_windows_name_stands_for_a_zone_that_there_is() {
    for (windows, iana) in WINDOWS {
        assert_eq!(Zone::named(windows).map(Zone::name), Some(*iana), "{windows}");
    }
    for (name, iana) in
        [("utc", "UTC"), ("europe/BERLIN", "Europe/Berlin"), (" Tokyo standard time ", "Asia/Tokyo")]
    {
        assert_eq!(Zone::named(name).map(Zone::name), Some(iana));
    }
    for unknown in ["", "tzone://Microsoft/Custom", "Customized Time Zone", "Mars/Olympus"] {
        assert_eq!(Zone::named(unknown), None, "{unknown}");
    }
}

#[test]
fn a_date_begins_at_its_zones_midnight() {
    for (zone, shown, begins) in [
        ("UTC", "2026-11-22T00:00:00Z", "2026-11-22T00:00:00Z"),
        ("W. Europe Standard Time", "2026-11-22T00:00:00Z", "2026-11-21T23:00:00Z"),
        ("W. Europe Standard Time", "2026-07-22T00:00:00Z", "2026-07-21T22:00:00Z"),
        ("Tokyo Standard Time", "2026-11-22T00:00:00Z", "2026-11-21T15:00:00Z"),
        ("Pacific Standard Time", "2026-11-22T00:00:00Z", "2026-11-22T08:00:00Z"),
        // The instant of the local midnight, written out in UTC.
        ("W. Europe Standard Time", "2026-11-21T23:00:00Z", "2026-11-21T23:00:00Z"),
        // The clocks go forward at midnight: the day begins at one.
        ("Africa/Cairo", "2026-04-24T00:00:00Z", "2026-04-23T22:00:00Z"),
        // They go back at midnight: the day before has 25 hours, and this one begins after them.
        ("America/Havana", "2026-11-01T00:00:00Z", "2026-11-01T04:00:00Z"),
    ] {
        assert_eq!(Zone::named(zone).unwrap().midnight_of(at(shown)), at(begins), "{zone} {shown}");
    }
}
