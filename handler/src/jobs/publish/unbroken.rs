//! Since when this ledger was kept without a gap. A ledger that was lost knows nothing of what was published
//! before; one that was restored nothing of what was published since it was saved. Each begins anew here.
//!
//! Guarantees: whatever a ledger says of calendars from before its last gap is not believed. What was saved
//! and is back within [`GAP`] is not noticed: then Graph's memory of transactions alone keeps second events
//! away; two ledgers never ask for the same transaction, for the first one's event may be gone by now.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    born: DateTime<Utc>,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// What may be believed of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unbroken {
    /// When it began, from nothing.
    pub born: DateTime<Utc>,
    /// `None`: there may be a gap that no round has seen yet.
    pub since: Option<DateTime<Utc>>,
}

const KEPT: Singleton<Kept> = Singleton::new("kept-unbroken");
/// Three rounds of `sync-sessions` by default. Where they are further apart, more is looked up, and that is
/// all.
pub const GAP: TimeDelta = TimeDelta::minutes(20);
/// Written no more often.
const BEAT: TimeDelta = TimeDelta::minutes(4);

/// Each round says that the ledger is kept still.
pub async fn beat(ledger: &Ledger, tenant: &TenantName, now: DateTime<Utc>) -> Result<(), StoreError> {
    let beat = |kept: Option<&Kept>| match kept {
        Some(kept) if now < kept.until + BEAT => None,
        Some(kept) if now <= kept.until + GAP => Some(Kept { until: now, ..*kept }),
        Some(kept) => Some(Kept { since: now, until: now, ..*kept }),
        None => Some(Kept { born: now, since: now, until: now }),
    };
    KEPT.update(ledger, tenant, beat).await?;
    Ok(())
}

/// `None`: no round was begun yet.
pub async fn read(
    ledger: &Ledger,
    tenant: &TenantName,
    now: DateTime<Utc>,
) -> Result<Option<Unbroken>, StoreError> {
    let kept = KEPT.if_readable(ledger, tenant).await?;
    Ok(kept.map(|kept| Unbroken { born: kept.born, since: (now <= kept.until + GAP).then_some(kept.since) }))
}
