//! Connectors: they carry one cancellation to an LMS and say in one of a fixed set of answers what became of
//! it.
//!
//! - [`rate_limit`]: no more than the connection's rate, in this process.
//! - [`crate::http::retry_after`]: how long an LMS asks us to stay away.
//! - [`webhook`]: the connector for an LMS vendor who adds one endpoint (reference/lms-contract.md#request).
//! - [`recipe`]: what a connector file says of an LMS.
//! - [`sanitize`]: what an LMS says, made fit for the ledger and its pages.

pub mod rate_limit;
pub mod recipe;
pub mod sanitize;
pub mod webhook;

use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict, Place, Reply};
use crate::ids::{LearnerKey, SessionId, TenantName};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::time::Duration;
use tokio::time::Instant;

/// What the LMS is asked to do. The same `id` for every attempt of one decision and for no other, so that a
/// receiver can tell a repetition. Of one enrolment the highest generation and decision wins.
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
    /// When the cancellation was decided: a connector that can read back leaves a place alone that was given
    /// later.
    pub decided_at: DateTime<Utc>,
    pub session_start: Option<DateTime<Utc>>,
    /// Counts from 1.
    pub attempt: u32,
    /// An earlier attempt may have reached the LMS without our seeing its answer.
    pub may_be_repeated: bool,
}

/// All steps of one attempt end before `ends`; no write starts with less than its time-out left. Room in the
/// connection's rate is waited for until `starts` at the latest.
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
