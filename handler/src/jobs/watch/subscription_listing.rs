//! Our subscriptions, as Graph lists them, page by page: held against the ledger every day
//! ([`super::orphans`]).
//!
//! A hundred thousand take longer than any run has time. So a listing is made in parts: `housekeeping` begins
//! it, and where that is not all, an invocation of its own goes on where the last part stopped, as soon as
//! the next planning round sends it there.
//!
//! Guarantees: each part is held against the ledger before the ledger says that it was listed, so that a kill
//! between any two steps repeats a part and passes over none; what is not in a listing counts as missing only
//! when that listing has come to its end, and only what was there before it began; a listing that Graph does
//! not let go on begins anew, a few times a day at most. Pages are asked for at the service's limit (40 in 20
//! seconds), and no faster.

use crate::graph::GraphError;
use crate::graph::port::Subscription;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::orphans;
use crate::jobs::watch::orphans::CompleteListing;
use crate::jobs::watch::write_budget::{self, Permits, WriteKind};
use crate::jobs::{JobError, alerting};
use crate::ledger::tenant_rows::{Collection, Singleton};
use crate::store::{RowRange, StoreError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::time::Duration as Time;
use tokio::time::{Instant, sleep_until, timeout_at};

/// The part of a run's time in which pages are asked for; the rest is for what follows from them.
const ASKING: f64 = 0.7;
/// A listing that has not come to its end by then begins anew: what it has seen is too old to tell what is
/// missing.
const TOO_OLD: Duration = Duration::days(1);
/// So often does a listing begin anew; then the next day's tries again.
const ANEW: u32 = 3;
/// Whoever was asked to go on has done so by then; planning rounds are five minutes apart.
const ASKED: Duration = Duration::minutes(4);
/// Pages that are read where one subscription is in the way of another: what an invocation has time for.
const FEW: usize = 20;
/// Marks in a row: far from what the service takes of one.
const PER_ROW: usize = 8_000;
/// The most that one batch of the store takes: some megabytes are too many.
const ROWS: usize = 10;

/// How far a listing is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Listing {
    began: DateTime<Utc>,
    /// Where it goes on; `None`: at its beginning.
    from: Option<String>,
    /// How many the parts before have listed.
    listed: usize,
    /// How often it had to begin anew.
    anew: u32,
    /// When it has come to its end, or was given up.
    ended: Option<DateTime<Utc>>,
    /// When somebody was asked last to go on.
    asked: Option<DateTime<Utc>>,
}

const LISTING: Singleton<Listing> = Singleton::new("subscriptions-listed");

impl Listing {
    fn begin(now: DateTime<Utc>) -> Self {
        Self { began: now, from: None, listed: 0, anew: 0, ended: None, asked: None }
    }

    /// From the beginning; given up where that was done often enough.
    fn again(&self, now: DateTime<Utc>) -> Self {
        let ended = (self.anew >= ANEW).then_some(now);
        Self { anew: self.anew + 1, ended, asked: self.asked, ..Self::begin(now) }
    }

    /// Whoever goes on from the same place does the same.
    fn place(&self) -> (DateTime<Utc>, Option<&str>, Option<DateTime<Utc>>) {
        (self.began, self.from.as_deref(), self.ended)
    }
}

/// Some of what the parts of a listing have listed.
#[derive(Serialize, Deserialize)]
struct Marks {
    marks: String,
}

fn marks_of(context: &TenantContext) -> Collection<Marks> {
    Collection::of(&context.tenant.name, "listed")
}

/// The rows of one listing begin so.
fn rows_of(listing: &Listing) -> String {
    format!("{}~", listing.began.to_rfc3339_opts(SecondsFormat::Millis, true))
}

async fn load(app: &AppContext, context: &TenantContext) -> Result<Option<Listing>, StoreError> {
    LISTING.read(&app.ledger, &context.tenant.name).await
}

async fn change(
    app: &AppContext,
    context: &TenantContext,
    next: impl Fn(Option<&Listing>) -> Option<Listing>,
) -> Result<(), StoreError> {
    LISTING.update(&app.ledger, &context.tenant.name, next).await.map(|_| ())
}

/// Begins one, where the last one ended longer ago than `rest`, and does a part of it.
pub async fn daily(
    app: &AppContext,
    context: &TenantContext,
    rest: Option<Duration>,
    time: Time,
) -> Result<(), JobError> {
    let (now, last) = (app.ledger.clock.now(), load(app, context).await?);
    match last.as_ref().map(|last| last.ended) {
        // It goes on apart.
        Some(None) => return Ok(()),
        Some(Some(ended)) if rest.is_some_and(|rest| ended + rest > now) => return Ok(()),
        Some(Some(_)) | None => {}
    }
    if write_budget::take(app, &context.tenant.name, WriteKind::Listing, 1).await? != Permits::All {
        // Listed just now, because of a conflict; that was the same round.
        return Ok(());
    }
    part(app, context, last, Listing::begin(now), time).await
}

/// Has all of it listed soon: somebody has seen a part of it, and what was looked for is not there.
pub async fn want(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let now = app.ledger.clock.now();
    change(app, context, |last| last.is_none_or(|last| last.ended.is_some()).then(|| Listing::begin(now)))
        .await
}

/// True when a message is to be sent so that it goes on; that it is sent is written down.
pub async fn is_due_apart(app: &AppContext, context: &TenantContext) -> Result<bool, StoreError> {
    let now = app.ledger.clock.now();
    let is_due = |last: &Listing| last.ended.is_none() && last.asked.is_none_or(|asked| asked + ASKED <= now);
    if !load(app, context).await?.is_some_and(|last| is_due(&last)) {
        return Ok(false);
    }
    change(app, context, |last| {
        last.filter(|last| is_due(last)).map(|last| Listing { asked: Some(now), ..last.clone() })
    })
    .await?;
    Ok(true)
}

/// Does the next part.
pub async fn go_on(app: &AppContext, context: &TenantContext) -> Result<(), JobError> {
    let (now, time) = (app.ledger.clock.now(), app.timing.budgets.subscriptions);
    let Some(last) = load(app, context).await?.filter(|last| last.ended.is_none()) else {
        // The message came twice.
        return Ok(());
    };
    let next = if last.began + TOO_OLD <= now { last.again(now) } else { last.clone() };
    part(app, context, Some(last), next, time).await
}

/// `last`: what the ledger says of it.
async fn part(
    app: &AppContext,
    context: &TenantContext,
    last: Option<Listing>,
    listing: Listing,
    time: Time,
) -> Result<(), JobError> {
    let name = &context.tenant.name;
    let began = Instant::now();
    let rest = app.timing.pace.page();
    let pages = pages(context, listing.from.clone(), began + time.mul_f64(ASKING), rest, usize::MAX).await;
    let so_far = Listing { from: pages.from, listed: listing.listed + pages.listed.len(), ..listing.clone() };
    let (next, complete) = match &pages.end {
        End::All => {
            let marks = read_marks(app, context, &listing).await?;
            let mut complete = CompleteListing::of(listing.began, &pages.listed);
            complete.marks.extend(marks);
            (Listing { from: None, ended: Some(app.ledger.clock.now()), ..so_far }, Some(complete))
        }
        End::Cut => (so_far, None),
        End::Failed(failure) => {
            alerting::graph_failure(app, context, failure).await?;
            if pages.listed.is_empty() && listing.from.is_none() {
                tracing::warn!(tenant = %name, trouble = %failure, "our subscriptions can't be listed; tried \
                    again later");
                return Ok(());
            }
            tracing::warn!(tenant = %name, trouble = %failure, "our subscriptions can't be listed further \
                now; it goes on later");
            (so_far, None)
        }
        End::Lost(failure) => {
            let next = listing.again(app.ledger.clock.now());
            let again = next.ended.is_none();
            tracing::warn!(tenant = %name, trouble = %failure, again, "Graph does not let the list of our \
                subscriptions go on");
            (next, None)
        }
    };
    let swept = orphans::sweep(app, context, &pages.listed, complete.as_ref(), began + time).await?;
    tracing::info!(
        tenant = %name, listed = next.listed, deleted = swept.deleted, doubted = swept.doubted,
        is_whole = complete.is_some(), "our subscriptions were listed"
    );
    let goes_on = matches!(pages.end, End::Cut | End::Failed(_));
    if goes_on {
        write_marks(app, context, &listing, &pages.listed).await?;
    }
    let place = last.as_ref().map(Listing::place);
    // Somebody else has done the same part: theirs counts.
    change(app, context, |stored| {
        let asked = stored.and_then(|stored| stored.asked);
        (stored.map(Listing::place) == place).then(|| Listing { asked, ..next.clone() })
    })
    .await?;
    if !goes_on && last.is_some_and(|last| last.ended.is_none()) {
        forget_marks(app, context).await?;
    }
    Ok(())
}

/// What there was time for where one is in the way of another, which `want`s the rest of it.
pub struct Few {
    pub listed: Vec<Subscription>,
    pub complete: Option<CompleteListing>,
}

pub async fn few(app: &AppContext, context: &TenantContext, until: Instant) -> Result<Few, JobError> {
    let since = app.ledger.clock.now();
    let pages = pages(context, None, until, Time::ZERO, FEW).await;
    match pages.end {
        End::All => {
            Ok(Few { complete: Some(CompleteListing::of(since, &pages.listed)), listed: pages.listed })
        }
        End::Failed(failure) | End::Lost(failure) if pages.listed.is_empty() => Err(failure.into()),
        End::Failed(_) | End::Lost(_) | End::Cut => {
            want(app, context).await?;
            Ok(Few { listed: pages.listed, complete: None })
        }
    }
}

/// What was listed of this app's subscriptions, and where that was not all, why.
pub struct ListedInTime {
    pub listed: Vec<Subscription>,
    pub complete: bool,
    pub trouble: Option<String>,
}

/// As many pages as there is time for. Remembers nothing.
pub async fn of_app(context: &TenantContext, until: Instant) -> ListedInTime {
    let pages = pages(context, None, until, Time::ZERO, FEW).await;
    let (complete, trouble) = match pages.end {
        End::All => (true, None),
        End::Cut => (false, None),
        End::Failed(failure) | End::Lost(failure) => (false, Some(failure.to_string())),
    };
    ListedInTime { listed: pages.listed, complete, trouble }
}

/// Some pages.
struct Pages {
    listed: Vec<Subscription>,
    /// Where it goes on.
    from: Option<String>,
    end: End,
}

enum End {
    All,
    /// There was no time for more.
    Cut,
    /// Graph does not answer; another time it will.
    Failed(GraphError),
    /// It can't go on from there: a next link that was answered so will never be answered better, since
    /// nobody says how long one lives.
    Lost(GraphError),
}

async fn pages(
    context: &TenantContext,
    mut from: Option<String>,
    until: Instant,
    rest: Time,
    most: usize,
) -> Pages {
    let (mut listed, mut links) = (Vec::new(), HashSet::new());
    let mut asked = 0;
    let end = loop {
        if asked >= most {
            break End::Cut;
        }
        asked += 1;
        let next_page = Instant::now() + rest;
        let page = match timeout_at(until, context.graph.subscriptions(from.as_deref())).await {
            Err(_) => break End::Cut,
            Ok(Err(failure)) if from.is_some() && failure.is_lasting() => break End::Lost(failure),
            Ok(Err(failure)) => break End::Failed(failure),
            Ok(Ok(page)) => page,
        };
        listed.extend(page.listed);
        let Some(next) = page.next else { break End::All };
        if from.as_ref() == Some(&next) || !links.insert(next.clone()) {
            break End::Lost(GraphError::looped());
        }
        from = Some(next);
        if next_page >= until {
            break End::Cut;
        }
        sleep_until(next_page).await;
    };
    Pages { listed, from, end }
}

async fn write_marks(
    app: &AppContext,
    context: &TenantContext,
    listing: &Listing,
    listed: &[Subscription],
) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    let mut at = listing.listed;
    for some in listed.chunks(PER_ROW) {
        // Two who do the same part may come differently far: neither's marks are in the place of the other's.
        let row = format!("{}{at:09}~{}", rows_of(listing), some.len());
        let marks: Vec<u8> = some.iter().flat_map(|one| orphans::mark(&one.id).to_be_bytes()).collect();
        rows.push((row, Marks { marks: STANDARD.encode(marks) }));
        at += some.len();
    }
    for some in rows.chunks(ROWS) {
        marks_of(context).put(&app.ledger, some).await?;
    }
    Ok(())
}

/// Of the parts before.
async fn read_marks(
    app: &AppContext,
    context: &TenantContext,
    listing: &Listing,
) -> Result<Vec<u64>, StoreError> {
    if listing.listed == 0 {
        return Ok(Vec::new());
    }
    let rows = marks_of(context).scan(&app.ledger, RowRange::prefix(&rows_of(listing))).await?;
    let mut marks = Vec::with_capacity(listing.listed);
    for row in rows {
        let bytes =
            STANDARD.decode(&row.value.marks).map_err(|why| marks_of(context).corrupt(&row.row, &why))?;
        marks.extend(
            bytes.chunks(8).map(|mark| mark.iter().fold(0, |mark, byte| mark << 8 | u64::from(*byte))),
        );
    }
    Ok(marks)
}

/// Those of earlier listings, too, which a kill may have left.
async fn forget_marks(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    marks_of(context).clear(&app.ledger, ROWS).await
}
