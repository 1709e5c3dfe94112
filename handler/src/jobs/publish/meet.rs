//! The online meeting of a session's part: made beside the calendar, or read of the session's own event.
//!
//! Guarantees: that it was asked for is written down before it is, so that nobody waits for ever; asked for
//! again it is the same meeting, and one in no calendar moves with its part; a link that is known is not
//! forgotten because an event does not show it; what is no meeting, or has no link for long, is told to a
//! person, once.

use crate::graph::GraphError;
use crate::graph::port::{NewMeeting, OnlineMeeting, WrittenEvent};
use crate::ids::hash;
use crate::jobs::JobError;
use crate::jobs::publish::act::EventContext;
use crate::jobs::publish::published::Published;
use crate::ledger::Read;
use crate::ledger::alerts::{self, AlertKind};
use crate::publishing::compose::title;
use crate::publishing::event_key::Audience;
use crate::publishing::policy::Online;
use crate::publishing::standing::is_held;
use crate::publishing::written::{Meeting, Written};
use chrono::{DateTime, TimeDelta, Utc};

/// What was refused is asked for again after so long, once nobody waits for it any more.
const LATER: TimeDelta = TimeDelta::hours(1);
const SOON: TimeDelta = TimeDelta::minutes(1);

impl EventContext<'_> {
    /// Makes the meeting beside the calendar that is wanted, and tells it when its part has moved. Gives the
    /// row, where it is another by that.
    pub(super) async fn meet(
        &self,
        read: Option<&Read<Written>>,
        row: &Written,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Option<Read<Written>>, JobError> {
        let is_ours = self.key.audience == Audience::Session && self.publisher.online == Online::Meeting;
        let source = &self.facts.source;
        let part = source.session.part(&self.key.part).filter(|part| part.link.is_none());
        let Some(part) = part.filter(|part| is_ours && row.act.is_none() && !part.span.is_over(now)) else {
            return Ok(None);
        };
        let times = (part.span.start(), part.span.end());
        let is_there = row.meeting.as_ref().is_some_and(|meeting| {
            meeting.is_of_event || meeting.link.is_some() && meeting.told == Some(times)
        });
        if is_there || !is_held(&source.session, source.gone.is_some(), part) {
            return Ok(None);
        }
        let (read, row) = match &row.meeting {
            Some(_) => (read.cloned(), row.clone()),
            None => {
                let next = Written { meeting: Some(Meeting::begun(now, false)), ..row.clone() };
                let read = self.write(read, next).await?;
                let row = read.value.clone();
                (Some(read), row)
            }
        };
        let wanted = NewMeeting {
            external_id: self.key.meeting_id(&self.publisher.namespace),
            subject: title(&source.session, part),
            start: times.0,
            end: times.1,
        };
        match self.context.graph.online_meeting(&self.organizer, &wanted).await {
            Ok(found) => {
                published.count("met");
                let told = self.told(&found, times, now, published).await;
                let link = Some(found.join);
                let meeting = row.meeting.clone().map(|meeting| Meeting { link, told, ..meeting });
                Ok(Some(self.write(read.as_ref(), Written { meeting, ..row }).await?))
            }
            Err(failure) => {
                if row.meeting.as_ref().is_none_or(|meeting| meeting.link.is_none()) {
                    self.not_met(&failure).await?;
                }
                let awaited = row.meeting.as_ref().is_some_and(|meeting| meeting.awaited(now).is_some());
                published.wait(now + if awaited { SOON } else { LATER });
                Ok(read)
            }
        }
    }

    /// One that was made before may have other times. Its link leads there all the same: nobody waits for
    /// this, and no person is told.
    async fn told(
        &self,
        found: &OnlineMeeting,
        times: (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        if found.times == Some(times) {
            return Some(times);
        }
        match self.context.graph.move_meeting(&self.organizer, &found.id, times).await {
            Ok(()) => Some(times),
            Err(failure) => {
                tracing::warn!(tenant = %self.context.tenant.name, session = %self.key.session, %failure,
                    "an online meeting can't be moved");
                published.wait(now + LATER);
                None
            }
        }
    }

    async fn not_met(&self, failure: &GraphError) -> Result<(), JobError> {
        tracing::warn!(tenant = %self.context.tenant.name, session = %self.key.session, %failure,
            "an online meeting can't be made");
        match failure {
            GraphError::Refused(_)
            | GraphError::Unauthorized(_)
            | GraphError::Invalid(_)
            | GraphError::NotFound(_) => self.lacks_meeting().await,
            GraphError::NoMailbox(_)
            | GraphError::Conflict(_)
            | GraphError::Throttled { .. }
            | GraphError::Unavailable(_)
            | GraphError::Credential { .. }
            | GraphError::Quota(_)
            | GraphError::TooLong { .. }
            | GraphError::Validation(_) => Ok(()),
        }
    }

    async fn lacks_meeting(&self) -> Result<(), JobError> {
        let member = hash(&format!("{}\n{}", self.key.session.as_str(), self.key.part.0));
        let tenant = &self.context.tenant.name;
        Ok(alerts::note(&self.app.ledger, tenant, AlertKind::OnlineMeeting, &member).await?)
    }

    /// What is known of the meeting by what the event shows now.
    pub(super) async fn seen_meeting(
        &self,
        row: &Written,
        shown: &WrittenEvent,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Option<Meeting>, JobError> {
        let known = row.meeting.clone();
        let meeting = match (known, shown.is_online) {
            (known, true) => {
                let known = known.unwrap_or_else(|| Meeting::begun(now, true));
                let link = shown.join.clone().or_else(|| known.link.clone());
                Meeting { is_of_event: true, link, ..known }
            }
            (Some(known), false) if known.is_of_event => known,
            (known, false) => return Ok(known),
        };
        match meeting.awaited(now) {
            Some(_) => published.wait(now + SOON),
            None if !shown.is_online || meeting.link.is_none() => self.lacks_meeting().await?,
            None => {}
        }
        Ok(Some(meeting))
    }
}
