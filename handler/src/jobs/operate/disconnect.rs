//! Takes the subscriptions of a tenant that is switched off away from Graph, and from its mailboxes' rows.
//!
//! Guarantees: it is done only where the tenant has been off for so long that no instance makes subscriptions
//! any more; only what bears this deployment's marker goes, and nothing of a mailbox that another tenant of
//! the same directory watches. Killed at any point, whoever calls it again does the rest: what Graph does not
//! know any more counts as gone. A call does what there is time for, and says what is left.

use crate::ids::{SubscriptionId, TenantName, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::management_json::{Disconnection, Subscribed};
use crate::jobs::operate::operator::{self, Attribution, OperatorError, counted};
use crate::jobs::watch::write_budget::WriteKind;
use crate::jobs::watch::{orphans, subscription_listing, switched_off};
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::store::StoreError;
use futures::{StreamExt as _, stream};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// Whoever calls waits half a minute.
const LISTING: Duration = Duration::from_secs(6);
const ALL: Duration = Duration::from_secs(15);
/// Deleted side by side, so that their calls share batches.
const SIDE_BY_SIDE: usize = 20;
/// So many are shown by name.
const SHOWN: usize = 1_000;

/// What there is. Changes nothing.
pub async fn list(app: &AppContext, name: &TenantName) -> Result<Disconnection, OperatorError> {
    let context = known(app, name)?;
    let found = find(app, context, Instant::now() + LISTING).await?;
    let blocked = why_not(app, context).await?;
    Ok(Disconnection { blocked, ..told(found, 0, None) })
}

/// Has them removed, as many as there is time for.
pub async fn remove(
    app: &AppContext,
    name: &TenantName,
    signed: &Attribution,
) -> Result<Disconnection, OperatorError> {
    signed.check()?;
    let context = known(app, name)?;
    if let Some(why) = why_not(app, context).await? {
        return Err(OperatorError::Conflict(why));
    }
    let until = Instant::now() + ALL;
    let mut found = find(app, context, Instant::now() + LISTING).await?;
    let (mut gone, mut trouble) = (HashSet::new(), None);
    let stops = &AtomicBool::new(false);
    let each: Vec<Subscribed> = found.subscriptions.clone();
    let outcomes: Vec<_> = stream::iter(each)
        .map(|one| async move {
            let outcome = delete(app, context, &one, until, stops).await;
            (one.id, outcome)
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    for (id, outcome) in outcomes {
        match outcome? {
            Deleted::Gone => drop(gone.insert(id)),
            Deleted::NoTime => {}
            Deleted::Failed(why) => trouble = trouble.or(Some(why)),
        }
    }
    found.subscriptions.retain(|one| !gone.contains(&one.id));
    if !gone.is_empty() {
        let what =
            format!("{} removed from Graph", counted(gone.len(), "subscription is", "subscriptions are"));
        operator::audit(app, name, signed, &what).await?;
    }
    Ok(told(found, gone.len(), trouble))
}

fn known<'a>(app: &'a AppContext, name: &TenantName) -> Result<&'a Arc<TenantContext>, OperatorError> {
    let step = "put its section back, with active = false, as long as something is to be done with it";
    app.tenants
        .get(name)
        .ok_or_else(|| OperatorError::NotFound(format!("tenant `{name}` is not configured; {step}")))
}

/// Why nothing may be removed yet.
async fn why_not(app: &AppContext, context: &TenantContext) -> Result<Option<String>, StoreError> {
    let name = &context.tenant.name;
    if context.tenant.active {
        return Ok(Some(format!(
            "tenant `{name}` is switched on, so that the next planning round would make its subscriptions \
             again: write active = false in [tenant.{name}], and call this again some minutes after that is \
             in force"
        )));
    }
    let now = app.ledger.clock.now();
    let until = switched_off::since(&app.ledger, name).await?.map(|since| since + app.timing.switched_off);
    Ok(match until {
        Some(until) if until <= now => None,
        Some(until) => Some(format!(
            "tenant `{name}` has been switched off for a short time only, and another instance may not know \
             yet: call this again in {} s",
            (until - now).num_seconds() + 1
        )),
        None => Some(format!("tenant `{name}` is being switched off: call this again in some minutes")),
    })
}

struct Found {
    subscriptions: Vec<Subscribed>,
    /// Mailboxes that somebody is at.
    busy: usize,
    /// Graph's list was read to its end.
    complete: bool,
    trouble: Option<String>,
}

/// The ledger is read after the listing: whatever was made before it is written down by then.
async fn find(app: &AppContext, context: &TenantContext, until: Instant) -> Result<Found, StoreError> {
    let (name, now) = (&context.tenant.name, app.ledger.clock.now());
    let listed = subscription_listing::of_app(context, until).await;
    let mut nobodys: BTreeMap<SubscriptionId, UserId> =
        orphans::ours(context, &listed.listed).map(|(one, user)| (one.id.clone(), user)).collect();
    let (mut subscriptions, mut busy, mut theirs) = (Vec::new(), BTreeSet::new(), HashSet::new());
    for sibling in orphans::siblings(app, context) {
        for shard in 0..mailboxes::SHARDS {
            for row in mailboxes::of_shard(&app.ledger, &sibling.tenant.name, shard).await? {
                if sibling.tenant.name != *name {
                    theirs.insert(row.user);
                } else if row.leased_until.is_some_and(|until| until > now) {
                    busy.insert(row.user);
                } else if let Some(id) = row.subscription {
                    nobodys.remove(&id);
                    subscriptions.push(Subscribed { id, mailbox: row.user, is_known: true });
                }
            }
        }
    }
    let nobodys = nobodys.into_iter().filter(|(_, user)| !theirs.contains(user) && !busy.contains(user));
    subscriptions.extend(nobodys.map(|(id, mailbox)| Subscribed { id, mailbox, is_known: false }));
    Ok(Found { subscriptions, busy: busy.len(), complete: listed.complete, trouble: listed.trouble })
}

fn told(found: Found, removed: usize, trouble: Option<String>) -> Disconnection {
    let Found { mut subscriptions, busy, complete, trouble: of_listing } = found;
    let left = subscriptions.len();
    let orphans = subscriptions.iter().filter(|one| !one.is_known).count();
    subscriptions.truncate(SHOWN);
    let trouble = trouble.or(of_listing);
    Disconnection { removed, left, orphans, busy, complete, items: subscriptions, trouble, blocked: None }
}

enum Deleted {
    Gone,
    NoTime,
    Failed(String),
}

async fn delete(
    app: &AppContext,
    context: &TenantContext,
    one: &Subscribed,
    until: Instant,
    stops: &AtomicBool,
) -> Result<Deleted, StoreError> {
    let name = &context.tenant.name;
    if stops.load(Ordering::Relaxed) || Instant::now() >= until {
        return Ok(Deleted::NoTime);
    }
    if !context.write_limiter.admits(app, name, WriteKind::Write, until).await? {
        return Ok(Deleted::NoTime);
    }
    if let Err(failure) = context.graph.delete_subscription(&one.id).await {
        tracing::warn!(tenant = %name, subscription = %one.id, trouble = %failure, "a subscription could not \
            be removed");
        stops.store(true, Ordering::Relaxed);
        return Ok(Deleted::Failed(failure.to_string()));
    }
    let now = app.ledger.clock.now();
    mailboxes::update(&app.ledger, name, &one.mailbox, |row| {
        let row = row?;
        // When the tenant is on again, a new one is made.
        (row.subscription.as_ref() == Some(&one.id)).then(|| MailboxRow {
            state: SubscriptionState::Wanted,
            due: now,
            ..row.unsubscribed()
        })
    })
    .await?;
    Ok(Deleted::Gone)
}
