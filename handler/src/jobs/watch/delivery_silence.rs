//! A tenant that hears nothing although it usually does at this time: Graph was reported to deliver nothing
//! for hours from subscriptions that look healthy (reference/graph-notifications.md#delivery).
//!
//! Guarantees: held against the same hours of the last two weeks, so that nights and week-ends are no
//! silence; the alert goes by itself when something is heard. The count is kept by the hour and written now
//! and then, never on the webhook's way.

use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const WEEK: i64 = 7 * 24;
/// Hours that are remembered.
const KEPT: i64 = 2 * WEEK + 24;
/// Hours of silence that are no news, whatever is usual.
const SHORT: i64 = 3;
/// So many notifications must be missing.
const MISSING: u64 = 50;

/// Notifications by the hour since 1970.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DeliveryHistory {
    hours: BTreeMap<i64, u64>,
}

fn hour(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(3_600)
}

impl DeliveryHistory {
    fn add(&mut self, at: DateTime<Utc>, count: u64) {
        let now = hour(at);
        *self.hours.entry(now).or_default() += count;
        self.hours.retain(|hour, _| *hour > now - KEPT);
    }

    fn in_hour(&self, hour: i64) -> u64 {
        self.hours.get(&hour).copied().unwrap_or_default()
    }

    /// How many notifications are missing since the last one was heard: what the same hours of the weeks
    /// before would have brought. The hour that runs and the one before don't count: other instances may not
    /// have written them yet.
    fn missing(&self, now: DateTime<Utc>) -> u64 {
        let (Some((first, _)), Some((last, _))) = (self.hours.first_key_value(), self.hours.last_key_value())
        else {
            return 0;
        };
        let silent = last + 1..=hour(now) - 2;
        if silent.clone().count() < usize::try_from(SHORT).unwrap_or_default() {
            return 0;
        }
        let usual = |hour: i64| {
            let weeks: Vec<u64> = [WEEK, 2 * WEEK]
                .iter()
                .map(|back| hour - back)
                .filter(|at| at >= first)
                .map(|at| self.in_hour(at))
                .collect();
            weeks.iter().sum::<u64>() / u64::try_from(weeks.len().max(1)).unwrap_or(1)
        };
        silent.map(usual).sum()
    }
}

const HEARD: Singleton<DeliveryHistory> = Singleton::new("heard");

/// So many notifications have come since the last time.
pub async fn count_delivered(app: &AppContext, tenant: &TenantName, count: u64) -> Result<(), StoreError> {
    let now = app.ledger.clock.now();
    let add = |heard: Option<&DeliveryHistory>| {
        let mut next = heard.cloned().unwrap_or_default();
        next.add(now, count);
        Some(next)
    };
    HEARD.update(&app.ledger, tenant, add).await.map(|_| ())
}

/// Raises the alert where Graph is silent; true if so.
pub async fn check(app: &AppContext, context: &TenantContext) -> Result<bool, StoreError> {
    let name = &context.tenant.name;
    let heard = HEARD.read(&app.ledger, name).await?;
    let missing = heard.map_or(0, |heard| heard.missing(app.ledger.clock.now()));
    if missing >= MISSING {
        tracing::warn!(tenant = %name, missing, "Graph is silent");
        alerts::raise(&app.ledger, name, AlertKind::GraphSilent).await?;
    }
    Ok(missing >= MISSING)
}

#[cfg(test)]
#[path = "delivery_silence_tests.rs"]
mod tests;
