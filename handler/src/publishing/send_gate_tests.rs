use super::*;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

fn open() -> SendGate {
    SendGate { opened: Some(at(-1_000)), ..SendGate::default() }
}

#[test]
fn the_first_mails_wait_for_a_person_however_few() {
    let mut gate = SendGate::default();
    assert!(!gate.take(1, false, 200, at(0)));
    gate.let_out(1, "Kim", at(1));
    assert!(gate.take(1, false, 200, at(2)));
    // From then on as many go out as usual.
    assert!(gate.take(199, false, 200, at(3)));
    assert!(!gate.take(1, false, 200, at(4)));
}

#[test]
fn what_is_too_much_for_an_hour_waits_as_a_whole() {
    let mut gate = open();
    assert!(gate.take(150, false, 200, at(0)));
    assert!(!gate.take(51, false, 200, at(30)));
    assert!(gate.take(50, false, 200, at(31)));
    assert!(gate.take(150, false, 200, at(60)), "the hour of the first is over");
    assert!(!gate.take(1, false, 200, at(61)));
}

#[test]
fn what_somebody_is_asked_about_goes_by_their_word_alone() {
    let mut gate = open();
    assert!(!gate.take(10, true, 200, at(0)));
    gate.let_out(10, "Kim", at(1));
    assert!(!gate.take(11, true, 200, at(2)));
    assert!(gate.take(10, true, 200, at(2)));
    assert!(!gate.take(1, true, 200, at(3)), "it is used up");
}

#[test]
fn a_word_is_good_for_a_day() {
    let mut gate = SendGate::default();
    gate.let_out(10, "Kim", at(0));
    assert!(!gate.take(10, true, 200, at(24 * 60)));
    gate.let_out(10, "Kim", at(0));
    assert!(gate.take(10, true, 200, at(24 * 60 - 1)));
}

#[test]
fn it_is_told_since_when_somebody_is_asked() {
    let mut gate = open();
    gate.hold(3, 500, at(0));
    gate.hold(4, 600, at(10));
    assert_eq!(gate.held, Some(Held { since: at(0), sessions: 4, mails: 600 }));
    gate.hold(0, 0, at(20));
    assert_eq!(gate.held, None);
}
