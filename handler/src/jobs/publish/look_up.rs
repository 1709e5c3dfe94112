//! What became of an event, by its own key: asked before anything is done that may have been done before; and
//! what stands of a session as a whole.
//!
//! Guarantee: a look-up that fails is an error, and never "there is none".

use crate::calendar::event::Event;
use crate::graph::GraphError;
use crate::graph::port::{Graph, Mailbox, Mark, PUBLISHED, REVISION};
use crate::ids::SessionId;
use crate::publishing::event_key::{EventKey, Invitation, ReadProperty};
use std::collections::BTreeMap;

/// An event of ours in the organizer's calendar.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) event: Event,
    pub(super) invitation: Invitation,
    pub(super) session: SessionId,
    /// What it was told last.
    pub(super) revision: Option<String>,
    pub(super) etag: Option<String>,
}

/// The newest invitation of this key that is there.
pub(super) async fn newest(
    graph: &dyn Graph,
    organizer: &Mailbox,
    key: &EventKey,
    namespace: &str,
) -> Result<Option<Found>, GraphError> {
    let search = key.search(namespace);
    Ok(standing(graph, organizer, &search).await?.remove(&search))
}

/// The newest invitation of each of the session's events that is there, by [`EventKey::search`].
pub(super) async fn of_session(
    graph: &dyn Graph,
    organizer: &Mailbox,
    session: &SessionId,
    namespace: &str,
) -> Result<BTreeMap<String, Found>, GraphError> {
    let mut found = standing(graph, organizer, &EventKey::of_session(namespace, session)).await?;
    // Another session's, with the same short hash.
    found.retain(|_, one| one.session == *session);
    Ok(found)
}

async fn standing(
    graph: &dyn Graph,
    organizer: &Mailbox,
    beginning: &str,
) -> Result<BTreeMap<String, Found>, GraphError> {
    let mark = Mark { property: PUBLISHED, value: beginning, is_prefix: true, also: Some(REVISION) };
    let mut newest: BTreeMap<String, Found> = BTreeMap::new();
    for found in graph.marked_events(organizer, &mark).await? {
        // What is called off, and not taken out of the calendar yet, does not stand.
        let own = found.event.extended.get(PUBLISHED).and_then(|value| ReadProperty::of(value));
        let Some(own) = own.filter(|_| !found.event.is_cancelled) else { continue };
        let one = Found {
            invitation: own.invitation,
            session: own.session,
            revision: found.event.extended.get(REVISION).cloned(),
            etag: found.etag,
            event: found.event,
        };
        if own.search.starts_with(beginning)
            && newest.get(&own.search).is_none_or(|known| known.invitation <= one.invitation)
        {
            newest.insert(own.search, one);
        }
    }
    Ok(newest)
}
