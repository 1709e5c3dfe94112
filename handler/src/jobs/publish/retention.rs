//! Lets go of what was read and written of sessions that have been over, or gone, for the retention.
//!
//! Guarantee: a session's row goes last, so that whoever is killed on the way finds the rest again.

use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::source_sessions::SourceSession;
use crate::ledger::{source_places, source_sessions, written_events};
use crate::store::StoreError;

pub async fn forget(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let before = ledger.clock.now() - context.tenant.policy.retention;
    let over = |row: &SourceSession| match row.session.end() {
        Some(end) => end <= before,
        // Without a date it stays as long as the LMS shows it.
        None => row.gone.is_some_and(|gone| gone <= before),
    };
    for row in source_sessions::all(ledger, tenant).await?.into_iter().filter(|row| over(&row.value)) {
        let session = &row.value.session.id;
        source_places::forget_session(ledger, tenant, session).await?;
        written_events::forget_session(ledger, tenant, session).await?;
        source_sessions::forget(ledger, tenant, session).await?;
    }
    Ok(())
}
