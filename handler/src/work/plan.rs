//! `renew-subscriptions`: who should be watched, and whose subscription or calendar is due.
//!
//! Guarantees: a mailbox is released only when the directory was read in full and does not name it; killed at any point, the
//! next round does the rest; the tasks it sends may be repeated; one round sends no more than can be done until the next, the
//! most urgent first, so that neither the queue nor the host is flooded when everything is due at once.

use crate::graph::GraphError;
use crate::ids::TenantName;
use crate::message::{Deed, MailboxTask, Mailboxes as Message, VERSION};
use crate::work::alerts::{self, AlertKind};
use crate::work::desk::{Desk, Office};
use crate::work::directory::{self, Wanted};
use crate::work::mailbox;
use crate::work::watchlist::{self, Due, Found};
use crate::work::{WorkError, blind, outage};
use futures::{StreamExt, TryStreamExt, stream};

/// Tasks per queue message: as many as one `$batch` takes, and more of them where that makes too many messages; but no more
/// than come to their end within an invocation's time-out when all that run side by side create subscriptions at the slowest.
const TASKS_PER_MESSAGE: std::ops::RangeInclusive<usize> = 20..=100;
/// As many messages of a tenant as the host sends in a second or so, one after the other.
const MESSAGES: usize = 100;
/// What a tenant may have done within the five minutes until the next round: as much as [`super::pace`] lets through, which is
/// 2,400 creations and 12,600 writes in all.
const CREATIONS: usize = 2_400;
const RENEWALS: usize = 8_000;
const RELEASES: usize = 1_500;
/// Each reads a calendar: all of 100,000 within three hours, when nobody could for a day.
const COMPARISONS: usize = 3_000;
/// Shards read side by side: each holds a page of rows.
const SHARDS_AT_ONCE: usize = 4;
/// Tenants planned side by side, so that a slow directory holds up no other.
const TENANTS_AT_ONCE: usize = 8;

pub async fn plan(office: &Office, trace: Option<&str>) -> Result<Vec<Message>, WorkError> {
    let planned: Vec<Result<Vec<Message>, WorkError>> = stream::iter(office.desks.clone())
        .map(|(name, desk)| async move {
            let tasks = tasks(office, &name, &desk).await?;
            tracing::info!(tenant = %name, tasks = tasks.len(), "planned");
            Ok(messages(&name, &tasks, trace))
        })
        .buffered(TENANTS_AT_ONCE)
        .collect()
        .await;
    alerts::say_again(office).await?;
    let planned = planned.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(in_turn(planned))
}

fn messages(tenant: &TenantName, tasks: &[MailboxTask], trace: Option<&str>) -> Vec<Message> {
    let size = tasks.len().div_ceil(MESSAGES).clamp(*TASKS_PER_MESSAGE.start(), *TASKS_PER_MESSAGE.end());
    let message = |some: &[MailboxTask]| Message {
        v: VERSION,
        trace: trace.map(str::to_owned),
        tenant: tenant.clone(),
        tasks: some.to_vec(),
    };
    tasks.chunks(size).map(message).collect()
}

/// One of each tenant, then the next of each: a large tenant does not stand before a small one in the queue.
fn in_turn(of_tenants: Vec<Vec<Message>>) -> Vec<Message> {
    let mut queues: Vec<_> = of_tenants.into_iter().map(Vec::into_iter).collect();
    let mut messages = Vec::new();
    while !queues.is_empty() {
        queues.retain_mut(|queue| {
            let next = queue.next();
            let more = next.is_some();
            messages.extend(next);
            more
        });
    }
    messages
}

async fn tasks(office: &Office, name: &TenantName, desk: &Desk) -> Result<Vec<MailboxTask>, WorkError> {
    let wanted = match directory::is_due(office, desk).await? {
        true => read_directory(office, name, desk).await?,
        false => None,
    };
    let releases = match &wanted {
        Some(wanted) => releases(office, desk, wanted).await?,
        None => false,
    };
    let found = stream::iter(0..mailbox::SHARDS)
        .map(|shard| {
            let wanted = wanted.as_ref().and_then(|wanted| wanted.of_shard(shard));
            watchlist::compare(office, desk, shard, wanted, releases)
        })
        .buffer_unordered(SHARDS_AT_ONCE)
        .try_fold(Found::default(), |mut all, found| async {
            all.add(found);
            Ok(all)
        })
        .await?;
    if let Some(wanted) = wanted.as_ref().filter(|_| releases) {
        directory::was_read(office, desk, wanted).await?;
    }
    if found.blind {
        blind::raise(office, desk).await?;
    }
    outage::watch(office, desk, &found.last_read).await?;
    found.tally.tell(office, desk).await?;
    // What ends comes first, because it makes room; then what lapses if nobody comes.
    let mut tasks = Vec::new();
    for (due, most, deed) in [
        (found.leaving, RELEASES, Deed::Release),
        (found.to_renew, RENEWALS, Deed::Tend),
        (found.unwatched, CREATIONS, Deed::Tend),
        (found.to_compare, COMPARISONS, Deed::Tend),
    ] {
        if due.len() > most {
            tracing::info!(tenant = %name, ?deed, due = due.len(), most, "more is due than can be done until the next round");
        }
        let task = |due: Due| MailboxTask { mailbox: due.user, deed, subscription: None };
        tasks.extend(most_urgent(due, most).into_iter().map(task));
    }
    Ok(tasks)
}

fn most_urgent(mut due: Vec<Due>, most: usize) -> Vec<Due> {
    due.sort_unstable();
    due.truncate(most);
    due
}

/// `None` when the directory can't be read.
async fn read_directory(office: &Office, name: &TenantName, desk: &Desk) -> Result<Option<Wanted>, WorkError> {
    match directory::read(desk).await {
        Ok(wanted) => {
            alerts::graph_well(office, desk).await?;
            Ok(Some(wanted))
        }
        Err(trouble) => {
            tracing::warn!(tenant = %name, %trouble, "the directory can't be read; nobody is added or released");
            alerts::graph_trouble(office, desk, &trouble).await?;
            alerts::raise_with(office, name, AlertKind::Directory, step(&trouble)).await?;
            Ok(None)
        }
    }
}

/// Whether those whom the directory names no more are to be released.
async fn releases(office: &Office, desk: &Desk, wanted: &Wanted) -> Result<bool, WorkError> {
    let name = &desk.tenant.name;
    let is_believed = directory::is_believed(office, desk, wanted).await?;
    match is_believed {
        true => alerts::resolve_any(office, name, &[AlertKind::DirectoryShrunk]).await?,
        false => alerts::raise(office, name, AlertKind::DirectoryShrunk).await?,
    }
    Ok(is_believed)
}

/// What mends a directory that can't be read.
fn step(trouble: &GraphError) -> &'static str {
    match trouble {
        GraphError::Unavailable(_) | GraphError::Throttled { .. } => {
            "Graph or Entra can't be reached or is busy; it goes on by itself. Where it lasts, the log says what is in the way \
             (network, proxy, trust anchors)."
        }
        GraphError::Credential { .. } | GraphError::Unauthorized(_) => {
            "Without a token the directory can't be read: mend the credential, as its own alert says."
        }
        GraphError::NotFound(_)
        | GraphError::NoMailbox(_)
        | GraphError::Refused(_)
        | GraphError::Quota(_)
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Invalid(_) => AlertKind::Directory.step(),
    }
}
