//! What the chosen policies do to people who declined nothing: who merely deletes the item, whose old mail is
//! cleaned up, and whose invitation was called off by a mail from outside. All three look alike: the copy is
//! gone, and nobody says why.

use super::{Tenant, Tenants, WatchMode, show_duration};
use crate::enrolment::policy::{PolicyMode, WeakPolicy};

/// One sentence for each of the three.
pub(super) fn sentences(tenant: &Tenant) -> Vec<String> {
    let policy = &tenant.policy;
    if !reads_learners(tenant) {
        return vec![
            "Whoever merely deletes the item keeps the place, and so does whoever's old mail is cleaned up: \
             no learner's own \
             calendar is read."
                .to_owned(),
            "A cancellation that came as mail from outside is not seen, for the same reason: nothing follows \
             from it.".to_owned(),
        ];
    }
    let settle = show_duration(policy.settle);
    let deletes = match asks_organizers(tenant) {
        true => format!(
            "A learner merely deletes the item: it looks again for {settle}, and then, where the organizer's \
             copy can be read \
             and shows no decline, it {}; where there is none to ask, it {}.",
            consequence(tenant, policy.removed),
            consequence(tenant, policy.unseen)
        ),
        false => format!(
            "A learner merely deletes the item: it looks again for {settle}; then it {}, because no \
             organizer's mailbox can be \
             asked.",
            consequence(tenant, policy.unseen)
        ),
    };
    vec![
        deletes,
        "A clean-up of old mail takes the item away: nobody can tell that from a learner who deletes it, so \
         the same follows."
            .to_owned(),
        format!(
            "The organizer cancels by mail from outside: a cancelled copy that was seen in the calendar is \
             written down, and \
             nothing is cancelled; one that was gone before it was seen counts as deleted, so it {}.",
            consequence(tenant, policy.unseen)
        ),
    ]
}

/// What a person should know before this configuration runs; each begins with the tenant's name.
pub(super) fn warnings(tenants: &Tenants) -> Vec<String> {
    tenants.values().filter_map(plain_delete).collect()
}

/// A plain delete would cancel.
fn plain_delete(tenant: &Tenant) -> Option<String> {
    let policy = &tenant.policy;
    let cancels = |chosen| chosen == WeakPolicy::Cancel;
    let settings = match (cancels(policy.removed) && asks_organizers(tenant), cancels(policy.unseen)) {
        _ if !reads_learners(tenant) => return None,
        (false, false) => return None,
        (true, false) => "policy.removed = \"cancel\"",
        (false, true) => "policy.unseen = \"cancel\"",
        (true, true) => "policy.removed and policy.unseen = \"cancel\"",
    };
    let loses = match policy.mode {
        PolicyMode::Act => "loses the place",
        PolicyMode::Observe => "would lose the place, once policy.mode is \"act\"",
    };
    Some(format!(
        "tenant {}: with {settings}, whoever merely deletes the item, or whose old mail is cleaned up, \
         {loses}, although they \
         declined nothing; \"review\" asks a person",
        tenant.name
    ))
}

/// Whether any learner's own calendar is read: without that, nobody sees that a copy is gone.
fn reads_learners(tenant: &Tenant) -> bool {
    match tenant.watch.mode {
        WatchMode::Attendees | WatchMode::Both => true,
        WatchMode::Organizer => false,
    }
}

fn asks_organizers(tenant: &Tenant) -> bool {
    !tenant.watch.organizers.is_empty()
}

fn consequence(tenant: &Tenant, chosen: WeakPolicy) -> &'static str {
    match (chosen, tenant.policy.mode) {
        (WeakPolicy::Cancel, PolicyMode::Act) => "cancels the place",
        (WeakPolicy::Cancel, PolicyMode::Observe) => "writes down that the place would be cancelled",
        (WeakPolicy::Review, _) => "asks a person",
        (WeakPolicy::Ignore, _) => "does nothing",
    }
}
