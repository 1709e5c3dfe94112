//! What follows from an act that was not done, may have been done, or can't be looked into.
//!
//! Guarantees: what may have been done is looked up before anything is done again; what a person took away is
//! told of, and not made again, once it was waited for and has not come back; where much vanishes at once
//! nothing follows from it ([`super::vanished`]); what is refused is tried again later, and later each time.

use crate::backoff;
use crate::graph::{GraphError, Mending, WriteFailure};
use crate::ids::hash;
use crate::jobs::JobError;
use crate::jobs::publish::act::{EventContext, Progress};
use crate::jobs::publish::published::Published;
use crate::jobs::publish::vanished;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{Read, alert_members, organizer_calendars};
use crate::publishing::written::{Act, Refused, Stand, Written};
use chrono::{DateTime, TimeDelta, Utc};

impl EventContext<'_> {
    pub(super) async fn failed(
        &self,
        read: &Read<Written>,
        row: &Written,
        act: &Act,
        failure: &GraphError,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        let tenant = &self.context.tenant.name;
        tracing::warn!(%tenant, session = %self.key.session, %failure, "an event was not written");
        match failure.of_write() {
            WriteFailure::Unknown => {
                published.count("unknown");
                return Ok(Progress::Waits(now + self.pace().on_its_way));
            }
            WriteFailure::Duplicate => match (self.found().await, act) {
                (Ok(Some(found)), Act::Create { wanted, .. }) => {
                    return self.adopt(Some(read), row, &found, wanted, now, published).await;
                }
                (Ok(Some(_)), Act::Update { .. } | Act::Attendees { .. } | Act::Cancel { .. }) => {}
                // It was made, and is there no more.
                (Ok(None), _) => return self.taken_away(Some(read), row, now, published).await,
                (Err(failure), _) => return Ok(self.away(&failure, now)),
            },
            WriteFailure::NotThere => match self.found().await {
                // Under another id; the next step writes there.
                Ok(Some(found)) => {
                    let next = Written { act: None, event: Some(found.event.id), ..row.clone() };
                    return Ok(Progress::Written(Box::new(self.write(Some(read), next).await?)));
                }
                Ok(None) => return self.taken_away(Some(read), row, now, published).await,
                Err(failure) => return Ok(self.away(&failure, now)),
            },
            // Somebody has answered since it was read: what they said is read first.
            WriteFailure::Changed if matches!(act, Act::Attendees { .. }) => {
                published.count("changed_meanwhile");
                let next = Written { act: None, ..row.clone() };
                return Ok(Progress::Written(Box::new(self.write(Some(read), next).await?)));
            }
            WriteFailure::Changed | WriteFailure::NotDone => {}
        }
        // Somebody has answered meanwhile, and that is no fault of a request of ours.
        let mending = failure.mending().filter(|_| failure.of_write() != WriteFailure::Changed);
        match mending {
            Some(Mending::Invalid) => {
                alerts::raise(&self.app.ledger, tenant, AlertKind::GraphInvalid).await?
            }
            Some(Mending::Unauthorized | Mending::Credential { .. }) | None => {}
        }
        published.count("refused");
        let tries = row.refused.as_ref().map_or(0, |refused| refused.tries);
        let wait = backoff::doubled(self.pace().first, self.pace().longest, tries)
            .max(failure.wait().unwrap_or_default());
        let wait = TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1));
        let code = failure.failure().map(|failure| failure.code.clone()).unwrap_or_default();
        let refused = Refused { tries: tries.saturating_add(1), until: now + wait, code };
        let next = Written { act: None, refused: Some(refused), ..row.clone() };
        Ok(Progress::Written(Box::new(self.write(Some(read), next).await?)))
    }

    /// It is not where it should be. It may come back, and others may go with it: what became of it is seen
    /// when it was waited for.
    pub(super) async fn taken_away(
        &self,
        read: Option<&Read<Written>>,
        row: &Written,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        published.count("missed");
        let known: (&[_], _) = (&[row], &self.mailbox);
        vanished::count(self.app, self.context, self.publisher, known, now).await?;
        let missing = row.missing.or(Some(now));
        let next = Written { act: None, missing, ..row.clone() };
        Ok(Progress::Written(Box::new(self.write(read, next).await?)))
    }

    /// It was missed, since then. A person who deleted it, or called it off, is told of: it is not made again
    /// unasked. Where many went with it nothing is said of this one, and nothing is written.
    pub(super) async fn missed(
        &self,
        read: Option<&Read<Written>>,
        (row, since): (&Written, DateTime<Utc>),
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        let until = since + self.pace().taken_away;
        if now < until {
            return Ok(Progress::Waits(until));
        }
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        match self.found().await {
            // Put back; under another id, at the worst.
            Ok(Some(found)) => {
                published.count("found");
                let name = vanished::name_of(row);
                organizer_calendars::update(ledger, tenant, &row.organizer, |known| known.found(&name))
                    .await?;
                let next = Written { missing: None, event: Some(found.event.id), ..row.clone() };
                return Ok(Progress::Written(Box::new(self.write(read, next).await?)));
            }
            Ok(None) => {}
            Err(failure) => return Ok(self.away(&failure, now)),
        }
        // Whoever counted it may have been killed before it stopped the calendar.
        let calendar = (&row.organizer, &self.mailbox);
        vanished::stop_if_many(self.app, self.context, self.publisher, calendar, now).await?;
        if organizer_calendars::is_stopped(ledger, tenant, &row.organizer).await? {
            return Ok(Progress::Waits(now + vanished::STOPPED));
        }
        published.count("taken_away");
        // Before the row, so that no kill leaves one of which nobody is told.
        let member = hash(&format!("{}\n{}", vanished::name_of(row), row.invitation.0));
        let title = &self.facts.source.session.title;
        let step = format!(
            "Newest: session {} ({title}), {}. {}",
            self.key.session,
            self.key.audience,
            AlertKind::EventTakenAway.step()
        );
        alert_members::note_telling(ledger, tenant, AlertKind::EventTakenAway, &member, &step).await?;
        let gone = row.gone(Stand::TakenAway { at: now });
        Ok(Progress::Written(Box::new(self.write(read, gone).await?)))
    }

    /// Graph can't be asked now.
    pub(super) fn away(&self, failure: &GraphError, now: DateTime<Utc>) -> Progress {
        tracing::warn!(tenant = %self.context.tenant.name, session = %self.key.session, %failure,
            "a written event can't be looked for");
        let wait = failure.wait().unwrap_or_default().max(self.pace().first);
        Progress::Waits(now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1)))
    }
}
