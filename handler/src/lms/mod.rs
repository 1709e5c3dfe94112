//! Connectors: they carry one cancellation to an LMS and say in one of a fixed set of answers what became of
//! it.
//!
//! - [`rate_limit`]: no more than the connection's rate, in this process.
//! - [`crate::http::retry_after`]: how long an LMS asks us to stay away.
//! - [`webhook`]: the connector for an LMS vendor who adds one endpoint (reference/lms-contract.md#request).
//! - [`presets`]: the connector files that are shipped.
//! - [`recipe`]: what a connector file says of an LMS.
//! - [`engine`]: runs it. [`health`]: what a probe of a connection came to.
//! - [`push`]: what an LMS tells of its sessions and places by itself.
//! - [`sanitize`]: what an LMS says, made fit for the ledger and its pages.

pub mod engine;
pub(crate) mod exchange;
pub mod formats;
pub mod health;
pub mod presets;
pub mod push;
pub mod rate_limit;
pub mod reads_elsewhere;
pub mod recipe;
pub mod sanitize;
pub mod webhook;

use crate::enrolment::attempt::ConnectorIdentity;
use crate::enrolment::lms_answer::{
    OrderEvidence, OrderVerdict, Place, Reach, Reply, RestoreOutcome, Restored,
};
use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::lms::health::{Checkup, Health};
use crate::lms::rate_limit::Share;
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Pass;
use crate::sessions::place_record::{PlaceRecord, RecordId};
use crate::sessions::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::fmt;
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

/// What an event tells of the session that it stands for. Read from Graph for a look-up alone, and never
/// stored or shown.
#[derive(Clone, PartialEq, Eq)]
pub struct EventFacts {
    pub ical_uid: Option<String>,
    pub title: String,
    pub start: Option<DateTime<Utc>>,
    pub end: Option<DateTime<Utc>>,
}

impl fmt::Debug for EventFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventFacts").field("start", &self.start).finish_non_exhaustive()
    }
}

/// The session that an event stands for, by what the LMS shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    One(SessionId),
    /// It knows none such.
    None,
    /// More than one fits: only a person can say which.
    Many,
    /// It could not be read now.
    Unknown,
}

/// One tenant's connection to its LMS. Infallible by design: whatever happens is one of the outcomes.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    async fn cancel(&self, order: &Order, budget: Budget) -> Reply;

    /// What is kept with each cancellation: by whom, and by which text of a connector file, it was carried
    /// out.
    fn identity(&self) -> Option<ConnectorIdentity> {
        None
    }

    /// How many requests one order may cost: the connection's rate counts requests. At least 1.
    fn requests_per_order(&self) -> u32 {
        1
    }

    /// From now on no more of the connection's rate than this; every request keeps to it
    /// ([`rate_limit::Pace::keep_to`]). Gives the last start that was taken before.
    fn keep_to(&self, _share: Share) -> Option<Instant> {
        None
    }

    /// Whether [`Connector::place`] can tell anything: not every LMS can be read.
    fn can_read(&self) -> bool {
        false
    }

    /// Whether the learner has a place in the session now. Changes nothing at the LMS.
    async fn place(&self, _session: &SessionId, _learner: &LearnerKey, _budget: Budget) -> Place {
        Place::Unknown
    }

    /// Whether the connection is well: `None` where that can't be asked. Changes nothing at the LMS.
    async fn probe(&self, _budget: Budget) -> Option<Health> {
        None
    }

    /// What a person should know of the connection. Changes nothing at the LMS.
    async fn checkup(&self, _tenant: &TenantName, budget: Budget) -> Checkup {
        Checkup::of_probe(self.probe(budget).await)
    }

    /// Whether [`Connector::restore`] can do anything: not every LMS gives back what was cancelled.
    fn can_restore(&self) -> bool {
        false
    }

    /// Gives back the place that this order's decision had taken away; reads before it writes, so that an
    /// attempt whose answer was lost is seen, and passes over nobody who waits for a place.
    async fn restore(&self, _order: &Order, _budget: Budget) -> Restored {
        Restored::new(RestoreOutcome::Refused, Reach::NotTried)
    }

    /// Whether [`Connector::lookup`] can find anything.
    fn can_look_up(&self) -> bool {
        false
    }

    /// Sessions, and who holds a place in them, where the LMS can tell.
    fn source(&self) -> Option<&dyn Source> {
        None
    }

    /// The session that an event stands for. Changes nothing at the LMS.
    async fn lookup(&self, _event: &EventFacts, _budget: Budget) -> Lookup {
        Lookup::Unknown
    }
}

/// How who holds a place is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RosterReach {
    /// It can't be.
    Nothing,
    /// For one session at a time.
    Session,
    /// For all of them at once.
    All,
}

/// Of what an LMS can show what changed since a time, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TellsChanges {
    pub sessions: bool,
    pub roster: bool,
}

/// What of its sessions an LMS can tell: all of them, who holds a place in each, and whether one is there.
/// Changes nothing at the LMS. Infallible by design: what could not be read is a doubt of the pass.
#[async_trait]
pub trait Source: Send + Sync {
    fn roster_reach(&self) -> RosterReach;

    /// Whether [`Source::is_there`] can tell anything.
    fn has_single_read(&self) -> bool;

    async fn sessions(&self, budget: Budget) -> Pass<SessionId, Session>;

    /// `of`: as [`Source::roster_reach`] says.
    async fn roster(&self, of: Option<&SessionId>, budget: Budget) -> Pass<RecordId, PlaceRecord>;

    async fn is_there(&self, session: &SessionId, budget: Budget) -> SingleRead;

    /// Whether it can be asked for what changed alone.
    fn tells_changes(&self) -> TellsChanges {
        TellsChanges::default()
    }

    /// Sessions that changed then or a little before, or later; all of them where that can't be asked. What
    /// is deleted is not among them.
    async fn sessions_since(&self, _since: DateTime<Utc>, budget: Budget) -> Pass<SessionId, Session> {
        self.sessions(budget).await
    }

    /// As [`Source::sessions_since`], of [`RosterReach::All`].
    async fn roster_since(&self, _since: DateTime<Utc>, budget: Budget) -> Pass<RecordId, PlaceRecord> {
        self.roster(None, budget).await
    }
}
