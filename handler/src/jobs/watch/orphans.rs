//! Subscriptions of this deployment that the ledger does not know, and those that it knows and Graph does
//! not.
//!
//! Guarantees: what is deleted bears this deployment's marker, is in no mailbox's row of any tenant that
//! shares the directory, and is of a mailbox that nobody is tending, so that nobody can be about to write it
//! down; what another deployment or another app made stays. What is missing from a list that was read to its
//! end is not believed to be gone: Graph is asked about it by a renewal. What is missing from a part of it
//! means nothing.

use crate::graph::port::Subscription;
use crate::ids::{SubscriptionId, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::write_budget::WriteKind;
use crate::jobs::{JobError, alerting};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use tokio::time::Instant;
use url::Url;

/// By this member of the query a deployment's subscriptions are told from others'.
const MARKER: &str = "deployment";

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct SweepResult {
    pub deleted: usize,
    /// Known, but not listed: to be asked about.
    pub doubted: usize,
}

/// Holds what was listed against the ledger; where `complete` is known, also the ledger against all that was
/// listed. The ledger is read after the listing: whatever was made before it is written down by then, or
/// somebody holds the lease of its mailbox still. Room for deleting is waited for until `until`.
pub async fn sweep(
    app: &AppContext,
    context: &TenantContext,
    listed: &[Subscription],
    complete: Option<&CompleteListing>,
    until: Instant,
) -> Result<SweepResult, JobError> {
    let (ledger, name, now) = (&app.ledger, &context.tenant.name, app.ledger.clock.now());
    let mut orphans: BTreeMap<&SubscriptionId, UserId> =
        ours(context, listed).map(|(one, user)| (&one.id, user)).collect();
    let mut leased = BTreeSet::new();
    let mut doubted = Vec::new();
    for sibling in siblings(app, context) {
        for shard in 0..mailboxes::SHARDS {
            for row in mailboxes::of_shard(ledger, &sibling.tenant.name, shard).await? {
                let is_leased = row.leased_until.is_some_and(|until| until > now);
                if is_leased {
                    leased.insert(row.user.clone());
                }
                let Some(id) = &row.subscription else { continue };
                orphans.remove(id);
                let is_own = sibling.tenant.name == *name;
                // Whatever was made or renewed since the listing began need not be in it.
                let is_missing = |complete: &CompleteListing| {
                    !complete.has(id) && row.renewed_at.is_none_or(|at| at < complete.since)
                };
                let is_doubtful = is_own && !is_leased && row.is_subscribed(now) && row.due > now;
                if is_doubtful && complete.is_some_and(is_missing) {
                    doubted.push((row.user.clone(), id.clone()));
                }
            }
        }
    }
    orphans.retain(|_, user| !leased.contains(user));

    let mut swept = SweepResult::default();
    for (id, user) in orphans {
        if !context.write_limiter.admits(app, name, WriteKind::Write, until).await? {
            tracing::info!(tenant = %name, "more orphans than may be deleted at once; the next listing goes \
                                            on");
            break;
        }
        match context.graph.delete_subscription(id).await {
            Ok(()) => swept.deleted += 1,
            Err(failure) => {
                tracing::warn!(tenant = %name, subscription = %id, trouble = %failure, "an orphan could not \
                    be deleted; the next listing tries again");
                alerting::graph_failure(app, context, &failure).await?;
                break;
            }
        }
        // It may have stood in the way of one that the ledger could know.
        again(app, context, &user, |row| row.subscription.is_none()).await?;
    }
    for (user, id) in doubted {
        again(app, context, &user, |row| row.subscription.as_ref() == Some(&id)).await?;
        swept.doubted += 1;
    }
    if swept != SweepResult::default() {
        tracing::warn!(tenant = %name, deleted = swept.deleted, doubted = swept.doubted, "orphans");
    }
    Ok(swept)
}

/// Deletes what stands in the way of one mailbox, whose lease the caller holds. True when there was any.
pub async fn delete_orphans_of(
    app: &AppContext,
    context: &TenantContext,
    user: &UserId,
    listed: &[Subscription],
) -> Result<bool, JobError> {
    let mut known = BTreeSet::new();
    for sibling in siblings(app, context).filter(|sibling| sibling.tenant.name != context.tenant.name) {
        let row = mailboxes::load(&app.ledger, &sibling.tenant.name, user).await?;
        if row
            .as_ref()
            .is_some_and(|row| row.leased_until.is_some_and(|until| until > app.ledger.clock.now()))
        {
            return Ok(false);
        }
        known.extend(row.and_then(|row| row.subscription));
    }
    let mut any = false;
    for (orphan, _) in ours(context, listed).filter(|(one, whose)| whose == user && !known.contains(&one.id))
    {
        context.graph.delete_subscription(&orphan.id).await?;
        any = true;
    }
    Ok(any)
}

/// The mailbox is to be maintained at the next round.
async fn again(
    app: &AppContext,
    context: &TenantContext,
    user: &UserId,
    still: impl Fn(&MailboxRow) -> bool,
) -> Result<(), StoreError> {
    let now = app.ledger.clock.now();
    mailboxes::update(&app.ledger, &context.tenant.name, user, |row| {
        let row = row?;
        (still(row) && row.due > now).then(|| MailboxRow { due: now, ..row.clone() })
    })
    .await
    .map(|_| ())
}

/// The tenants whose subscriptions one and the same app may list, this one among them.
pub(crate) fn siblings<'a>(
    app: &'a AppContext,
    context: &'a TenantContext,
) -> impl Iterator<Item = &'a TenantContext> {
    app.tenants
        .values()
        .map(AsRef::as_ref)
        .filter(|other| other.tenant.directory.eq_ignore_ascii_case(&context.tenant.directory))
}

/// Those that this deployment made, with the mailboxes that they are on.
pub(crate) fn ours<'a>(
    context: &TenantContext,
    listed: &'a [Subscription],
) -> impl Iterator<Item = (&'a Subscription, UserId)> {
    let marker = marker(&context.subscriber.notification_url());
    listed.iter().filter_map(move |one| {
        let theirs = one.notification_url.as_deref().and_then(self::marker);
        let is_ours = marker.is_some() && theirs == marker;
        is_ours.then(|| mailbox_of(&one.resource)).flatten().map(|user| (one, user))
    })
}

fn marker(notification_url: &str) -> Option<String> {
    let url = Url::parse(notification_url).ok()?;
    url.query_pairs().find(|(key, _)| key == MARKER).map(|(_, value)| value.into_owned())
}

/// `users/{id}/events`, `Users('{id}')/Events`: Graph writes both, in any case. `None`: it is on something
/// that we never watch.
fn mailbox_of(resource: &str) -> Option<UserId> {
    let resource = resource.trim_start_matches('/').to_lowercase();
    let (head, tail) = resource.rsplit_once('/')?;
    let id = match head.strip_prefix("users/") {
        Some(id) => id,
        None => head.strip_prefix("users('")?.strip_suffix("')")?,
    };
    let is_whole = tail.split('?').next() == Some("events") && !id.is_empty() && !id.contains('/');
    is_whole.then(|| UserId::new(id))
}

/// Eight bytes in the place of an id of 36 characters: two that meet would hide that one of them is missing,
/// and no more.
pub(super) fn mark(id: &SubscriptionId) -> u64 {
    let digest = Sha256::digest(id.as_str().as_bytes());
    digest.iter().take(8).fold(0, |mark, byte| mark << 8 | u64::from(*byte))
}

/// Everything that was listed since a time.
pub struct CompleteListing {
    pub since: DateTime<Utc>,
    pub(crate) marks: HashSet<u64>,
}

impl CompleteListing {
    pub fn of(since: DateTime<Utc>, listed: &[Subscription]) -> Self {
        Self { since, marks: listed.iter().map(|one| mark(&one.id)).collect() }
    }

    pub fn has(&self, id: &SubscriptionId) -> bool {
        self.marks.contains(&mark(id))
    }
}

#[cfg(test)]
#[path = "orphans_tests.rs"]
mod tests;
