//! [`Connector`] by a connector file.

use super::auth::token_store::{MemoryTokenStore, TokenStore};
use super::auth::{SignIn, Surroundings};
use super::cancel::cancel;
use super::core::{Core, LearnerLocks, Pause};
use super::hosts::{Hosts, address};
use super::lookup::lookup;
use super::lookup_cache::LookupCache;
use super::place::place;
use super::probe::probe;
use super::reach;
use super::redact::Redactor;
use super::rehearse::{Rehearsal, rehearse};
use super::restore::restore;
use super::settings::Settings;
use super::source;
use super::trace::Trace;
use super::traffic::Traffic;
use super::variables::AuthScope;
use crate::clock::Clock;
use crate::enrolment::attempt::ConnectorIdentity;
use crate::enrolment::lms_answer::{Place, Reply, Restored};
use crate::enrolment::policy::Rate;
use crate::ids::{LearnerKey, SessionId, TenantName};
use crate::lms::health::Health;
use crate::lms::rate_limit::{Pace, Share};
use crate::lms::recipe::connector::ConnectorFile;
use crate::lms::{Budget, Connector, EventFacts, Lookup, Order, RosterReach, Source, TellsChanges};
use crate::sessions::absence::SingleRead;
use crate::sessions::pass::Pass;
use crate::sessions::place_record::{PlaceRecord, RecordId};
use crate::sessions::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Why a connection can't be made of a file and a tenant's settings. Names settings, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    #[error("connector {connector}: the service's base: {why}")]
    Base { connector: String, why: String },
    #[error("connector {connector}: how requests are signed in: {why}")]
    Auth { connector: String, why: String },
}

/// One tenant's connection to its LMS, by a connector file.
pub struct Engine(Core);

impl Engine {
    /// `http` should come from a builder that [`crate::lms::webhook::prepare`] has seen: it follows no
    /// redirect by itself.
    pub fn new(
        file: Arc<ConnectorFile>,
        tenant: TenantName,
        settings: Settings,
        rate: Rate,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, EngineError> {
        Self::with_token_store(
            file,
            tenant,
            settings,
            rate,
            http,
            clock,
            Arc::new(MemoryTokenStore::default()),
        )
    }

    /// As [`Engine::new`]; refresh tokens that the LMS replaces are kept in `store`, which all instances
    /// share.
    pub fn with_token_store(
        file: Arc<ConnectorFile>,
        tenant: TenantName,
        settings: Settings,
        rate: Rate,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        store: Arc<dyn TokenStore>,
    ) -> Result<Self, EngineError> {
        let connector = &file.name;
        let base = {
            let scope = AuthScope { tenant: &tenant, settings: &settings, token: None, refresh_token: None };
            let text = file.service.base.render(&scope).map_err(|error| error.to_string());
            let base = text.and_then(|text| address(&text).map_err(|error| error.to_string()));
            base.map_err(|why| EngineError::Base { connector: connector.clone(), why })?
        };
        let settings = Arc::new(settings);
        let traffic = Arc::new(Traffic::new(Pace::new(rate), Redactor::of(&settings)));
        let around = Surroundings {
            tenant: tenant.clone(),
            settings: Arc::clone(&settings),
            http: http.clone(),
            clock: Arc::clone(&clock),
            store,
            traffic: Arc::clone(&traffic),
        };
        let sign_in = SignIn::new(&file, &base, around)
            .map_err(|error| EngineError::Auth { connector: connector.clone(), why: error.to_string() })?;
        Ok(Self(Core {
            hosts: Hosts::new(base, &file, &settings),
            sign_in,
            http,
            clock,
            traffic,
            slots: Semaphore::new(file.service.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            learners: LearnerLocks::default(),
            cache: LookupCache::default(),
            paused: Pause::default(),
            settings,
            tenant,
            file,
        }))
    }

    /// Tells it of each request and each answer, those for tokens, too.
    #[must_use]
    pub fn with_trace(self, trace: Arc<dyn Trace>) -> Self {
        self.0.traffic.tell(trace);
        self
    }

    /// Reads everything that a cancellation would read, and shows what it would write. Changes nothing at
    /// the LMS.
    pub async fn rehearse(&self, order: &Order, budget: Budget) -> Rehearsal {
        rehearse(&self.0, order, budget).await
    }
}

#[async_trait]
impl Connector for Engine {
    async fn cancel(&self, order: &Order, budget: Budget) -> Reply {
        cancel(&self.0, order, budget).await
    }

    fn identity(&self) -> Option<ConnectorIdentity> {
        let file = &self.0.file;
        Some(ConnectorIdentity { name: file.name.clone(), hash: Some(file.hash.clone()) })
    }

    fn requests_per_order(&self) -> u32 {
        self.0.file.requests_per_order()
    }

    fn keep_to(&self, share: Share) -> Option<Instant> {
        self.0.traffic.pace.keep_to(share)
    }

    fn can_read(&self) -> bool {
        !self.0.file.recipes.read.is_empty()
    }

    async fn place(&self, session: &SessionId, learner: &LearnerKey, budget: Budget) -> Place {
        if self.can_read() { place(&self.0, session, learner, budget).await } else { Place::Unknown }
    }

    async fn probe(&self, budget: Budget) -> Option<Health> {
        match self.0.file.recipes.probe.is_empty() {
            true => None,
            false => Some(probe(&self.0, budget).await),
        }
    }

    fn can_restore(&self) -> bool {
        !self.0.file.recipes.restore.is_empty()
    }

    async fn restore(&self, order: &Order, budget: Budget) -> Restored {
        restore(&self.0, order, budget).await
    }

    fn can_look_up(&self) -> bool {
        !self.0.file.recipes.lookup.is_empty()
    }

    fn source(&self) -> Option<&dyn Source> {
        (!self.0.file.recipes.sessions.is_empty()).then_some(self)
    }

    async fn lookup(&self, event: &EventFacts, budget: Budget) -> Lookup {
        if self.can_look_up() { lookup(&self.0, event, budget).await } else { Lookup::Unknown }
    }
}

#[async_trait]
impl Source for Engine {
    fn roster_reach(&self) -> RosterReach {
        reach::roster_reach(&self.0.file, &self.0.settings)
    }

    fn has_single_read(&self) -> bool {
        reach::has_single_read(&self.0.file, &self.0.settings)
    }

    fn tells_changes(&self) -> TellsChanges {
        let recipes = &self.0.file.recipes;
        TellsChanges { sessions: recipes.sessions_since, roster: recipes.roster_since }
    }

    async fn sessions(&self, budget: Budget) -> Pass<SessionId, Session> {
        source::sessions(&self.0, None, budget).await
    }

    async fn roster(&self, of: Option<&SessionId>, budget: Budget) -> Pass<RecordId, PlaceRecord> {
        source::roster(&self.0, of, None, budget).await
    }

    async fn sessions_since(&self, since: DateTime<Utc>, budget: Budget) -> Pass<SessionId, Session> {
        let since = Some(since).filter(|_| self.tells_changes().sessions);
        source::sessions(&self.0, since, budget).await
    }

    async fn roster_since(&self, since: DateTime<Utc>, budget: Budget) -> Pass<RecordId, PlaceRecord> {
        let since = Some(since).filter(|_| self.tells_changes().roster);
        source::roster(&self.0, None, since, budget).await
    }

    async fn is_there(&self, session: &SessionId, budget: Budget) -> SingleRead {
        if self.has_single_read() {
            source::session(&self.0, session, budget).await
        } else {
            SingleRead::Unknown
        }
    }
}

#[cfg(test)]
#[path = "connector_tests.rs"]
mod tests;
