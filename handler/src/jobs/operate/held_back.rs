//! What holds back a learner's cancellation now, told in one sentence wherever somebody asks: when they
//! approve or retry, in the list, and in the explanation.

use crate::enrolment::transitions::State;
use crate::enrolment::valve::Valve;
use crate::enrolment::wording;
use crate::ids::{LearnerKey, TenantName};
use crate::jobs::cancel::brake;
use crate::jobs::context::AppContext;
use crate::ledger::{decisions, valves};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// What holds back some, or all, of a tenant's cancellations, read once for many.
pub(crate) struct Held {
    /// The tenant is switched off.
    is_off: bool,
    /// A secret is missing.
    is_closed: bool,
    /// `None`: its row can't be read by this build.
    valve: Option<Valve>,
    /// Learners whom the brake holds back.
    learners: BTreeSet<String>,
    now: DateTime<Utc>,
}

impl Held {
    pub(crate) async fn of(app: &AppContext, tenant: &TenantName) -> Result<Self, StoreError> {
        let now = app.ledger.clock.now();
        let valve = match valves::valve(&app.ledger, tenant, now).await {
            Ok(valve) => Some(valve),
            Err(StoreError::Corrupt { .. }) => None,
            Err(other) => return Err(other),
        };
        let tenant_config = app.tenants.get(tenant).map(|context| &context.tenant);
        let is_off = tenant_config.is_some_and(|tenant| !tenant.active);
        let is_closed = tenant_config.is_some_and(|tenant| tenant.is_closed());
        let learners = decisions::held_learners(&app.ledger, tenant).await?;
        Ok(Self { is_off, is_closed, valve, learners, now })
    }

    /// `None` while it may go.
    pub(crate) fn why(&self, learner: &LearnerKey) -> Option<String> {
        if self.is_off {
            return Some("the tenant is switched off: it waits until that is on again".to_owned());
        }
        if self.is_closed {
            return Some("a secret of the tenant is missing: it waits until that is there".to_owned());
        }
        match &self.valve {
            Some(valve) => wording::behind(valve, brake::holds(&self.learners, learner), self.now),
            None => {
                Some("the valve's row can't be read by this build: it waits until that is mended".to_owned())
            }
        }
    }

    /// The same where it matters: what is on its way to the LMS, or would be by a person's word.
    pub(crate) fn why_in(&self, state: State, learner: &LearnerKey) -> Option<String> {
        match state {
            State::Waiting | State::Running | State::Review => self.why(learner),
            State::Watched | State::Done | State::Expired => None,
        }
    }
}
