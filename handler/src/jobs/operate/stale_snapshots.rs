//! Lets go of what was seen of events that have been over for the retention.

use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::invitations;
use crate::jobs::observe::organizer_mailboxes::mailboxes;
use crate::ledger::attendee_snapshots;
use crate::store::StoreError;
use std::collections::BTreeSet;

/// Lets go of what was seen of events that have been over for the retention. Where the directory can't be asked whose mailboxes
/// they are in, the next round does it.
pub async fn forget(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let (tables, tenant) = (app.ledger.tables.as_ref(), &context.tenant.name);
    let before = app.ledger.clock.now() - context.tenant.policy.retention;
    let Ok(organizers) = mailboxes(context).await else { return Ok(()) };
    invitations::forget(app, context, &organizers).await?;
    for organizer in organizers {
        let (mut over, mut series) = (Vec::new(), BTreeSet::new());
        for roster in attendee_snapshots::all(&app.ledger, tenant, &organizer).await? {
            match roster.end.is_some_and(|end| end <= before) {
                true => over.push(roster),
                false => series.extend(roster.master),
            }
        }
        for roster in over {
            attendee_snapshots::forget(tables, tenant, &organizer, &roster.event).await?;
            if let Some(master) = roster.master.filter(|master| !series.contains(master)) {
                attendee_snapshots::forget_series(tables, tenant, &organizer, &master).await?;
            }
        }
    }
    Ok(())
}
