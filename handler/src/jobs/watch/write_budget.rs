//! How many writes of subscriptions a tenant may make now, whichever instance makes them: one row per tenant
//! holds what is left, and each process hands out what it took of it.
//!
//! Guarantees: in no twenty seconds more than 200 creations, each of which brings two handshakes back to our
//! own endpoint, nor more than 900 creations, renewals and deletions together, which leaves a tenth of
//! Graph's 1,000 (reference/graph-limits.md#subscriptions) to what the client repeats by itself. Permits come
//! by the batch, because a `$batch` of twenty costs no more than one of one. Nobody waits longer than they
//! said: what finds no room stays due, and the next planning round brings it again.

use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::timing::{Limits, WHOLE};
use crate::jobs::watch::write_limiter::{PermitBatch, WriteLimiter};
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// What is paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteKind {
    /// A new subscription: counts as a write, too.
    Creation,
    /// A renewal or a deletion.
    Write,
    /// Listing all subscriptions, which takes many pages.
    Listing,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TokenBucket {
    at: DateTime<Utc>,
    creations: i64,
    writes: i64,
    listings: i64,
}

/// What came of asking for permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permits {
    All,
    /// Not before so long.
    Wait(Duration),
}

impl TokenBucket {
    fn full(at: DateTime<Utc>, limits: &Limits) -> Self {
        Self {
            at,
            creations: limits.creations.full(),
            writes: limits.writes.full(),
            listings: limits.listings.full(),
        }
    }

    /// A clock that went back gives nothing, and takes nothing.
    fn refilled(&self, now: DateTime<Utc>, limits: &Limits) -> Self {
        let millis = (now - self.at).num_milliseconds().max(0);
        Self {
            at: self.at.max(now),
            creations: limits.creations.refilled(self.creations, millis),
            writes: limits.writes.refilled(self.writes, millis),
            listings: limits.listings.refilled(self.listings, millis),
        }
    }

    fn take(&mut self, kind: WriteKind, wanted: u32, limits: &Limits) -> Permits {
        let permits = i64::from(wanted);
        let wait = match kind {
            WriteKind::Creation => {
                limits.creations.wait(self.creations, permits).max(limits.writes.wait(self.writes, permits))
            }
            WriteKind::Write => limits.writes.wait(self.writes, permits),
            WriteKind::Listing => limits.listings.wait(self.listings, permits),
        };
        let cost = permits * WHOLE;
        let buckets: &mut [&mut i64] = match kind {
            WriteKind::Creation => &mut [&mut self.creations, &mut self.writes],
            WriteKind::Write => &mut [&mut self.writes],
            WriteKind::Listing => &mut [&mut self.listings],
        };
        if buckets.iter().any(|left| **left < cost) {
            return Permits::Wait(wait);
        }
        for left in buckets {
            **left -= cost;
        }
        Permits::All
    }
}

const BUDGET: Singleton<TokenBucket> = Singleton::new("pace");

/// Takes so many permits, or none.
pub async fn take(
    app: &AppContext,
    tenant: &TenantName,
    kind: WriteKind,
    wanted: u32,
) -> Result<Permits, StoreError> {
    let limits = &app.timing.pace;
    // By the store's clock, which is the same for all instances.
    let now = app.ledger.now().await?;
    let mut taken = Permits::All;
    let spend = |bucket: Option<&TokenBucket>| {
        let mut next =
            bucket.map_or_else(|| TokenBucket::full(now, limits), |bucket| bucket.refilled(now, limits));
        taken = next.take(kind, wanted, limits);
        (taken == Permits::All).then_some(next)
    };
    BUDGET.update(&app.ledger, tenant, spend).await?;
    Ok(taken)
}

/// The most that are taken at a time: as many as one `$batch` takes.
const BATCH_SIZE: u32 = 20;
/// What was taken and not used is forfeited after this: permits that were saved up would come on top of later
/// ones.
const STALE: Duration = Duration::from_secs(2);

impl WriteLimiter {
    /// True when there is room for one more write; waited for until `until` at most.
    pub async fn admits(
        &self,
        app: &AppContext,
        tenant: &TenantName,
        kind: WriteKind,
        until: Instant,
    ) -> Result<bool, StoreError> {
        let (batch, waiting) = match kind {
            WriteKind::Creation => (&self.creations, &self.waiting[0]),
            WriteKind::Write => (&self.writes, &self.waiting[1]),
            WriteKind::Listing => return Ok(take(app, tenant, kind, 1).await? == Permits::All),
        };
        let _waiting = Waiting::at(waiting);
        let Ok(mut batch) = timeout_at(until, batch.lock()).await else { return Ok(false) };
        loop {
            let now = Instant::now();
            if batch.left > 0 && batch.taken.is_some_and(|at| now < at + STALE) {
                batch.left -= 1;
                return Ok(true);
            }
            match batch.next {
                Some(next) if next > until => return Ok(false),
                Some(next) if next > now => sleep_until(next).await,
                Some(_) | None => {
                    let wanted = waiting.load(Ordering::SeqCst).clamp(1, BATCH_SIZE);
                    match take(app, tenant, kind, wanted).await? {
                        Permits::All => {
                            *batch = PermitBatch { left: wanted, taken: Some(Instant::now()), next: None };
                        }
                        Permits::Wait(wait) => batch.next = Some(Instant::now() + wait),
                    }
                }
            }
        }
    }
}

/// Stands before a door until dropped, as whoever gives up waiting is.
struct Waiting<'a>(&'a AtomicU32);

impl<'a> Waiting<'a> {
    fn at(door: &'a AtomicU32) -> Self {
        door.fetch_add(1, Ordering::SeqCst);
        Self(door)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
#[path = "write_budget_tests.rs"]
mod tests;
