//! What people are told that they may do, and what holds it back.

use super::*;
use crate::calendar::verdict::Verdict;
use crate::cancellation::carry::{PersonsWord, by_person};
use crate::cancellation::see::tests::{at, noon, policy, saw, waiting, watched};
use chrono::Duration;

#[test]
fn whatever_waits_for_a_person_says_what_each_word_would_do() {
    assert_eq!(choices(&watched(), &policy()), None);
    assert_eq!(choices(&waiting(), &policy()), None);
    let settled = noon() + Duration::minutes(30);
    let weak = saw(&saw(&watched(), Verdict::Removed, noon()), Verdict::Removed, settled);
    let act = Policy { mode: PolicyMode::Act, ..policy() };
    let told = choices(&weak, &act).unwrap();
    assert_eq!(told.approve.as_deref(), Some("The LMS is asked to cancel the place."));
    assert!(told.ignore.starts_with("The learner keeps the place."), "{}", told.ignore);
    assert_eq!(told.until, Some(at("2026-11-23T09:00:00Z")));
    let observe = Policy { mode: PolicyMode::Observe, ..policy() };
    assert!(choices(&weak, &observe).unwrap().approve.unwrap().starts_with("Nothing is sent"));

    let mut lost = weak;
    lost.order = Some(crate::cancellation::enrolment::Ordered {
        decision: lost.decision.clone().unwrap(),
        session_start: None,
        number: 1,
    });
    lost.maybe_effected = true;
    let told = choices(&lost, &act).unwrap().approve.unwrap();
    assert!(told.contains("under a new id") && told.contains(MAYBE), "{told}");

    let mut wanted = watched();
    wanted.taken_back = Some(noon());
    let told = choices(&wanted, &act).unwrap();
    assert_eq!((told.approve, told.until), (None, None));
    assert!(by_person(&wanted, PersonsWord::Ignore, "bo", "seen to", None, noon()).is_ok());
}

#[test]
fn what_holds_a_cancellation_back_is_one_sentence() {
    let mut valve = Valve::new(noon());
    assert_eq!(behind(&valve, false, noon()), None);
    assert!(behind(&valve, true, noon()).unwrap().contains("for this learner"));
    valve.pause_until = Some(noon() + Duration::minutes(5));
    assert_eq!(behind(&valve, false, noon()).unwrap(), "the LMS wants a pause until 2026-11-21 12:05:00 UTC");
    assert_eq!(behind(&valve, false, noon() + Duration::minutes(5)), None, "the pause is over");
    for (state, says) in [
        (ValveState::Stopped, "the valve is stopped since 2026-11-21 12:00:00 UTC: it waits until a person opens it"),
        (
            ValveState::Braked,
            "the brake has closed the valve at 2026-11-21 12:00:00 UTC: it waits until a person opens it",
        ),
        (
            ValveState::BreakerOpen,
            "the LMS does not answer since 2026-11-21 12:00:00 UTC: it waits until the LMS is back",
        ),
    ] {
        valve.close(state, "why".to_owned(), noon());
        assert_eq!(behind(&valve, false, noon()).unwrap(), says);
    }
}
