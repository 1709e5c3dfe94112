use super::ServedClock;
use chrono::TimeDelta;

#[test]
fn the_last_readable_date_counts() {
    let clock = ServedClock::default();
    assert_eq!(clock.ahead(), None);
    let sent = "2026-11-22T10:00:00Z".parse().unwrap();
    let received = "2026-11-22T10:00:02Z".parse().unwrap();
    clock.note("Sun, 22 Nov 2026 10:05:01 GMT", sent, received);
    assert_eq!(clock.ahead(), Some(TimeDelta::seconds(300)));
    clock.note("yesterday", sent, received);
    assert_eq!(clock.ahead(), Some(TimeDelta::seconds(300)));
    clock.note("Sun, 22 Nov 2026 09:59:01 GMT", sent, received);
    assert_eq!(clock.ahead(), Some(TimeDelta::seconds(-60)));
}
