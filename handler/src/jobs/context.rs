//! What one process ([`Office`]) and one tenant ([`Desk`]) need to work.

use crate::calendar::event_select::EventSelect;
use crate::config::Tenant;
use crate::graph::port::Graph;
use crate::ids::TenantName;
use crate::jobs::WorkError;
use crate::jobs::cancel::connection_slots::Share;
use crate::jobs::cancel::settings_cache::Settings;
use crate::jobs::timing::Timing;

use crate::jobs::user_cache::People;
use crate::jobs::watch::write_limiter::Gate;

use crate::ledger::Ledger;
use crate::lms::Connector;

use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that the use cases share within one process.
pub struct Office {
    pub ledger: Ledger,
    pub timing: Timing,
    pub desks: BTreeMap<TenantName, Arc<Desk>>,
}

/// One tenant's configuration and clients.
pub struct Desk {
    pub tenant: Tenant,
    pub graph: Arc<dyn Graph>,
    pub lms: Arc<dyn Connector>,
    pub select: EventSelect,
    pub people: People,
    pub subscriber: Arc<dyn Subscriber>,
    pub gate: Gate,
    /// Of the LMS connection, on this instance.
    pub share: Share,
    pub settings: Settings,
}

/// Makes the parts of a subscription that belong to this deployment.
pub trait Subscriber: Send + Sync + 'static {
    /// `clientState` for this mailbox, signed with the first key.
    fn client_state(&self, tenant: &TenantName, mailbox: &crate::ids::UserId) -> String;
    fn notification_url(&self) -> String;
    fn first_key(&self) -> String;
}

impl Office {
    pub fn desk(&self, tenant: &TenantName) -> Result<&Arc<Desk>, WorkError> {
        self.desks.get(tenant).ok_or_else(|| WorkError::UnknownTenant(tenant.clone()))
    }
}
