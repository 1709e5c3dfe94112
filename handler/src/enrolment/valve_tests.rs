//! What opens and closes a valve, and how fast it lets through.

use super::*;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn reply(outcome: LmsOutcome) -> Reply {
    Reply { status: Some(500), ..Reply::new(outcome, Reach::Sent) }
}

fn of(n: usize) -> EnrolmentRef {
    EnrolmentRef { partition: "contoso~1".to_owned(), row: n.to_string() }
}

fn answered(valve: &Valve, outcome: LmsOutcome, n: usize) -> Valve {
    valve.after(&reply(outcome), &of(n), at(i64::try_from(n).unwrap())).unwrap_or(valve.clone())
}

fn listed(suspects: &[Suspect]) -> Vec<&str> {
    suspects.iter().map(|suspect| suspect.enrolment.row.as_str()).collect()
}

#[test]
fn five_different_enrolments_in_a_row_that_no_receiver_answers_are_an_outage() {
    let mut valve = Valve::new(at(0));
    for n in [1, 2, 2, 1, 3, 4] {
        valve = answered(&valve, LmsOutcome::Unexpected, n);
        assert_eq!((valve.passage(at(9)), valve.deems_outage(&of(n))), (Passage::Free, false), "after {n}");
    }
    valve = answered(&valve, LmsOutcome::Unexpected, 5);
    assert_eq!(valve.passage(at(9)), Passage::Probe);
    assert_eq!((listed(&valve.suspects), listed(&valve.reopen)), (vec![], vec!["2", "1", "3", "4", "5"]));
    assert!(valve.deems_outage(&of(6)), "the probe's is one, too");
    assert_eq!(answered(&valve, LmsOutcome::Unexpected, 6), valve);
    // A receiver's answer opens the valve; who is still to be put back stays noted.
    valve = answered(&valve, LmsOutcome::Refused, 7);
    assert_eq!((valve.passage(at(9)), valve.reopen.len()), (Passage::Free, 5));
    assert!(valve.deems_outage(&of(4)) && !valve.deems_outage(&of(6)));
}

#[test]
fn a_receivers_answer_between_or_a_persons_word_starts_that_count_anew() {
    use LmsOutcome as O;
    for between in
        [O::Done, O::Accepted, O::AlreadyCancelled, O::NotEnrolled, O::Refused, O::TooLate, O::Unclear]
    {
        let mut valve = Valve::new(at(0));
        for n in 1..=20 {
            valve = answered(&valve, if n % 5 == 0 { between } else { O::Unexpected }, n);
        }
        assert_eq!((valve.passage(at(99)), valve.reopen.len()), (Passage::Free, 0), "{between:?}");
    }
    let mut valve = Valve::new(at(0));
    for n in 1..=8 {
        valve = answered(&valve, O::Unexpected, n);
        if n == 4 {
            valve.open(at(4));
        }
    }
    assert_eq!(valve.passage(at(99)), Passage::Free);
}

#[test]
fn an_outage_between_does_not_hide_them_and_the_breaker_that_it_opens_puts_them_back() {
    use LmsOutcome as O;
    let mut valve = Valve::new(at(0));
    for (n, outcome) in [(1, O::Unexpected), (2, O::Outage), (3, O::Unexpected), (4, O::Outage)] {
        valve = answered(&valve, outcome, n);
    }
    for n in 5..8 {
        valve = answered(&valve, O::Outage, n);
    }
    assert_eq!((valve.passage(at(9)), listed(&valve.reopen)), (Passage::Probe, vec!["1", "3"]));
}

#[test]
fn a_valve_that_a_person_has_stopped_stays_stopped() {
    let mut valve = Valve::new(at(0));
    valve.close(ValveState::Stopped, "exam week".into(), at(0));
    for n in 1..=5 {
        valve = answered(&valve, LmsOutcome::Unexpected, n);
    }
    assert_eq!((valve.state, valve.reopen.len()), (ValveState::Stopped, 5));
}

#[test]
fn a_valve_that_was_stored_before_is_read() {
    let old = r#"{"state":"open","why":"","since":"2026-01-01T00:00:00Z","opened":null,"outages":2,"pause_until":null,"sent":[],"paced_at":null}"#;
    let valve: Valve = serde_json::from_str(old).unwrap();
    assert_eq!((valve.outages, valve.suspects, valve.reopen), (2, vec![], vec![]));
}

fn rate(requests: u32, seconds: i64) -> Rate {
    Rate { requests, per: Duration::seconds(seconds) }
}

#[test]
fn five_outages_in_a_row_open_the_breaker_and_one_answer_closes_it() {
    let mut valve = Valve::new(at(0));
    for n in 1..OUTAGES {
        valve = valve.after(&reply(LmsOutcome::Outage), &of(1), at(n.into())).unwrap();
        assert_eq!(valve.passage(at(10)), Passage::Free, "after {n}");
    }
    valve = valve.after(&reply(LmsOutcome::Outage), &of(1), at(5)).unwrap();
    assert_eq!(valve.passage(at(10)), Passage::Probe);
    valve = valve.after(&reply(LmsOutcome::Done), &of(1), at(11)).unwrap();
    assert_eq!((valve.passage(at(12)), valve.outages), (Passage::Free, 0));
}

#[test]
fn an_answer_between_outages_starts_the_count_anew() {
    let mut valve = Valve::new(at(0));
    for _ in 0..20 {
        for _ in 1..OUTAGES {
            valve = valve.after(&reply(LmsOutcome::Outage), &of(1), at(1)).unwrap();
        }
        valve = valve.after(&reply(LmsOutcome::NotEnrolled), &of(1), at(1)).unwrap();
    }
    assert_eq!(valve.passage(at(2)), Passage::Free);
}

#[test]
fn a_broken_credential_stays_closed_and_a_persons_stop_is_never_overwritten() {
    let broken = Valve::new(at(0)).after(&reply(LmsOutcome::CredentialBroken), &of(1), at(1)).unwrap();
    assert_eq!(broken.passage(at(9_999)), Passage::Closed);
    assert_eq!(broken.after(&reply(LmsOutcome::Done), &of(1), at(2)).map(|valve| valve.state), None);
    let mut stopped = Valve::new(at(0));
    stopped.close(ValveState::Stopped, "exam week".into(), at(0));
    for outcome in [LmsOutcome::CredentialBroken, LmsOutcome::EndpointGone, LmsOutcome::Done] {
        let after = stopped.after(&reply(outcome), &of(1), at(1)).unwrap_or(stopped.clone());
        assert_eq!(after.state, ValveState::Stopped, "{outcome:?}");
    }
}

#[test]
fn only_a_pause_holds_back_the_whole_connection_whatever_the_status() {
    let wait = Some(std::time::Duration::from_secs(60));
    for (pause, outcome) in
        [(true, LmsOutcome::Outage), (false, LmsOutcome::Outage), (true, LmsOutcome::Done)]
    {
        let asked = Reply { retry_after: wait, pause: wait.filter(|_| pause), ..reply(outcome) };
        let valve = Valve::new(at(0)).after(&asked, &of(1), at(0)).unwrap();
        let expected = if pause { Passage::Closed } else { Passage::Free };
        assert_eq!(valve.passage(at(59)), expected, "{pause} {outcome:?}");
        assert_eq!(valve.passage(at(60)), Passage::Free);
    }
}

#[test]
fn a_tick_lets_through_what_fits_into_the_rate() {
    let mut valve = Valve::new(at(0));
    assert_eq!(valve.pace(rate(10, 1), 1, at(0)), 10, "first tick: one period's worth");
    valve.spend(10, 1, rate(10, 1), at(0));
    assert_eq!(valve.pace(rate(10, 1), 1, at(60)), 600, "a minute's worth");
    valve.spend(600, 1, rate(10, 1), at(60));
    assert_eq!(valve.pace(rate(10, 1), 1, at(61)), 0, "nothing left of this minute");
    assert_eq!(valve.pace(rate(10, 1), 1, at(9_999)), 600, "idle time is not saved up");
}

#[test]
fn a_slow_rate_is_kept_in_every_window_of_its_period() {
    let mut valve = Valve::new(at(0));
    let mut sent = Vec::new();
    for minute in 0..600 {
        let allowed = valve.pace(rate(2, 3600), 1, at(minute * 60));
        valve.spend(allowed, 1, rate(2, 3600), at(minute * 60));
        sent.extend(std::iter::repeat_n(minute, allowed));
    }
    assert!(sent.len() >= 18, "a rate is also to be used: {}", sent.len());
    for from in 0..540 {
        let within = sent.iter().filter(|minute| (from..from + 60).contains(*minute)).count();
        assert!(within <= 2, "{within} in the hour from minute {from}");
    }
}

#[test]
fn the_breaker_lets_one_probe_through_per_tick() {
    let mut valve = Valve::new(at(0));
    valve.close(ValveState::BreakerOpen, String::new(), at(0));
    for tick in 0..3 {
        assert_eq!(valve.pace(rate(10, 1), 1, at(tick * 60)), 1);
        valve.spend(1, 1, rate(10, 1), at(tick * 60));
    }
}

#[test]
fn a_cancellation_of_several_requests_counts_for_them() {
    let mut valve = Valve::new(at(0));
    assert_eq!(valve.pace(rate(10, 60), 3, at(0)), 3, "ten requests");
    valve.spend(3, 3, rate(10, 60), at(0));
    assert_eq!(valve.pace(rate(10, 60), 3, at(30)), 0);
    assert_eq!(valve.pace(rate(10, 60), 3, at(60)), 3);
    // A rate that has fewer requests than one cancellation takes still lets one through.
    let mut slow = Valve::new(at(0));
    assert_eq!(slow.pace(rate(2, 3600), 5, at(0)), 1);
    slow.spend(1, 5, rate(2, 3600), at(0));
    assert_eq!(slow.pace(rate(2, 3600), 5, at(3_599)), 0);
    assert_eq!(slow.pace(rate(2, 3600), 5, at(3_600)), 1);
}
