use super::*;

fn next(schedule: &str, from: &str) -> String {
    let next = Schedule::parse(schedule).unwrap().next_after(from.parse().unwrap()).unwrap();
    next.format("%Y-%m-%d %H:%M:%S").to_string()
}

#[test]
fn occurrences_are_those_of_ncrontab() {
    for (schedule, from, expected) in [
        ("0 */5 * * * *", "2026-11-21T10:00:00Z", "2026-11-21 10:05:00"),
        ("0 */5 * * * *", "2026-11-21T10:04:59.999Z", "2026-11-21 10:05:00"),
        ("*/5 * * * *", "2026-11-21T10:00:00.5Z", "2026-11-21 10:05:00"),
        ("*/20 * * * * *", "2026-11-21T10:00:20Z", "2026-11-21 10:00:40"),
        ("0 30 2 * * MON-FRI", "2026-11-21T10:00:00Z", "2026-11-23 02:30:00"),
        // The 13th *and* a Friday; classic cron would take either.
        ("0 0 0 13 * 5", "2026-11-14T00:00:00Z", "2027-08-13 00:00:00"),
    ] {
        assert_eq!(next(schedule, from), expected, "{schedule} after {from}");
    }
}

#[test]
fn what_only_other_crons_know_is_refused() {
    for text in [
        "",
        "* * *",
        "0 0 0 L * *",
        "0 0 0 ? * *",
        "@hourly",
        "0 0 0 * * 5#2",
        "0 0 0 15W * *",
        "61 * * * * *",
        "0 0 * * * * 2027",
        "00:05:00",
    ] {
        assert!(Schedule::parse(text).is_err(), "{text}");
    }
}

#[test]
fn only_schedules_of_more_than_one_a_minute_are_dense() {
    let from = "2026-11-21T10:00:07Z".parse().unwrap();
    assert!(Schedule::parse("*/30 * * * * *").unwrap().is_dense(from));
    assert!(!Schedule::parse("0 * * * * *").unwrap().is_dense(from));
}
