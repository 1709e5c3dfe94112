use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn berlin() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

fn time(text: &str) -> Time {
    Time::of(text, Some(berlin())).unwrap()
}

fn starts(start: &str, rules: &[&str], more: &[&str], less: &[&str]) -> Vec<String> {
    let repeats = Repeats {
        rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
        more: more.iter().map(|text| time(text)).collect(),
        less: less.iter().map(|text| time(text)).collect(),
    };
    let start = time(start);
    let end = match start {
        Time::Day(_) => None,
        Time::Instant(_) | Time::Zoned(..) | Time::Floating(_) => Some(start.later(TimeDelta::hours(2))),
    };
    let dates = Series { start, end, repeats: &repeats }
        .dates(at("2027-01-01T00:00:00Z"), at("2027-12-31T00:00:00Z"));
    dates.unwrap().into_iter().map(|date| date.start.name()).collect()
}

#[test]
fn a_series_stays_at_its_hour_when_the_clocks_change() {
    let weekly = starts("20270322T090000", &["FREQ=WEEKLY;COUNT=3"], &[], &[]);
    assert_eq!(weekly, ["20270322T080000Z", "20270329T070000Z", "20270405T070000Z"]);
}

#[test]
fn rules_dates_and_exceptions_are_put_together() {
    let dates = |rules: &[&str], more: &[&str], less: &[&str]| starts("20270104T090000", rules, more, less);
    let expected = ["20270104T080000Z", "20270106T080000Z", "20270118T080000Z"];
    assert_eq!(dates(&["FREQ=WEEKLY;COUNT=3"], &["20270106T090000"], &["20270111T090000"]), expected);
    // The last moment is in the zone's own time, or a day that is included.
    assert_eq!(dates(&["FREQ=DAILY;UNTIL=20270105T080000Z"], &[], &[]).len(), 2);
    assert_eq!(dates(&["FREQ=DAILY;UNTIL=20270105T075959Z"], &[], &[]).len(), 1);
    assert_eq!(dates(&["FREQ=DAILY;UNTIL=20270105"], &[], &[]).len(), 2);
    // A day that is called off is so with all its times; an exception in UTC is the same moment.
    assert_eq!(dates(&["FREQ=DAILY;COUNT=3"], &[], &["20270105"]).len(), 2);
    assert_eq!(dates(&["FREQ=DAILY;COUNT=3"], &[], &["20270105T080000Z"]).len(), 2);
    assert_eq!(starts("20270104", &["FREQ=DAILY;COUNT=2"], &[], &[]), ["20270104", "20270105"]);
}

#[test]
fn only_what_lies_within_the_time_that_is_asked_for_is_followed() {
    let dates = starts("20200106T090000", &["FREQ=WEEKLY"], &[], &[]);
    assert_eq!((dates.len(), dates.first().unwrap().as_str()), (52, "20270104T080000Z"));
    // What stands alone is told however long ago it was.
    assert_eq!(starts("20200106T090000", &[], &[], &[]), ["20200106T080000Z"]);
    assert!(starts("20270101T090000", &["FREQ=SECONDLY"], &[], &[]).len() <= usize::from(MOST));
    // A rule that never comes true ends all the same.
    assert_eq!(starts("20270101T090000", &["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], &[], &[]).len(), 1);
}

#[test]
fn what_can_not_be_followed_says_why() {
    let repeats = Repeats { rules: vec!["FREQ=FORTNIGHTLY".to_owned()], ..Repeats::default() };
    let series = Series { start: time("20270104T090000"), end: None, repeats: &repeats };
    let why = series.dates(at("2027-01-01T00:00:00Z"), at("2027-12-31T00:00:00Z")).unwrap_err();
    assert!(why.starts_with("the rule FREQ=FORTNIGHTLY can't be followed"), "{why}");
}

#[test]
fn lengths() {
    assert_eq!(length("PT1H30M").unwrap(), TimeDelta::minutes(90));
    assert_eq!(length("P1DT2H").unwrap(), TimeDelta::hours(26));
    assert_eq!(length("P2W").unwrap(), TimeDelta::weeks(2));
    for wrong in ["", "P", "1H", "PT", "PT1", "P1H", "-PT1H", "PT9999999999999H", "P400D", "PT1X"] {
        assert!(length(wrong).is_err(), "{wrong}");
    }
}
