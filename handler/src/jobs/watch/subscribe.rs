//! Brings one mailbox's subscription to what it should be: creates, renews or replaces it, and writes down
//! what came of it.
//!
//! Guarantees: nothing is written by whoever has lost the lease meanwhile; that a subscription is gone is
//! written down before a new one is made; a subscription that can't be written down is deleted again; one for
//! which there is no room now stays due.

use crate::graph::GraphError;
use crate::graph::port::{NewSubscription, Subscription};
use crate::ids::{SubscriptionId, UserId};
use crate::invocation_deadline;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::write_budget::WriteKind;
use crate::jobs::watch::{blind_gaps, failure_policy, lifetime, orphans, subscription_listing};
use crate::jobs::{GraphOutcome as _, JobError, alerting};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes::{self, MailboxRow, SubscriptionState};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// What the mailboxes of one invocation share.
pub struct InvocationBudget {
    until: Instant,
    /// Our subscriptions, listed once where one is in the way.
    listing: Mutex<Option<Arc<Vec<Subscription>>>>,
}

impl InvocationBudget {
    /// One that begins now. Permits are waited for as long as Graph is, and no longer because others go on
    /// meanwhile.
    pub fn begin() -> Self {
        Self { until: Instant::now() + invocation_deadline::ASKING, listing: Mutex::default() }
    }

    /// True when there is room for one more write.
    pub async fn has_room(
        &self,
        app: &AppContext,
        context: &TenantContext,
        kind: WriteKind,
    ) -> Result<bool, StoreError> {
        context.write_limiter.admits(app, &context.tenant.name, kind, self.until).await
    }
}

/// The write that the mailbox needs most likely.
pub fn write_kind(context: &TenantContext, row: &MailboxRow, now: DateTime<Utc>) -> WriteKind {
    match row.is_subscribed(now) && is_current(context, row) {
        true => WriteKind::Write,
        false => WriteKind::Creation,
    }
}

/// Signed with today's key, and for today's address.
fn is_current(context: &TenantContext, row: &MailboxRow) -> bool {
    row.key.as_deref() == Some(context.subscriber.first_key().as_str())
        && row.url.as_deref() == Some(context.subscriber.notification_url().as_str())
}

enum Subscribed {
    Renewed(Subscription),
    Created(Subscription),
    /// It turned out that a new one is needed, and there is no room for it now.
    NoRoom,
}

/// `None`: the lease was lost meanwhile.
pub async fn subscribe(
    app: &AppContext,
    context: &TenantContext,
    round: &InvocationBudget,
    row: MailboxRow,
) -> Result<Option<MailboxRow>, JobError> {
    let now = app.ledger.clock.now();
    let outcome = renew_or_create(app, context, round, &row).await.graph()?;
    let reaction = outcome.as_ref().err().map(|failure| {
        failure_policy::respond_to(failure, &row.user, row.failures, app.timing.recheck_mailbox)
    });
    if let (Err(failure), Some(reaction)) = (&outcome, &reaction) {
        alerting::graph_failure(app, context, failure).await?;
        if let Some(kind) = reaction.alert {
            alerts::raise(&app.ledger, &context.tenant.name, kind).await?;
        }
    } else if row.failures > 0 {
        alerts::resolve(&app.ledger, &context.tenant.name, AlertKind::NotificationUrl).await?;
    }
    let mut mine = false;
    let stored = mailboxes::update(&app.ledger, &row.tenant, &row.user, |stored| {
        let stored = stored?;
        mine = stored.leased_until == row.leased_until;
        if !mine {
            return None;
        }
        let mut next = stored.clone();
        match (&outcome, &reaction) {
            // It was renewed, and then Graph told another worker that it is gone: that is the newer news.
            (Ok(Subscribed::Renewed(subscription)), _)
                if next.subscription.as_ref() != Some(&subscription.id) => {}
            (Ok(Subscribed::Renewed(subscription)), _) => in_force(&mut next, subscription, now),
            (Ok(Subscribed::Created(subscription)), _) => {
                in_force(&mut next, subscription, now);
                next.key = Some(context.subscriber.first_key());
                next.url = Some(context.subscriber.notification_url());
                // Invitations that were there before us, and whatever happened while nobody could tell us.
                next.resync_wanted = Some(app.ledger.clock.now());
            }
            (Ok(Subscribed::NoRoom), _) => {}
            (Err(failure), Some(reaction)) => {
                next.state = if next.is_subscribed(now) { next.state } else { reaction.state };
                next.failures = next.failures.saturating_add(1);
                next.last_error = Some(failure.to_string());
                next.due = now + reaction.wait;
            }
            (Err(_), None) => {}
        }
        (next != *stored).then_some(next)
    })
    .await?;
    if mine {
        return Ok(stored);
    }
    if let Ok(Subscribed::Created(subscription)) = &outcome
        && stored.and_then(|stored| stored.subscription).as_ref() != Some(&subscription.id)
        && let Err(failure) = context.graph.delete_subscription(&subscription.id).await
    {
        tracing::warn!(
            tenant = %row.tenant, subscription = %subscription.id, trouble = %failure,
            "a subscription too many could not be deleted"
        );
    }
    Ok(None)
}

fn in_force(row: &mut MailboxRow, subscription: &Subscription, now: DateTime<Utc>) {
    row.due = lifetime::renewal(&row.user, now, subscription.expires);
    row.state = SubscriptionState::Watched;
    row.subscription = Some(subscription.id.clone());
    row.expires = Some(subscription.expires);
    row.failures = 0;
    row.last_success = Some(now);
    row.last_error = None;
    row.renewed_at = Some(now);
}

async fn renew_or_create(
    app: &AppContext,
    context: &TenantContext,
    round: &InvocationBudget,
    row: &MailboxRow,
) -> Result<Subscribed, JobError> {
    let now = app.ledger.clock.now();
    let current = is_current(context, row);
    match &row.subscription {
        Some(id) if row.is_subscribed(now) && current => {
            let expires = now + lifetime::requested_life(app, &row.tenant).await?;
            let mut renewed = context.graph.renew_subscription(id, expires).await;
            if let Err(GraphError::TooLong { minutes }) = renewed {
                let expires = now + lifetime::remember_limit(app, &row.tenant, minutes).await?;
                renewed = context.graph.renew_subscription(id, expires).await;
            }
            match renewed {
                Ok(subscription) => return Ok(Subscribed::Renewed(subscription)),
                // Gone without a word: what happened since is to be found by a resync.
                Err(GraphError::NotFound(_)) => blind_gaps::note_lapse(app, context, row, id).await?,
                Err(other) => return Err(other.into()),
            }
            if !round.has_room(app, context, WriteKind::Creation).await? {
                return Ok(Subscribed::NoRoom);
            }
        }
        // Lapsed.
        Some(id) if !row.is_subscribed(now) => blind_gaps::note_lapse(app, context, row, id).await?,
        Some(_) | None => {}
    }
    let replaced = row.subscription.as_ref().filter(|_| row.is_subscribed(now) && !current);
    let created = create(app, context, round, &row.user, replaced).await?;
    if let Some(old) = replaced {
        // The new one is in force; the old one, signed with another key or for another address, goes. If that
        // fails it is an orphan.
        if let Err(failure) = context.graph.delete_subscription(old).await {
            tracing::warn!(
                tenant = %row.tenant, subscription = %old, trouble = %failure,
                "a replaced subscription could not be deleted"
            );
        }
    }
    Ok(Subscribed::Created(created))
}

async fn create(
    app: &AppContext,
    context: &TenantContext,
    round: &InvocationBudget,
    user: &UserId,
    replaced: Option<&SubscriptionId>,
) -> Result<Subscription, JobError> {
    let name = &context.tenant.name;
    let mut wanted = NewSubscription {
        mailbox: user.clone(),
        notification_url: context.subscriber.notification_url(),
        client_state: context.subscriber.client_state(name, user),
        expires: app.ledger.clock.now() + lifetime::requested_life(app, name).await?,
    };
    let (mut cleared, mut shortened, mut in_the_way) = (false, false, replaced);
    loop {
        match context.graph.create_subscription(&wanted).await {
            Err(GraphError::TooLong { minutes }) if !shortened => {
                shortened = true;
                wanted.expires =
                    app.ledger.clock.now() + lifetime::remember_limit(app, name, minutes).await?;
            }
            // The one that it is to replace is in the way: then it goes first.
            Err(GraphError::Conflict(_) | GraphError::Quota(_)) if in_the_way.is_some() => {
                if let Some(old) = in_the_way.take() {
                    context.graph.delete_subscription(old).await?;
                }
            }
            Err(failure @ (GraphError::Conflict(_) | GraphError::Quota(_))) if !cleared => {
                cleared = true;
                // One of ours that the ledger does not know: its clientState can't be read back, so it is
                // replaced.
                let Some(listed) = listing(app, context, round).await? else { return Err(failure.into()) };
                let any = orphans::delete_orphans_of(app, context, user, &listed).await?;
                // If none of ours is listed, the one in conflict may have gone this moment; a quota has not.
                if !any && matches!(failure, GraphError::Quota(_)) {
                    return Err(failure.into());
                }
            }
            other => return Ok(other?),
        }
    }
}

/// Our subscriptions, listed at most once in an invocation and now and then in a tenant: it takes many pages,
/// and those that there is no time for are listed soon. Whoever lists them holds them against the ledger, so
/// that whoever meets the same failure finds it mended. `None`: not now.
async fn listing(
    app: &AppContext,
    context: &TenantContext,
    round: &InvocationBudget,
) -> Result<Option<Arc<Vec<Subscription>>>, JobError> {
    let mut listing = round.listing.lock().await;
    if let Some(listed) = listing.as_ref() {
        return Ok(Some(Arc::clone(listed)));
    }
    if !round.has_room(app, context, WriteKind::Listing).await? {
        return Ok(None);
    }
    let few = subscription_listing::few(app, context, round.until).await?;
    let (listed, complete) = (Arc::new(few.listed), few.complete);
    *listing = Some(Arc::clone(&listed));
    drop(listing);
    orphans::sweep(app, context, &listed, complete.as_ref(), Instant::now()).await?;
    Ok(Some(listed))
}
