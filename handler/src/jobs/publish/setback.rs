//! What follows from an act that was not done, may have been done, or can't be looked into.
//!
//! Guarantees: what may have been done is looked up before anything is done again; what a person took away is
//! told of, and not made again; what is refused is tried again later, and later each time.

use crate::backoff;
use crate::graph::{GraphError, Mending, WriteFailure};
use crate::ids::hash;
use crate::jobs::JobError;
use crate::jobs::publish::act::{EventContext, Progress};
use crate::jobs::publish::published::Published;
use crate::ledger::Read;
use crate::ledger::alerts::{self, AlertKind};
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
            WriteFailure::Changed | WriteFailure::NotDone => {}
        }
        match failure.mending() {
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

    /// A person deleted it, or called it off: it is not made again unasked.
    pub(super) async fn taken_away(
        &self,
        read: Option<&Read<Written>>,
        row: &Written,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        published.count("taken_away");
        // Before the row, so that no kill leaves one of which nobody is told.
        let member = hash(&format!("{}\n{}", self.key.session.as_str(), self.key.row()));
        let tenant = &self.context.tenant.name;
        alerts::note(&self.app.ledger, tenant, AlertKind::EventTakenAway, &member).await?;
        Ok(Progress::Written(Box::new(self.write(read, row.gone(Stand::TakenAway { at: now })).await?)))
    }

    /// Graph can't be asked now.
    pub(super) fn away(&self, failure: &GraphError, now: DateTime<Utc>) -> Progress {
        tracing::warn!(tenant = %self.context.tenant.name, session = %self.key.session, %failure,
            "a written event can't be looked for");
        let wait = failure.wait().unwrap_or_default().max(self.pace().first);
        Progress::Waits(now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::hours(1)))
    }
}
