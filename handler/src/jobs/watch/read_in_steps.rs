//! A calendar's comparison, in as many invocations as it takes.
//!
//! Guarantees: of a calendar whose pages come slowly what was read is kept, page by page, and the next
//! message goes on behind it, so that a comparison ends however slow Graph is, as long as it gives a page
//! within the time of an invocation; killed anywhere, no more is read again than was not kept yet. A link
//! that Graph does not take any more, one that says nothing, and a calendar without an end are begun anew.
//! What comes soon is never written down: nearly every calendar costs no more than its pages.

use crate::calendar::event::Event;
use crate::calendar::link::Link;
use crate::calendar::matching::{is_from_unknown, may_be_ours, may_be_session};
use crate::graph::port::{Since, ViewPage, Viewed};
use crate::graph::{Failure, GraphError};
use crate::ids::{EventId, TenantName, UserId, hash};
use crate::invocation_deadline;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::read_calendar;
use crate::jobs::watch::resync_schedule;
use crate::jobs::{JobError, alerting};
use crate::ledger::Ledger;
use crate::ledger::mailboxes::{self, Comparing, MailboxRow, ResyncScope};
use crate::ledger::tenant_rows::Collection;
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tokio::time::Instant;

/// What of a calendar's events matters to a comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The first start of a session that is yet to come.
    #[serde(default)]
    pub start: Option<DateTime<Utc>>,
    /// `Link::key_of` those that are there.
    #[serde(default)]
    pub keys: BTreeSet<String>,
    /// To be looked at, and so are series.
    #[serde(default)]
    pub events: Vec<EventId>,
    #[serde(default)]
    pub masters: BTreeSet<EventId>,
}

impl Seen {
    pub fn starts(&mut self, start: Option<DateTime<Utc>>, asked: DateTime<Utc>) {
        let sooner = start.filter(|start| *start > asked && self.start.is_none_or(|known| *start < known));
        self.start = sooner.or(self.start);
    }

    fn add(&mut self, other: Self) {
        self.start = [self.start, other.start].into_iter().flatten().min();
        self.keys.extend(other.keys);
        self.events.extend(other.events);
        self.masters.extend(other.masters);
    }
}

/// Whose calendar it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Learners,
    Organizers,
}

/// A calendar that was read to its end.
pub struct CompleteReading {
    pub asked: DateTime<Utc>,
    pub seen: Seen,
    /// Rows hold some of it.
    pub was_kept: bool,
}

/// What an invocation came to.
pub enum Step<T> {
    Complete(T),
    /// What was read is kept; the next one goes on.
    Further,
}

/// What comes within this time is read again rather than written down.
const SOON: std::time::Duration = std::time::Duration::from_secs(2);
/// A comparison that is older tells too little of today, and is begun anew. In a day there is time for
/// thousands of pages.
const OLDEST: Duration = Duration::days(1);
/// No calendar has more pages: whoever gives them leads in a circle.
const PAGES: u32 = 1_000;
/// A longer link is not kept.
const LONGEST: usize = 24_000;

/// A reading under way.
struct Walk {
    asked: DateTime<Utc>,
    next: Option<String>,
    rows: u32,
    pages: u32,
    /// Read since the last row was written.
    unsaved: Option<Seen>,
}

impl Walk {
    fn begin(now: DateTime<Utc>) -> Self {
        Self { asked: now, next: None, rows: 0, pages: 0, unsaved: None }
    }

    fn on(kept: Comparing) -> Self {
        Self { asked: kept.asked, next: Some(kept.next), rows: kept.rows, pages: kept.pages, unsaved: None }
    }
}

/// Reads a calendar, from where an earlier invocation stopped. `row`: the mailbox's own, leased by the
/// caller.
pub async fn read(
    app: &AppContext,
    context: &TenantContext,
    row: &MailboxRow,
    scope: ResyncScope,
    whose: Whose,
) -> Result<Step<CompleteReading>, JobError> {
    let now = app.ledger.clock.now();
    let kept = row.comparing.clone().filter(|kept| kept.scope == scope && kept.asked + OLDEST > now);
    let mut walk = kept.map_or_else(|| Walk::begin(now), Walk::on);
    let began = walk.rows;
    let (mut saved, mut is_anew) = (Instant::now(), false);
    loop {
        let since = match &walk.next {
            Some(link) => Since::Link(link.clone()),
            None => Since::Window {
                from: walk.asked - Duration::days(1),
                to: resync_schedule::until(scope, walk.asked, app.timing.horizon),
            },
        };
        let ViewPage { events, next } = match read_calendar::page(context, &row.user, &since).await {
            Ok(Viewed::Page(page)) => page,
            Ok(Viewed::Lost) if !is_anew => {
                tracing::info!(tenant = %context.tenant.name, mailbox = %row.user, "a comparison begins \
                    anew: its link is lost");
                (walk, is_anew) = (Walk::begin(now), true);
                continue;
            }
            Ok(Viewed::Lost) => return begin_anew(app, row, "linkLostAgain").await,
            Err(failure @ GraphError::Invalid(_)) if walk.next.is_some() => {
                drop_kept(app, row).await?;
                return Err(failure.into());
            }
            Err(failure) => {
                let is_further = (save(app, row, scope, &mut walk).await? || walk.rows > began)
                    && invocation_deadline::has_asked();
                return if is_further { Ok(Step::Further) } else { Err(failure.into()) };
            }
        };
        let seen = walk.unsaved.get_or_insert_default();
        for event in &events {
            match whose {
                Whose::Learners => notice_learners(context, event, walk.asked, seen),
                Whose::Organizers => notice_organizers(context, event, walk.asked, seen),
            }
        }
        if whose == Whose::Learners
            && events.iter().any(|event| is_from_unknown(event, &context.tenant.recognise))
        {
            alerting::unknown_organizer(app, context).await?;
        }
        walk.pages += 1;
        walk.next = next;
        if walk.next.is_none() {
            return complete(app, row, walk).await;
        }
        if walk.pages >= PAGES {
            return begin_anew(app, row, "endlessPages").await;
        }
        let is_over = invocation_deadline::has_asked();
        if !is_over && saved.elapsed() < SOON {
            continue;
        }
        let is_keepable = walk.next.as_ref().is_some_and(|link| link.len() <= LONGEST);
        if is_over && !is_keepable {
            return begin_anew(app, row, "nextLinkTooLong").await;
        }
        // Where the mailbox is somebody else's by now, theirs counts.
        if is_keepable && (!save(app, row, scope, &mut walk).await? || is_over) {
            return Ok(Step::Further);
        }
        saved = Instant::now();
    }
}

fn invalid(code: &str) -> GraphError {
    GraphError::Invalid(Failure { status: None, code: code.to_owned(), request_id: None })
}

/// Keeps what was read, and then how far that is: killed between the two, the page is read again and its row
/// written anew. False: nothing is kept, of this run or an earlier one.
async fn save(
    app: &AppContext,
    row: &MailboxRow,
    scope: ResyncScope,
    walk: &mut Walk,
) -> Result<bool, StoreError> {
    let Some(next) = walk.next.clone().filter(|link| link.len() <= LONGEST) else { return Ok(false) };
    let Some(seen) = walk.unsaved.clone() else { return Ok(false) };
    let at = key(walk.asked, walk.rows);
    kept(&row.tenant, &row.user).update(&app.ledger, &at, |_| Some(seen.clone())).await?;
    let kept = Comparing { scope, asked: walk.asked, next, rows: walk.rows + 1, pages: walk.pages };
    let is_mine = keep(app, row, Some(&kept)).await?;
    if is_mine {
        (walk.rows, walk.unsaved) = (kept.rows, None);
    }
    Ok(is_mine)
}

/// False: somebody else tends the mailbox by now.
async fn keep(app: &AppContext, row: &MailboxRow, kept: Option<&Comparing>) -> Result<bool, StoreError> {
    let mut is_mine = false;
    mailboxes::update(&app.ledger, &row.tenant, &row.user, |stored| {
        is_mine = stored.is_some_and(|stored| stored.leased_until == row.leased_until);
        let stored = stored.filter(|stored| is_mine && stored.comparing.as_ref() != kept)?;
        Some(MailboxRow { comparing: kept.cloned(), ..stored.clone() })
    })
    .await?;
    Ok(is_mine)
}

async fn drop_kept(app: &AppContext, row: &MailboxRow) -> Result<(), StoreError> {
    keep(app, row, None).await.map(|_| ())
}

async fn begin_anew<T>(app: &AppContext, row: &MailboxRow, why: &str) -> Result<T, JobError> {
    drop_kept(app, row).await?;
    Err(invalid(why).into())
}

/// The last page was read.
async fn complete(app: &AppContext, row: &MailboxRow, walk: Walk) -> Result<Step<CompleteReading>, JobError> {
    let mut all = walk.unsaved.unwrap_or_default();
    if walk.rows > 0 {
        let range = RowRange { from: Some(key(walk.asked, 0)), to: Some(key(walk.asked, walk.rows)) };
        let rows = kept(&row.tenant, &row.user).scan(&app.ledger, range).await?;
        if rows.len() != walk.rows as usize {
            // Somebody has taken rows away.
            drop_kept(app, row).await?;
            return Ok(Step::Further);
        }
        rows.into_iter().for_each(|read| all.add(read.value));
    }
    Ok(Step::Complete(CompleteReading { asked: walk.asked, seen: all, was_kept: walk.rows > 0 }))
}

/// Lets go of everything that was kept of comparisons of this mailbox.
pub async fn forget(ledger: &Ledger, tenant: &TenantName, user: &UserId) -> Result<(), StoreError> {
    kept(tenant, user).clear(ledger, 100).await
}

/// The rows that hold what was read of a mailbox's calendar.
pub fn kept(tenant: &TenantName, user: &UserId) -> Collection<Seen> {
    Collection::of(tenant, &format!("compared~{}", hash(user.as_str())))
}

/// Those of another beginning don't go together.
fn key(asked: DateTime<Utc>, row: u32) -> String {
    format!("{:015}~{row:05}", asked.timestamp_millis())
}

/// Keeps what an event of a learner's calendar is to a comparison.
fn notice_learners(context: &TenantContext, event: &Event, asked: DateTime<Utc>, seen: &mut Seen) {
    let rules = &context.tenant.recognise;
    if event.is_organizer || !(may_be_session(event, rules) || may_be_ours(event, rules)) {
        return;
    }
    seen.starts(event.start, asked);
    seen.keys.insert(Link::key_of(event.ical_uid.as_ref(), event.original_start, &event.id));
    match &event.series_master {
        // One look at a series judges all of its occurrences.
        Some(master) => drop(seen.masters.insert(master.clone())),
        None => seen.events.push(event.id.clone()),
    }
}

/// Keeps what an event of an organizer's calendar is to a comparison.
fn notice_organizers(context: &TenantContext, event: &Event, asked: DateTime<Utc>, seen: &mut Seen) {
    let is_ours = || may_be_session(event, &context.tenant.recognise) || event.series_master.is_some();
    if event.is_organizer && is_ours() {
        seen.starts(event.start, asked);
        seen.masters.insert(event.series_master.clone().unwrap_or_else(|| event.id.clone()));
    }
}
