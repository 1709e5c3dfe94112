//! Connectors: they carry one cancellation to an LMS and say in one of a fixed set of answers what became of it.
//!
//! - [`rate_limit`]: no more than the connection's rate, in this process.
//! - [`crate::http::retry_after`]: how long an LMS asks us to stay away.
//! - [`webhook`]: the connector for an LMS vendor who adds one endpoint (design, section 8).
//! - [`sanitize`]: what an LMS says, made fit for the ledger and its pages.

pub mod rate_limit;
pub mod sanitize;
pub mod webhook;

use crate::ids::{LearnerKey, SessionId, TenantName};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::Instant;

/// What the LMS is asked to do. The same `id` for every attempt of one decision and for no other, so that a receiver can tell a
/// repetition. Of one enrolment the highest generation and decision wins.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Opaque; names tenant, session, learner, generation and decision.
    pub id: String,
    pub tenant: TenantName,
    pub session: SessionId,
    pub learner: LearnerKey,
    pub generation: u32,
    /// Counts from 1 within the generation.
    pub decision: u32,
    pub verdict: OrderVerdict,
    pub evidence: OrderEvidence,
    /// When the learner declined; `None` when nobody knows it.
    pub declined_at: Option<DateTime<Utc>>,
    /// When the cancellation was decided: a connector that can read back leaves a place alone that was given later.
    pub decided_at: DateTime<Utc>,
    pub session_start: Option<DateTime<Utc>>,
    /// Counts from 1.
    pub attempt: u32,
    /// An earlier attempt may have reached the LMS without our seeing its answer.
    pub may_be_repeated: bool,
}

/// What was seen
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderVerdict {
    /// The learner declined
    Declined,
    /// The learner's copy of the appointment is gone, and the organizer's copy shows no decline
    Removed,
    /// The learner's copy is gone, and there is no organizer's copy to ask
    Unseen,
}

impl OrderVerdict {
    pub const ALL: [OrderVerdict; 3] = [OrderVerdict::Declined, OrderVerdict::Removed, OrderVerdict::Unseen];

    /// The word for people and for the management JSON.
    pub fn word(self) -> &'static str {
        match self {
            OrderVerdict::Declined => "declined",
            OrderVerdict::Removed => "removed",
            OrderVerdict::Unseen => "unseen",
        }
    }
}

/// Where it was seen
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderEvidence {
    /// In the learner's own copy of the appointment
    LearnerCopy,
    /// In the organizer's copy
    OrganizerCopy,
    /// Nowhere: the learner's copy is gone
    Removal,
}

/// What became of an attempt, with the LMS's own words where it gave some (a quotation of at most 200 characters, without secrets and people).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub outcome: LmsOutcome,
    pub message: Option<String>,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// The answer's `Retry-After`, whatever its status: this order is not asked again before.
    pub retry_after: Option<Duration>,
    pub reach: Reach,
}

impl Reply {
    /// 429 or 503 with `Retry-After`: the whole connection pauses for so long. Of any other status it binds the one order: a
    /// receiver that fails over one order must not hold back all the others.
    pub fn pause(&self) -> Option<Duration> {
        self.retry_after.filter(|_| matches!(self.status, Some(429 | 503)))
    }

    /// The address answers, but not as a receiver does: a sign-in page, a proxy's text, half an answer.
    pub fn is_no_answer(&self) -> bool {
        self.outcome == LmsOutcome::Outage && self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// How far an attempt came: what may have happened at the LMS, and what may be held against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Given up before anything was tried, for want of time in the budget or of room in the connection's rate. Only with
    /// [`LmsOutcome::Outage`]. No attempt: neither the count of attempts nor the breaker may take notice of it.
    NotTried,
    /// Nothing left this machine: no connection came about, or the request could not be made. An attempt; the LMS can't
    /// have done anything.
    NotReached,
    /// The LMS may have the order, whether or not its answer was seen: a next attempt may be a repetition.
    Sent,
}

/// Whether the LMS shows a place of the learner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Given,
    Gone,
    /// It could not be read now.
    Unknown,
}

/// The answers of the design's section 8; matched in full wherever they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LmsOutcome {
    /// The place is gone, by this attempt.
    Done,
    /// Taken, not yet done: to be asked again by the next attempt.
    Accepted,
    AlreadyCancelled,
    NotEnrolled,
    UnknownLearner,
    UnknownSession,
    TooLate,
    Refused,
    /// The LMS shows a place that was given after the decision; it was left alone. Only from connectors that can read back.
    Superseded,
    /// Down, slow, throttling, half-deployed: again later. Counts for the breaker.
    Outage,
    /// 401, 403: the credential is not accepted. Closes the valve.
    CredentialBroken,
    /// 410: the endpoint is gone for good. Closes the valve.
    EndpointGone,
    /// An answer that only a person can make sense of.
    Unclear,
    /// A redirect that is not followed, 400, or another status that has no meaning here, and no outcome with it. One of them
    /// goes to a person; several in a row, for different enrolments, are an outage ([`crate::enrolment::valve`]).
    Unexpected,
}

/// All steps of one attempt end before `ends`; no write starts with less than its time-out left. Room in the connection's rate is
/// waited for until `starts` at the latest.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    pub ends: Instant,
    pub starts: Instant,
}

impl Budget {
    pub fn of(length: Duration) -> Self {
        let ends = Instant::now() + length;
        Self { ends, starts: ends }
    }

    /// The same, for one who has no more patience than until then.
    #[must_use]
    pub fn starting_by(self, latest: Option<Instant>) -> Self {
        Self { starts: latest.map_or(self.starts, |latest| latest.min(self.starts)), ..self }
    }

    pub fn left(&self) -> Duration {
        self.ends.saturating_duration_since(Instant::now())
    }
}

/// One tenant's connection to its LMS. Infallible by design: whatever happens is one of the outcomes.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    async fn cancel(&self, order: &Order, budget: Budget) -> Reply;

    /// Whether [`Connector::place`] can tell anything: not every LMS can be read.
    fn can_read(&self) -> bool {
        false
    }

    /// Whether the learner has a place in the session now. Changes nothing at the LMS.
    async fn place(&self, _session: &SessionId, _learner: &LearnerKey, _budget: Budget) -> Place {
        Place::Unknown
    }
}
