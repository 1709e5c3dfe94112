//! The organizers' calendars, followed by delta: who is invited to which of our sessions is in the ledger (as
//! snapshots, and as links of those whose own copy nobody has seen), before anybody asks for it.
//!
//! Guarantees: what a page tells of is looked into, or stands on the agenda, before the row says that the
//! page was read; killed anywhere, the page is read again. A token that is lost, and each new day, begins
//! with a new window, at whose end every event that is known and did not turn up is looked for. An
//! organizer's calendar is followed by one at a time, no more often than `Timing::organizers_rest` allows,
//! and nobody sleeps for it: whoever comes too early leaves it to the next round. A reading that finds its
//! time over goes on in the next round where it stopped, and what a page tells of and there is no time for
//! goes on the agenda; so it comes to its end however slow Graph is, as long as it gives a page at a time. A
//! link that Graph does not take is not asked for again. Where no end was reached for [`UNFOLLOWED`], an
//! alert says of whom and since when.

use crate::config::Watch;
use crate::graph::GraphError;
use crate::graph::port::{Changes, DeltaItem, DeltaPage, Mailbox, Next, Since};
use crate::ids::{EventId, UserId, hash};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::{hints, organizer_event, organizer_mailboxes, postponed_hints};
use crate::jobs::{JobError, alerting};
use crate::ledger::alerts::AlertKind;
use crate::ledger::tenant_rows::Collection;
use crate::ledger::{alerts, attendee_snapshots};
use crate::messages::Hint;
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tokio::time::{Instant, timeout_at};

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
    /// Since when no reading came to the end of the calendar. `None`: the last one did.
    #[serde(default)]
    behind: Option<DateTime<Utc>>,
}

/// A window is fixed in its token: a new one is opened so often.
pub(crate) const DAILY: Duration = Duration::days(1);
/// A window that was not read to its end by then is given up: it is none that has one.
const ENDLESS: Duration = Duration::days(7);
/// Whose calendar was not followed to its end for so long is told of.
pub const UNFOLLOWED: Duration = Duration::hours(2);
/// So many organizers are named in the alert.
const NAMED: usize = 5;
/// Organizers followed side by side, and events of one looked into.
const AT_ONCE: usize = 4;
const SIDE_BY_SIDE: usize = 8;
/// A longer link is not kept: the next reading opens a new window.
const LONGEST: usize = 24_000;

/// How far each organizer's calendar was followed.
fn followed(context: &TenantContext) -> Collection<Followed> {
    Collection::of(&context.tenant.name, "followed")
}

/// True where the ledger is to know invitations before the learners' mailboxes tell of them.
pub fn are_followed(context: &TenantContext) -> bool {
    are_followed_by(&context.tenant.watch)
}

/// The same, of a configuration.
pub(crate) fn are_followed_by(watch: &Watch) -> bool {
    watch.mode.reads_learners() && !watch.organizers.is_empty()
}

/// Follows the calendars of a tenant's organizers as far as time allows.
pub async fn follow(app: &AppContext, context: &TenantContext) -> Result<(), JobError> {
    if !are_followed(context) {
        return Ok(());
    }
    let ends = Instant::now() + app.timing.budgets.invitations;
    let organizers = match organizer_mailboxes::mailboxes(context).await {
        Ok(organizers) => organizers,
        Err(failure) => return Ok(alerting::graph_failure(app, context, &failure).await?),
    };
    // All of them come to their end before an error counts, so that one that fails holds up no other.
    let went: Vec<Result<(), JobError>> = stream::iter(organizers)
        .map(|organizer| async move { one(app, context, &organizer, ends).await })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    went.into_iter().collect()
}

async fn one(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    ends: Instant,
) -> Result<(), JobError> {
    let Some(mut row) = take(app, context, organizer).await? else { return Ok(()) };
    let lease = row.taken_until;
    // One that takes longer than a day is read to its end all the same: begun anew each day it would never
    // come there.
    let most = if row.is_new && row.next.is_some() { ENDLESS } else { DAILY };
    let window = match row.opened.filter(|opened| *opened + most > app.ledger.clock.now()) {
        Some(_) => None,
        None => Some(app.ledger.clock.now()),
    };
    if let Some(opened) = window {
        (row.next, row.opened, row.is_new) = (None, Some(opened), true);
    }
    let (mut seen, mut is_anew) = (BTreeSet::new(), false);
    while Instant::now() < ends {
        let opened = *row.opened.get_or_insert_with(|| app.ledger.clock.now());
        let since = match &row.next {
            Some(link) => Since::Link(link.clone()),
            None => Since::Window { from: opened - Duration::days(1), to: opened + app.timing.horizon },
        };
        let page = match context.graph.calendar_changes(&Mailbox::Id(organizer.clone()), &since).await {
            Ok(Changes::Page(page)) => page,
            Ok(Changes::Lost) => {
                tracing::info!(tenant = %context.tenant.name, %organizer, "the calendar is followed anew: \
                    its token is lost");
                (row.next, row.opened, row.is_new) = (None, None, true);
                seen.clear();
                if is_anew {
                    // The new one was lost at once: the next round tries again.
                    break;
                }
                is_anew = true;
                continue;
            }
            // Named as readable, but it is not: the same as a sender without a calendar.
            Err(failure) if failure.is_not_ours() => break,
            Err(failure) => {
                alerting::graph_failure(app, context, &failure).await?;
                if matches!(failure, GraphError::Invalid(_)) && row.next.is_some() {
                    // The next round does not ask for the same again.
                    (row.next, row.opened, row.is_new) = (None, None, true);
                }
                break;
            }
        };
        look_into(app, context, organizer, &page, &mut seen, ends).await?;
        let (link, is_last) = match page.next {
            Next::Page(link) => (link, false),
            Next::Later(link) => (link, true),
        };
        if is_last && row.is_new {
            the_rest(app, context, organizer, &seen, ends).await?;
        }
        row.next = Some(link).filter(|link| link.len() <= LONGEST);
        row.opened = row.opened.filter(|_| row.next.is_some());
        row.is_new = row.is_new && !is_last;
        row.behind = row.behind.filter(|_| !is_last);
        if !put(app, context, &row, lease).await? {
            // It took so long that somebody else has taken over: theirs counts.
            return Ok(());
        }
        if is_last {
            break;
        }
    }
    row.taken_until = None;
    put(app, context, &row, lease).await.map(|_| ())?;
    Ok(())
}

/// `None`: it was followed just now, or somebody is at it.
async fn take(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
) -> Result<Option<Followed>, StoreError> {
    let now = app.ledger.clock.now();
    let mut is_mine = false;
    let row = update(app, context, organizer, |row| {
        let is_taken = row.is_some_and(|row| row.taken_until.is_some_and(|until| until > now));
        let rests =
            row.is_some_and(|row| row.began.is_some_and(|began| began + app.timing.organizers_rest > now));
        is_mine = !is_taken && !rests;
        let known = row.cloned().unwrap_or_else(|| Followed {
            organizer: organizer.clone(),
            next: None,
            opened: None,
            is_new: true,
            began: None,
            taken_until: None,
            behind: None,
        });
        let behind = known.behind.or(Some(now));
        is_mine.then(|| Followed {
            began: Some(now),
            taken_until: Some(now + app.timing.following),
            behind,
            ..known
        })
    })
    .await?;
    Ok(row.filter(|_| is_mine))
}

/// False: it is not ours any more.
async fn put(
    app: &AppContext,
    context: &TenantContext,
    next: &Followed,
    lease: Option<DateTime<Utc>>,
) -> Result<bool, StoreError> {
    let mut is_mine = false;
    update(app, context, &next.organizer, |row| {
        is_mine = row.is_some_and(|row| row.taken_until == lease);
        is_mine.then(|| next.clone())
    })
    .await?;
    Ok(is_mine)
}

async fn update<F>(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    change: F,
) -> Result<Option<Followed>, StoreError>
where
    F: FnMut(Option<&Followed>) -> Option<Followed>,
{
    followed(context).update(&app.ledger, &hash(organizer.as_str()), change).await
}

/// Looks into what a page tells of, each event once; an occurrence by its series. What can't be read now goes
/// on the agenda.
async fn look_into(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    page: &DeltaPage,
    seen: &mut BTreeSet<EventId>,
    ends: Instant,
) -> Result<(), JobError> {
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
                if organizer_event::knows(app, context, organizer, event).await? {
                    events.insert(event.clone());
                }
            }
        }
    }
    // Of a series with many occurrences, each page names it again.
    events.retain(|event| seen.insert(event.clone()));
    look(app, context, organizer, events, ends).await
}

/// At the end of a new window: what is known and did not turn up was removed or moved while nobody looked.
async fn the_rest(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    seen: &BTreeSet<EventId>,
    ends: Instant,
) -> Result<(), JobError> {
    let now = app.ledger.clock.now();
    let known = attendee_snapshots::all(&app.ledger, &context.tenant.name, organizer).await?;
    let lost = known.into_iter().filter(|snapshot| snapshot.end.is_none_or(|end| end > now)).filter_map(
        |snapshot| {
            let event = snapshot.master.unwrap_or(snapshot.event);
            (!seen.contains(&event)).then_some(event)
        },
    );
    look(app, context, organizer, lost.collect(), ends).await
}

/// What there is no time for goes on the agenda, so that a page is done with, however long its events take.
async fn look(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    events: BTreeSet<EventId>,
    ends: Instant,
) -> Result<(), JobError> {
    let hints = events.into_iter().map(|event| Hint::Organized { organizer: organizer.clone(), event });
    let went: Vec<Result<(), JobError>> = stream::iter(hints)
        .map(|hint| async move {
            match timeout_at(ends, hints::at_once(app, context, &hint)).await {
                Ok(done) => done,
                Err(_) => Ok(postponed_hints::postpone(app, context, &hint, 0).await?),
            }
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .collect()
        .await;
    went.into_iter().collect()
}

/// Tells of organizers whose calendar was not followed to its end for long, and takes that back when it was.
/// Costs a point read for each, and one. Where the directory can't be asked who they are, that is told of,
/// and the next round does this.
pub async fn watch(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let (tenant, now) = (&context.tenant.name, app.ledger.clock.now());
    let mut behind = Vec::new();
    if are_followed(context) {
        let Ok(organizers) = organizer_mailboxes::mailboxes(context).await else { return Ok(()) };
        for organizer in organizers {
            let row = followed(context).read(&app.ledger, &hash(organizer.as_str())).await?;
            let since = row.and_then(|row| row.behind);
            behind.extend(since.filter(|since| *since + UNFOLLOWED <= now).map(|since| (since, organizer)));
        }
    }
    if behind.is_empty() {
        return alerts::resolve(&app.ledger, tenant, AlertKind::OrganizerUnfollowed).await;
    }
    behind.sort();
    let named = behind.iter().take(NAMED).map(|(since, organizer)| {
        format!("{} since {}", organizer.as_str(), since.to_rfc3339_opts(SecondsFormat::Millis, true))
    });
    let mut who = named.collect::<Vec<_>>().join(", ");
    if let Some(more) = behind.len().checked_sub(NAMED).filter(|more| *more > 0) {
        who.push_str(&format!(", and {more} more"));
    }
    let step = format!("{} By object id: {who}.", AlertKind::OrganizerUnfollowed.step());
    alerts::raise_telling(&app.ledger, tenant, AlertKind::OrganizerUnfollowed, behind.len() as u64, &step)
        .await
}

/// Lets go of what is known of calendars that are not followed any more.
pub async fn forget(
    app: &AppContext,
    context: &TenantContext,
    organizers: &BTreeSet<UserId>,
) -> Result<(), StoreError> {
    let all = followed(context);
    for read in all.scan(&app.ledger, RowRange::all()).await? {
        if !are_followed(context) || !organizers.contains(&read.value.organizer) {
            all.remove(&app.ledger, &read.row).await?;
        }
    }
    Ok(())
}
