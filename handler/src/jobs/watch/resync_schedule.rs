//! When a mailbox's calendar is compared anew, and how much of it: all of it on a slow schedule and after
//! every gap; what starts within the next day once an hour, because a decline that is found too late is a
//! place lost.
//!
//! Guarantee: whoever has a session that starts within a day and that we know of is compared at least once in
//! the hour, without anybody going through all links to find them: the mailbox's row holds the next start. So
//! is a mailbox that has lost its subscription and gets no new one: Graph may be as readable as ever while it
//! can't reach our endpoint.

use crate::ids::{TenantName, UserId};
use crate::ledger::Ledger;
use crate::ledger::mailboxes::{self, MailboxRow, ResyncScope, SubscriptionState};
use crate::store::StoreError;
use chrono::{DateTime, Duration, Utc};

/// A session that starts within this time is near.
pub const SOON: Duration = Duration::days(1);
/// Near sessions are compared at least this often.
pub(crate) const OFTEN: Duration = Duration::hours(1);
/// Failures after which a joiner's calendar is compared without a subscription: the least that are no hiccup.
const FIRST: u32 = 3;

/// What is to be compared now, if anything: something may have been missed, or it is simply time. `often`:
/// `watch.resync`.
pub fn due(row: &MailboxRow, often: Duration, now: DateTime<Utc>) -> Option<ResyncScope> {
    // The first comparison follows the first subscription, unless that fails again and again; one that is
    // about to be made anew brings its own.
    let patience = if row.last_success.is_some() { 1 } else { FIRST };
    let is_stuck = row.state == SubscriptionState::Failing && row.failures >= patience;
    if row.subscription.is_none() && !is_stuck {
        return None;
    }
    // Wanted as of later: deliveries may be paused until then, so that it would be done twice.
    if row.resync_wanted.is_some_and(|at| at <= now) || row.resynced_at.is_none_or(|at| at + often <= now) {
        return Some(ResyncScope::Whole);
    }
    // A start that has passed counts still: what starts after it is not known before the next comparison.
    let is_soon = row.next_start.is_some_and(|start| start <= now + SOON);
    let last = row.resynced_at.max(row.upcoming_resynced_at);
    (is_soon && last.is_none_or(|at| at + OFTEN.min(often) <= now)).then_some(ResyncScope::Upcoming)
}

/// Until when a comparison reads.
pub fn until(scope: ResyncScope, now: DateTime<Utc>, horizon: Duration) -> DateTime<Utc> {
    now + match scope {
        ResyncScope::Whole => horizon,
        // An hour more, so that nothing slips through between two comparisons.
        ResyncScope::Upcoming => SOON + OFTEN,
    }
}

/// A session in this mailbox is new to us, or was moved. Where it starts before the next comparison of the
/// whole calendar could count it as near, the mailbox's row is told; nearly always it starts later, and this
/// costs nothing.
pub async fn note(
    ledger: &Ledger,
    tenant: &TenantName,
    user: &UserId,
    start: Option<DateTime<Utc>>,
    often: Duration,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(start) = start.filter(|start| *start > now && *start <= now + often + SOON) else {
        return Ok(());
    };
    mailboxes::update(ledger, tenant, user, |row| {
        let row = row?;
        let earliest = match row.next_start {
            // What starts after it is not known before the next comparison, and the one that is under way may
            // not see this one.
            Some(earliest) if earliest <= now => now,
            Some(earliest) => earliest.min(start),
            None => start,
        };
        (row.next_start != Some(earliest)).then(|| MailboxRow { next_start: Some(earliest), ..row.clone() })
    })
    .await
    .map(|_| ())
}

#[cfg(test)]
#[path = "resync_schedule_tests.rs"]
mod tests;
