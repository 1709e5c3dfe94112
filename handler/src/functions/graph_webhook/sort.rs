//! From items to hints and tasks: whose is it, is it to be believed, what does it ask for?

use super::notification::{Item, Items};
use super::routes::Routes;
use crate::client_state::check;
use crate::functions::counters::{DropCause, DropCounters};
use crate::ids::{EventId, SubscriptionId, TenantName, UserId};
use crate::message::{ChangeType, Deed, Hint, MailboxTask};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashSet};
use std::hash::Hash;

/// Bytes of event id that are believed; Graph's have about 150.
const EVENT_ID_LIMIT: usize = 1024;

/// Bytes of subscription id that are carried; Graph's are GUIDs.
const SUBSCRIPTION_ID_LIMIT: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Sorted<'r> {
    pub(super) changes: BTreeMap<&'r TenantName, Vec<Hint>>,
    pub(super) mailboxes: BTreeMap<&'r TenantName, Vec<MailboxTask>>,
}

/// Sorts what is usable by tenant, each once and in Graph's order, and counts the rest.
pub(super) fn sort<'r>(items: Items<'_>, routes: &'r Routes, drops: &DropCounters) -> Sorted<'r> {
    let mut sorted = Sorted::default();
    let items = match items {
        Items::List(items) => items,
        Items::NoList => {
            drops.count(None, DropCause::NoItems);
            return sorted;
        }
    };
    for item in items {
        let asked = item.ok_or((None, DropCause::MalformedItem)).and_then(|item| {
            let (tenant, mailbox) = whose(&item, routes)?;
            asked(item, tenant, mailbox).map_err(|(tenant, cause)| (Some(tenant), cause))
        });
        match asked {
            Ok(Asked::Look(tenant, hint)) => sorted.changes.entry(tenant).or_default().push(hint),
            Ok(Asked::Work(tenant, task)) => sorted.mailboxes.entry(tenant).or_default().push(task),
            Err((tenant, cause)) => drops.count(tenant, cause),
        }
    }
    sorted.changes.values_mut().for_each(keep_first);
    sorted.mailboxes.values_mut().for_each(keep_first);
    sorted
}

/// Graph says things twice, often in one post (facts sheet 3).
fn keep_first<T: Eq + Hash>(items: &mut Vec<T>) {
    if items.len() < 2 {
        return;
    }
    let mut seen = HashSet::with_capacity_and_hasher(items.len(), RandomState::default());
    let is_first: Vec<bool> = items.iter().map(|item| seen.insert(item)).collect();
    let mut is_first = is_first.into_iter();
    items.retain(|_| is_first.next().unwrap_or(true));
}

/// Whose an item is. The tenant in the error is the one to count it under: only what our own MAC names.
fn whose<'r>(
    item: &Item<'_>,
    routes: &'r Routes,
) -> Result<(&'r TenantName, UserId), (Option<&'r TenantName>, DropCause)> {
    let state = item.client_state.as_deref().ok_or((None, DropCause::NoClientState))?;
    let whose = check(&routes.keys, state).ok_or((None, DropCause::ForgedClientState))?;
    // Names of tenants that are gone are not counted under their name, which nobody would look for.
    let known = routes.directory.get_key_value(whose.tenant);
    let (tenant, directory) = known.ok_or((None, DropCause::UnknownTenant))?;
    match item.tenant_id.as_deref() {
        Some(id) if !id.eq_ignore_ascii_case(directory) => Err((Some(tenant), DropCause::WrongDirectory)),
        Some(_) | None => Ok((tenant, whose.mailbox)),
    }
}

enum Asked<'r> {
    Look(&'r TenantName, Hint),
    Work(&'r TenantName, MailboxTask),
}

fn asked<'r>(
    item: Item<'_>,
    tenant: &'r TenantName,
    mailbox: UserId,
) -> Result<Asked<'r>, (&'r TenantName, DropCause)> {
    if item.lifecycle_event.is_some() {
        return match task(item, mailbox) {
            Ok(task) => Ok(Asked::Work(tenant, task)),
            Err(cause) => Err((tenant, cause)),
        };
    }
    match hint(&item, mailbox) {
        Ok(hint) => Ok(Asked::Look(tenant, hint)),
        Err(cause) => Err((tenant, cause)),
    }
}

fn task(item: Item<'_>, mailbox: UserId) -> Result<MailboxTask, DropCause> {
    let deed = item.lifecycle_event.as_deref().and_then(deed).ok_or(DropCause::UnknownLifecycleEvent)?;
    let subscription = item.subscription_id.filter(|id| id.len() <= SUBSCRIPTION_ID_LIMIT);
    let subscription = subscription.map(|id| SubscriptionId::new(id.into_owned()));
    Ok(MailboxTask { mailbox, deed, subscription })
}

fn hint(item: &Item<'_>, mailbox: UserId) -> Result<Hint, DropCause> {
    let change = item.change_type.as_deref().and_then(change_type).ok_or(DropCause::UnknownChangeType)?;
    let id = item.resource_id.as_deref().filter(|id| !id.is_empty());
    let id = id.or_else(|| event_id(item.resource.as_deref()?)).ok_or(DropCause::NoEventId)?;
    if id.len() > EVENT_ID_LIMIT {
        return Err(DropCause::EventIdTooLong);
    }
    Ok(Hint::Changed { mailbox, event: EventId::new(id), change })
}

fn deed(lifecycle_event: &str) -> Option<Deed> {
    match lifecycle_event {
        "reauthorizationRequired" => Some(Deed::Reauthorize),
        "subscriptionRemoved" => Some(Deed::Removed),
        "missed" => Some(Deed::Resync),
        _ => None,
    }
}

fn change_type(text: &str) -> Option<ChangeType> {
    match text {
        "created" => Some(ChangeType::Created),
        "updated" => Some(ChangeType::Updated),
        "deleted" => Some(ChangeType::Deleted),
        _ => None,
    }
}

/// The event's id in `Users/{id}/Events/{id}` or `Users('{id}')/events('{id}')`; the case varies (facts sheet 3).
fn event_id(resource: &str) -> Option<&str> {
    const EVENTS: &str = "/events";
    let lower = resource.to_ascii_lowercase();
    let (_, rest) = resource.split_at_checked(lower.rfind(EVENTS)? + EVENTS.len())?;
    match rest.strip_prefix('/') {
        Some(id) => Some(id),
        None => rest.strip_prefix("('")?.strip_suffix("')"),
    }
    .filter(|id| !id.is_empty())
}
