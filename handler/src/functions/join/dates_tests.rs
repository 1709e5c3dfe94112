use super::*;
use crate::calendar::zone::Zone;
use crate::sessions::moment::Moment;
use chrono::NaiveDate;

#[test]
fn how_far_a_zone_is_from_utc_is_that_of_the_day() {
    for (name, month, expected) in [
        ("Europe/London", 1, "Europe/London (UTC+00:00)"),
        ("Europe/London", 7, "Europe/London (UTC+01:00)"),
        ("America/St_Johns", 1, "America/St_Johns (UTC-03:30)"),
        ("Asia/Kathmandu", 1, "Asia/Kathmandu (UTC+05:45)"),
        ("UTC", 1, "UTC (UTC+00:00)"),
    ] {
        let wall = NaiveDate::from_ymd_opt(2027, month, 29).unwrap().and_hms_opt(9, 5, 0).unwrap();
        let at = Moment::of_wall(wall, Zone::named(name).unwrap()).unwrap();
        let facts = facts(Language::En, &Span::timed(at, at).unwrap());
        assert_eq!(facts[1], ("Time zone", expected.to_owned()));
    }
}
