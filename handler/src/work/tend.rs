//! `tend-mailboxes`: creates, renews, replaces and removes subscriptions, and has calendars compared where something may have
//! been missed.
//!
//! Guarantees: what a lifecycle event says is written down before anything is done about it; two workers don't tend one mailbox
//! at once; a mailbox in trouble holds up no other.

use crate::graph::{GraphError, NewSubscription, Subscription};
use crate::ids::{SubscriptionId, TenantName, UserId};
use crate::message::{Deed, Hint, MailboxTask, Mailboxes};
use crate::store::{StoreError, Table, typed};
use crate::work::desk::{Desk, Office};
use crate::work::mailbox::{self, MailboxRow, Standing};
use crate::work::plan::resync_due;
use crate::work::{WorkError, alerts, resync};
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

/// How long a subscription is asked to live, unless the service allows less (facts sheet, section 1).
const LIFE: Duration = Duration::minutes(4_200);
/// Somebody who tends a mailbox is given so long before another may try.
const TENDING: Duration = Duration::minutes(5);
/// Mailboxes tended side by side, so that their calls share batches.
const SIDE_BY_SIDE: usize = 20;

/// Does every task of a message; gives the hints of the resyncs among them, each mailbox's in order. An error means that the
/// whole message must come again: all of it may be repeated.
pub async fn tend(office: &Office, message: &Mailboxes) -> Result<Vec<Hint>, WorkError> {
    let desk = office.desk(&message.tenant)?;
    // All of them come to their end before an error counts, so that one in trouble holds up no other.
    let hints: Vec<Result<Vec<Hint>, WorkError>> = stream::iter(message.tasks.clone())
        .map(|task| async move { one(office, desk, &task).await })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    let hints: Vec<Vec<Hint>> = hints.into_iter().collect::<Result<_, _>>()?;
    Ok(hints.into_iter().flatten().collect())
}

async fn one(office: &Office, desk: &Desk, task: &MailboxTask) -> Result<Vec<Hint>, WorkError> {
    let tables = office.tables.as_ref();
    let name = &desk.tenant.name;
    let user = &task.mailbox;
    let now = office.clock.now();

    // First what is known is written down, so that it outlives this invocation.
    match task.deed {
        Deed::Tend => {}
        Deed::Release => return release(office, desk, user).await.map(|()| Vec::new()),
        Deed::Reauthorize => {
            mailbox::update(tables, name, user, |row| {
                let row = row?;
                let other = task.subscription.is_some() && row.subscription != task.subscription;
                // Heeded later where it comes too soon: deliveries may pause until somebody reauthorizes.
                let due = row.renewed_at.map_or(now, |at| now.max(at + office.timing.coalesce));
                // What happened in such a pause is not told afterwards (facts sheet 4): the calendar is compared once it is over.
                (!other && due < row.due).then(|| MailboxRow { due, resync_wanted: Some(due), ..row.clone() })
            })
            .await?;
        }
        Deed::Removed => {
            mailbox::update(tables, name, user, |row| {
                let row = row?;
                let spoken_of = task.subscription.is_none() || row.subscription == task.subscription;
                (row.subscription.is_some() && spoken_of).then(|| lapsed(row, desk, now))
            })
            .await?;
        }
        Deed::Resync => {
            mailbox::update(tables, name, user, |row| {
                let row = row?;
                // Said again before the calendar was compared, it is the same gap.
                let gaps = row.gaps + if row.resync_wanted.is_none() { blind_gap(desk) } else { 0 };
                Some(MailboxRow { resync_wanted: Some(now), gaps, ..row.clone() })
            })
            .await?;
        }
    }

    // Then one worker at a time acts on it.
    let mut mine = false;
    let row = mailbox::update(tables, name, user, |row| {
        mine = false;
        let row = row?;
        let busy = row.tended_until.is_some_and(|until| until > now);
        mine = !busy && (row.due <= now || resync_due(row, desk, now));
        mine.then(|| MailboxRow { tended_until: Some(now + TENDING), ..row.clone() })
    })
    .await?;
    let (true, Some(row)) = (mine, row) else { return Ok(Vec::new()) };

    let lease = row.tended_until;
    if row.gaps > 0 {
        raise_blind(office, desk).await?;
    }
    let row = if row.due <= now {
        match subscribe(office, desk, row).await? {
            Some(row) => row,
            // It took so long that somebody else has taken over, or the mailbox is released: theirs counts.
            None => return Ok(Vec::new()),
        }
    } else {
        row
    };
    let mut hints = Vec::new();
    if resync_due(&row, desk, now) {
        match resync::resync(office, desk, user).await {
            Ok(found) => hints = found,
            Err(resync::Stop::Graph(trouble)) => {
                tracing::warn!(tenant = %name, mailbox = %user, %trouble, "the calendar can't be compared now");
                alerts::graph_trouble(office, desk, &trouble).await?;
            }
            Err(resync::Stop::Store(error)) => return Err(error.into()),
        }
    }
    mailbox::update(tables, name, user, |row| {
        let row = row?;
        (row.tended_until == lease).then(|| MailboxRow { tended_until: None, ..row.clone() })
    })
    .await?;
    Ok(hints)
}

/// The subscription is gone, and with it what happened since: to be made anew, and the calendar to be compared.
fn lapsed(row: &MailboxRow, desk: &Desk, now: DateTime<Utc>) -> MailboxRow {
    MailboxRow {
        subscription: None,
        expires: None,
        due: now,
        resync_wanted: Some(now),
        gaps: row.gaps + blind_gap(desk),
        ..row.clone()
    }
}

/// Brings the subscription to what it should be and writes down what came of it. `None`: the lease was lost meanwhile.
async fn subscribe(office: &Office, desk: &Desk, row: MailboxRow) -> Result<Option<MailboxRow>, WorkError> {
    let now = office.clock.now();
    let outcome = renew_or_create(office, desk, &row).await?;
    if let Err(trouble) = &outcome {
        alerts::graph_trouble(office, desk, trouble).await?;
        if matches!(trouble, GraphError::Validation(_)) {
            let step = "Graph can't reach our notification URL: check public_url, DNS, the certificate and what stands in front.";
            alerts::raise(office, &desk.tenant.name, "notification-url", step).await?;
        }
        if matches!(trouble, GraphError::Quota(_)) {
            let step =
                "Mailboxes have reached their quota of subscriptions; find out which other apps subscribe to them.";
            alerts::raise(office, &desk.tenant.name, "subscription-quota", step).await?;
        }
    } else {
        alerts::resolve(office, &desk.tenant.name, "notification-url").await?;
    }
    let dice = rand::random::<f64>();
    let recheck = office.timing.recheck_mailbox;
    let key = desk.subscriber.first_key();
    let url = desk.subscriber.notification_url();
    let mut mine = false;
    let stored = mailbox::update(office.tables.as_ref(), &row.tenant, &row.user, |stored| {
        mine = false;
        let mut next = stored?.clone();
        mine = next.tended_until == row.tended_until;
        if !mine {
            return None;
        }
        match &outcome {
            // It was renewed, and then Graph told another worker that it is gone: that is the newer news.
            Ok(Done { subscription, new: false }) if next.subscription.as_ref() != Some(&subscription.id) => {}
            Ok(Done { subscription, new }) => {
                let life = subscription.expires - now;
                // At half of its life, spread over a tenth of it, so that renewals never bunch.
                next.due =
                    now + life / 2 - Duration::milliseconds((life.num_milliseconds() as f64 * 0.1 * dice) as i64);
                next.standing = Standing::Watched;
                next.subscription = Some(subscription.id.clone());
                next.expires = Some(subscription.expires);
                next.failures = 0;
                next.last_success = Some(now);
                next.last_error = None;
                next.renewed_at = Some(now);
                if *new {
                    next.key = Some(key.clone());
                    next.url = Some(url.clone());
                    // Invitations that were there before us, and whatever happened while nobody could tell us.
                    next.resync_wanted = Some(office.clock.now());
                }
            }
            Err(trouble) => {
                let (standing, wait) = after_trouble(trouble, next.failures, recheck);
                next.standing = if next.is_subscribed(now) { next.standing } else { standing };
                next.failures = next.failures.saturating_add(1);
                next.last_error = Some(trouble.to_string());
                next.due = now + wait;
            }
        }
        Some(next)
    })
    .await?;
    if mine {
        return Ok(stored);
    }
    if let Ok(Done { subscription, new: true }) = &outcome
        && stored.and_then(|stored| stored.subscription).as_ref() != Some(&subscription.id)
        && let Err(trouble) = desk.graph.delete_subscription(&subscription.id).await
    {
        tracing::warn!(tenant = %row.tenant, subscription = %subscription.id, %trouble, "a subscription too many could not be deleted");
    }
    Ok(None)
}

fn after_trouble(trouble: &GraphError, failures: u32, recheck: Duration) -> (Standing, Duration) {
    match trouble {
        GraphError::NoMailbox(_) => (Standing::NoMailbox, recheck),
        GraphError::Refused(_) => (Standing::Refused, recheck),
        GraphError::Quota(_) => (Standing::Failing, recheck),
        GraphError::Throttled { after: Some(after), .. } => {
            let after = Duration::from_std(*after).unwrap_or(Duration::minutes(1));
            (Standing::Failing, after.max(crate::cancellation::retry::unreadable(failures)))
        }
        GraphError::NotFound(_)
        | GraphError::Unauthorized(_)
        | GraphError::Credential { .. }
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Throttled { after: None, .. }
        | GraphError::Unavailable(_)
        | GraphError::Invalid(_) => (Standing::Failing, crate::cancellation::retry::unreadable(failures)),
    }
}

struct Done {
    subscription: Subscription,
    new: bool,
}

async fn renew_or_create(
    office: &Office,
    desk: &Desk,
    row: &MailboxRow,
) -> Result<Result<Done, GraphError>, WorkError> {
    let now = office.clock.now();
    let current = row.key.as_deref() == Some(desk.subscriber.first_key().as_str())
        && row.url.as_deref() == Some(desk.subscriber.notification_url().as_str());
    match &row.subscription {
        Some(id) if row.is_subscribed(now) && current => {
            let expires = now + life(office, &row.tenant).await?;
            match desk.graph.renew_subscription(id, expires).await {
                Ok(subscription) => return Ok(Ok(Done { subscription, new: false })),
                Err(GraphError::TooLong { minutes }) => {
                    let expires = now + learn_life(office, &row.tenant, minutes).await?;
                    match desk.graph.renew_subscription(id, expires).await {
                        Ok(subscription) => return Ok(Ok(Done { subscription, new: false })),
                        Err(GraphError::NotFound(_)) => note_lapse(office, desk, row, id).await?,
                        Err(other) => return Ok(Err(other)),
                    }
                }
                // Gone without a word: what happened since is to be found by a resync.
                Err(GraphError::NotFound(_)) => note_lapse(office, desk, row, id).await?,
                Err(other) => return Ok(Err(other)),
            }
        }
        // Lapsed.
        Some(id) if !row.is_subscribed(now) => note_lapse(office, desk, row, id).await?,
        Some(_) | None => {}
    }
    let created = create(office, desk, &row.user).await?;
    if let (Ok(_), Some(old)) = (&created, &row.subscription)
        && row.is_subscribed(now)
        && !current
    {
        // The new one is in force; the old one, signed with another key or for another address, goes. If that fails it lapses.
        if let Err(trouble) = desk.graph.delete_subscription(old).await {
            tracing::warn!(tenant = %row.tenant, subscription = %old, %trouble, "a replaced subscription could not be deleted");
        }
    }
    Ok(created.map(|subscription| Done { subscription, new: true }))
}

async fn create(office: &Office, desk: &Desk, user: &UserId) -> Result<Result<Subscription, GraphError>, WorkError> {
    let name = &desk.tenant.name;
    let mut wanted = NewSubscription {
        mailbox: user.clone(),
        notification_url: desk.subscriber.notification_url(),
        client_state: desk.subscriber.client_state(name, user),
        expires: office.clock.now() + life(office, name).await?,
    };
    let mut conflict = false;
    let mut too_long = false;
    loop {
        match desk.graph.create_subscription(&wanted).await {
            Err(GraphError::TooLong { minutes }) if !too_long => {
                too_long = true;
                wanted.expires = office.clock.now() + learn_life(office, name, minutes).await?;
            }
            Err(GraphError::Conflict(_)) if !conflict => {
                conflict = true;
                // One of ours that the ledger does not know: its clientState can't be read back, so it is replaced. If none
                // is listed it may have gone this moment, so it is tried once more all the same.
                let listed = match desk.graph.subscriptions().await {
                    Ok(listed) => listed,
                    Err(other) => return Ok(Err(other)),
                };
                for stray in listed.iter().filter(|subscription| is_ours(subscription, &wanted)) {
                    if let Err(other) = desk.graph.delete_subscription(&stray.id).await {
                        return Ok(Err(other));
                    }
                }
            }
            other => return Ok(other),
        }
    }
}

fn is_ours(subscription: &Subscription, wanted: &NewSubscription) -> bool {
    let resource = subscription.resource.to_lowercase();
    resource.contains(&wanted.mailbox.as_str().to_lowercase())
        && subscription.notification_url.as_deref() == Some(wanted.notification_url.as_str())
}

async fn release(office: &Office, desk: &Desk, user: &UserId) -> Result<(), WorkError> {
    let tables = office.tables.as_ref();
    let name = &desk.tenant.name;
    let Some(row) = mailbox::load(tables, name, user).await? else { return Ok(()) };
    if row.tended_until.is_some_and(|until| until > office.clock.now()) {
        // Somebody is about to write down a subscription of it; the next planning round releases it.
        return Ok(());
    }
    if let Some(id) = &row.subscription
        && let Err(trouble) = desk.graph.delete_subscription(id).await
    {
        // The row stays, so that the next planning round tries again.
        tracing::warn!(tenant = %name, mailbox = %user, %trouble, "a subscription could not be deleted");
        alerts::graph_trouble(office, desk, &trouble).await?;
        return Ok(());
    }
    if row.gaps > 0 {
        // Its gaps outlive it.
        typed::update(tables, Table::Connections, name.as_str(), BLIND_ROW, |blind: Option<&Blind>| {
            let count = blind.map_or(0, |blind| blind.count) + row.gaps;
            Some(Blind { count, last: Some(office.clock.now()) })
        })
        .await?;
    }
    mailbox::remove(tables, name, user).await?;
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct LifeRow {
    minutes: u32,
}

const LIFE_ROW: &str = "subscription-life";

/// How long a subscription may live here: our wish, or what the service allowed last.
async fn life(office: &Office, tenant: &TenantName) -> Result<Duration, StoreError> {
    let learned = typed::get(office.tables.as_ref(), Table::Connections, tenant.as_str(), LIFE_ROW).await?;
    Ok(learned.map_or(LIFE, |read: typed::Read<LifeRow>| LIFE.min(Duration::minutes(i64::from(read.value.minutes)))))
}

async fn learn_life(office: &Office, tenant: &TenantName, most: u32) -> Result<Duration, StoreError> {
    // Ten minutes less than it says, for clocks that differ.
    let minutes = most.saturating_sub(10).max(1);
    typed::update(office.tables.as_ref(), Table::Connections, tenant.as_str(), LIFE_ROW, |_: Option<&LifeRow>| {
        Some(LifeRow { minutes })
    })
    .await?;
    Ok(Duration::minutes(i64::from(minutes)))
}

/// Gaps of mailboxes that were released since.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Blind {
    pub count: u64,
    pub last: Option<DateTime<Utc>>,
}

pub const BLIND_ROW: &str = "blind";

/// A gap counts where an invitation may have come and been declined with nobody to tell us. Where organizers' calendars are
/// readable the resync finds it all the same.
fn blind_gap(desk: &Desk) -> u64 {
    u64::from(desk.tenant.watch.organizers.is_empty())
}

/// Writes down that this subscription is gone, before anything is done about it.
async fn note_lapse(office: &Office, desk: &Desk, row: &MailboxRow, id: &SubscriptionId) -> Result<(), StoreError> {
    let now = office.clock.now();
    mailbox::update(office.tables.as_ref(), &row.tenant, &row.user, |stored| {
        let stored = stored?;
        (stored.subscription.as_ref() == Some(id)).then(|| lapsed(stored, desk, now))
    })
    .await?;
    raise_blind(office, desk).await
}

/// Nothing that can't be known is hidden.
pub async fn raise_blind(office: &Office, desk: &Desk) -> Result<(), StoreError> {
    if blind_gap(desk) == 0 {
        return Ok(());
    }
    let step = "Mailboxes were not watched for a while and no organizer's calendar is readable; name organizers in watch.organizers.";
    alerts::raise(office, &desk.tenant.name, "blind", step).await
}
