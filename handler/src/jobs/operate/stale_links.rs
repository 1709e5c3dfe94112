//! Links and snapshots that nothing else lets go of: a link whose enrolment is gone once its event has been
//! over for the retention, and what was seen of organizers whom the configuration does not name any more.
//!
//! Guarantees: a link that an enrolment stands on is never touched (it goes with it); a row is deleted only
//! in the version that was looked at; a run goes through so many rows and no more, and the next one goes on
//! where it stopped.

use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::organizer_mailboxes;
use crate::ledger::enrolments;
use crate::ledger::link_sweep::{Kind, LinkSweep, SweptRow};
use crate::ledger::tenant_rows::Singleton;
use crate::messages::LinkRef;
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Pages of a thousand rows that one run goes through in a tenant.
const PAGES: usize = 100;

/// A link without any time is believed to be new for so long: its enrolment is written right after it.
const NEW: Duration = Duration::days(1);

/// Where the next run goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SweepCursor {
    from: Option<String>,
}

const CURSOR: Singleton<SweepCursor> = Singleton::new("links-swept");

/// Gives how many rows went.
pub async fn sweep(app: &AppContext, context: &TenantContext) -> Result<usize, StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    // Where the directory can't be asked whose mailboxes the organizers are, or may not because the tenant is
    // switched off, theirs are left for another day, but for what has been over for the retention.
    let organizers = match context.tenant.active {
        true => organizer_mailboxes::mailboxes(context).await.ok(),
        false => None,
    };
    let organizers: Option<BTreeSet<String>> =
        organizers.map(|ids| ids.iter().map(|id| LinkRef::partition(tenant, id)).collect());
    let from = CURSOR.read(ledger, tenant).await?.and_then(|last| last.from);
    let mut sweep = LinkSweep::of(tenant, from.clone());
    let mut gone = 0;
    for _ in 0..PAGES {
        let rows = sweep.next(ledger).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if is_left_over(app, context, organizers.as_ref(), &row).await? {
                gone += usize::from(row.remove(ledger).await?);
            }
        }
    }
    let next = SweepCursor { from: sweep.at().map(str::to_owned) };
    if next.from != from {
        CURSOR.update(ledger, tenant, |_| Some(next.clone())).await?;
    }
    Ok(gone)
}

async fn is_left_over(
    app: &AppContext,
    context: &TenantContext,
    organizers: Option<&BTreeSet<String>>,
    row: &SweptRow,
) -> Result<bool, StoreError> {
    let now = app.ledger.clock.now();
    let is_over =
        |end: Option<DateTime<Utc>>| end.is_some_and(|end| end + context.tenant.policy.retention <= now);
    let is_removed = || organizers.is_some_and(|known| !known.contains(row.partition()));
    let link = match &row.kind {
        Kind::Snapshot(snapshot) => return Ok(is_removed() || is_over(snapshot.end.or(snapshot.start))),
        // They are written and deleted together, but here.
        Kind::OfSnapshot(own) => return row.is_without(&app.ledger, own).await,
        // The marks of a series that is over go with its snapshots; those of an organizer who is not named
        // any more, here.
        Kind::Mark => return Ok(is_removed()),
        // A newer version wrote it, which lets go of it.
        Kind::Unreadable => return Ok(false),
        Kind::Link(link) => link,
    };
    let is_old = match (link.end.or(link.start), link.noted) {
        (Some(end), _) => is_over(Some(end)),
        (None, Some(noted)) => noted + NEW <= now,
        // Its times are gone, or it is from a version that did not note this.
        (None, None) => true,
    };
    Ok(is_old && enrolments::load(&app.ledger, &link.enrolment()).await?.is_none())
}
