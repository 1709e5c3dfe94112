//! From items to hints and tasks: whose is it, is it to be believed, what does it ask for?

use super::notification::{Item, Items};
use super::routes::Routes;
use crate::client_state::{Verified, verify};
use crate::functions::counters::{DropCause, DropCounters};
use crate::ids::{EventId, SubscriptionId, TenantName};
use crate::message::{ChangeType, Deed, Hint, MailboxTask};
use std::collections::{BTreeMap, HashSet};

/// Bytes of event id that are believed; Graph's have about 150.
const EVENT_ID_LIMIT: usize = 1024;

/// Bytes of subscription id that are carried; Graph's are GUIDs.
const SUBSCRIPTION_ID_LIMIT: usize = 128;

#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub(super) changes: BTreeMap<TenantName, Vec<Hint>>,
    pub(super) mailboxes: BTreeMap<TenantName, Vec<MailboxTask>>,
}

/// Sorts what is usable by tenant, each once and in Graph's order, and counts the rest.
pub(super) fn sort(items: Items<'_>, routes: &Routes, drops: &DropCounters) -> Sorted {
    let mut sorted = Sorted::default();
    let items = match items {
        Items::List(items) => items,
        Items::NoList => {
            drops.count(None, DropCause::NoItems);
            return sorted;
        }
    };
    let mut seen_hints = HashSet::new();
    let mut seen_tasks = HashSet::new();
    for item in items {
        let asked = item.ok_or((None, DropCause::MalformedItem)).and_then(|item| {
            let whose = whose(&item, routes)?;
            let tenant = whose.tenant.clone();
            asked(item, whose).map_err(|cause| (Some(tenant.clone()), cause)).map(|asked| (tenant, asked))
        });
        match asked {
            Ok((tenant, Asked::Look(hint))) => {
                if seen_hints.insert((tenant.clone(), hint.clone())) {
                    sorted.changes.entry(tenant).or_default().push(hint);
                }
            }
            Ok((tenant, Asked::Work(task))) => {
                if seen_tasks.insert((tenant.clone(), task.clone())) {
                    sorted.mailboxes.entry(tenant).or_default().push(task);
                }
            }
            Err((tenant, cause)) => drops.count(tenant.as_ref(), cause),
        }
    }
    sorted
}

/// Whose an item is. The tenant in the error is the one to count it under: only what our own MAC names.
fn whose(item: &Item<'_>, routes: &Routes) -> Result<Verified, (Option<TenantName>, DropCause)> {
    let state = item.client_state.as_deref().ok_or((None, DropCause::NoClientState))?;
    let whose = verify(&routes.keys, state).ok_or((None, DropCause::ForgedClientState))?;
    // Names of tenants that are gone are not counted under their name, which nobody would look for.
    let directory = routes.directory.get(&whose.tenant).ok_or((None, DropCause::UnknownTenant))?;
    match item.tenant_id.as_deref() {
        Some(id) if !id.eq_ignore_ascii_case(directory) => Err((Some(whose.tenant), DropCause::WrongDirectory)),
        Some(_) | None => Ok(whose),
    }
}

enum Asked {
    Look(Hint),
    Work(MailboxTask),
}

fn asked(item: Item<'_>, whose: Verified) -> Result<Asked, DropCause> {
    if let Some(event) = item.lifecycle_event {
        let deed = deed(&event).ok_or(DropCause::UnknownLifecycleEvent)?;
        let subscription = item.subscription_id.filter(|id| id.len() <= SUBSCRIPTION_ID_LIMIT);
        let subscription = subscription.map(|id| SubscriptionId::new(id.into_owned()));
        return Ok(Asked::Work(MailboxTask { mailbox: whose.mailbox, deed, subscription }));
    }
    let change = item.change_type.as_deref().and_then(change_type).ok_or(DropCause::UnknownChangeType)?;
    let id = item.resource_id.as_deref().filter(|id| !id.is_empty());
    let id = id.or_else(|| event_id(item.resource.as_deref()?)).ok_or(DropCause::NoEventId)?;
    if id.len() > EVENT_ID_LIMIT {
        return Err(DropCause::EventIdTooLong);
    }
    Ok(Asked::Look(Hint::Changed { mailbox: whose.mailbox, event: EventId::new(id), change }))
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
