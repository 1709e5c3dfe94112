//! From items to hints and tasks: whose is it, is it to be believed, what does it ask for?
//!
//! Guarantees: items are sorted as they are read, and of each only what it asks for is kept, once; a post
//! makes no more than [`MOST`] hints and tasks. What goes beyond is counted, and its mailbox compared: only a
//! proven one, and only that one, so that nobody makes work for others.

use super::notification::Item;
use super::routes::Routes;
use crate::functions::drop_counters::{DropCause, DropCounters};
use crate::graph::client_state::check;
use crate::ids::{EventId, SubscriptionId, TenantName, UserId};
use crate::messages::{ChangeType, Hint, MailboxTask, TaskKind};
use foldhash::fast::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, Hash};

/// Hints and tasks that one post may ask for. The most that Graph sends in one is not documented; some
/// hundreds were seen.
pub(super) const MOST: usize = 10_000;

/// Bytes of event id that are believed; Graph's have about 150.
const EVENT_ID_LIMIT: usize = 1024;

/// Bytes of subscription id that are carried; Graph's are GUIDs.
const SUBSCRIPTION_ID_LIMIT: usize = 128;

/// What is usable of a post by tenant, each once and in Graph's order, and the counts of the rest. Worth
/// nothing until the whole post turned out to be JSON.
pub(super) struct Sorted<'r> {
    routes: &'r Routes,
    pub(super) changes: BTreeMap<&'r TenantName, Once<Hint>>,
    pub(super) mailboxes: BTreeMap<&'r TenantName, Once<MailboxTask>>,
    dropped: BTreeMap<(Option<&'r TenantName>, DropCause), u64>,
    kept: usize,
}

impl<'r> Sorted<'r> {
    pub(super) fn new(routes: &'r Routes) -> Self {
        let (changes, mailboxes, dropped) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { routes, changes, mailboxes, dropped, kept: 0 }
    }

    /// `None`: an item that can't be read.
    pub(super) fn take(&mut self, item: Option<Item<'_>>) {
        let has_room = self.kept < MOST;
        let mut cut_off = None;
        let asked = item.ok_or((None, DropCause::MalformedItem)).and_then(|item| {
            let (tenant, mailbox) = whose(&item, self.routes)?;
            cut_off = (!has_room).then(|| mailbox.clone());
            asked(item, tenant, mailbox).map_err(|(tenant, cause)| (Some(tenant), cause))
        });
        let (tenant, kept) = match asked {
            Ok(Asked::Look(tenant, hint)) => {
                (tenant, self.changes.entry(tenant).or_default().keep(hint, has_room))
            }
            Ok(Asked::Work(tenant, task)) => {
                (tenant, self.mailboxes.entry(tenant).or_default().keep(task, has_room))
            }
            Err(cause) => return self.drop(cause),
        };
        match kept {
            Kept::New => self.kept += 1,
            Kept::Before => {}
            Kept::NoRoom => {
                self.drop((Some(tenant), DropCause::TooManyItems));
                // One for each mailbox that is named: no more of them than fit into a post.
                if let Some(mailbox) = cut_off {
                    let compare = MailboxTask { mailbox, kind: TaskKind::Resync, subscription: None };
                    self.mailboxes.entry(tenant).or_default().keep(compare, true);
                }
            }
        }
    }

    fn drop(&mut self, what: (Option<&'r TenantName>, DropCause)) {
        *self.dropped.entry(what).or_default() += 1;
    }

    /// Counts what was dropped.
    pub(super) fn tell(&self, drops: &DropCounters) {
        for ((tenant, cause), count) in &self.dropped {
            drops.count_many(*tenant, *cause, *count);
        }
    }
}

enum Kept {
    New,
    /// Graph says things twice, often in one post (reference/graph-notifications.md#delivery).
    Before,
    NoRoom,
}

/// Each once, in the order in which they came.
pub(super) struct Once<T> {
    items: Vec<T>,
    /// Where an item with this hash stands. Of two with one hash only the first is known, and so the other
    /// may stand twice.
    places: HashMap<u64, usize, RandomState>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self { items: Vec::new(), places: HashMap::default() }
    }
}

impl<T: Eq + Hash> Once<T> {
    fn keep(&mut self, item: T, has_room: bool) -> Kept {
        let hash = self.places.hasher().hash_one(&item);
        let place = self.places.get(&hash).copied();
        if place.and_then(|place| self.items.get(place)).is_some_and(|other| *other == item) {
            return Kept::Before;
        }
        if !has_room {
            return Kept::NoRoom;
        }
        self.places.entry(hash).or_insert(self.items.len());
        self.items.push(item);
        Kept::New
    }

    pub(super) fn into_items(self) -> Vec<T> {
        self.items
    }
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
        Some(_) | None if routes.off.contains(tenant) => Err((Some(tenant), DropCause::SwitchedOff)),
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
    let kind = item.lifecycle_event.as_deref().and_then(task_kind).ok_or(DropCause::UnknownLifecycleEvent)?;
    let subscription = item.subscription_id.filter(|id| id.len() <= SUBSCRIPTION_ID_LIMIT);
    let subscription = subscription.map(|id| SubscriptionId::new(id.into_owned()));
    Ok(MailboxTask { mailbox, kind, subscription })
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

fn task_kind(lifecycle_event: &str) -> Option<TaskKind> {
    match lifecycle_event {
        "reauthorizationRequired" => Some(TaskKind::Reauthorize),
        "subscriptionRemoved" => Some(TaskKind::Removed),
        "missed" => Some(TaskKind::Resync),
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

/// The event's id in `Users/{id}/Events/{id}` or `Users('{id}')/events('{id}')`; the case varies
/// (reference/graph-notifications.md#notifications).
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
