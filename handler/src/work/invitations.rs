//! The organizers' calendars, followed by delta: who is invited to which of our sessions is in the ledger (as rosters, and as
//! links of those whose own copy nobody has seen), before anybody asks for it.
//!
//! Guarantees: what a page tells of is looked into, or stands on the agenda, before the row says that the page was read; killed
//! anywhere, the page is read again. A token that is lost, and each new day, begins with a new window, at whose end every event
//! that is known and did not turn up is looked for. An organizer's calendar is followed by one at a time, no more often than
//! `Timing::organizers_rest` allows, and nobody sleeps for it: whoever comes too early leaves it to the next round. A reading
//! that finds its time over goes on in the next round where it stopped.

use crate::graph::{Changes, DeltaItem, DeltaPage, GraphError, Mailbox, Next, Since};
use crate::ids::{EventId, TenantName, UserId, hash};
use crate::message::Hint;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use crate::work::desk::{Desk, Office};
use crate::work::{WorkError, alerts, observe, organized, roster};
use chrono::{DateTime, Duration, Utc};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tokio::time::Instant;

/// How an organizer's calendar is followed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Followed {
    organizer: UserId,
    /// Graph's link to where the next reading goes on. `None`: with a new window.
    #[serde(default)]
    next: Option<String>,
    /// When the window began that `next` is of.
    #[serde(default)]
    opened: Option<DateTime<Utc>>,
    /// Not all pages of the new window have been read.
    #[serde(default)]
    is_new: bool,
    /// When a reading began last.
    #[serde(default)]
    began: Option<DateTime<Utc>>,
    /// Somebody is at it until then.
    #[serde(default)]
    taken_until: Option<DateTime<Utc>>,
}

/// A window is fixed in its token: a new one is opened so often.
const DAILY: Duration = Duration::days(1);
/// Organizers followed side by side, and events of one looked into.
const AT_ONCE: usize = 4;
const SIDE_BY_SIDE: usize = 8;
/// A longer link is not kept: the next reading opens a new window.
const LONGEST: usize = 24_000;

/// Partition of the rows that say how far each organizer's calendar was followed.
pub fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~followed")
}

/// True where the ledger is to know invitations before the learners' mailboxes tell of them.
pub fn are_followed(desk: &Desk) -> bool {
    desk.tenant.watch.mode.reads_learners() && !desk.tenant.watch.organizers.is_empty()
}

/// Follows the calendars of a tenant's organizers as far as time allows.
pub async fn follow(office: &Office, desk: &Desk) -> Result<(), WorkError> {
    if !are_followed(desk) {
        return Ok(());
    }
    let ends = Instant::now() + office.timing.budgets.invitations;
    let organizers = match organized::mailboxes(desk).await {
        Ok(organizers) => organizers,
        Err(trouble) => return Ok(alerts::graph_trouble(office, desk, &trouble).await?),
    };
    // All of them come to their end before an error counts, so that one in trouble holds up no other.
    let went: Vec<Result<(), WorkError>> = stream::iter(organizers)
        .map(|organizer| async move { one(office, desk, &organizer, ends).await })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    went.into_iter().collect()
}

async fn one(office: &Office, desk: &Desk, organizer: &UserId, ends: Instant) -> Result<(), WorkError> {
    let Some(mut row) = take(office, desk, organizer).await? else { return Ok(()) };
    let lease = row.taken_until;
    let window = match row.opened.filter(|opened| *opened + DAILY > office.clock.now()) {
        Some(_) => None,
        // Also where the last window was not read to its end: what it has found is known, and the new one finds the rest.
        None => Some(office.clock.now()),
    };
    if let Some(opened) = window {
        (row.next, row.opened, row.is_new) = (None, Some(opened), true);
    }
    let mut seen = BTreeSet::new();
    while Instant::now() < ends {
        let opened = *row.opened.get_or_insert_with(|| office.clock.now());
        let since = match &row.next {
            Some(link) => Since::Link(link.clone()),
            None => Since::Window { from: opened - Duration::days(1), to: opened + office.timing.horizon },
        };
        let page = match desk.graph.calendar_changes(&Mailbox::Id(organizer.clone()), &since).await {
            Ok(Changes::Page(page)) => page,
            Ok(Changes::Lost) => {
                tracing::info!(tenant = %desk.tenant.name, %organizer, "the calendar is followed anew: its token is lost");
                (row.next, row.opened, row.is_new) = (None, None, true);
                seen.clear();
                continue;
            }
            // Named as readable, but it is not: the same as a sender without a calendar.
            Err(GraphError::NoMailbox(_) | GraphError::Refused(_)) => break,
            Err(trouble) => {
                alerts::graph_trouble(office, desk, &trouble).await?;
                break;
            }
        };
        look_into(office, desk, organizer, &page, &mut seen).await?;
        let (link, is_last) = match page.next {
            Next::Page(link) => (link, false),
            Next::Later(link) => (link, true),
        };
        if is_last && row.is_new {
            the_rest(office, desk, organizer, &seen).await?;
        }
        row.next = Some(link).filter(|link| link.len() <= LONGEST);
        row.opened = row.opened.filter(|_| row.next.is_some());
        row.is_new = row.is_new && !is_last;
        if !put(office, desk, &row, lease).await? {
            // It took so long that somebody else has taken over: theirs counts.
            return Ok(());
        }
        if is_last {
            break;
        }
    }
    row.taken_until = None;
    put(office, desk, &row, lease).await.map(|_| ())?;
    Ok(())
}

/// `None`: it was followed just now, or somebody is at it.
async fn take(office: &Office, desk: &Desk, organizer: &UserId) -> Result<Option<Followed>, StoreError> {
    let now = office.clock.now();
    let mut is_mine = false;
    let row = update(office, desk, organizer, |row| {
        let is_taken = row.is_some_and(|row| row.taken_until.is_some_and(|until| until > now));
        let rests = row.is_some_and(|row| row.began.is_some_and(|began| began + office.timing.organizers_rest > now));
        is_mine = !is_taken && !rests;
        let known = row.cloned().unwrap_or_else(|| Followed {
            organizer: organizer.clone(),
            next: None,
            opened: None,
            is_new: true,
            began: None,
            taken_until: None,
        });
        is_mine.then(|| Followed { began: Some(now), taken_until: Some(now + office.timing.following), ..known })
    })
    .await?;
    Ok(row.filter(|_| is_mine))
}

/// False: it is not ours any more.
async fn put(office: &Office, desk: &Desk, next: &Followed, lease: Option<DateTime<Utc>>) -> Result<bool, StoreError> {
    let mut is_mine = false;
    update(office, desk, &next.organizer, |row| {
        is_mine = row.is_some_and(|row| row.taken_until == lease);
        is_mine.then(|| next.clone())
    })
    .await?;
    Ok(is_mine)
}

async fn update<F>(office: &Office, desk: &Desk, organizer: &UserId, change: F) -> Result<Option<Followed>, StoreError>
where
    F: FnMut(Option<&Followed>) -> Option<Followed>,
{
    let (partition, row) = (partition(&desk.tenant.name), hash(organizer.as_str()));
    typed::update(office.tables.as_ref(), Table::Connections, &partition, &row, change).await
}

/// Looks into what a page tells of, each event once; an occurrence by its series. What can't be read now goes on the agenda.
async fn look_into(
    office: &Office,
    desk: &Desk,
    organizer: &UserId,
    page: &DeltaPage,
    seen: &mut BTreeSet<EventId>,
) -> Result<(), WorkError> {
    let mut events = BTreeSet::new();
    for item in &page.items {
        match item {
            // An invitation that the organizer has received.
            DeltaItem::There { is_organizer: Some(false), .. } => {}
            DeltaItem::There { event, master, is_organizer: Some(true) | None } => {
                events.insert(master.as_ref().unwrap_or(event).clone());
            }
            // Of what we don't know it says nothing: it may lie outside of the window.
            DeltaItem::Removed(event) => {
                if organized::knows(office, desk, organizer, event).await? {
                    events.insert(event.clone());
                }
            }
        }
    }
    // Of a series with many occurrences, each page names it again.
    events.retain(|event| seen.insert(event.clone()));
    look(office, desk, organizer, events).await
}

/// At the end of a new window: what is known and did not turn up was removed or moved while nobody looked.
async fn the_rest(office: &Office, desk: &Desk, organizer: &UserId, seen: &BTreeSet<EventId>) -> Result<(), WorkError> {
    let now = office.clock.now();
    let known = roster::all(office, &desk.tenant.name, organizer).await?;
    let lost = known.into_iter().filter(|roster| roster.end.is_none_or(|end| end > now)).filter_map(|roster| {
        let event = roster.master.unwrap_or(roster.event);
        (!seen.contains(&event)).then_some(event)
    });
    look(office, desk, organizer, lost.collect()).await
}

async fn look(office: &Office, desk: &Desk, organizer: &UserId, events: BTreeSet<EventId>) -> Result<(), WorkError> {
    let hints = events.into_iter().map(|event| Hint::Organized { organizer: organizer.clone(), event });
    let went: Vec<Result<(), WorkError>> = stream::iter(hints)
        .map(|hint| async move { observe::at_once(office, desk, &hint).await })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    went.into_iter().collect()
}

/// Lets go of what is known of calendars that are not followed any more.
pub async fn forget(office: &Office, desk: &Desk, organizers: &BTreeSet<UserId>) -> Result<(), StoreError> {
    let (tables, partition) = (office.tables.as_ref(), partition(&desk.tenant.name));
    let rows: Vec<Read<Followed>> =
        typed::scan(tables, Table::Connections, &partition, RowRange::all(), usize::MAX).await?;
    for read in rows {
        if !are_followed(desk) || !organizers.contains(&read.value.organizer) {
            tables.delete(Table::Connections, &read.partition, &read.row, None).await?;
        }
    }
    Ok(())
}
