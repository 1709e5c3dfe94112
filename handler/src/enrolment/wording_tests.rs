//! What people are told of what holds their word back.

use super::*;
use crate::enrolment::apply_reading::tests::noon;
use chrono::Duration;

#[test]
fn what_holds_a_cancellation_back_is_one_sentence() {
    let mut valve = Valve::new(noon());
    assert_eq!(behind(&valve, false, noon()), None);
    assert!(behind(&valve, true, noon()).unwrap().contains("for this learner"));
    valve.pause_until = Some(noon() + Duration::minutes(5));
    assert_eq!(behind(&valve, false, noon()).unwrap(), "the LMS wants a pause until 2026-11-21 12:05:00 UTC");
    assert_eq!(behind(&valve, false, noon() + Duration::minutes(5)), None, "the pause is over");
    for (state, says) in [
        (
            ValveState::Stopped,
            "the valve is stopped since 2026-11-21 12:00:00 UTC: it waits until a person opens it",
        ),
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
