//! Occurrences of a series: how many are followed, and those that name no session.

use crate::calendar::event::Event;
use crate::calendar::matching::is_to_be_looked_up;
use crate::ids::{SessionId, UserId};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::lookup_cache::Recognised;
use crate::jobs::observe::session_lookup::recognised;
use crate::ledger::drops;
use crate::store::StoreError;

/// Occurrences of one series that are followed at a time, the next ones first: a row of the ledger has its
/// limits. Later ones are taken up by resyncs, as the first ones pass.
pub(crate) const OCCURRENCES: usize = 50;

/// Those occurrences that stand for a session, the next ones first, with how many were looked at. `named`:
/// what the series itself names, which holds for an occurrence that names nothing else. Looked up are no more
/// than are followed.
pub(crate) async fn with_sessions(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    mut instances: Vec<Event>,
    named: Option<&SessionId>,
) -> Result<(Vec<(Event, SessionId)>, usize), JobError> {
    instances.sort_by_key(|instance| instance.start);
    if instances.iter().any(|instance| is_to_be_looked_up(instance, &context.tenant.recognise)) {
        instances.truncate(OCCURRENCES);
    }
    let all = instances.len();
    let mut ours = Vec::new();
    for instance in instances {
        let session = match recognised(app, context, mailbox, &instance).await? {
            Recognised::Session(session) => Some(session),
            Recognised::No => named.cloned(),
            Recognised::Ambiguous => None,
        };
        ours.extend(session.map(|session| (instance, session)));
    }
    Ok((ours, all))
}

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
