use super::*;
use chrono::{Datelike, Duration, Timelike, Weekday};

/// Monday, midnight.
fn monday() -> DateTime<Utc> {
    "2026-11-02T00:00:00Z".parse().unwrap()
}

/// Forty an hour from eight to six on working days, and next to nothing else.
fn office_hours(at: DateTime<Utc>) -> u64 {
    let works = !matches!(at.weekday(), Weekday::Sat | Weekday::Sun) && (8..18).contains(&at.hour());
    if works { 40 } else { u64::from(at.hour() == 3) }
}

fn history(from: DateTime<Utc>, to: DateTime<Utc>) -> DeliveryHistory {
    let mut heard = DeliveryHistory::default();
    let mut at = from;
    while at < to {
        if office_hours(at) > 0 {
            heard.add(at, office_hours(at));
        }
        at += Duration::hours(1);
    }
    heard
}

#[test]
fn nights_and_week_ends_are_no_silence() {
    let end = monday() + Duration::days(28);
    let mut now = monday();
    while now < end {
        let heard = history(now - Duration::days(15), now);
        assert_eq!(heard.missing(now), 0, "{now}");
        now += Duration::minutes(30);
    }
}

#[test]
fn a_silent_working_day_is_noticed_within_hours() {
    let silent_from = monday() + Duration::days(14) + Duration::hours(10);
    let heard = history(monday(), silent_from);
    let noticed = (0..48).find(|hours| heard.missing(silent_from + Duration::hours(*hours)) >= MISSING);
    assert_eq!(noticed, Some(4));
    // For as long as it lasts, however long that is.
    assert!((5..500).all(|hours| heard.missing(silent_from + Duration::hours(hours)) >= MISSING));
}

#[test]
fn a_week_without_history_is_no_silence_and_memory_is_bounded() {
    let heard = history(monday(), monday() + Duration::days(4));
    assert_eq!(heard.missing(monday() + Duration::days(6)), 0);
    let heard = history(monday(), monday() + Duration::days(200));
    assert!(heard.hours.len() <= KEPT as usize);
}
