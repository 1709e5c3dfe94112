//! What became of an event, by its own key: asked before anything is done that may have been done before.
//!
//! Guarantee: a look-up that fails is an error, and never "there is none".

use crate::calendar::event::Event;
use crate::graph::GraphError;
use crate::graph::port::{Graph, Mailbox, Mark, PUBLISHED, REVISION};
use crate::publishing::event_key::{EventKey, Invitation, ReadProperty};

/// An event of ours in the organizer's calendar.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) event: Event,
    pub(super) invitation: Invitation,
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
    let mark = Mark { property: PUBLISHED, value: &search, is_prefix: true, also: Some(REVISION) };
    let found = graph.marked_events(organizer, &mark).await?;
    let ours = found.into_iter().filter_map(|found| {
        let own = ReadProperty::of(found.event.extended.get(PUBLISHED)?)?;
        // What is called off, and not taken out of the calendar yet, does not stand.
        (own.search == search && !found.event.is_cancelled).then(|| Found {
            invitation: own.invitation,
            revision: found.event.extended.get(REVISION).cloned(),
            etag: found.etag,
            event: found.event,
        })
    });
    Ok(ours.max_by_key(|found| found.invitation))
}
