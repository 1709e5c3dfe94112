//! Occurrences of a series: how many are followed, and those that name no session.

use crate::calendar::event::Event;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::drops;
use crate::store::StoreError;

/// Occurrences of one series that are followed at a time, the next ones first: a row of the ledger has its
/// limits. Later ones are taken up by resyncs, as the first ones pass.
pub(crate) const OCCURRENCES: usize = 50;

/// A series of a configured organizer of which all or some occurrences name no session is counted: no decline
/// of them can be told.
pub(crate) async fn count_untold(
    app: &AppContext,
    context: &TenantContext,
    master: &Event,
    all: usize,
    ours: usize,
) -> Result<(), StoreError> {
    let organizers = &context.tenant.recognise.organizer;
    if ours == all || !master.organizer.as_ref().is_some_and(|one| organizers.contains(one)) {
        return Ok(());
    }
    let cause = if ours == 0 { "series_without_session" } else { "occurrence_without_session" };
    drops::count_dropped(&app.ledger, &context.tenant.name, &[(cause, 1)]).await
}
