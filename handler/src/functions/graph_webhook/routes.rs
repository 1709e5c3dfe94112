//! What the webhook needs to know to tell whose a notification is: keys and tenants, no more.

use crate::config::Config;
use crate::graph::client_state::StateKeys;
use crate::ids::TenantName;
use std::collections::{BTreeMap, BTreeSet};

/// The configured tenants with their directory (Entra tenant) ids.
pub type Directory = BTreeMap<TenantName, String>;

#[derive(Debug, Clone)]
pub struct Routes {
    pub keys: StateKeys,
    pub directory: Directory,
    /// Those that are switched off.
    pub off: BTreeSet<TenantName>,
}

impl Routes {
    pub fn new(config: &Config) -> Self {
        let directory =
            config.tenants.iter().map(|(name, tenant)| (name.clone(), tenant.directory.clone())).collect();
        let off = config.tenants.iter().filter(|(_, tenant)| !tenant.active);
        let off = off.map(|(name, _)| name.clone()).collect();
        Self { keys: config.state_keys.clone(), directory, off }
    }
}
