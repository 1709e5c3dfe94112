use super::*;
use serde_json::{Value, json};

fn moment(text: &str, zone: &str) -> Option<Moment> {
    serde_json::from_value(json!({ "dateTime": text, "timeZone": zone })).unwrap()
}

fn read(start: (&str, &str), end: (&str, &str), all_day: bool) -> Result<String, String> {
    let times =
        Times { start: moment(start.0, start.1), end: moment(end.0, end.1), is_all_day: Some(all_day) };
    let code = |answer: Answer| {
        let body = answer.body.unwrap_or(Value::Null);
        body["error"]["code"].as_str().unwrap_or_default().to_owned()
    };
    times
        .of_new()
        .map_err(code)
        .map(|span| format!("{} {}", span.slot.start.to_rfc3339(), span.slot.length().num_minutes()))
}

const BERLIN: &str = "W. Europe Standard Time";

#[test]
fn wall_time_is_read_in_its_zone() {
    let (nine, noon) = (("2027-02-09T09:00:00", BERLIN), ("2027-02-09T12:00:00.0000000", "Europe/Berlin"));
    assert_eq!(read(nine, noon, false), Ok("2027-02-09T08:00:00+00:00 180".to_owned()));
    assert_eq!(read(nine, nine, false), Ok("2027-02-09T08:00:00+00:00 0".to_owned()));
    let backwards = "ErrorCalendarEndDateIsEarlierThanStartDate";
    assert_eq!(read(noon, nine, false), Err(backwards.to_owned()));
    // The same hands of the clock, an hour earlier there.
    assert_eq!(read(nine, ("2027-02-09T09:00:00", "Turkey Standard Time"), false), Err(backwards.to_owned()));
    assert_eq!(
        read(nine, ("2033-02-09T09:00:00", BERLIN), false),
        Err("ErrorCalendarDurationIsTooLong".to_owned())
    );
}

#[test]
fn an_offset_beside_a_zone_and_a_zone_that_is_none_are_refused() {
    let noon = ("2027-02-09T12:00:00", BERLIN);
    for text in ["2027-02-09T09:00:00+01:00", "2027-02-09T09:00:00Z", "2027-02-09", "nine", ""] {
        assert_eq!(read((text, BERLIN), noon, false), Err("BadRequest".to_owned()), "{text}");
    }
    for zone in ["CET", "Greenwich Mean Time", "", "+01:00"] {
        let wanted = Err("TimeZoneNotSupportedException".to_owned());
        assert_eq!(read(("2027-02-09T09:00:00", zone), noon, false), wanted, "{zone}");
    }
}

#[test]
fn whole_days_go_from_midnight_to_midnight_of_one_zone() {
    let (first, next) = (("2027-03-28T00:00:00", BERLIN), ("2027-03-29T00:00:00", BERLIN));
    assert_eq!(read(first, next, true), Ok("2027-03-27T23:00:00+00:00 1380".to_owned()), "a day of 23 hours");
    let refused = Err("ErrorInvalidRequest".to_owned());
    assert_eq!(read(("2027-03-28T09:00:00", BERLIN), next, true), refused);
    assert_eq!(read(first, ("2027-03-29T17:00:00", BERLIN), true), refused);
    assert_eq!(read(first, first, true), refused);
    assert_eq!(read(first, ("2027-03-29T00:00:00", "Romance Standard Time"), true), refused);
}
