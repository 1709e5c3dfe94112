//! Links and snapshots that nothing else lets go of: a link whose enrolment is gone once its event has been over for the retention, and
//! what was seen of organizers whom the configuration does not name any more.
//!
//! Guarantees: a link that an enrolment stands on is never touched (it goes with it); a row is deleted only in the version that was
//! looked at; a run goes through so many rows and no more, and the next one goes on where it stopped.

use crate::calendar::link::Link;
use crate::ids::UserId;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::organizer_mailboxes;
use crate::ledger::attendee_snapshots::{self, AttendeeSnapshot};
use crate::ledger::enrolments;
use crate::store::sweep::Sweep;
use crate::store::{Row, StoreError, Table, typed};
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Pages of a thousand rows that one run goes through in a tenant.
const PAGES: usize = 100;

/// A link without any time is believed to be new for so long: its enrolment is written right after it.
const NEW: Duration = Duration::days(1);

const ROW: &str = "links-swept";

/// Where the next run goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SweepCursor {
    from: Option<String>,
}

/// Gives how many rows went.
pub async fn sweep(app: &AppContext, context: &TenantContext) -> Result<usize, StoreError> {
    let (tables, tenant) = (app.ledger.tables.as_ref(), &context.tenant.name);
    // Where the directory can't be asked whose mailboxes the organizers are, theirs are left for another day.
    let organizers = organizer_mailboxes::mailboxes(context).await.ok();
    let organizers: Option<BTreeSet<String>> =
        organizers.map(|ids| ids.iter().map(|id: &UserId| Link::partition(tenant, id)).collect());
    let last = typed::get::<SweepCursor>(tables, Table::Connections, tenant.as_str(), ROW).await?;
    let from = last.and_then(|last| last.value.from);
    let mut sweep = Sweep::of_tenant(Table::Links, tenant).from(from.clone());
    let mut gone = 0;
    for _ in 0..PAGES {
        let rows = sweep.next(tables).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if is_left_over(app, context, organizers.as_ref(), &row).await? {
                match tables.delete(Table::Links, &row.partition, &row.row, Some(&row.etag)).await {
                    Ok(()) => gone += 1,
                    Err(lost) if lost.is_lost_race() => {}
                    Err(other) => return Err(other),
                }
            }
        }
    }
    let next = SweepCursor { from: sweep.at().map(str::to_owned) };
    if next.from != from {
        typed::update(tables, Table::Connections, tenant.as_str(), ROW, |_| Some(next.clone())).await?;
    }
    Ok(gone)
}

async fn is_left_over(
    app: &AppContext,
    context: &TenantContext,
    organizers: Option<&BTreeSet<String>>,
    row: &Row,
) -> Result<bool, StoreError> {
    let now = app.ledger.clock.now();
    let is_over = |end: Option<DateTime<Utc>>| end.is_some_and(|end| end + context.tenant.policy.retention <= now);
    if attendee_snapshots::is_row(&row.row) {
        // One that can't be read was written by a newer version, which lets go of it.
        let Ok(snapshot) = typed::read::<AttendeeSnapshot>(Table::Links, row.clone()) else { return Ok(false) };
        let is_removed = organizers.is_some_and(|known| !known.contains(&row.partition));
        return Ok(is_removed || is_over(snapshot.value.end.or(snapshot.value.start)));
    }
    if let Some(own) = attendee_snapshots::own_row_of(&row.row) {
        // They are written and deleted together, but here.
        return Ok(app.ledger.tables.get(Table::Links, &row.partition, &own).await?.is_none());
    }
    if attendee_snapshots::is_mark(&row.row) {
        // The marks of a series that is over go with its snapshots; those of an organizer who is not named any more, here.
        return Ok(organizers.is_some_and(|known| !known.contains(&row.partition)));
    }
    let Ok(link) = typed::read::<Link>(Table::Links, row.clone()) else { return Ok(false) };
    let link = link.value;
    let is_old = match (link.end.or(link.start), link.noted) {
        (Some(end), _) => is_over(Some(end)),
        (None, Some(noted)) => noted + NEW <= now,
        // Its times are gone, or it is from a version that did not note this.
        (None, None) => true,
    };
    Ok(is_old && enrolments::load(app.ledger.tables.as_ref(), &link.enrolment()).await?.is_none())
}
