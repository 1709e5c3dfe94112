//! Compares whom the directory wants watched with the rows that there are, one shard at a time: joiners get
//! rows, leavers a mark, and what is due is found.
//!
//! Guarantees: rows are read by pages and written by batches, never one by one unless somebody else writes
//! them at the same moment; killed at any point, the same comparison does the rest.

use crate::ids::UserId;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::coverage::CoverageTally;
use crate::jobs::watch::resync_schedule;
use crate::ledger::mailboxes::{self, BATCH, MailboxRow, PAGE, ResyncScope, change, insert};
use crate::store::{RowRange, StoreError};
use chrono::{DateTime, Utc};
use std::collections::HashSet;

/// What is to be done for the mailboxes of one shard, and since when.
#[derive(Default)]
pub struct DueMailboxes {
    pub leaving: Vec<Due>,
    /// No subscription is in force.
    pub unwatched: Vec<Due>,
    pub to_renew: Vec<Due>,
    pub to_compare: Vec<Due>,
    /// Some row counts a gap in which something may have been missed for good.
    pub blind: bool,
    /// Whose calendars were compared last, the last one first: a few.
    pub last_read: Vec<(DateTime<Utc>, UserId)>,
    pub tally: CoverageTally,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Urgency {
    /// Had a subscription and lost it; had a gap in which something may have been missed; has a session
    /// within the day.
    Pressing,
    Usual,
}

/// In the order of urgency, and then of time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    urgency: Urgency,
    since: DateTime<Utc>,
    pub user: UserId,
}

impl DueMailboxes {
    pub fn add(&mut self, other: DueMailboxes) {
        self.leaving.extend(other.leaving);
        self.unwatched.extend(other.unwatched);
        self.to_renew.extend(other.to_renew);
        self.to_compare.extend(other.to_compare);
        self.blind |= other.blind;
        for (at, user) in other.last_read {
            self.was_read(at, &user);
        }
        self.tally.add(&other.tally);
    }

    fn was_read(&mut self, at: DateTime<Utc>, user: &UserId) {
        let place = self.last_read.partition_point(|(other, _)| *other >= at);
        if place < TRIED {
            self.last_read.insert(place, (at, user.clone()));
            self.last_read.truncate(TRIED);
        }
    }

    fn sort_in(&mut self, row: MailboxRow, context: &TenantContext, now: DateTime<Utc>) {
        self.blind |= row.gaps > 0;
        if row.leaving {
            self.leaving.push(Due { urgency: Urgency::Usual, since: row.due, user: row.user });
            return;
        }
        self.tally.see(&row, now);
        if let Some(at) = row.resynced_at.max(row.upcoming_resynced_at) {
            self.was_read(at, &row.user);
        }
        if row.due <= now {
            let is_known = row.subscription.is_some() || row.last_success.is_some();
            let urgency = if is_known { Urgency::Pressing } else { Urgency::Usual };
            let list = if row.is_subscribed(now) { &mut self.to_renew } else { &mut self.unwatched };
            list.push(Due { urgency, since: row.due, user: row.user });
        } else if let Some(scope) = resync_schedule::due(&row, context.tenant.watch.resync, now) {
            let is_pressing = scope == ResyncScope::Upcoming || row.resync_wanted.is_some();
            let urgency = if is_pressing { Urgency::Pressing } else { Urgency::Usual };
            let since = row.resynced_at.unwrap_or(DateTime::UNIX_EPOCH);
            self.to_compare.push(Due { urgency, since, user: row.user });
        }
    }
}

/// `wanted`: `None` when the directory was not read, so that nobody joins or leaves. `releases`: whether who
/// is not in it leaves.
pub async fn compare(
    app: &AppContext,
    context: &TenantContext,
    shard: usize,
    wanted: Option<&HashSet<UserId>>,
    releases: bool,
) -> Result<DueMailboxes, StoreError> {
    let (tenant, now) = (&context.tenant.name, app.ledger.clock.now());
    let mut joining: HashSet<&UserId> = wanted.into_iter().flatten().collect();
    let mut found = DueMailboxes::default();
    let mut marks = Vec::new();
    // Who leaves, and who stays after all.
    let mark = |row: &MailboxRow| {
        let leaving = !wanted?.contains(&row.user);
        // Nothing of what was told meanwhile was read.
        let resync_wanted = if leaving { row.resync_wanted } else { Some(now) };
        (row.leaving != leaving && (releases || !leaving)).then(|| MailboxRow {
            leaving,
            resync_wanted,
            ..row.clone()
        })
    };
    let mut range = RowRange::all();
    loop {
        let page = mailboxes::page(&app.ledger, tenant, shard, range.clone(), PAGE).await?;
        for read in page.rows {
            joining.remove(&read.value.user);
            match mark(&read.value) {
                Some(marked) => {
                    marks.push(read);
                    found.sort_in(marked, context, now);
                }
                None => found.sort_in(read.value, context, now),
            }
        }
        match page.next {
            Some(next) => range.from = Some(next),
            None => break,
        }
    }
    for some in marks.chunks(BATCH) {
        change(&app.ledger, some, mark).await?;
    }
    let joining: Vec<MailboxRow> =
        joining.into_iter().map(|user| MailboxRow::wanted(tenant, user, now)).collect();
    for some in joining.chunks(BATCH) {
        insert(&app.ledger, tenant, shard, some).await?;
    }
    for row in joining {
        found.sort_in(row, context, now);
    }
    Ok(found)
}

/// So many mailboxes are tried in a planning round; one that answers is enough.
pub const TRIED: usize = 3;
