//! What a person should know before a configuration runs.

use crate::config::{Tenant, Tenants, overlap, removals};
use crate::enrolment::policy::Mailboxes;

/// What a person should know before these tenants are served.
pub(crate) fn warnings(tenants: &Tenants) -> Vec<String> {
    let mut all = removals::warnings(tenants);
    all.extend(overlap::warnings(tenants));
    all.extend(tenants.values().filter(|tenant| has_idle_mailboxes(tenant)).map(|tenant| {
        format!(
            "tenant {}: watch.mailboxes has no effect in mode organizer: only the organizers' mailboxes are \
             read",
            tenant.name
        )
    }));
    all
}

fn has_idle_mailboxes(tenant: &Tenant) -> bool {
    !tenant.watch.mode.reads_learners() && tenant.watch.mailboxes != Mailboxes::None
}
