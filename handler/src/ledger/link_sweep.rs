//! Goes through all that stands among a tenant's links, whatever kind of row it is: for who tidies up.

use crate::calendar::link::Link;
use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::ledger::attendee_snapshots::{self, AttendeeSnapshot};
use crate::store::sweep::Sweep;
use crate::store::{Row, StoreError, Table, typed};

/// Where a sweep is.
pub struct LinkSweep(Sweep);

pub struct SweptRow {
    row: Row,
    pub kind: Kind,
}

pub enum Kind {
    Link(Box<Link>),
    Snapshot(Box<AttendeeSnapshot>),
    /// What goes with a snapshot's own row, which stands under this key.
    OfSnapshot(String),
    /// Of a series.
    Mark,
    /// A newer version wrote it.
    Unreadable,
}

impl LinkSweep {
    /// From this partition on.
    pub fn of(tenant: &TenantName, from: Option<String>) -> Self {
        Self(Sweep::of_tenant(Table::Links, tenant).from(from))
    }

    /// The partition that comes next, to go on there another time. `None`: it is over.
    pub fn at(&self) -> Option<&str> {
        self.0.at()
    }

    /// Some more rows; none when it is over.
    pub async fn next(&mut self, ledger: &Ledger) -> Result<Vec<SweptRow>, StoreError> {
        let rows = self.0.next(ledger.tables.as_ref()).await?;
        Ok(rows.into_iter().map(SweptRow::of).collect())
    }
}

impl SweptRow {
    fn of(row: Row) -> Self {
        let kind = if attendee_snapshots::is_row(&row.row) {
            typed::read(Table::Links, row.clone()).map(|read| Kind::Snapshot(Box::new(read.value)))
        } else if let Some(own) = attendee_snapshots::own_row_of(&row.row) {
            Ok(Kind::OfSnapshot(own))
        } else if attendee_snapshots::is_mark(&row.row) {
            Ok(Kind::Mark)
        } else {
            typed::read(Table::Links, row.clone()).map(|read| Kind::Link(Box::new(read.value)))
        };
        Self { row, kind: kind.unwrap_or(Kind::Unreadable) }
    }

    /// Of the mailbox whose it is.
    pub fn partition(&self) -> &str {
        &self.row.partition
    }

    /// True where the snapshot's own row is gone.
    pub async fn is_without(&self, ledger: &Ledger, own: &str) -> Result<bool, StoreError> {
        Ok(ledger.tables.get(Table::Links, &self.row.partition, own).await?.is_none())
    }

    /// Deletes it in this version. False: somebody has written it meanwhile.
    pub async fn remove(&self, ledger: &Ledger) -> Result<bool, StoreError> {
        let Row { partition, row, etag, entity: _ } = &self.row;
        match ledger.tables.delete(Table::Links, partition, row, Some(etag)).await {
            Ok(()) => Ok(true),
            Err(lost) if lost.is_lost_race() => Ok(false),
            Err(other) => Err(other),
        }
    }
}
