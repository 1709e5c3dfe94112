//! The one valve of a tenant's connection: whether cancellations may go to the LMS now, and how many.
//!
//! A person's stop wins over everything; a broken credential and a gone endpoint stay closed until a person opens the
//! valve; the breaker opens after five outages in a row and lets one probe through per tick; `Braked` is what the brake
//! ([`super::brake`]) sets.
//!
//! An answer that no receiver gives (a redirect, 400) goes to a person, for it may be about the one order. Five of them in a
//! row, for different enrolments and without any answer of a receiver between, are no accident: they are an outage, too, the
//! breaker opens, and those that are with a person are put back ([`Valve::reopen`]).

use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::policy::Rate;
use crate::messages::EnrolmentRef;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// Outages in a row after which the breaker opens.
pub const OUTAGES: u32 = 5;

/// The usual time between two ticks of `dispatch-due`.
const TICK: Duration = Duration::minutes(1);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Valve {
    pub state: ValveState,
    pub why: String,
    pub since: DateTime<Utc>,
    /// When a person opened it last.
    pub opened: Option<DateTime<Utc>>,
    /// Outages in a row.
    pub outages: u32,
    /// `Retry-After` of the whole connection.
    pub pause_until: Option<DateTime<Utc>>,
    /// What the last ticks let through, for as long as the rate remembers.
    pub sent: Vec<Sent>,
    /// The last tick.
    pub paced_at: Option<DateTime<Utc>>,
    /// The enrolments whose attempts, in a row, were answered as no receiver answers; fewer than [`OUTAGES`].
    #[serde(default)]
    pub suspects: Vec<Suspect>,
    /// Those for which that turned out to be an outage, until each is seen to wait again: whoever finds some here puts them
    /// back, should the one that found it out have been killed.
    #[serde(default)]
    pub reopen: Vec<Suspect>,
}

/// An enrolment that went to a person for an answer that may have been an outage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspect {
    pub enrolment: EnrolmentRef,
    /// The answer's `Retry-After`.
    #[serde(default)]
    pub not_before: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    pub at: DateTime<Utc>,
    pub count: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValveState {
    Open,
    Braked,
    Stopped,
    BreakerOpen,
    CredentialBroken,
    EndpointGone,
}

impl ValveState {
    pub fn word(self) -> &'static str {
        match self {
            ValveState::Open => "open",
            ValveState::Braked => "braked",
            ValveState::Stopped => "stopped",
            ValveState::BreakerOpen => "breaker-open",
            ValveState::CredentialBroken => "credential-broken",
            ValveState::EndpointGone => "endpoint-gone",
        }
    }
}

/// What the valve lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    Free,
    /// One at a time, to see whether the LMS is back.
    Probe,
    Closed,
}

impl Valve {
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            state: ValveState::Open,
            why: String::new(),
            since: now,
            opened: None,
            outages: 0,
            pause_until: None,
            sent: Vec::new(),
            paced_at: None,
            suspects: Vec::new(),
            reopen: Vec::new(),
        }
    }

    pub fn passage(&self, now: DateTime<Utc>) -> Passage {
        if self.pause_until.is_some_and(|until| until > now) {
            return Passage::Closed;
        }
        match self.state {
            ValveState::Open => Passage::Free,
            ValveState::BreakerOpen => Passage::Probe,
            ValveState::Braked | ValveState::Stopped | ValveState::CredentialBroken | ValveState::EndpointGone => {
                Passage::Closed
            }
        }
    }

    /// How many cancellations this tick may let through: what fits into the time since the last tick, and never more in any
    /// `per` (or minute, the time between ticks, whichever is longer) than the rate has for it.
    pub fn pace(&mut self, rate: Rate, now: DateTime<Utc>) -> usize {
        let per = rate.per.num_milliseconds().max(1);
        let window = per.max(TICK.num_milliseconds());
        let worth = |millis: i64| millis.saturating_mul(i64::from(rate.requests)) / per;

        self.sent.retain(|sent| (now - sent.at).num_milliseconds() < window);
        let spent: i64 = self.sent.iter().map(|sent| i64::from(sent.count)).sum();
        let since = self.paced_at.map_or(per, |at| (now - at).num_milliseconds());
        self.paced_at = Some(now);
        let allowed = (worth(window) - spent).min(worth(since.clamp(per, window)));
        let allowed = match self.passage(now) {
            Passage::Free => allowed,
            Passage::Probe => allowed.min(1),
            Passage::Closed => 0,
        };
        usize::try_from(allowed).unwrap_or(0)
    }

    /// Notes what this tick really let through.
    pub fn spend(&mut self, sent: usize, now: DateTime<Utc>) {
        if sent > 0 {
            self.sent.push(Sent { at: now, count: u32::try_from(sent).unwrap_or(u32::MAX) });
        }
    }

    /// The valve after the answer to an attempt for this enrolment; `None` when it stays as it is. The same answer noted twice
    /// counts once.
    pub fn after(&self, reply: &Reply, of: &EnrolmentRef, now: DateTime<Utc>) -> Option<Valve> {
        let mut next = self.clone();
        if let Some(pause) = reply.pause().and_then(|pause| Duration::from_std(pause).ok()) {
            let until = now + pause;
            next.pause_until = Some(next.pause_until.map_or(until, |old| old.max(until)));
        }
        match reply.outcome {
            // Nothing was tried, so nothing is known of the LMS.
            LmsOutcome::Outage if reply.reach == Reach::NotTried => {}
            LmsOutcome::Outage => {
                next.outages = next.outages.saturating_add(1);
                if next.state == ValveState::Open && next.outages >= OUTAGES {
                    next.close(ValveState::BreakerOpen, format!("{OUTAGES} outages of the LMS in a row"), now);
                    next.clear_suspects();
                }
            }
            // Known to be an outage; it goes to nobody.
            LmsOutcome::Unexpected if self.deems_outage(of) => {}
            LmsOutcome::Unexpected => {
                let wait = reply.retry_after.and_then(|wait| Duration::from_std(wait).ok());
                let suspect = Suspect { enrolment: of.clone(), not_before: wait.map(|wait| now + wait) };
                next.suspects.retain(|known| known.enrolment != *of);
                next.suspects.push(suspect);
                if next.suspects.len() >= OUTAGES as usize {
                    if next.state == ValveState::Open {
                        let status = reply.status.unwrap_or(0);
                        let why = format!(
                            "{OUTAGES} cancellations in a row were answered as no receiver answers, the last with HTTP {status}"
                        );
                        next.close(ValveState::BreakerOpen, why, now);
                    }
                    next.clear_suspects();
                }
            }
            LmsOutcome::CredentialBroken => {
                if matches!(next.state, ValveState::Open | ValveState::BreakerOpen) {
                    let why = format!("the LMS does not accept our credential (HTTP {})", reply.status.unwrap_or(0));
                    next.close(ValveState::CredentialBroken, why, now);
                }
            }
            LmsOutcome::EndpointGone => {
                if matches!(next.state, ValveState::Open | ValveState::BreakerOpen) {
                    next.close(
                        ValveState::EndpointGone,
                        "the LMS says that its endpoint is gone (HTTP 410)".into(),
                        now,
                    );
                }
            }
            LmsOutcome::Done
            | LmsOutcome::Accepted
            | LmsOutcome::AlreadyCancelled
            | LmsOutcome::NotEnrolled
            | LmsOutcome::Superseded
            | LmsOutcome::UnknownLearner
            | LmsOutcome::UnknownSession
            | LmsOutcome::TooLate
            | LmsOutcome::Refused
            | LmsOutcome::Unclear => {
                next.outages = 0;
                next.suspects.clear();
                if next.state == ValveState::BreakerOpen {
                    next.open(now);
                }
            }
        }
        (next != *self).then_some(next)
    }

    /// Whether an answer that no receiver gives is, for this enrolment, known to be an outage and nothing for a person.
    pub fn deems_outage(&self, of: &EnrolmentRef) -> bool {
        self.state == ValveState::BreakerOpen || self.reopen.iter().any(|known| known.enrolment == *of)
    }

    fn clear_suspects(&mut self) {
        let suspects = std::mem::take(&mut self.suspects);
        self.reopen.retain(|known| suspects.iter().all(|suspect| suspect.enrolment != known.enrolment));
        self.reopen.extend(suspects);
    }

    pub fn close(&mut self, state: ValveState, why: String, now: DateTime<Utc>) {
        self.state = state;
        self.why = why;
        self.since = now;
    }

    pub fn open(&mut self, now: DateTime<Utc>) {
        self.state = ValveState::Open;
        self.why.clear();
        self.since = now;
        self.outages = 0;
        self.pause_until = None;
        self.suspects.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn reply(outcome: LmsOutcome) -> Reply {
        Reply { outcome, message: None, status: Some(500), retry_after: None, reach: Reach::Sent }
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
        for between in [O::Done, O::Accepted, O::AlreadyCancelled, O::NotEnrolled, O::Refused, O::TooLate, O::Unclear] {
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
    fn retry_after_pauses_the_whole_connection() {
        let wait = Some(std::time::Duration::from_secs(60));
        for (status, pauses) in [(429, true), (503, true), (500, false), (502, false), (408, false), (200, false)] {
            let asked_to_wait = Reply { retry_after: wait, status: Some(status), ..reply(LmsOutcome::Outage) };
            let valve = Valve::new(at(0)).after(&asked_to_wait, &of(1), at(0)).unwrap();
            let expected = if pauses { Passage::Closed } else { Passage::Free };
            assert_eq!(valve.passage(at(59)), expected, "{status}");
            assert_eq!(valve.passage(at(60)), Passage::Free);
        }
    }

    #[test]
    fn a_tick_lets_through_what_fits_into_the_rate() {
        let mut valve = Valve::new(at(0));
        assert_eq!(valve.pace(rate(10, 1), at(0)), 10, "first tick: one period's worth");
        valve.spend(10, at(0));
        assert_eq!(valve.pace(rate(10, 1), at(60)), 600, "a minute's worth");
        valve.spend(600, at(60));
        assert_eq!(valve.pace(rate(10, 1), at(61)), 0, "nothing left of this minute");
        assert_eq!(valve.pace(rate(10, 1), at(9_999)), 600, "idle time is not saved up");
    }

    #[test]
    fn a_slow_rate_is_kept_in_every_window_of_its_period() {
        let mut valve = Valve::new(at(0));
        let mut sent = Vec::new();
        for minute in 0..600 {
            let allowed = valve.pace(rate(2, 3600), at(minute * 60));
            valve.spend(allowed, at(minute * 60));
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
            assert_eq!(valve.pace(rate(10, 1), at(tick * 60)), 1);
            valve.spend(1, at(tick * 60));
        }
    }
}
