//! What was answered to a session's own event, and what became of its online meeting, as the organizer's copy
//! shows it.
//!
//! Guarantees: an instructor who declines is told of to a person, once, and nothing else follows from it;
//! what nobody has to wait for is not read twice within an hour, or within a week where the calendar is
//! watched and compared, unless that tells of an answer.

use crate::calendar::event::{Answer, Event};
use crate::ids::hash;
use crate::jobs::JobError;
use crate::jobs::observe::organizer_mailboxes;
use crate::jobs::publish::act::EventContext;
use crate::jobs::publish::published::Published;
use crate::jobs::publish::{edited, vanished};
use crate::ledger::Read;
use crate::ledger::alerts::{self, AlertKind};
use crate::publishing::event_key::Audience;
use crate::publishing::written::{Stand, Written};
use chrono::{DateTime, TimeDelta, Utc};

const AN_HOUR: TimeDelta = TimeDelta::hours(1);
const A_WEEK: TimeDelta = TimeDelta::days(7);

impl EventContext<'_> {
    /// Gives the row, where it is another by that. Nothing waits for it: what can't be read now is read when
    /// it is looked at again.
    pub(super) async fn read_back(
        &self,
        read: Option<&Read<Written>>,
        row: &Written,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Option<Read<Written>>, JobError> {
        let is_own = self.key.audience == Audience::Session;
        let is_ahead = row.stand == Stand::Stands && row.end.is_some_and(|end| end > now);
        let is_read = is_own && is_ahead && row.act.is_none() && row.missing.is_none();
        let Some(event) = row.event.as_ref().filter(|_| is_read) else { return Ok(None) };
        let is_watched = organizer_mailboxes::is_organizer(self.context, &self.organizer).await;
        let long = if is_watched.unwrap_or(false) { A_WEEK } else { AN_HOUR };
        if !self.is_worth_reading(row, long, now) {
            return Ok(None);
        }
        match self.context.graph.written_event(&self.mailbox, event).await {
            Ok(Some(found)) if !found.event.is_cancelled => {
                self.declined(&found.event).await?;
                let (app, context, publisher) = (self.app, self.context, self.publisher);
                let seen = edited::noted(app, context, publisher, (read, row), &found.event).await?;
                let (read, row) = match &seen {
                    Some(seen) => (Some(seen), &seen.value),
                    None => (read, row),
                };
                let meeting = self.seen_meeting(row, &found, now, published).await?;
                let booking = self.seen_booking(row, &found.event, now, published).await?;
                let next = Written { meeting, booking, read_at: Some(now), ..row.clone() };
                Ok(Some(self.write(read, next).await?))
            }
            // What became of it is seen once it was waited for.
            Ok(None | Some(_)) => {
                let known: (&[_], _) = (&[row], &self.mailbox);
                vanished::count(self.app, self.context, self.publisher, known, now).await?;
                Ok(Some(self.write(read, Written { missing: Some(now), ..row.clone() }).await?))
            }
            Err(failure) => {
                tracing::warn!(tenant = %self.context.tenant.name, session = %self.key.session, %failure,
                    "a session's own event can't be read");
                Ok(None)
            }
        }
    }

    /// Where nothing tells of an answer, it is seen so long later, or when the session is looked at next.
    fn is_worth_reading(&self, row: &Written, long: TimeDelta, now: DateTime<Utc>) -> bool {
        let Some(read_at) = row.read_at else { return true };
        let is_answered = self.facts.source.answered_at.is_some_and(|at| at >= read_at);
        let is_awaited = row.booking.as_ref().and_then(|booking| booking.next_look(read_at));
        let lacks_link = row.meeting.as_ref().is_some_and(|meeting| meeting.link.is_none());
        is_answered || is_awaited.is_some_and(|at| at <= now) || lacks_link || now - read_at >= long
    }

    async fn declined(&self, found: &Event) -> Result<(), JobError> {
        let tenant = &self.context.tenant.name;
        let asked = |address| self.facts.leads(address);
        for one in found.attendees.iter().filter(|one| !one.is_resource && asked(&one.address)) {
            if one.response.answer != Answer::Declined {
                continue;
            }
            tracing::info!(%tenant, session = %self.key.session, "an instructor declines");
            let (session, part) = (self.key.session.as_str(), &self.key.part.0);
            let member = hash(&format!("{session}\n{part}\n{}", one.address.as_str()));
            alerts::note(&self.app.ledger, tenant, AlertKind::InstructorDeclined, &member).await?;
        }
        Ok(())
    }
}
