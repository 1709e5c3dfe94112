use super::*;
use chrono::NaiveDate;

fn berlin() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

fn wall(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

#[test]
fn a_wall_time_is_an_instant_of_its_zone_in_summer_and_in_winter() {
    for (at, instant) in
        [("2027-01-11T09:00:00", "2027-01-11T08:00:00Z"), ("2027-07-12T09:00:00", "2027-07-12T07:00:00Z")]
    {
        assert_eq!(Moment::of_wall(wall(at), berlin()).unwrap().instant, utc(instant));
    }
}

#[test]
fn a_start_that_does_not_exist_is_refused_and_says_why() {
    let problem = Moment::of_wall(wall("2027-03-28T02:30:00"), berlin()).unwrap_err();
    let text = "2027-03-28 02:30:00 does not exist in Europe/Berlin: the clocks go forward over it";
    assert_eq!(problem.to_string(), text);
}

#[test]
fn of_a_doubled_hour_the_first_is_meant_unless_the_instant_is_said() {
    let at = wall("2027-10-31T02:30:00");
    let first = Moment::of_wall(at, berlin()).unwrap();
    assert_eq!((first.instant, first.is_doubled()), (utc("2027-10-31T00:30:00Z"), true));
    let second = Moment::of_instant(utc("2027-10-31T01:30:00Z"), berlin());
    assert_eq!((second.wall, second.is_doubled()), (at, true));
    assert!(!Moment::of_wall(wall("2027-10-31T03:30:00"), berlin()).unwrap().is_doubled());
}

#[test]
fn instant_and_wall_time_must_agree() {
    let instant = utc("2027-07-12T07:00:00Z");
    assert!(Moment::of_both(instant, wall("2027-07-12T09:00:00"), berlin()).is_ok());
    let problem = Moment::of_both(instant, wall("2027-07-12T08:00:00"), berlin()).unwrap_err();
    assert!(matches!(problem, TimeProblem::Contradiction { .. }), "{problem}");
}

#[test]
fn whole_days_begin_and_end_at_the_zones_own_midnight() {
    let day = |day| NaiveDate::from_ymd_opt(2027, 7, day).unwrap();
    let span = Span::days(day(12), day(13), berlin()).unwrap();
    assert_eq!((span.start(), span.end()), (utc("2027-07-11T22:00:00Z"), utc("2027-07-13T22:00:00Z")));
    assert_eq!(span.day_after(), day(14));
    assert!(Span::days(day(13), day(12), berlin()).is_err());
}

#[test]
fn a_span_that_ends_before_it_starts_is_none() {
    let at = |text| Moment::of_wall(wall(text), berlin()).unwrap();
    assert!(Span::timed(at("2027-07-12T09:00:00"), at("2027-07-12T08:00:00")).is_err());
    assert!(Span::timed(at("2027-07-12T09:00:00"), at("2027-07-12T09:00:00")).is_ok());
}

/// What was stored is read again, zone and all.
#[test]
fn a_span_is_stored_by_the_names_of_its_zones() {
    let at = |text| Moment::of_wall(wall(text), berlin()).unwrap();
    let span = Span::timed(at("2027-07-12T09:00:00"), at("2027-07-12T17:00:00")).unwrap();
    let json = serde_json::to_string(&span).unwrap();
    assert!(json.contains("\"Europe/Berlin\""), "{json}");
    assert_eq!(serde_json::from_str::<Span>(&json).unwrap(), span);
    let unknown = serde_json::from_str::<Zone>("\"Mars/Olympus\"").unwrap_err();
    assert!(unknown.to_string().contains("no time zone is called \"Mars/Olympus\""), "{unknown}");
}
