//! Never two tenants on one place: two of one directory with one LMS, whose watched people overlap, would
//! each cancel it.
//!
//! What is surely so is refused. Spellings of one thing are one ([`super::same`]); of what nobody can tell
//! offline, whether two names are one person's or two URLs one LMS's, a person is warned.

use super::{ConnectorConfig, Tenant, Tenants, same};
use crate::enrolment::policy::Mailboxes;
use crate::ids::Address;
use std::collections::BTreeSet;

/// What two tenants' watched people have in common. The later, the more is to be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Common {
    Nobody,
    /// Why nobody can tell.
    Perhaps(&'static str),
    Surely,
}

const OF_GROUPS: &str = "a group may hold anybody";
const OF_NAMES: &str = "one person may stand in both lists, here by object id and there by address, or under \
                        two addresses, as after \
                        a rename; object ids alone tell people apart";
const OF_ORGANIZERS: &str = "two organizers' addresses may be one mailbox's";
const OF_BOTH_SIDES: &str =
    "an organizer whose mailbox one of them watches may invite whoever is watched by the other";

/// Pairs that surely act on one place: to be refused.
pub(super) fn surely(tenants: &Tenants) -> Vec<(&Tenant, &Tenant)> {
    let is_sure = |(a, b): &(&Tenant, &Tenant)| is_one_lms(a, b) && common(a, b) == Common::Surely;
    pairs(tenants).into_iter().filter(is_sure).collect()
}

/// Pairs that write events into one mailbox which they could not tell apart: to be refused. One that
/// publishes nothing touches none.
pub(super) fn one_calendar(tenants: &Tenants) -> Vec<(&Tenant, &Tenant)> {
    let is_one = |(a, b): &(&Tenant, &Tenant)| match (&a.publish, &b.publish) {
        (Some(a), Some(b)) if a.is_wanted() && b.is_wanted() => {
            let (a, b) = (&a.publisher, &b.publisher);
            let is_one = |a: Option<&Address>, b: Option<&Address>| {
                let user = |one: Option<&Address>| one.map(|one| same::user(one.as_str()));
                a.is_some() && user(a) == user(b)
            };
            let organizer = is_one(Some(&a.organizer), Some(&b.organizer));
            a.namespace == b.namespace && (organizer || is_one(a.calendar.as_ref(), b.calendar.as_ref()))
        }
        (Some(_) | None, Some(_) | None) => false,
    };
    pairs(tenants).into_iter().filter(is_one).collect()
}

/// Pairs of which nobody can tell offline.
pub(super) fn warnings(tenants: &Tenants) -> Vec<String> {
    pairs(tenants).into_iter().filter_map(|(a, b)| warning(a, b)).collect()
}

fn warning(a: &Tenant, b: &Tenant) -> Option<String> {
    let tenants = format!("tenants {} and {} are of one directory", a.name, b.name);
    match (is_one_lms(a, b), common(a, b)) {
        (_, Common::Nobody) | (true, Common::Surely) => None,
        (true, Common::Perhaps(why)) => Some(format!(
            "{tenants} and post to one LMS; can't tell whether they watch the same people: {why}. Whoever is \
             watched by both loses the \
             place twice: see that nobody is"
        )),
        (false, _) if is_told_apart(a, b) => None,
        (false, common) => {
            let (first, second) = (shown(&a.lms.connector), shown(&b.lms.connector));
            let people = match common {
                Common::Perhaps(why) => format!("they may watch the same people ({why})"),
                Common::Surely | Common::Nobody => "they watch the same people".to_owned(),
            };
            Some(format!(
                "{tenants}, and {people}; can't tell whether {first} and {second} are one LMS. If they are, \
                 whoever is watched by both \
                 loses the place twice: make them one tenant. If not, recognise.organizer of other addresses \
                 in each tells them apart"
            ))
        }
    }
}

fn pairs(tenants: &Tenants) -> Vec<(&Tenant, &Tenant)> {
    // One that is switched off acts on nobody.
    let tenants: Vec<&Tenant> = tenants.values().filter(|tenant| tenant.active).collect();
    let mut found = Vec::new();
    for (index, a) in tenants.iter().enumerate() {
        for b in tenants.iter().skip(index + 1) {
            if a.directory.eq_ignore_ascii_case(&b.directory) {
                found.push((*a, *b));
            }
        }
    }
    found
}

fn is_one_lms(a: &Tenant, b: &Tenant) -> bool {
    same::url(a.lms.connector.url()) == same::url(b.lms.connector.url())
}

/// Without a query, which may hold a key.
fn shown(connector: &ConnectorConfig) -> String {
    let mut shown = connector.url().clone();
    let has_query = shown.query().is_some();
    shown.set_query(None);
    format!("{shown}{}", if has_query { "?…" } else { "" })
}

/// No event is recognised by both, so that two URLs need not be told apart.
fn is_told_apart(a: &Tenant, b: &Tenant) -> bool {
    let (a, b) = (&a.recognise.organizer, &b.recognise.organizer);
    !a.is_empty() && !b.is_empty() && addresses(a).is_disjoint(&addresses(b))
}

fn addresses(all: &[Address]) -> BTreeSet<String> {
    all.iter().map(|address| same::user(address.as_str())).collect()
}

fn common(a: &Tenant, b: &Tenant) -> Common {
    let all = [of_organizers(a, b), of_learners(a, b), of_both_sides(a, b), of_both_sides(b, a)];
    all.into_iter().max().unwrap_or(Common::Nobody)
}

fn of_organizers(a: &Tenant, b: &Tenant) -> Common {
    let (a, b) = (organizers(a), organizers(b));
    if a.is_empty() || b.is_empty() {
        Common::Nobody
    } else if a.is_disjoint(&b) {
        Common::Perhaps(OF_ORGANIZERS)
    } else {
        Common::Surely
    }
}

/// Whose mailboxes are watched for everybody's answers.
fn organizers(tenant: &Tenant) -> BTreeSet<String> {
    if tenant.watch.mode.watches_organizers() { addresses(&tenant.watch.organizers) } else { BTreeSet::new() }
}

fn of_learners(a: &Tenant, b: &Tenant) -> Common {
    match (learners(a), learners(b)) {
        (Mailboxes::None, _) | (_, Mailboxes::None) => Common::Nobody,
        (Mailboxes::All, _) | (_, Mailboxes::All) => Common::Surely,
        (Mailboxes::Group(a), Mailboxes::Group(b)) if a.eq_ignore_ascii_case(b) => Common::Surely,
        (Mailboxes::Group(_), _) | (_, Mailboxes::Group(_)) => Common::Perhaps(OF_GROUPS),
        (Mailboxes::Users(a), Mailboxes::Users(b)) => of_lists(a, b),
    }
}

fn learners(tenant: &Tenant) -> &Mailboxes {
    if tenant.watch.mode.reads_learners() { &tenant.watch.mailboxes } else { &Mailboxes::None }
}

fn of_lists(a: &[String], b: &[String]) -> Common {
    let one = |users: &[String]| users.iter().map(|user| same::user(user)).collect::<BTreeSet<_>>();
    if !one(a).is_disjoint(&one(b)) {
        return Common::Surely;
    }
    let are_ids = a.iter().chain(b).all(|user| is_id(user));
    if are_ids { Common::Nobody } else { Common::Perhaps(OF_NAMES) }
}

fn is_id(user: &str) -> bool {
    uuid::Uuid::try_parse(user).is_ok()
}

/// One watches the mailbox that invites, the other the mailboxes of people whom it may invite.
fn of_both_sides(inviting: &Tenant, invited: &Tenant) -> Common {
    let organizers = organizers(inviting);
    if organizers.is_empty() || *learners(invited) == Mailboxes::None {
        return Common::Nobody;
    }
    let recognised = &invited.recognise.organizer;
    let is_recognised = recognised.is_empty() || !addresses(recognised).is_disjoint(&organizers);
    let is_sure = is_recognised && *learners(invited) == Mailboxes::All;
    if is_sure { Common::Surely } else { Common::Perhaps(OF_BOTH_SIDES) }
}
