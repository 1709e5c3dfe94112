//! How many writes of subscriptions a tenant may make now, whichever instance makes them: one row per tenant holds what is
//! left.
//!
//! Guarantees: in no twenty seconds more than 200 creations, each of which brings two handshakes back to our own endpoint, nor
//! more than 900 creations, renewals and deletions together, which leaves a tenth of Graph's 1,000 (facts sheet, section 9) to
//! what the client repeats by itself. Nobody waits: what finds no room stays due, and the next planning round brings it again.

use crate::ids::TenantName;
use crate::store::{StoreError, Table, typed};
use crate::work::desk::Office;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

/// What is paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// A new subscription: counts as a write, too.
    Creation,
    /// A renewal or a deletion.
    Write,
    /// Listing all subscriptions, which takes many pages.
    Listing,
}

/// So many at once, and so many thousandths more in each second.
#[derive(Clone, Copy)]
struct Limit {
    burst: i64,
    per_second: i64,
}

// Much at once rather than much in a second, because work comes in bursts, one with every planning round.
const CREATIONS: Limit = Limit { burst: 120, per_second: 4_000 };
const WRITES: Limit = Limit { burst: 400, per_second: 25_000 };
/// Two, and then one in about five minutes: pages are limited to 40 in 20 seconds.
const LISTINGS: Limit = Limit { burst: 2, per_second: 3 };

/// Of thousandths of a permit, a thousandth: so that a millisecond's part is a whole number.
const WHOLE: i64 = 1_000_000;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Purse {
    at: DateTime<Utc>,
    creations: i64,
    writes: i64,
    listings: i64,
}

impl Limit {
    fn full(self) -> i64 {
        self.burst * WHOLE
    }

    fn refilled(self, left: i64, millis: i64) -> i64 {
        left.saturating_add(self.per_second.saturating_mul(millis)).min(self.full())
    }
}

impl Purse {
    fn full(at: DateTime<Utc>) -> Self {
        Self { at, creations: CREATIONS.full(), writes: WRITES.full(), listings: LISTINGS.full() }
    }

    /// A clock that went back gives nothing, and takes nothing.
    fn refilled(&self, now: DateTime<Utc>) -> Self {
        let millis = (now - self.at).num_milliseconds().max(0);
        Self {
            at: self.at.max(now),
            creations: CREATIONS.refilled(self.creations, millis),
            writes: WRITES.refilled(self.writes, millis),
            listings: LISTINGS.refilled(self.listings, millis),
        }
    }

    /// Takes as many as there are, at most `most`.
    fn take(&mut self, deed: Deed, most: u32) -> u32 {
        let left = match deed {
            Deed::Creation => self.creations.min(self.writes),
            Deed::Write => self.writes,
            Deed::Listing => self.listings,
        };
        let taken = (left / WHOLE).clamp(0, i64::from(most));
        match deed {
            Deed::Creation => {
                self.creations -= taken * WHOLE;
                self.writes -= taken * WHOLE;
            }
            Deed::Write => self.writes -= taken * WHOLE,
            Deed::Listing => self.listings -= taken * WHOLE,
        }
        u32::try_from(taken).unwrap_or_default()
    }
}

const PACE_ROW: &str = "pace";

/// Takes up to `most` permits; gives how many there were.
pub async fn take(office: &Office, tenant: &TenantName, deed: Deed, most: u32) -> Result<u32, StoreError> {
    let tables = office.tables.as_ref();
    // By the store's clock, which is the same for all instances.
    let now = tables.now().await?;
    let mut taken = 0;
    typed::update(tables, Table::Connections, tenant.as_str(), PACE_ROW, |purse: Option<&Purse>| {
        let mut next = purse.map_or_else(|| Purse::full(now), |purse| purse.refilled(now));
        taken = next.take(deed, most);
        (taken > 0).then_some(next)
    })
    .await?;
    Ok(taken)
}

/// Permits of one invocation, taken from the tenant's row by the lot, so that mailboxes tended side by side don't wait for one
/// another's write. What is left of a lot at the end is forfeited.
pub struct Book {
    lot: u32,
    creations: Mutex<Lot>,
    writes: Mutex<Lot>,
}

#[derive(Default)]
struct Lot {
    left: u32,
    /// There was no room when it was last asked for: the rest of this invocation need not ask again.
    is_out: bool,
}

/// The most that are taken at a time: as many as one `$batch` takes.
const LOT: usize = 20;

impl Book {
    /// For so many mailboxes.
    pub fn of(mailboxes: usize) -> Self {
        let lot = u32::try_from(mailboxes.clamp(1, LOT)).unwrap_or(1);
        Self { lot, creations: Mutex::default(), writes: Mutex::default() }
    }

    /// True when there is room for one more.
    pub async fn has_room(&self, office: &Office, tenant: &TenantName, deed: Deed) -> Result<bool, StoreError> {
        let lot = match deed {
            Deed::Creation => &self.creations,
            Deed::Write => &self.writes,
            Deed::Listing => return Ok(take(office, tenant, deed, 1).await? > 0),
        };
        let mut lot = lot.lock().await;
        if lot.left == 0 && !lot.is_out {
            lot.left = take(office, tenant, deed, self.lot).await?;
            lot.is_out = lot.left == 0;
        }
        let has_room = lot.left > 0;
        lot.left = lot.left.saturating_sub(1);
        Ok(has_room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::testing::{World, contoso};
    use chrono::Duration;
    use std::collections::VecDeque;

    /// Everybody takes all they can, every 250 ms for ten minutes: how many within any twenty seconds, and in all?
    async fn greedy(deeds: &[Deed]) -> (u32, u32) {
        let world = World::new().await;
        let mut window: VecDeque<(i64, u32)> = VecDeque::new();
        let (mut most, mut sum) = (0, 0);
        for at in (0..600_000).step_by(250) {
            let mut taken = 0;
            for deed in deeds {
                taken += take(&world.office, &contoso(), *deed, 1_000).await.unwrap();
            }
            window.push_back((at, taken));
            while window.front().is_some_and(|(from, _)| *from <= at - 20_000) {
                window.pop_front();
            }
            most = most.max(window.iter().map(|(_, taken)| taken).sum());
            sum += taken;
            world.clock.advance(Duration::milliseconds(250));
        }
        (most, sum)
    }

    #[tokio::test(start_paused = true)]
    async fn no_twenty_seconds_see_more_than_is_allowed() {
        let (most, sum) = greedy(&[Deed::Creation]).await;
        assert!(most <= 200 && sum >= 2_400, "{most} creations in 20 s, {sum} in ten minutes");
        let (most, sum) = greedy(&[Deed::Creation, Deed::Write]).await;
        assert!(most <= 900 && sum >= 15_000, "{most} writes in 20 s, {sum} in ten minutes");
        let (_, sum) = greedy(&[Deed::Listing]).await;
        assert_eq!(sum, 3);
    }

    #[tokio::test(start_paused = true)]
    async fn renewals_leave_creations_their_part_and_the_other_way_round() {
        let world = World::new().await;
        assert_eq!(take(&world.office, &contoso(), Deed::Creation, 1_000).await.unwrap(), 120);
        assert_eq!(take(&world.office, &contoso(), Deed::Write, 1_000).await.unwrap(), 280);
        assert_eq!(take(&world.office, &contoso(), Deed::Creation, 1).await.unwrap(), 0);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(take(&world.office, &contoso(), Deed::Creation, 1_000).await.unwrap(), 4);
        assert_eq!(take(&world.office, &contoso(), Deed::Write, 1_000).await.unwrap(), 21);
    }

    #[tokio::test(start_paused = true)]
    async fn instances_side_by_side_share_one_purse() {
        let world = World::new().await;
        let (office, tenant) = (&world.office, contoso());
        world.tables.yields.store(true, std::sync::atomic::Ordering::SeqCst);
        let takers = (0..12).map(|_| take(office, &tenant, Deed::Creation, 20));
        let taken = futures::future::try_join_all(takers).await.unwrap();
        assert_eq!(taken.iter().sum::<u32>(), 120, "{taken:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_book_asks_the_ledger_once_for_a_batch_and_no_more_once_there_is_no_room() {
        let world = World::new().await;
        take(&world.office, &contoso(), Deed::Creation, 95).await.unwrap();
        let book = Book::of(100);
        world.tables.count();
        let mut granted = 0;
        for _ in 0..100 {
            granted += u32::from(book.has_room(&world.office, &contoso(), Deed::Creation).await.unwrap());
        }
        assert_eq!((granted, world.tables.count().writes), (25, 2));
    }
}
