//! Never two tenants on one place: two of one directory with one LMS, whose watched people overlap, would each cancel it.

use super::{Config, ConnectorConfig, Mailboxes, Tenant};
use std::collections::BTreeSet;

/// What two tenants' watched people have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Common {
    Surely,
    /// A group may hold anybody.
    Perhaps,
    Nobody,
}

/// Pairs that surely act on one place: to be refused.
pub fn refusals(config: &Config) -> Vec<String> {
    pairs(config, Common::Surely)
        .map(|(a, b)| {
            format!(
                "tenants {} and {} are of one directory, post to one LMS and watch the same people: each would cancel the same \
                 place; make them one tenant, or watch people apart",
                a.name, b.name
            )
        })
        .collect()
}

/// Pairs of which nobody can tell offline.
pub(super) fn warnings(config: &Config) -> Vec<String> {
    pairs(config, Common::Perhaps)
        .map(|(a, b)| {
            format!(
                "tenants {} and {} are of one directory and post to one LMS; whoever is watched by both loses the place twice: \
                 see that no group of the one holds people of the other",
                a.name, b.name
            )
        })
        .collect()
}

fn pairs(config: &Config, wanted: Common) -> impl Iterator<Item = (&Tenant, &Tenant)> {
    let tenants: Vec<&Tenant> = config.tenants.values().collect();
    let mut found = Vec::new();
    for (index, a) in tenants.iter().enumerate() {
        for b in tenants.iter().skip(index + 1) {
            let is_one = a.directory.eq_ignore_ascii_case(&b.directory) && is_one_lms(a, b);
            if is_one && common(a, b) == wanted {
                found.push((*a, *b));
            }
        }
    }
    found.into_iter()
}

fn is_one_lms(a: &Tenant, b: &Tenant) -> bool {
    let ConnectorConfig::Webhook { url: a, .. } = &a.lms.connector;
    let ConnectorConfig::Webhook { url: b, .. } = &b.lms.connector;
    a == b
}

fn common(a: &Tenant, b: &Tenant) -> Common {
    let organizers = |tenant: &Tenant| -> BTreeSet<String> {
        let all = tenant.watch.organizers.iter().filter(|_| tenant.watch.mode.watches_organizers());
        all.map(|address| address.as_str().to_lowercase()).collect()
    };
    if !organizers(a).is_disjoint(&organizers(b)) {
        return Common::Surely;
    }
    let people = |tenant: &Tenant| match tenant.watch.mode.reads_learners() {
        true => tenant.watch.mailboxes.clone(),
        false => Mailboxes::None,
    };
    match (people(a), people(b)) {
        (Mailboxes::None, _) | (_, Mailboxes::None) => Common::Nobody,
        (Mailboxes::All, _) | (_, Mailboxes::All) => Common::Surely,
        (Mailboxes::Group(a), Mailboxes::Group(b)) if a.eq_ignore_ascii_case(&b) => Common::Surely,
        (Mailboxes::Group(_), _) | (_, Mailboxes::Group(_)) => Common::Perhaps,
        (Mailboxes::Users(a), Mailboxes::Users(b)) => {
            let lower = |users: Vec<String>| users.into_iter().map(|user| user.to_lowercase()).collect::<BTreeSet<_>>();
            // One may be named by id here and by name there.
            if lower(a).is_disjoint(&lower(b)) { Common::Nobody } else { Common::Surely }
        }
    }
}
