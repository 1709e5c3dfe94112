//! Mailboxes that ought to be watched and are not: counted by every planning round as it goes through their
//! rows, said in an alert, and taken back by the first round that finds none.

use crate::jobs::alerts::connected;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::delivery_silence;
use crate::jobs::watch::lifetime::LIFE;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes::{MailboxRow, SubscriptionState};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};

/// A gap that the next rounds close by themselves is no alert.
const PATIENCE: Duration = Duration::hours(1);
/// Failures in a row, over about two hours, of a mailbox that never was watched.
const FAILURES: u32 = 9;
/// Failures in a row, over about an hour, of one that was: its calendar is compared meanwhile, so that no
/// comparison is wanted any more.
const STUCK: u32 = 7;

#[derive(Debug, Default)]
pub struct CoverageTally {
    unwatched: usize,
    failing: usize,
    watched: usize,
    refused: u64,
}

impl CoverageTally {
    pub fn see(&mut self, row: &MailboxRow, now: DateTime<Utc>) {
        self.failing += usize::from(row.state == SubscriptionState::Failing || row.failures > 0);
        self.unwatched += usize::from(is_unwatched(row, now));
        self.watched += usize::from(row.state == SubscriptionState::Watched);
        self.refused += u64::from(row.state == SubscriptionState::Refused);
    }

    pub fn add(&mut self, other: &Self) {
        self.unwatched += other.unwatched;
        self.failing += other.failing;
        self.watched += other.watched;
        self.refused += other.refused;
    }

    /// So many may not be read.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    pub async fn tell(self, app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
        let name = &context.tenant.name;
        let mut over = Vec::new();
        if self.unwatched > 0 {
            tracing::warn!(tenant = %name, mailboxes = self.unwatched, "should be watched and are not");
            alerts::raise_about(&app.ledger, name, AlertKind::MailboxesUnwatched, self.unwatched as u64)
                .await?;
        } else {
            over.push(AlertKind::MailboxesUnwatched);
        }
        if self.failing == 0 {
            over.extend([AlertKind::NotificationUrl, AlertKind::SubscriptionQuota]);
        }
        if !delivery_silence::check(app, context).await? {
            over.push(AlertKind::GraphSilent);
        }
        alerts::resolve_any(&app.ledger, name, &over).await?;
        connected::note(app, context, self.watched).await
    }
}

/// True when its subscription is older than it could be, or lost and not made anew, or was never made in
/// spite of many tries. Who has no mailbox, or may not be read, is not counted: that is a state of its
/// own.
pub fn is_unwatched(row: &MailboxRow, now: DateTime<Utc>) -> bool {
    match row.state {
        SubscriptionState::NoMailbox | SubscriptionState::Refused => return false,
        SubscriptionState::Wanted | SubscriptionState::Watched | SubscriptionState::Failing => {}
    }
    let lapsed = row.expires.is_some_and(|at| at + PATIENCE <= now);
    let is_long = row.failures >= STUCK || row.resync_wanted.is_some_and(|at| at + PATIENCE <= now);
    let lost = row.subscription.is_none() && row.last_success.is_some() && is_long;
    let too_old = row.last_success.is_some_and(|at| at + LIFE + PATIENCE <= now);
    let never = row.last_success.is_none() && row.failures >= FAILURES;
    lapsed || lost || too_old || never
}

#[cfg(test)]
#[path = "coverage_tests.rs"]
mod tests;
