//! Acted in the two mailboxes themselves, through Graph (`Calendars.ReadWrite` on both).

use crate::calendar::event::{Answer, Event};
use crate::calendar::event_select::EventSelect;
use crate::graph::GraphError;
use crate::graph::port::{Graph, MARK, Mailbox, Mark, NewEvent};
use crate::ids::{EventId, ICalUid, UserId};
use crate::jobs::canary::kit::{Copy, Kit, Made};
use crate::jobs::context::TenantContext;
use async_trait::async_trait;
use std::sync::Arc;

pub(super) struct OverGraph(Arc<dyn Graph>);

pub(super) fn kit(context: &TenantContext) -> OverGraph {
    OverGraph(Arc::clone(&context.graph))
}

#[async_trait]
impl Kit for OverGraph {
    async fn made(&self, organizer: &UserId, id: &str) -> Result<Option<Made>, GraphError> {
        let mark = Mark { property: MARK, value: id, is_prefix: false, also: None };
        let found = self.0.marked_events(&Mailbox::Id(organizer.clone()), &mark).await?;
        Ok(found.into_iter().map(|found| made(found.event)).next())
    }

    async fn invite(&self, organizer: &UserId, wanted: &NewEvent) -> Result<Made, GraphError> {
        self.0.create_event(&Mailbox::Id(organizer.clone()), wanted).await.map(made)
    }

    async fn copy(&self, learner: &UserId, uid: &ICalUid) -> Result<Option<Copy>, GraphError> {
        let mailbox = Mailbox::Id(learner.clone());
        let found = self.0.events_by_ical_uid(&mailbox, uid, &EventSelect::default()).await?;
        Ok(found
            .into_iter()
            .find(|event| !event.is_organizer)
            .map(|event| Copy { is_declined: event.response.answer == Answer::Declined, event: event.id }))
    }

    async fn decline(&self, learner: &UserId, copy: &EventId) -> Result<bool, GraphError> {
        match self.0.decline_event(&Mailbox::Id(learner.clone()), copy).await {
            Ok(()) => Ok(true),
            Err(GraphError::NotFound(_)) => Ok(false),
            Err(other) => Err(other),
        }
    }

    async fn call_off(&self, organizer: &UserId, event: &EventId) -> Result<(), GraphError> {
        let mailbox = Mailbox::Id(organizer.clone());
        match self.0.event(&mailbox, event, &EventSelect::default()).await? {
            None => return Ok(()),
            Some(found) if found.is_cancelled => {}
            Some(_) => self.0.call_off_event(&mailbox, event, "Regrets has tested itself.").await?,
        }
        // Where what is called off stays, as cancelled.
        self.0.delete_event(&mailbox, event).await
    }

    async fn tidy(&self, learner: &UserId, copy: &EventId) -> Result<(), GraphError> {
        self.0.delete_event(&Mailbox::Id(learner.clone()), copy).await
    }
}

fn made(event: Event) -> Made {
    Made { event: event.id, ical_uid: event.ical_uid }
}
