//! `renew-subscriptions`: who should be watched, and whose subscription or calendar is due.
//!
//! Guarantees: a mailbox is released only when the directory was read in full and does not name it; killed at
//! any point, the next round does the rest; the tasks it sends may be repeated; one round sends no more than
//! can be done until the next, the most urgent first, so that neither the queue nor the host is flooded when
//! everything is due at once; it ends within its budget, tenants isolated from each other
//! ([`crate::jobs::timer_run`]), and waits for no large directory: that is read apart
//! ([`super::directory_sync`]).

use crate::ids::TenantName;
use crate::jobs::JobError;
use crate::jobs::canary;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::invitations;
use crate::jobs::operate::consent;
use crate::jobs::timer_run::{TenantTurn, TimerRun, in_turn};
use crate::jobs::watch::directory_sync::{self, Listed};
use crate::jobs::watch::sync_mailboxes::{self, Due, DueMailboxes};
use crate::jobs::watch::{blind_gaps, directory, graph_outage, subscription_listing, switched_off};
use crate::ledger::{alerts, mailboxes};
use crate::messages::{MailboxTask, Mailboxes as Message, TaskKind};
use crate::store::StoreError;
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use tokio::time::Instant;

/// Tasks per queue message: as many as one `$batch` takes, and more of them where that makes too many
/// messages; but no more than come to their end within an invocation's time-out when all that run side by
/// side create subscriptions at the slowest.
pub(crate) const TASKS_PER_MESSAGE: std::ops::RangeInclusive<usize> = 20..=100;
/// As many messages of a tenant as the host sends in a second or so, one after the other.
const MESSAGES: usize = 100;
/// As many as it sends of all tenants in half a minute.
const ALL_MESSAGES: usize = 1_500;
/// What a tenant may have done within the five minutes until the next round: as much as
/// [`super::write_budget`] lets through, which is 2,400 creations and 12,600 writes in all.
const CREATIONS: usize = 2_400;
const RENEWALS: usize = 8_000;
const RELEASES: usize = 1_500;
/// Each reads a calendar: all of 100,000 within three hours, when nobody could for a day.
pub(crate) const COMPARISONS: usize = 3_000;
/// Shards read side by side: each holds a page of rows.
const SHARDS_AT_ONCE: usize = 4;

pub async fn plan(app: &AppContext, trace: Option<&str>) -> Result<Vec<Message>, JobError> {
    let round = TimerRun::begin("renew-subscriptions", app.timing.budgets.plan);
    let planned: &Mutex<BTreeMap<TenantName, Planned>> = &Mutex::default();
    let listing = Instant::now() + app.timing.budgets.listing;
    let went = round.over_tenants(app, move |name, context| async move {
        if !switched_off::is_back(app, &context).await? {
            return Ok(TenantTurn::Done);
        }
        let tasks = tasks(app, &name, &context, listing).await;
        let directory = directory_sync::is_due_apart(app, &context).await;
        let invitations = invitations::are_followed(&context);
        let listing = subscription_listing::is_due_apart(app, &context).await;
        let apart = |tasks| {
            let is_due = |due: &Result<bool, StoreError>| *due.as_ref().unwrap_or(&false);
            Planned { tasks, directory: is_due(&directory), invitations, listing: is_due(&listing) }
        };
        let (tasks, turn, refused) = match tasks {
            Ok(planned) => planned,
            Err(failure) => {
                put(planned, &name, apart(Vec::new()));
                return Err(failure);
            }
        };
        let count = tasks.len();
        put(planned, &name, apart(tasks));
        tracing::info!(tenant = %name, tasks = count, "planned");
        alerts::repeat_open(&app.ledger, &name).await?;
        directory?;
        listing?;
        // Last, because it may wait for Entra and for mailboxes that are tried.
        consent::watch::watch(app, &context, refused).await?;
        canary::advance::advance(app, &context).await?;
        Ok(turn)
    });
    let went = went.await;
    let planned = std::mem::take(&mut *planned.lock());
    let messages = messages(planned, trace);
    match went {
        Err(failure) if messages.is_empty() => Err(failure),
        Ok(()) | Err(_) => Ok(messages),
    }
}

/// What a tenant is to have done, kept apart from the work on it: that may be cut off.
#[derive(Default)]
struct Planned {
    tasks: Vec<MailboxTask>,
    directory: bool,
    invitations: bool,
    listing: bool,
}

fn put(all: &Mutex<BTreeMap<TenantName, Planned>>, tenant: &TenantName, planned: Planned) {
    all.lock().insert(tenant.clone(), planned);
}

/// One of each tenant, then the next of each: a large tenant does not stand before a small one in the queue.
/// What is more than the host sends in seconds is still due in the next round.
fn messages(planned: BTreeMap<TenantName, Planned>, trace: Option<&str>) -> Vec<Message> {
    let tasks: usize = planned.values().map(|planned| planned.tasks.len()).sum();
    let for_all = tasks.div_ceil(ALL_MESSAGES);
    let mut messages =
        in_turn(planned.into_iter().map(|(tenant, planned)| of_tenant(&tenant, &planned, for_all, trace)));
    if messages.len() > ALL_MESSAGES {
        tracing::info!(
            messages = messages.len(),
            most = ALL_MESSAGES,
            "more is planned than is sent at once; the rest is due still"
        );
        messages.truncate(ALL_MESSAGES);
    }
    messages
}

/// `least`: tasks per message, so that not too many messages come together.
fn of_tenant(tenant: &TenantName, planned: &Planned, least: usize, trace: Option<&str>) -> Vec<Message> {
    let size = planned.tasks.len().div_ceil(MESSAGES).max(least);
    let size = size.clamp(*TASKS_PER_MESSAGE.start(), *TASKS_PER_MESSAGE.end());
    let message = |some: &[MailboxTask]| Message {
        trace: trace.map(str::to_owned),
        ..Message::of(tenant.clone(), some.to_vec())
    };
    // What takes long is done apart from what must not wait for it.
    let directory = planned.directory.then(|| Message { directory: true, ..message(&[]) });
    let invitations = planned.invitations.then(|| Message { invitations: true, ..message(&[]) });
    let listing = planned.listing.then(|| Message { listing: true, ..message(&[]) });
    directory
        .into_iter()
        .chain(planned.tasks.chunks(size).map(message))
        .chain(invitations)
        .chain(listing)
        .collect()
}

/// What is to be done, whether all was looked at, and how many mailboxes stand as refused.
async fn tasks(
    app: &AppContext,
    name: &TenantName,
    context: &TenantContext,
    listing: Instant,
) -> Result<(Vec<MailboxTask>, TenantTurn, u64), JobError> {
    let (wanted, releases, turn) = match directory_sync::read_small(app, context, listing).await? {
        Listed::Read(wanted, releases) => (Some(wanted), releases, TenantTurn::Done),
        Listed::Not => (None, false, TenantTurn::Done),
        Listed::NoTime => (None, false, TenantTurn::Cut),
    };
    let found = stream::iter(0..mailboxes::SHARDS)
        .map(|shard| {
            let wanted = wanted.as_ref().and_then(|wanted| wanted.of_shard(shard));
            sync_mailboxes::compare(app, context, shard, wanted, releases)
        })
        .buffer_unordered(SHARDS_AT_ONCE)
        .try_fold(DueMailboxes::default(), |mut all, found| async {
            all.add(found);
            Ok(all)
        })
        .await?;
    if let Some(wanted) = wanted.as_ref().filter(|_| releases) {
        directory::was_read(app, context, wanted).await?;
    }
    if found.blind {
        blind_gaps::raise(app, context).await?;
    }
    graph_outage::watch(app, context, &found.last_read).await?;
    invitations::watch(app, context).await?;
    let refused = found.tally.refused();
    found.tally.tell(app, context).await?;
    // What ends comes first, because it makes room; then what lapses if nobody comes.
    let mut tasks = Vec::new();
    for (due, most, kind) in [
        (found.leaving, RELEASES, TaskKind::Release),
        (found.to_renew, RENEWALS, TaskKind::Tend),
        (found.unwatched, CREATIONS, TaskKind::Tend),
        (found.to_compare, COMPARISONS, TaskKind::Tend),
    ] {
        if due.len() > most {
            tracing::info!(tenant = %name, deed = ?kind, due = due.len(), most, "more is due than can be \
                done until the next round");
        }
        let task = |due: Due| MailboxTask { mailbox: due.user, kind, subscription: None };
        tasks.extend(most_urgent(due, most).into_iter().map(task));
    }
    Ok((tasks, turn, refused))
}

fn most_urgent(mut due: Vec<Due>, most: usize) -> Vec<Due> {
    due.sort_unstable();
    due.truncate(most);
    due
}
