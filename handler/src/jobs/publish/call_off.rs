//! Calling an event off, with words; or deleting it, where nobody is invited to it.
//!
//! Guarantee: what nobody is invited to is never called off, which Graph refuses
//! (reference/graph-publishing.md#calling-off); whoever is invited is told either way.

use crate::calendar::event::Event;
use crate::graph::GraphError;
use crate::ids::EventId;
use crate::jobs::publish::act::EventContext;
use crate::publishing::wish::CallOff;
use crate::publishing::words::{replaced, unpublished};
use crate::sessions::words::Language;

impl EventContext<'_> {
    /// `found`: as it was just read, where it was.
    pub(super) async fn call_off(
        &self,
        event: &EventId,
        why: &CallOff,
        found: Option<&Event>,
    ) -> Result<(), GraphError> {
        let graph = self.context.graph.as_ref();
        if found.is_some_and(|found| found.attendees.is_empty()) {
            return graph.delete_event(&self.mailbox, event).await;
        }
        let comment = comment(why, self.facts.words.language);
        let refused = match graph.call_off_event(&self.mailbox, event, comment).await {
            Err(refused @ GraphError::Invalid(_)) => refused,
            done => return done,
        };
        // A person may have taken everybody out of it since.
        match self.found().await {
            Ok(Some(found)) if found.event.attendees.is_empty() => {
                graph.delete_event(&self.mailbox, &found.event.id).await
            }
            Ok(_) | Err(_) => Err(refused),
        }
    }
}

/// In the LMS's own words, where it has some.
fn comment(why: &CallOff, language: Language) -> &str {
    match why {
        CallOff::Session { reason: Some(reason) } => reason,
        CallOff::Session { reason: None } | CallOff::Withdrawn | CallOff::TakenAway => "",
        CallOff::Replaced => replaced(language),
        CallOff::Unpublished => unpublished(language),
    }
}
