use super::*;
use crate::lms::engine::source::row::Row;
use crate::lms::engine::testing::path;
use crate::lms::recipe::reading::Whence;
use crate::lms::recipe::template::Variables;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::fmt::Write as _;

struct Nothing;

impl Variables for Nothing {
    fn get(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

fn time(at: &str, kind: TimeKind, format: Option<&str>) -> TimeSource {
    let whence = Whence::Path { at: path(at), up: 0 };
    TimeSource { whence, kind, format: format.map(str::to_owned) }
}

/// The span of `{ "s": start, "e": end }` in a zone, or what is wrong.
fn told(start: (TimeKind, Option<&str>), end: (TimeKind, Option<&str>), entry: &Value, name: &str) -> String {
    let row = Row::new(entry, entry);
    let scope = RowScope { row: &row, around: &Nothing };
    let (start, end) = (vec![time("$.s", start.0, start.1)], vec![time("$.e", end.0, end.1)]);
    match span((&start, &end), &scope, || zone(Some(name.to_owned()))) {
        Ok(None) => "no date".to_owned(),
        Ok(Some(Span::Days { first, last, zone })) => format!("{first} to {last}, {zone:?}"),
        Ok(Some(Span::Timed { start, end })) => {
            format!("{} {} {}, to {} {}", start.instant, start.wall, start.zone.name(), end.instant, end.wall)
        }
        Err(wrong) => format!("{}: {}", wrong.field, wrong.problem),
    }
}

#[test]
fn each_form_of_a_time() {
    use TimeKind as K;
    const BERLIN: &str = "Europe/Berlin";
    let (iso, naive, date) = ((K::Iso, None), (K::Naive, None), (K::Date, None));
    let german = (K::Naive, Some("%d.%m.%Y %H:%M"));
    let mut all = String::new();
    for (start, end, entry, zone) in [
        (iso, iso, json!({"s": "2027-03-03T09:00:00+01:00", "e": "2027-03-03T11:00:00Z"}), BERLIN),
        (iso, iso, json!({"s": "2027-03-03T09:00:00+0100", "e": "2027-03-03T12:00+01:00"}), BERLIN),
        (iso, iso, json!({"s": "2027-03-03T09:00:00", "e": "2027-03-03T12:00:00Z"}), BERLIN),
        (iso, iso, json!({"s": "2027-03-03T09:00:00+01:00", "e": null}), BERLIN),
        (iso, iso, json!({"s": "", "e": "2027-03-03T12:00:00Z"}), BERLIN),
        (iso, iso, json!({"e": "2027-03-03T12:00:00Z"}), "nowhere"),
        (iso, iso, json!({"s": "2027-03-03T12:00:00Z", "e": "2027-03-03T11:00:00Z"}), BERLIN),
        (iso, iso, json!({"s": "2027-03-03T12:00:00Z", "e": "2029-03-03T11:00:00Z"}), BERLIN),
        (iso, iso, json!({"s": ["2027-03-03T12:00:00Z"], "e": null}), BERLIN),
        (
            naive,
            naive,
            json!({"s": "2027-07-01T09:00:00", "e": "2027-07-01 12:00"}),
            "W. Europe Standard Time",
        ),
        (naive, naive, json!({"s": "2027-07-01T09:00:00+02:00", "e": "2027-07-01 12:00"}), BERLIN),
        (naive, naive, json!({"s": "2027-03-28T02:30:00", "e": "2027-03-28T04:00:00"}), BERLIN),
        (naive, naive, json!({"s": "2027-07-01T09:00:00", "e": "2027-07-01T12:00:00"}), "NZDT"),
        (german, german, json!({"s": "01.07.2027 09:00", "e": "1.7.2027 9:30"}), BERLIN),
        (german, german, json!({"s": "2027-07-01T09:00", "e": null}), BERLIN),
        (
            (K::EpochSeconds, None),
            (K::EpochSeconds, None),
            json!({"s": 1804060800, "e": "1804064400"}),
            BERLIN,
        ),
        (
            (K::EpochMillis, None),
            (K::EpochMillis, None),
            json!({"s": 1804060800000_i64, "e": 1804064400000_i64}),
            BERLIN,
        ),
        ((K::EpochSeconds, None), (K::EpochSeconds, None), json!({"s": 0, "e": 0}), BERLIN),
        ((K::EpochSeconds, None), (K::Minutes, None), json!({"s": "soon", "e": 1}), BERLIN),
        (iso, (K::Minutes, None), json!({"s": "2027-03-03T09:00:00+01:00", "e": 90}), BERLIN),
        (iso, (K::Hours, None), json!({"s": "2027-03-28T01:00:00+01:00", "e": "2"}), BERLIN),
        (iso, (K::Seconds, None), json!({"s": "2027-03-03T09:00:00+01:00", "e": -5}), BERLIN),
        (iso, (K::Hours, None), json!({"s": "2027-03-03T09:00:00+01:00", "e": 9_999_999}), BERLIN),
        (date, date, json!({"s": "2027-03-03", "e": "2027-03-04"}), BERLIN),
        (date, date, json!({"s": "2027-03-03", "e": null}), BERLIN),
        (date, date, json!({"s": "2027-03-03", "e": "2027-03-02"}), BERLIN),
        (date, iso, json!({"s": "2027-03-03", "e": "2027-03-03T12:00:00Z"}), BERLIN),
        (iso, date, json!({"s": "2027-03-03T12:00:00Z", "e": "2027-03-03"}), BERLIN),
    ] {
        let (from, to): (&str, &str) = (start.0.word(), end.0.word());
        let _ = writeln!(all, "{from}, {to} {entry}\n    {}", told(start, end, &entry, zone));
    }
    insta::assert_snapshot!(all);
}

/// The hour that comes twice: an instant is right in it.
#[test]
fn an_instant_in_the_doubled_hour_stays_what_it_is() {
    let entry = json!({"s": "2027-10-31T02:30:00+01:00", "e": "2027-10-31T04:00:00+01:00"});
    let shown = told((TimeKind::Iso, None), (TimeKind::Iso, None), &entry, "Europe/Berlin");
    assert!(shown.starts_with("2027-10-31 01:30:00 UTC 2027-10-31 02:30:00"), "{shown}");
}
