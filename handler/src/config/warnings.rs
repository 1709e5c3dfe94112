//! What a person should know before a configuration runs.

use crate::config::{ConnectorConfig, Tenant, Tenants, overlap, removals};
use crate::enrolment::policy::Mailboxes;
use crate::lms::recipe::connector::{Cancels, Status};

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
    all.extend(tenants.values().flat_map(of_the_connector));
    all
}

/// What its LMS's connector may do, or may not do well.
fn of_the_connector(tenant: &Tenant) -> Vec<String> {
    let ConnectorConfig::File { file, .. } = &tenant.lms.connector else { return Vec::new() };
    let mut told = Vec::new();
    if file.about.status == Status::Draft {
        told.push(format!(
            "tenant {}: the connector `{}` is a draft, written from public descriptions: see it cancel a \
             place of your own before it acts for others",
            tenant.name, file.name
        ));
    }
    if file.about.cancels == Cancels::Course {
        told.push(format!(
            "tenant {}: the connector `{}` cancels places in courses: a decline of one session ends the \
             place in the whole course",
            tenant.name, file.name
        ));
    }
    told
}

fn has_idle_mailboxes(tenant: &Tenant) -> bool {
    !tenant.watch.mode.reads_learners() && tenant.watch.mailboxes != Mailboxes::None
}
