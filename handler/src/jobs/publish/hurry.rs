//! When something of what is published is to be looked at before the next round: a mailbox that has sent all
//! that it may in a minute may send again, or an LMS has just told something by itself.
//!
//! Guarantee: it only says when; what is due says its own row. A word that is lost costs the time until the
//! next round.

use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Hurry {
    at: Option<DateTime<Utc>>,
}

const HURRY: Singleton<Hurry> = Singleton::new("publish-hurry");

pub(super) async fn by(ledger: &Ledger, tenant: &TenantName, at: DateTime<Utc>) -> Result<(), StoreError> {
    let sooner = |known: Option<&Hurry>| {
        let is_known = known.and_then(|known| known.at).is_some_and(|known| known <= at);
        (!is_known).then_some(Hurry { at: Some(at) })
    };
    HURRY.update(ledger, tenant, sooner).await?;
    Ok(())
}

/// True once for what is due by now.
pub(super) async fn take(
    ledger: &Ledger,
    tenant: &TenantName,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let known = HURRY.if_readable(ledger, tenant).await?.and_then(|known| known.at);
    if known.is_none_or(|at| at > now) {
        return Ok(false);
    }
    let take = |row: Option<&Hurry>| row.filter(|row| row.at == known).map(|_| Hurry { at: None });
    HURRY.update(ledger, tenant, take).await?;
    Ok(true)
}
