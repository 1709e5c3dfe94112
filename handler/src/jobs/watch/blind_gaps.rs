//! Gaps in which an invitation may have come and been declined with nobody to tell us: counted, and never
//! hidden.

use crate::ids::SubscriptionId;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::ledger::tenant_rows::Singleton;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Gaps of mailboxes that were released since.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct BlindGaps {
    pub count: u64,
    pub last: Option<DateTime<Utc>>,
}

pub const RELEASED: Singleton<BlindGaps> = Singleton::new("blind");

/// A gap counts where an invitation may have come and been declined with nobody to tell us. Where organizers'
/// calendars are readable, following them finds it all the same.
pub fn gap(context: &TenantContext) -> u64 {
    u64::from(context.tenant.watch.organizers.is_empty())
}

/// The subscription is gone, and with it what happened since: to be made anew, and the calendar to be
/// compared.
pub fn lapsed(row: &MailboxRow, context: &TenantContext, now: DateTime<Utc>) -> MailboxRow {
    MailboxRow {
        subscription: None,
        expires: None,
        due: now,
        resync_wanted: Some(now),
        gaps: row.gaps + gap(context),
        ..row.clone()
    }
}

/// Something may have happened up to this time that nobody told us: the calendar is to be compared. Said
/// again before it was, it is the same gap.
pub fn missed(row: &MailboxRow, context: &TenantContext, until: DateTime<Utc>) -> MailboxRow {
    let gaps = row.gaps + if row.resync_wanted.is_none() { gap(context) } else { 0 };
    MailboxRow { resync_wanted: Some(until), gaps, ..row.clone() }
}

/// Writes down that this subscription is gone, before anything is done about it.
pub async fn note_lapse(
    app: &AppContext,
    context: &TenantContext,
    row: &MailboxRow,
    id: &SubscriptionId,
) -> Result<(), StoreError> {
    let now = app.ledger.clock.now();
    mailboxes::update(&app.ledger, &row.tenant, &row.user, |stored| {
        let stored = stored?;
        (stored.subscription.as_ref() == Some(id)).then(|| lapsed(stored, context, now))
    })
    .await?;
    raise(app, context).await
}

/// The gaps of a mailbox outlive it.
pub async fn keep(app: &AppContext, row: &MailboxRow) -> Result<(), StoreError> {
    if row.gaps == 0 {
        return Ok(());
    }
    let add = |blind: Option<&BlindGaps>| {
        let count = blind.map_or(0, |blind| blind.count) + row.gaps;
        Some(BlindGaps { count, last: Some(app.ledger.clock.now()) })
    };
    RELEASED.update(&app.ledger, &row.tenant, add).await.map(|_| ())
}

/// Nothing that can't be known is hidden.
pub async fn raise(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    if gap(context) == 0 {
        return Ok(());
    }
    alerts::raise(&app.ledger, &context.tenant.name, AlertKind::Blind).await
}
