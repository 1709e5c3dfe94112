//! Lets go of what was seen of events that have been over for the retention.

use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::invitations;
use crate::jobs::observe::organizer_mailboxes::mailboxes;
use crate::ledger::attendee_snapshots;
use crate::store::StoreError;
use std::collections::BTreeSet;

/// Lets go of what was seen of events that have been over for the retention. Where the directory can't be
/// asked whose mailboxes they are in, the next round does it.
pub async fn forget(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let before = app.ledger.clock.now() - context.tenant.policy.retention;
    let Ok(organizers) = mailboxes(context).await else { return Ok(()) };
    invitations::forget(app, context, &organizers).await?;
    for organizer in organizers {
        let (mut over, mut series) = (Vec::new(), BTreeSet::new());
        for snapshot in attendee_snapshots::all(&app.ledger, tenant, &organizer).await? {
            match snapshot.end.is_some_and(|end| end <= before) {
                true => over.push(snapshot),
                false => series.extend(snapshot.master),
            }
        }
        for snapshot in over {
            attendee_snapshots::forget(ledger, tenant, &organizer, &snapshot.event).await?;
            if let Some(master) = snapshot.master.filter(|master| !series.contains(master)) {
                attendee_snapshots::forget_series(ledger, tenant, &organizer, &master).await?;
            }
        }
    }
    Ok(())
}
