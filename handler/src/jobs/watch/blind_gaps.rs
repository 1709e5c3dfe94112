//! Gaps in which an invitation may have come and been declined with nobody to tell us: counted, and never hidden.

use crate::ids::SubscriptionId;
use crate::jobs::context::{Desk, Office};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::mailboxes::{self, MailboxRow};
use crate::store::{StoreError, Table, typed};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Gaps of mailboxes that were released since.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Blind {
    pub count: u64,
    pub last: Option<DateTime<Utc>>,
}

pub const BLIND_ROW: &str = "blind";

/// A gap counts where an invitation may have come and been declined with nobody to tell us. Where organizers' calendars are
/// readable, following them finds it all the same.
pub fn gap(desk: &Desk) -> u64 {
    u64::from(desk.tenant.watch.organizers.is_empty())
}

/// The subscription is gone, and with it what happened since: to be made anew, and the calendar to be compared.
pub fn lapsed(row: &MailboxRow, desk: &Desk, now: DateTime<Utc>) -> MailboxRow {
    MailboxRow {
        subscription: None,
        expires: None,
        due: now,
        resync_wanted: Some(now),
        gaps: row.gaps + gap(desk),
        ..row.clone()
    }
}

/// Something may have happened up to this time that nobody told us: the calendar is to be compared. Said again before it was, it
/// is the same gap.
pub fn missed(row: &MailboxRow, desk: &Desk, until: DateTime<Utc>) -> MailboxRow {
    let gaps = row.gaps + if row.resync_wanted.is_none() { gap(desk) } else { 0 };
    MailboxRow { resync_wanted: Some(until), gaps, ..row.clone() }
}

/// Writes down that this subscription is gone, before anything is done about it.
pub async fn note_lapse(office: &Office, desk: &Desk, row: &MailboxRow, id: &SubscriptionId) -> Result<(), StoreError> {
    let now = office.ledger.clock.now();
    mailboxes::update(office.ledger.tables.as_ref(), &row.tenant, &row.user, |stored| {
        let stored = stored?;
        (stored.subscription.as_ref() == Some(id)).then(|| lapsed(stored, desk, now))
    })
    .await?;
    raise(office, desk).await
}

/// The gaps of a mailbox outlive it.
pub async fn keep(office: &Office, row: &MailboxRow) -> Result<(), StoreError> {
    if row.gaps == 0 {
        return Ok(());
    }
    let (tables, partition) = (office.ledger.tables.as_ref(), row.tenant.as_str());
    typed::update(tables, Table::Connections, partition, BLIND_ROW, |blind: Option<&Blind>| {
        let count = blind.map_or(0, |blind| blind.count) + row.gaps;
        Some(Blind { count, last: Some(office.ledger.clock.now()) })
    })
    .await
    .map(|_| ())
}

/// Nothing that can't be known is hidden.
pub async fn raise(office: &Office, desk: &Desk) -> Result<(), StoreError> {
    if gap(desk) == 0 {
        return Ok(());
    }
    alerts::raise(&office.ledger, &desk.tenant.name, AlertKind::Blind).await
}
