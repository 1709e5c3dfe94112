//! Graph away as a whole: noticed by whether any calendar can be read, and closed like any other gap.
//!
//! Guarantees: an outage that lasted is a gap of every mailbox that was watched through it, counted where it
//! may have hidden something, and each calendar is compared once it is over; killed at any point, the next
//! planning round does the rest. A mailbox that moves or is locked is no outage, nor is a Graph that answers
//! and refuses: while it delivers nothing is missed.

use crate::graph::GraphError;
use crate::graph::port::Mailbox;
use crate::ids::UserId;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::blind_gaps;
use crate::jobs::watch::sync_mailboxes::TRIED;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes;
use crate::ledger::mailboxes::MailboxRow;
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use futures::future::join_all;
use serde::{Deserialize, Serialize};

/// Nobody is tried where a comparison was done since the last planning round.
const RECENT: Duration = Duration::minutes(6);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct OngoingOutage {
    /// The first planning round that found nobody there.
    since: DateTime<Utc>,
    /// The first that found somebody again: stands until every mailbox is marked.
    over: Option<DateTime<Utc>>,
}

const OUTAGE: Singleton<OngoingOutage> = Singleton::new("graph-outage");

/// Tries the mailboxes that were readable last, and does what follows from it.
pub async fn watch(
    app: &AppContext,
    context: &TenantContext,
    last_read: &[(DateTime<Utc>, UserId)],
) -> Result<(), StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let known = OUTAGE.read(ledger, tenant).await?;
    if let Some(over) = known.as_ref().and_then(|outage| outage.over) {
        // Whoever found that was killed over it.
        return close(app, context, over).await;
    }
    let now = app.ledger.clock.now();
    match (is_away(context, last_read, now).await, known) {
        (true, None) => {
            let outage = OngoingOutage { since: now, over: None };
            OUTAGE.insert(ledger, tenant, &outage).await.map(|_| ())
        }
        (true, Some(outage)) if has_lasted(app, &outage, now) => {
            alerts::raise(&app.ledger, tenant, AlertKind::GraphAway).await
        }
        (false, Some(outage)) if has_lasted(app, &outage, now) => {
            let end = |stored: Option<&OngoingOutage>| {
                stored.map(|stored| OngoingOutage { over: stored.over.or(Some(now)), ..stored.clone() })
            };
            OUTAGE.update(ledger, tenant, end).await?;
            tracing::info!(tenant = %tenant, since = %outage.since, "Graph is back; all calendars are to be \
                compared");
            close(app, context, now).await
        }
        (false, Some(_)) => OUTAGE.remove(ledger, tenant).await,
        (true, Some(_)) | (false, None) => Ok(()),
    }
}

/// What is shorter Graph makes up for by itself, since it repeats for hours what was not taken
/// (reference/graph-notifications.md#delivery).
fn has_lasted(app: &AppContext, outage: &OngoingOutage, now: DateTime<Utc>) -> bool {
    now - outage.since >= app.timing.outage
}

async fn is_away(context: &TenantContext, last_read: &[(DateTime<Utc>, UserId)], now: DateTime<Utc>) -> bool {
    if last_read.iter().any(|(at, _)| *at + RECENT >= now) {
        return false;
    }
    let reads = last_read.iter().take(TRIED).map(|(_, user)| async move {
        // A minute in which nobody has an appointment: nothing is to be learned but that somebody answers.
        let (from, mailbox) = (DateTime::UNIX_EPOCH, Mailbox::Id(user.clone()));
        context.graph.calendar_view(&mailbox, from, from + Duration::minutes(1), &context.select).await
    });
    let read = join_all(reads).await;
    !read.is_empty() && read.iter().all(|answer| matches!(answer, Err(GraphError::Unavailable(_))))
}

/// Marks every mailbox as of the end of the outage, so that whoever does it again after a kill marks none
/// twice.
async fn close(app: &AppContext, context: &TenantContext, over: DateTime<Utc>) -> Result<(), StoreError> {
    let tenant = &context.tenant.name;
    let mark = |row: &MailboxRow| {
        // The first comparison of the others comes with their first subscription.
        let was_watched = row.last_success.is_some();
        let is_marked = row.resync_wanted.is_some_and(|wanted| wanted >= over);
        (was_watched && !is_marked).then(|| blind_gaps::missed(row, context, over))
    };
    mailboxes::change_all(&app.ledger, tenant, mark).await?;
    alerts::resolve(&app.ledger, tenant, AlertKind::GraphAway).await?;
    OUTAGE.remove(&app.ledger, tenant).await
}
