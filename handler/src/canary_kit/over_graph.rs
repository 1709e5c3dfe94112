//! Acted in the two mailboxes themselves, through Graph (`Calendars.ReadWrite` on both).

use super::kit::{Copy, Kit, KitError, Made, Test};
use crate::calendar::event::{Answer, Event};
use crate::calendar::event_select::EventSelect;
use crate::graph::GraphError;
use crate::graph::port::{Graph, MARK, Mailbox, Mark, NewEvent};
use crate::ids::{EventId, ICalUid};
use async_trait::async_trait;
use std::sync::Arc;

pub struct OverGraph(pub Arc<dyn Graph>);

#[async_trait]
impl Kit for OverGraph {
    async fn made(&self, test: Test<'_>) -> Result<Option<Made>, KitError> {
        let mark = Mark { property: MARK, value: test.id, is_prefix: false, also: None };
        let found = self.0.marked_events(&organizer(test), &mark).await?;
        Ok(found.into_iter().map(|found| made(found.event)).next())
    }

    async fn invite(&self, test: Test<'_>, wanted: &NewEvent) -> Result<Made, KitError> {
        Ok(made(self.0.create_event(&organizer(test), wanted).await?))
    }

    async fn copy(&self, test: Test<'_>, uid: &ICalUid) -> Result<Option<Copy>, KitError> {
        let found = self.0.events_by_ical_uid(&learner(test), uid, &EventSelect::default()).await?;
        Ok(found
            .into_iter()
            .find(|event| !event.is_organizer)
            .map(|event| Copy { is_declined: event.response.answer == Answer::Declined, event: event.id }))
    }

    async fn decline(&self, test: Test<'_>, copy: &EventId) -> Result<bool, KitError> {
        match self.0.decline_event(&learner(test), copy).await {
            Ok(()) => Ok(true),
            Err(GraphError::NotFound(_)) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    async fn call_off(&self, test: Test<'_>, event: &EventId) -> Result<(), KitError> {
        let mailbox = organizer(test);
        match self.0.event(&mailbox, event, &EventSelect::default()).await? {
            None => return Ok(()),
            Some(found) if found.is_cancelled => {}
            Some(_) => self.0.call_off_event(&mailbox, event, "Regrets has tested itself.").await?,
        }
        // Where what is called off stays, as cancelled.
        Ok(self.0.delete_event(&mailbox, event).await?)
    }

    async fn tidy(&self, test: Test<'_>, copy: &EventId) -> Result<(), KitError> {
        Ok(self.0.delete_event(&learner(test), copy).await?)
    }
}

fn organizer(test: Test<'_>) -> Mailbox {
    Mailbox::Id(test.organizer.clone())
}

fn learner(test: Test<'_>) -> Mailbox {
    Mailbox::Id(test.learner.clone())
}

fn made(event: Event) -> Made {
    Made { event: event.id, ical_uid: event.ical_uid }
}
