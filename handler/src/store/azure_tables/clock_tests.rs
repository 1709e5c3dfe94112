use super::*;

fn at(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_795_600_000_000 + millis).unwrap()
}

/// The service is `ahead` milliseconds ahead, and every call takes 20.
fn listen(clock: &ServiceClock, ahead: i64, times: impl IntoIterator<Item = i64>) {
    for sent in times {
        let written = (sent + 10 + ahead).div_euclid(1000) * 1000;
        clock.note(at(written), at(sent), at(sent + 20));
    }
}

#[test]
fn clocks_that_agree_are_left_alone() {
    let clock = ServiceClock::default();
    assert_eq!(clock.now(at(0)), None, "nothing was heard yet");
    listen(&clock, 0, (0..5_000).step_by(170));
    assert_eq!(clock.now(at(5_001)), Some(at(5_001)));
}

#[test]
fn a_difference_is_found_within_fractions_of_a_second() {
    for ahead in [-7_300, -1_500, 1_400, 600_000] {
        let clock = ServiceClock::default();
        listen(&clock, ahead, [0]);
        let rough = (clock.now(at(100)).unwrap() - at(100 + ahead)).num_milliseconds();
        assert!(rough.abs() <= 520, "{ahead}: {rough} after one answer");
        listen(&clock, ahead, (170..5_000).step_by(170));
        let close = (clock.now(at(5_001)).unwrap() - at(5_001 + ahead)).num_milliseconds();
        assert!(close.abs() <= 100, "{ahead}: {close} after many");
    }
}

#[test]
fn a_clock_that_was_set_is_measured_anew() {
    let clock = ServiceClock::default();
    listen(&clock, 0, (0..5_000).step_by(170));
    listen(&clock, 90_000, [6_000]);
    let off = (clock.now(at(6_100)).unwrap() - at(96_100)).num_milliseconds();
    assert!(off.abs() <= 520, "{off}");
}

#[test]
fn what_was_heard_long_ago_is_not_relied_on() {
    let clock = ServiceClock::default();
    listen(&clock, 0, [0]);
    assert_eq!(clock.now(at(5 * 60_000)), Some(at(5 * 60_000)));
    assert_eq!(clock.now(at(6 * 60_000)), None);
}
