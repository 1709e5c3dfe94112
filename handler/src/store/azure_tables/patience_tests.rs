use super::*;

#[test]
fn waits_grow_and_end() {
    let patience = Patience::default();
    let (mut passed, mut waits) = (Duration::ZERO, Vec::new());
    while let Some(wait) = patience.wait(waits.len() as u32 + 1, passed, None) {
        passed += wait;
        waits.push(wait);
    }
    assert!((6..=12).contains(&waits.len()), "{waits:?}");
    assert!(passed <= patience.whole, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= patience.most) && waits[0] <= patience.first, "{waits:?}");
}

#[test]
fn the_services_own_wish_is_obeyed_or_given_up_at_once() {
    let patience = Patience::default();
    let three = Duration::from_secs(3);
    assert_eq!(patience.wait(1, Duration::ZERO, Some(three)), Some(three));
    assert_eq!(patience.wait(1, Duration::ZERO, Some(Duration::from_secs(30))), None);
    assert!(patience.wait(u32::MAX, Duration::ZERO, None).is_some(), "doubling does not overflow");
}

#[test]
fn only_what_was_surely_not_done_is_tried_again() {
    let answered = |status, code| Tried::Answered { status, code };
    for tried in [Tried::NotConnected, answered(429, None), answered(503, Some("ServerBusy"))] {
        assert!(again(tried, false) && again(tried, true), "{tried:?}");
    }
    for tried in
        [Tried::NoAnswer, answered(500, Some("OperationTimedOut")), answered(503, None), answered(502, None)]
    {
        assert!(!again(tried, false) && again(tried, true), "{tried:?}");
    }
    for tried in [
        answered(404, None),
        answered(409, None),
        answered(412, None),
        answered(403, None),
        answered(501, None),
    ] {
        assert!(!again(tried, false) && !again(tried, true), "{tried:?}");
    }
}
