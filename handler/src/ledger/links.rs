//! The stored ties between calendar events and places: made once, found by what a notification names, and taught by every
//! reading.
//!
//! Guarantee: a link is written before its enrolment, which can be derived from it.

use crate::calendar::link::Link;
use crate::ids::{TenantName, UserId};
use crate::ledger::Ledger;
use crate::messages::LinkRef;
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};

/// Among those that stand for this calendar item, the link of the learner's own copy.
pub fn of_own_copy<'a>(links: &'a [Read<Link>], key: &str) -> Option<&'a Read<Link>> {
    links.iter().find(|read| is_own_copy(&read.value, key))
}

pub(crate) fn is_own_copy(link: &Link, key: &str) -> bool {
    link.event.is_some() && !link.is_master() && link.part_key() == key
}

/// Row keys of links: `e-…` and `o-…`. What else stands in their partition begins with later letters.
pub fn rows() -> RowRange {
    RowRange { from: Some("e-".to_owned()), to: Some("p".to_owned()) }
}

pub async fn of_mailbox(ledger: &Ledger, tenant: &TenantName, mailbox: &UserId) -> Result<Vec<Read<Link>>, StoreError> {
    let partition = Link::partition(tenant, mailbox);
    typed::scan(ledger.tables.as_ref(), Table::Links, &partition, rows(), usize::MAX).await
}

pub async fn load(ledger: &Ledger, at: &LinkRef) -> Result<Option<Link>, StoreError> {
    let found = typed::get(ledger.tables.as_ref(), Table::Links, &at.partition, &at.row).await?;
    Ok(found.map(|read: Read<Link>| read.value))
}

/// A link and where it is stored.
pub type Linked = (Link, LinkRef);
