//! The one valve of a tenant's connection: whether cancellations may go to the LMS now, and how many.
//!
//! A person's stop wins over everything; a broken credential and a gone endpoint stay closed until a person
//! opens the valve; the breaker opens after five outages in a row and lets one probe through per tick;
//! `Braked` is what the brake ([`super::brake`]) sets.
//!
//! An answer that no receiver gives (a redirect, 400) goes to a person, for it may be about the one order.
//! Five of them in a row, for different enrolments and without any answer of a receiver between, are no
//! accident: they are an outage, too, the breaker opens, and those that are with a person are put back
//! ([`Valve::reopen`]).

use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::policy::Rate;
use crate::enrolment::rate_shares::RateShares;
pub use crate::enrolment::rate_shares::Sent;
use crate::messages::EnrolmentRef;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

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
    /// What the last ticks let through, in requests, for as long as the rate remembers.
    pub sent: Vec<Sent>,
    /// How the rate is shared out between instances.
    #[serde(default)]
    pub rate: RateShares,
    /// The last tick.
    pub paced_at: Option<DateTime<Utc>>,
    /// The enrolments whose attempts, in a row, were answered as no receiver answers; fewer than [`OUTAGES`].
    #[serde(default)]
    pub suspects: Vec<Suspect>,
    /// Those for which that turned out to be an outage, until each is seen to wait again: whoever finds some
    /// here puts them back, should the one that found it out have been killed.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
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
        self.into()
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
            rate: RateShares::default(),
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
            ValveState::Braked
            | ValveState::Stopped
            | ValveState::CredentialBroken
            | ValveState::EndpointGone => Passage::Closed,
        }
    }

    /// How many cancellations this tick may let through: what fits into the time since the last tick, and
    /// never more in any `per` (or minute, the time between ticks, whichever is longer) than the rate has for
    /// it. `cost`: the requests of one cancellation; one is let through by the slowest rate.
    pub fn pace(&mut self, rate: Rate, cost: u32, now: DateTime<Utc>) -> usize {
        let cost = i64::from(cost.max(1));
        let per = rate.per.num_milliseconds().max(1);
        let window = per.max(TICK.num_milliseconds());
        let worth = |millis: i64| (millis.saturating_mul(i64::from(rate.requests)) / per).max(cost);

        self.sent.retain(|sent| (now - sent.at).num_milliseconds() < window);
        let spent: i64 = self.sent.iter().map(|sent| i64::from(sent.count)).sum();
        let since = self.paced_at.map_or(per, |at| (now - at).num_milliseconds());
        self.paced_at = Some(now);
        let allowed = (worth(window) - spent).min(worth(since.clamp(per, window)));
        let allowed = match self.passage(now) {
            Passage::Free => allowed / cost,
            Passage::Probe => (allowed / cost).min(1),
            Passage::Closed => 0,
        };
        usize::try_from(allowed).unwrap_or(0)
    }

    /// Notes what this tick really let through. True: it may go without a share of the rate.
    pub fn spend(&mut self, sent: usize, cost: u32, rate: Rate, now: DateTime<Utc>) -> bool {
        if sent == 0 {
            return false;
        }
        let requests = u32::try_from(sent).unwrap_or(u32::MAX).saturating_mul(cost.max(1));
        self.sent.push(Sent { at: now, count: requests });
        self.rate.goes_free(requests, rate, now)
    }

    /// The valve after the answer to an attempt for this enrolment; `None` when it stays as it is. The same
    /// answer noted twice counts once.
    pub fn after(&self, reply: &Reply, of: &EnrolmentRef, now: DateTime<Utc>) -> Option<Valve> {
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
                    next.close(
                        ValveState::BreakerOpen,
                        format!("{OUTAGES} outages of the LMS in a row"),
                        now,
                    );
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
                            "{OUTAGES} cancellations in a row were answered as no receiver answers, the last \
                             with HTTP {status}"
                        );
                        next.close(ValveState::BreakerOpen, why, now);
                    }
                    next.clear_suspects();
                }
            }
            LmsOutcome::CredentialBroken => {
                if matches!(next.state, ValveState::Open | ValveState::BreakerOpen) {
                    let why = format!(
                        "the LMS does not accept our credential (HTTP {})",
                        reply.status.unwrap_or(0)
                    );
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
            | LmsOutcome::HeldElsewhere
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

    /// Whether an answer that no receiver gives is, for this enrolment, known to be an outage and nothing for
    /// a person.
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
#[path = "valve_tests.rs"]
mod tests;
