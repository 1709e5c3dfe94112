//! The one valve of a tenant's connection: whether cancellations may go to the LMS now, and how many.
//!
//! A person's stop wins over everything; a broken credential and a gone endpoint stay closed until a person opens the
//! valve; the breaker opens after five outages in a row and lets one probe through per tick; `Braked` is what the brake
//! ([`super::brake`]) sets.

use crate::config::Rate;
use crate::lms::{LmsOutcome, Reach, Reply};
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

    /// The valve after an attempt's answer; `None` when it stays as it is.
    pub fn after(&self, reply: &Reply, now: DateTime<Utc>) -> Option<Valve> {
        let mut next = self.clone();
        if let Some(pause) = reply.pause.and_then(|pause| Duration::from_std(pause).ok()) {
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
                if next.state == ValveState::BreakerOpen {
                    next.open(now);
                }
            }
        }
        (next != *self).then_some(next)
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    fn reply(outcome: LmsOutcome) -> Reply {
        Reply { outcome, message: None, status: Some(500), pause: None, reach: Reach::Sent }
    }

    fn rate(requests: u32, seconds: i64) -> Rate {
        Rate { requests, per: Duration::seconds(seconds) }
    }

    #[test]
    fn five_outages_in_a_row_open_the_breaker_and_one_answer_closes_it() {
        let mut valve = Valve::new(at(0));
        for n in 1..OUTAGES {
            valve = valve.after(&reply(LmsOutcome::Outage), at(n.into())).unwrap();
            assert_eq!(valve.passage(at(10)), Passage::Free, "after {n}");
        }
        valve = valve.after(&reply(LmsOutcome::Outage), at(5)).unwrap();
        assert_eq!(valve.passage(at(10)), Passage::Probe);
        valve = valve.after(&reply(LmsOutcome::Done), at(11)).unwrap();
        assert_eq!((valve.passage(at(12)), valve.outages), (Passage::Free, 0));
    }

    #[test]
    fn an_answer_between_outages_starts_the_count_anew() {
        let mut valve = Valve::new(at(0));
        for _ in 0..20 {
            for _ in 1..OUTAGES {
                valve = valve.after(&reply(LmsOutcome::Outage), at(1)).unwrap();
            }
            valve = valve.after(&reply(LmsOutcome::NotEnrolled), at(1)).unwrap();
        }
        assert_eq!(valve.passage(at(2)), Passage::Free);
    }

    #[test]
    fn a_broken_credential_stays_closed_and_a_persons_stop_is_never_overwritten() {
        let broken = Valve::new(at(0)).after(&reply(LmsOutcome::CredentialBroken), at(1)).unwrap();
        assert_eq!(broken.passage(at(9_999)), Passage::Closed);
        assert_eq!(broken.after(&reply(LmsOutcome::Done), at(2)).map(|valve| valve.state), None);
        let mut stopped = Valve::new(at(0));
        stopped.close(ValveState::Stopped, "exam week".into(), at(0));
        for outcome in [LmsOutcome::CredentialBroken, LmsOutcome::EndpointGone, LmsOutcome::Done] {
            let after = stopped.after(&reply(outcome), at(1)).unwrap_or(stopped.clone());
            assert_eq!(after.state, ValveState::Stopped, "{outcome:?}");
        }
    }

    #[test]
    fn retry_after_pauses_the_whole_connection() {
        let pause = Reply { pause: Some(std::time::Duration::from_secs(60)), ..reply(LmsOutcome::Outage) };
        let valve = Valve::new(at(0)).after(&pause, at(0)).unwrap();
        assert_eq!(valve.passage(at(59)), Passage::Closed);
        assert_eq!(valve.passage(at(60)), Passage::Free);
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
