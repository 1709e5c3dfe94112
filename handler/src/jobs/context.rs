//! What one process ([`AppContext`]) and one tenant ([`TenantContext`]) need to work.

use crate::calendar::event_select::EventSelect;
use crate::canary_kit::Kit;
use crate::config::{Alerts, Tenant};
use crate::graph::port::Graph;
use crate::ids::TenantName;
use crate::jobs::JobError;
use crate::jobs::cancel::connection_slots::ConnectionSlots;
use crate::jobs::cancel::settings_cache::MailboxSettingsCache;
use crate::jobs::refresh_tokens::LedgerTokenStore;
use crate::jobs::surroundings::Surroundings;
use crate::jobs::timing::Timing;
use crate::jobs::user_cache::UserCache;
use crate::jobs::watch::write_limiter::WriteLimiter;
use crate::ledger::Ledger;
use crate::lms::Connector;
use crate::notify::Channel;
use crate::publishing::join_link::JoinLinks;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything that the use cases share within one process.
pub struct AppContext {
    pub ledger: Ledger,
    pub timing: Timing,
    pub tenants: BTreeMap<TenantName, Arc<TenantContext>>,
    /// Who is told of alerts.
    pub alerts: AlertChannels,
    /// `None` where nobody looks after the deployment as a whole.
    pub around: Option<Arc<Surroundings>>,
    /// Makes and reads the addresses of our page in the place of a meeting's link; `None` where there is no
    /// such page.
    pub join: Option<Arc<JoinLinks>>,
}

/// Who is told of which alerts, and the channels by name.
#[derive(Clone, Default)]
pub struct AlertChannels {
    pub routes: Alerts,
    pub channels: BTreeMap<String, Arc<dyn Channel>>,
    /// Where this deployment is reached, for who reads of it.
    pub deployment: String,
}

/// One tenant's configuration and clients.
pub struct TenantContext {
    pub tenant: Tenant,
    pub graph: Arc<dyn Graph>,
    pub lms: Arc<dyn Connector>,
    pub select: EventSelect,
    pub users: UserCache,
    pub subscriber: Arc<dyn SubscriptionEndpoint>,
    pub write_limiter: WriteLimiter,
    /// Of the LMS connection, on this instance.
    pub share: ConnectionSlots,
    pub settings: MailboxSettingsCache,
    /// Those of LMS connections; `None` where no connection has any.
    pub refresh_tokens: Option<Arc<LedgerTokenStore>>,
    /// Acts the canary's tests; `None`: they are acted through Graph.
    pub kit: Option<Arc<dyn Kit>>,
}

/// Makes the parts of a subscription that belong to this deployment.
pub trait SubscriptionEndpoint: Send + Sync + 'static {
    /// `clientState` for this mailbox, signed with the first key.
    fn client_state(&self, tenant: &TenantName, mailbox: &crate::ids::UserId) -> String;
    fn notification_url(&self) -> String;
    fn first_key(&self) -> String;
}

impl AppContext {
    pub fn context(&self, tenant: &TenantName) -> Result<&Arc<TenantContext>, JobError> {
        self.tenants.get(tenant).ok_or_else(|| JobError::UnknownTenant(tenant.clone()))
    }
}
