use super::*;

fn retry() -> Retry {
    Retry { first: Duration::seconds(30), most: Duration::hours(1) }
}

#[test]
fn doubles_from_first_to_most() {
    let whole: Vec<i64> = (1..=9).map(|n| wait(retry(), n, None, 1.0).num_seconds()).collect();
    assert_eq!(whole, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    assert_eq!(wait(retry(), u32::MAX, None, 1.0).num_seconds(), 3600);
}

#[test]
fn jitter_takes_between_half_and_all() {
    assert_eq!(wait(retry(), 2, None, 0.0).num_seconds(), 30);
    assert_eq!(wait(retry(), 2, None, 0.5).num_seconds(), 45);
    assert_eq!(wait(retry(), 2, None, 1.0).num_seconds(), 60);
}

#[test]
fn retry_after_is_a_lower_bound() {
    assert_eq!(wait(retry(), 1, Some(Duration::seconds(100)), 1.0).num_seconds(), 100);
    assert_eq!(wait(retry(), 8, Some(Duration::seconds(100)), 1.0).num_seconds(), 3600);
}

#[test]
fn the_last_look_is_at_the_deadline() {
    let now: DateTime<Utc> = "2026-11-21T10:00:00Z".parse().unwrap();
    let deadline = now + Duration::minutes(10);
    assert_eq!(next(retry(), 8, None, 1.0, now, Some(deadline)), deadline);
    assert_eq!(next(retry(), 1, None, 1.0, now, Some(deadline)), now + Duration::seconds(30));
    assert_eq!(next(retry(), 1, None, 1.0, now, None), now + Duration::seconds(30));
}

#[test]
fn unreadable_mailboxes_are_asked_from_half_a_minute_to_an_hour() {
    let waits: Vec<i64> = (0..9).map(|n| unreadable(n).num_seconds()).collect();
    assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
}
