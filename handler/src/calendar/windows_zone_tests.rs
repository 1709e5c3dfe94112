use super::*;
use chrono_tz::TZ_VARIANTS;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn named(zone: &str) -> Option<&'static str> {
    name_at(Zone::named(zone).unwrap(), &[at("2027-01-15T12:00:00Z"), at("2027-07-15T12:00:00Z")])
}

#[test]
fn zones_are_called_as_windows_calls_them() {
    for (zone, expected) in [
        ("UTC", "UTC"),
        ("Europe/Berlin", "W. Europe Standard Time"),
        ("Europe/Vienna", "W. Europe Standard Time"),
        ("Europe/Prague", "Central Europe Standard Time"),
        ("Europe/Brussels", "Romance Standard Time"),
        ("Europe/London", "GMT Standard Time"),
        ("Europe/Lisbon", "GMT Standard Time"),
        ("America/New_York", "Eastern Standard Time"),
        ("America/Detroit", "Eastern Standard Time"),
        ("Asia/Kolkata", "India Standard Time"),
        // By their old names, too.
        ("Asia/Calcutta", "India Standard Time"),
        ("Europe/Kyiv", "FLE Standard Time"),
        ("Europe/Kiev", "FLE Standard Time"),
        ("US/Pacific", "Pacific Standard Time"),
    ] {
        assert_eq!(named(zone), Some(expected), "{zone}");
    }
}

/// CLDR's table, and every other name that chrono-tz knows: what is given is a name that Exchange takes, and
/// shows the same time in winter and in summer. Where there is none, the time goes out in UTC.
#[test]
fn every_zone_of_cldr_has_a_name_that_shows_the_same_time() {
    let (mut of_cldr, mut nameless) = (0, Vec::new());
    for tz in TZ_VARIANTS {
        let zone = Zone::named(tz.name()).unwrap();
        of_cldr += usize::from(WindowsTimezone::try_from(tz).is_ok());
        for instant in ["2026-12-15T12:00:00Z", "2027-03-20T12:00:00Z", "2027-07-15T12:00:00Z"].map(at) {
            match name_at(zone, &[instant]) {
                Some(name) => {
                    let read = Zone::named(name).unwrap_or_else(|| panic!("{name} is no name"));
                    assert_eq!(read.wall_of(instant), zone.wall_of(instant), "{tz}: {name}");
                    assert!(!name.contains('/'), "{tz}: {name}");
                }
                None => nameless.push(tz.name()),
            }
        }
    }
    nameless.dedup();
    assert!(of_cldr > 400, "{of_cldr} of CLDR's zones");
    insta::assert_debug_snapshot!(nameless);
}
