//! Never two tenants on one place: two of one directory with one LMS, whose watched people overlap, would each cancel it.

use super::{ConnectorConfig, Mailboxes, Tenant, Tenants};
use std::collections::BTreeSet;

/// What two tenants' watched people have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Common {
    Surely,
    /// A group may hold anybody, and one list may name by id whom the other names by address.
    Perhaps,
    Nobody,
}

/// Pairs that surely act on one place: to be refused.
pub(super) fn surely(tenants: &Tenants) -> Vec<(&Tenant, &Tenant)> {
    pairs(tenants, Common::Surely)
}

/// Pairs of which nobody can tell offline.
pub(super) fn warnings(tenants: &Tenants) -> Vec<String> {
    let told = |(a, b): (&Tenant, &Tenant)| {
        format!(
            "tenants {} and {} are of one directory and post to one LMS; whoever is watched by both loses the place twice: see that \
             nobody is in both, whether by group, by object id, by address or as a guest of one organizer",
            a.name, b.name
        )
    };
    pairs(tenants, Common::Perhaps).into_iter().map(told).collect()
}

fn pairs(tenants: &Tenants, wanted: Common) -> Vec<(&Tenant, &Tenant)> {
    let tenants: Vec<&Tenant> = tenants.values().collect();
    let mut found = Vec::new();
    for (index, a) in tenants.iter().enumerate() {
        for b in tenants.iter().skip(index + 1) {
            let is_one = a.directory.eq_ignore_ascii_case(&b.directory) && is_one_lms(a, b);
            if is_one && common(a, b) == wanted {
                found.push((*a, *b));
            }
        }
    }
    found
}

fn is_one_lms(a: &Tenant, b: &Tenant) -> bool {
    let ConnectorConfig::Webhook { url: a, .. } = &a.lms.connector;
    let ConnectorConfig::Webhook { url: b, .. } = &b.lms.connector;
    a == b
}

fn common(a: &Tenant, b: &Tenant) -> Common {
    let all = [of_organizers(a, b), of_learners(a, b), of_both_sides(a, b), of_both_sides(b, a)];
    if all.contains(&Common::Surely) {
        Common::Surely
    } else if all.contains(&Common::Perhaps) {
        Common::Perhaps
    } else {
        Common::Nobody
    }
}

fn of_organizers(a: &Tenant, b: &Tenant) -> Common {
    if organizers(a).is_disjoint(&organizers(b)) { Common::Nobody } else { Common::Surely }
}

/// Whose mailboxes are watched for everybody's answers.
fn organizers(tenant: &Tenant) -> BTreeSet<String> {
    let all = tenant.watch.organizers.iter().filter(|_| tenant.watch.mode.watches_organizers());
    all.map(|address| address.as_str().to_lowercase()).collect()
}

fn of_learners(a: &Tenant, b: &Tenant) -> Common {
    match (learners(a), learners(b)) {
        (Mailboxes::None, _) | (_, Mailboxes::None) => Common::Nobody,
        (Mailboxes::All, _) | (_, Mailboxes::All) => Common::Surely,
        (Mailboxes::Group(a), Mailboxes::Group(b)) if a.eq_ignore_ascii_case(b) => Common::Surely,
        (Mailboxes::Group(_), _) | (_, Mailboxes::Group(_)) => Common::Perhaps,
        (Mailboxes::Users(a), Mailboxes::Users(b)) => of_lists(a, b),
    }
}

fn learners(tenant: &Tenant) -> &Mailboxes {
    if tenant.watch.mode.reads_learners() { &tenant.watch.mailboxes } else { &Mailboxes::None }
}

fn of_lists(a: &[String], b: &[String]) -> Common {
    let lower = |users: &[String]| users.iter().map(|user| user.to_lowercase()).collect::<BTreeSet<_>>();
    if !lower(a).is_disjoint(&lower(b)) {
        return Common::Surely;
    }
    let has = |users: &[String], by_id: bool| users.iter().any(|user| is_id(user) == by_id);
    let may_be_one = (has(a, true) && has(b, false)) || (has(a, false) && has(b, true));
    if may_be_one { Common::Perhaps } else { Common::Nobody }
}

fn is_id(user: &str) -> bool {
    uuid::Uuid::try_parse(user).is_ok()
}

/// One watches the mailbox that invites, the other the mailboxes of people whom it may invite.
fn of_both_sides(inviting: &Tenant, invited: &Tenant) -> Common {
    let organizers = organizers(inviting);
    let recognised = &invited.recognise.organizer;
    let is_recognised =
        recognised.is_empty() || recognised.iter().any(|address| organizers.contains(&address.as_str().to_lowercase()));
    if organizers.is_empty() || *learners(invited) == Mailboxes::None || !is_recognised {
        return Common::Nobody;
    }
    if *learners(invited) == Mailboxes::All { Common::Surely } else { Common::Perhaps }
}
