//! A tenant that is switched off (`active = false`), and its way back.
//!
//! Guarantees: that it is off stands in the ledger before an instance drops anything that comes for it. On
//! again, every mailbox that was watched has its subscription asked about and its calendar compared, and is
//! counted as a gap where something may have been missed; that happens once nobody has it off any more,
//! because instances read their configuration at different times. Killed at any point, the next planning
//! round does the rest, and marks no mailbox twice.

use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::blind_gaps;
use crate::ledger::Ledger;
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// When it was off last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct SwitchedOff {
    since: DateTime<Utc>,
    /// An instance had it off then.
    seen: DateTime<Utc>,
    /// From then on nobody had it off: stands until every mailbox is marked.
    over: Option<DateTime<Utc>>,
    /// Every mailbox is marked.
    ended: bool,
}

const OFF: Singleton<SwitchedOff> = Singleton::new("switched-off");

/// Writes down which tenants this instance has off now: before it drops anything, and each minute after that.
pub async fn note(app: &AppContext) -> Result<(), StoreError> {
    for context in app.tenants.values().filter(|context| !context.tenant.active) {
        let now = app.ledger.clock.now();
        let off = |stored: Option<&SwitchedOff>| {
            let since = stored.filter(|stored| !stored.ended).map_or(now, |stored| stored.since);
            Some(SwitchedOff { since, seen: now, over: None, ended: false })
        };
        OFF.update(&app.ledger, &context.tenant.name, off).await?;
    }
    Ok(())
}

/// Since when nobody can have served the tenant; `None` while somebody may.
pub async fn since(ledger: &Ledger, tenant: &TenantName) -> Result<Option<DateTime<Utc>>, StoreError> {
    let off = OFF.read(ledger, tenant).await?;
    Ok(off.filter(|off| !off.ended && off.over.is_none()).map(|off| off.since))
}

/// Whether a tenant that is on here may be worked on: closes the gap where it was off.
pub async fn is_back(app: &AppContext, context: &TenantContext) -> Result<bool, StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let Some(off) = OFF.read(ledger, tenant).await?.filter(|off| !off.ended) else { return Ok(true) };
    let now = ledger.clock.now();
    let over = match off.over {
        // Whoever found that was killed over it.
        Some(over) => over,
        None if off.seen + app.timing.switched_off > now => {
            tracing::info!(tenant = %tenant, "another instance has it switched off still");
            return Ok(false);
        }
        None => now,
    };
    let begin = |stored: Option<&SwitchedOff>| {
        let same = stored.filter(|stored| stored.seen == off.seen && !stored.ended)?;
        Some(SwitchedOff { over: same.over.or(Some(over)), ..same.clone() })
    };
    let begun = OFF.update(ledger, tenant, begin).await?;
    let Some(over) = begun.filter(|begun| begun.seen == off.seen).and_then(|begun| begun.over) else {
        // Switched off again at this moment.
        return Ok(false);
    };
    tracing::info!(tenant = %tenant, since = %off.since, "on again; all calendars are to be compared");
    mailboxes::change_all(ledger, tenant, |row| marked(row, context, over)).await?;
    let end = |stored: Option<&SwitchedOff>| {
        let same = stored.filter(|stored| stored.over == Some(over))?;
        Some(SwitchedOff { ended: true, ..same.clone() })
    };
    OFF.update(ledger, tenant, end).await?;
    Ok(true)
}

/// As after an outage of Graph; and its subscription may be gone, which nobody would have been told.
fn marked(row: &MailboxRow, context: &TenantContext, over: DateTime<Utc>) -> Option<MailboxRow> {
    // The first comparison of the others comes with their first subscription.
    let was_watched = row.last_success.is_some();
    let is_marked = row.resync_wanted.is_some_and(|wanted| wanted >= over);
    (was_watched && !is_marked)
        .then(|| MailboxRow { due: row.due.min(over), ..blind_gaps::missed(row, context, over) })
}
