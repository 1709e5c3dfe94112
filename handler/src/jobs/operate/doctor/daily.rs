//! The daily look at each tenant, within housekeeping: what it finds failed is an alert with the first step,
//! and the alert ends when nothing failed any more.
//!
//! Guarantees: once a day for each tenant, within the time that it is given; a kill in between lets the next
//! hour look again. The alert is written before the row that remembers the look. A look that was cut short
//! ends no alert.

use super::check::Verdict;
use super::examine::examine;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::tenant_rows::Singleton;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct LastLook {
    at: DateTime<Utc>,
}

const LAST: Singleton<LastLook> = Singleton::new("examined");

/// Looks, unless that was done within `rest`.
pub async fn daily(
    app: &AppContext,
    context: &TenantContext,
    rest: Option<chrono::Duration>,
    time: Duration,
) -> Result<(), JobError> {
    let (ledger, name, now) = (&app.ledger, &context.tenant.name, app.ledger.clock.now());
    let Some(around) = &app.around else { return Ok(()) };
    let last = LAST.if_readable(ledger, name).await?;
    if let (Some(last), Some(rest)) = (last, rest)
        && last.at + rest > now
    {
        return Ok(());
    }
    let found = examine(app, around, |tenant| tenant == name, Instant::now() + time).await;
    let failed = found.count(Verdict::Failed);
    match found.first_fault(name) {
        Some(first) => {
            let step = first.step.as_deref().unwrap_or_else(|| AlertKind::Doctor.step());
            let step = format!("{}: {step} `regrets doctor` shows all.", first.title);
            alerts::raise_telling(ledger, name, AlertKind::Doctor, failed as u64, &step).await?;
        }
        None if found.cut => {}
        None => alerts::resolve(ledger, name, AlertKind::Doctor).await?,
    }
    if !found.cut {
        LAST.update(ledger, name, |_| Some(LastLook { at: now })).await?;
    }
    let warnings = found.count(Verdict::Warning);
    tracing::info!(tenant = %name, failed, warnings, cut = found.cut, "examined");
    Ok(())
}
