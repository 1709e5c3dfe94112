use super::*;
use chrono::{DateTime, NaiveDate, Utc};

fn wall(zone: &str, instant: &str) -> WallTime {
    let (zone, instant) = (Zone::named(zone).unwrap(), instant.parse::<DateTime<Utc>>().unwrap());
    WallTime { wall: zone.wall_of(instant), zone, instant }
}

fn timed(zone: &str, start: &str, end: &str) -> Value {
    Value::Object(fields(&When::Timed { start: wall(zone, start), end: wall(zone, end) }))
}

#[test]
fn a_time_is_the_wall_time_of_a_zone_that_windows_knows() {
    let expected = json!({
        "start": { "dateTime": "2027-07-12T09:00:00", "timeZone": "W. Europe Standard Time" },
        "end": { "dateTime": "2027-07-12T17:00:00", "timeZone": "W. Europe Standard Time" },
        "isAllDay": false,
    });
    assert_eq!(timed("Europe/Vienna", "2027-07-12T07:00:00Z", "2027-07-12T15:00:00Z"), expected);
}

/// Half past two comes twice on that night: only UTC says which.
#[test]
fn what_comes_twice_is_told_in_utc() {
    let expected = json!({
        "start": { "dateTime": "2027-10-31T01:30:00", "timeZone": "UTC" },
        "end": { "dateTime": "2027-10-31T06:00:00", "timeZone": "UTC" },
        "isAllDay": false,
    });
    assert_eq!(timed("Europe/Berlin", "2027-10-31T01:30:00Z", "2027-10-31T06:00:00Z"), expected);
}

/// Windows has no name for a station whose clocks go by two hours.
#[test]
fn a_zone_without_a_name_is_told_in_utc() {
    let told = timed("Antarctica/Troll", "2027-07-12T07:00:00Z", "2027-07-12T15:00:00Z");
    assert_eq!(told["start"], json!({ "dateTime": "2027-07-12T07:00:00", "timeZone": "UTC" }));
}

#[test]
fn whole_days_go_from_midnight_to_midnight_and_end_the_day_after() {
    let day = |day| NaiveDate::from_ymd_opt(2027, 7, day).unwrap();
    let days = When::Days { first: day(12), until: day(14), zone: Zone::named("Asia/Kolkata").unwrap() };
    let expected = json!({
        "start": { "dateTime": "2027-07-12T00:00:00", "timeZone": "India Standard Time" },
        "end": { "dateTime": "2027-07-14T00:00:00", "timeZone": "India Standard Time" },
        "isAllDay": true,
    });
    assert_eq!(Value::Object(fields(&days)), expected);
}
