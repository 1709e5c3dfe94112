//! Who is invited to an event that stands: the list is written as a whole, and mails only whom it concerns.
//!
//! Guarantees: the list is written over the version that was read, whose answers were judged; where just
//! those stand in it who are wanted, it is not written, because a list that is written back may lose answers;
//! a learner who is new is linked before the row says that they are listed.

use crate::calendar::event::{Answer, Attendee, Event, Response};
use crate::ids::{Address, EventId, LearnerKey};
use crate::jobs::publish::act::{EventContext, Listing};
use crate::jobs::publish::look_up::Found;
use crate::jobs::publish::{compose, link};
use crate::jobs::{GraphOutcome as _, JobError};
use crate::ledger::written_events::{self, Published};
use crate::publishing::content::{AttendeeKind, Content, listed};
use crate::publishing::event_key::Audience;
use crate::publishing::standing::Decline;
use crate::publishing::written::Written;
use crate::sessions::place::Holding;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::{BTreeMap, BTreeSet};

/// Learners linked side by side.
const SIDE_BY_SIDE: usize = 20;

impl EventContext<'_> {
    pub(super) fn is_for_all(&self) -> bool {
        self.facts.for_all && self.key.audience == Audience::Session
    }

    pub(super) async fn list(
        &self,
        event: &EventId,
        content: &Content,
        found: Option<&Found>,
        known: &BTreeSet<String>,
    ) -> Result<Listing, JobError> {
        let is_written = self.is_for_all()
            && found.is_some_and(|found| {
                let there: BTreeSet<&Address> =
                    found.event.attendees.iter().map(|one| &one.address).collect();
                there == content.attendees.keys().collect()
            });
        if !is_written {
            let etag = found.and_then(|found| found.etag.clone()).unwrap_or_else(|| "*".to_owned());
            let invited = compose::invited(content);
            let graph = self.context.graph.as_ref();
            if let Err(failure) = graph.change_attendees(&self.mailbox, event, &invited, &etag).await {
                return Ok(Listing::Failed(failure));
            }
        }
        let Some(found) = found.filter(|_| self.is_for_all()) else { return Ok(Listing::Done) };
        let event = Event { attendees: attendees(content, &found.event), ..found.event.clone() };
        match self.link_all(&event, known).await.graph()? {
            Ok(()) => Ok(Listing::Done),
            Err(failure) => Ok(Listing::NotLinked(failure)),
        }
    }

    /// Which session an event for all stands for, and a link for each learner who is listed and is not among
    /// these.
    pub(super) async fn link_all(&self, event: &Event, known: &BTreeSet<String>) -> Result<(), JobError> {
        let (app, context, organizer) = (self.app, self.context, &self.organizer);
        let session = &self.key.session;
        if let Some(uid) = &event.ical_uid {
            let (session, row) = (session.clone(), Some(self.key.row()));
            let published = Published { session, is_of_instructors: false, is_for_all: true, row };
            written_events::note_session(&app.ledger, &context.tenant.name, uid, &published).await?;
        }
        let people = event.attendees.iter().filter(|one| !one.is_resource).map(|one| &one.address);
        let new = people.filter(|address| !known.contains(&listed(address)));
        let whose = |address: &Address| Some((self.facts.learner_at(address)?.clone(), address.clone()));
        let new: Vec<(LearnerKey, Address)> = new.filter_map(whose).collect();
        stream::iter(new)
            .map(|(learner, address)| async move {
                link::link_one(app, context, organizer, event, session, (&learner, &address)).await
            })
            .buffer_unordered(SIDE_BY_SIDE)
            .try_collect()
            .await
    }

    /// Of an event that is found after a lost ledger: whoever holds the place that they once lost by
    /// declining and has not declined what stands there, was invited anew.
    pub(super) fn relisted(
        &self,
        row: &Written,
        found: &Event,
        now: DateTime<Utc>,
    ) -> BTreeMap<String, DateTime<Utc>> {
        if row.act.is_some() || !self.is_for_all() {
            return row.relisted.clone();
        }
        let is_anew = |one: &&Attendee| {
            let learner = self.facts.learner_at(&one.address);
            let decline = learner.and_then(|learner| self.facts.declines.get(learner));
            let place = learner.and_then(|learner| self.facts.places.get(learner));
            one.response.answer != Answer::Declined
                && matches!(decline, Some(Decline::LostPlace { .. }))
                && place.is_some_and(|place| place.place.holding() == Holding::Held)
        };
        found.attendees.iter().filter(is_anew).map(|one| (listed(&one.address), now)).collect()
    }
}

/// As the list is from now on; who is new to it has not answered.
fn attendees(content: &Content, before: &Event) -> Vec<Attendee> {
    let known = |address: &Address| before.attendees.iter().find(|one| one.address == *address);
    let one = |(address, one): (&Address, &crate::publishing::content::Attendee)| Attendee {
        address: address.clone(),
        response: known(address).map_or(Response { answer: Answer::None, at: None }, |one| one.response),
        is_resource: one.kind == AttendeeKind::Room,
        proposes: false,
    };
    content.attendees.iter().map(one).collect()
}
