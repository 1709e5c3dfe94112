//! Who is to be watched, as the configuration and the directory say, and how often the directory is asked.
//!
//! Up to [`SMALL`] people are read in every planning round: that is three pages. A larger listing is read
//! once an hour, in full: 100,000 people are a hundred pages, and reading them twelve times an hour would
//! cost more calls than all renewals do, and no renewal waits for it. `users/delta` would be cheaper still,
//! but a group's transitive members have none, its token would have to be kept and be mended when it is lost,
//! and only a full listing says by itself who is gone. What a reading shows is carried out by whoever read it
//! ([`super::directory_sync`]); when the configuration names others than were read last, it is read again.
//!
//! Who is named no more is released by the round that reads it; but a listing that has lost most people at
//! once, as a mistake in a group's rule makes it, must stand for a day before anybody is released for it.
//!
//! Guests have no mailbox here, disabled accounts get no invitations: both are left out. Who lacks an
//! Exchange mailbox is not told by the listing: `assignedPlans` would make each page ten times as large, and
//! shared mailboxes have no plan. Graph's answer to the subscription tells; such a mailbox is marked and
//! tried once a day.

use crate::enrolment::policy::Mailboxes;
use crate::graph::GraphError;
use crate::graph::port::User;
use crate::ids::{UserId, hash};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::organizer_mailboxes;
use crate::ledger::mailboxes;
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use tokio::sync::mpsc;

/// People who are read in every round.
pub const SMALL: u64 = 2_000;
/// How long a larger listing counts, less what a round may come early.
pub(crate) const REST: Duration = Duration::minutes(58);
/// A listing that names less than half of those whom the last one named, and so many fewer, is not believed
/// at once.
const MANY: u64 = 20;
/// How long it must stand.
const DOUBT: Duration = Duration::days(1);
/// Whoever was asked to read it has done so by then, or never will.
const ASKED: Duration = Duration::minutes(10);
/// Single people asked for side by side, so that they share batches.
const SIDE_BY_SIDE: usize = 40;

/// The last reading that was carried out in full.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct DirectoryReading {
    at: DateTime<Utc>,
    people: u64,
    /// Hash of what the configuration named.
    of: String,
    /// How many were to be watched.
    #[serde(default)]
    wanted: u64,
    /// Since when the directory has named far fewer.
    #[serde(default)]
    doubted: Option<DateTime<Utc>>,
    /// When somebody was asked last to read it apart.
    #[serde(default)]
    asked: Option<DateTime<Utc>>,
}

const READING: Singleton<DirectoryReading> = Singleton::new("directory-read");

impl DirectoryReading {
    fn never() -> Self {
        Self { at: DateTime::UNIX_EPOCH, people: 0, of: String::new(), wanted: 0, doubted: None, asked: None }
    }
}

/// Whose mailboxes are to be watched, by the shard that their rows are in.
pub struct WatchTargets {
    shards: Vec<HashSet<UserId>>,
    /// How many people were shown, whether wanted or not: what a reading costs.
    people: u64,
}

impl WatchTargets {
    fn nobody() -> Self {
        Self { shards: vec![HashSet::new(); mailboxes::SHARDS], people: 0 }
    }

    fn add(&mut self, user: UserId) {
        if let Some(shard) = self.shards.get_mut(mailboxes::shard(&user)) {
            shard.insert(user);
        }
    }

    fn count(&self) -> u64 {
        self.shards.iter().map(|shard| shard.len() as u64).sum()
    }

    /// Those whose rows are in this shard.
    pub fn of_shard(&self, shard: usize) -> Option<&HashSet<UserId>> {
        self.shards.get(shard)
    }
}

/// How the directory is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectorySize {
    /// By a planning round.
    Small,
    /// Apart: nobody waits for it.
    Large,
}

/// Whether the directory is to be read now, and how; one that was never read is taken for small.
pub async fn due(app: &AppContext, context: &TenantContext) -> Result<Option<DirectorySize>, StoreError> {
    let Some(last) = READING.read(&app.ledger, &context.tenant.name).await? else {
        return Ok(Some(DirectorySize::Small));
    };
    if last.people <= SMALL {
        return Ok(Some(DirectorySize::Small));
    }
    let is_due = last.of != configured(context) || last.at + REST <= app.ledger.clock.now();
    Ok(is_due.then_some(DirectorySize::Large))
}

/// It takes too long for a round that others wait for.
pub async fn is_large(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let enlarge = |last: Option<&DirectoryReading>| {
        let last = last.cloned().unwrap_or_else(DirectoryReading::never);
        Some(DirectoryReading { people: last.people.max(SMALL + 1), of: String::new(), ..last })
    };
    READING.update(&app.ledger, &context.tenant.name, enlarge).await.map(|_| ())
}

/// True when nobody was asked lately to read it, and notes that somebody is now.
pub async fn ask(app: &AppContext, context: &TenantContext) -> Result<bool, StoreError> {
    let now = app.ledger.clock.now();
    let mut asks = false;
    let ask = |last: Option<&DirectoryReading>| {
        let last = last?;
        asks = last.asked.is_none_or(|asked| asked + ASKED <= now);
        asks.then(|| DirectoryReading { asked: Some(now), ..last.clone() })
    };
    READING.update(&app.ledger, &context.tenant.name, ask).await?;
    Ok(asks)
}

/// True when those who are named no more are to be released.
pub async fn is_believed(
    app: &AppContext,
    context: &TenantContext,
    wanted: &WatchTargets,
) -> Result<bool, StoreError> {
    let (tenant, now) = (&context.tenant.name, app.ledger.clock.now());
    let Some(last) = READING.read(&app.ledger, tenant).await? else { return Ok(true) };
    let count = wanted.count();
    let has_shrunk = count * 2 < last.wanted && last.wanted - count >= MANY;
    // What the configuration names anew is meant so.
    if !has_shrunk || last.of != configured(context) {
        return Ok(true);
    }
    if let Some(since) = last.doubted {
        return Ok(since + DOUBT <= now);
    }
    let doubt = |last: Option<&DirectoryReading>| {
        let last = last?;
        Some(DirectoryReading { doubted: last.doubted.or(Some(now)), ..last.clone() })
    };
    READING.update(&app.ledger, tenant, doubt).await?;
    Ok(false)
}

/// Writes down that what was read has been carried out.
pub async fn was_read(
    app: &AppContext,
    context: &TenantContext,
    wanted: &WatchTargets,
) -> Result<(), StoreError> {
    let next = DirectoryReading {
        at: app.ledger.clock.now(),
        people: wanted.people,
        of: configured(context),
        wanted: wanted.count(),
        doubted: None,
        asked: None,
    };
    // A small directory is read by every round, whenever the last one was: that is not written down.
    let is_small = wanted.people <= SMALL;
    let carried_out = |last: Option<&DirectoryReading>| {
        let is_known = last.is_some_and(|last| {
            is_small
                && last.people <= SMALL
                && DirectoryReading { at: next.at, people: next.people, ..last.clone() } == next
        });
        (!is_known).then(|| next.clone())
    };
    READING.update(&app.ledger, &context.tenant.name, carried_out).await.map(|_| ())
}

fn configured(context: &TenantContext) -> String {
    let watch = &context.tenant.watch;
    hash(&format!("{:?} {:?} {:?}", watch.mode, watch.mailboxes, watch.organizers))
}

/// Whose mailboxes are to be watched: the learners', the organizers', or both.
pub async fn read(context: &TenantContext) -> Result<WatchTargets, GraphError> {
    let mode = context.tenant.watch.mode;
    let mut wanted = WatchTargets::nobody();
    if mode.reads_learners() {
        wanted.people = each(context, &context.tenant.watch.mailboxes, |user| wanted.add(user)).await?;
    }
    if mode.watches_organizers() {
        organizer_mailboxes::mailboxes(context).await?.into_iter().for_each(|user| wanted.add(user));
    }
    Ok(wanted)
}

/// Everybody whom the configuration names so.
pub async fn named(context: &TenantContext, mailboxes: &Mailboxes) -> Result<BTreeSet<UserId>, GraphError> {
    let mut named = BTreeSet::new();
    each(context, mailboxes, |user| {
        named.insert(user);
    })
    .await?;
    Ok(named)
}

fn is_able(user: &User) -> bool {
    !user.is_guest && user.account_enabled
}

/// Hands over everybody who is named so and able to have invitations, and remembers what they are known by.
/// Gives how many people were shown.
async fn each(
    context: &TenantContext,
    mailboxes: &Mailboxes,
    mut take: impl FnMut(UserId) + Send,
) -> Result<u64, GraphError> {
    let graph = context.graph.as_ref();
    let (shown, mut arriving) = mpsc::unbounded_channel();
    let listing = async move {
        // A receiver that is gone harms nobody: both ends live in this function.
        let mut see = |user| drop(shown.send(user));
        match mailboxes {
            Mailboxes::None => Ok(()),
            Mailboxes::Group(group) => graph.group_members(group, &mut see).await,
            Mailboxes::All => graph.users(&mut see).await,
            Mailboxes::Users(names) => {
                let found: Vec<Option<User>> = stream::iter(names.clone())
                    .map(|name| async move { graph.user(&name).await })
                    .buffer_unordered(SIDE_BY_SIDE)
                    .try_collect()
                    .await?;
                let strangers = found.iter().filter(|user| !user.as_ref().is_some_and(is_able)).count();
                if strangers > 0 {
                    tracing::warn!(tenant = %context.tenant.name, strangers, "users whom the configuration \
                        names are unknown, guests or disabled");
                }
                // Two names may be one person's.
                let mut once = BTreeSet::new();
                found.into_iter().flatten().filter(|user| once.insert(user.id.clone())).for_each(see);
                Ok(())
            }
        }
    };
    let mut people = 0;
    let taking = async {
        while let Some(user) = arriving.recv().await {
            people += 1;
            context.users.remember(&user).await;
            if is_able(&user) {
                take(user.id);
            }
        }
    };
    let (listed, ()) = futures::join!(listing, taking);
    listed.map(|()| people)
}
