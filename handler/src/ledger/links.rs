//! The stored ties between calendar events and places: made once, found by what a notification names, and
//! taught by every reading.
//!
//! Guarantee: a link is written before its enrolment, which can be derived from it.

use crate::calendar::link::Link;
use crate::ids::{SessionId, TenantName, UserId};
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
fn rows() -> RowRange {
    RowRange { from: Some("e-".to_owned()), to: Some("p".to_owned()) }
}

pub async fn of_mailbox(
    ledger: &Ledger,
    tenant: &TenantName,
    mailbox: &UserId,
) -> Result<Vec<Read<Link>>, StoreError> {
    in_partition(ledger, &LinkRef::partition(tenant, mailbox)).await
}

async fn in_partition(ledger: &Ledger, partition: &str) -> Result<Vec<Read<Link>>, StoreError> {
    typed::scan(ledger.tables.as_ref(), Table::Links, partition, rows(), usize::MAX).await
}

/// Stores a link; true when it was new.
pub async fn insert(ledger: &Ledger, at: &LinkRef, link: &Link) -> Result<bool, StoreError> {
    typed::insert_if_absent(ledger.tables.as_ref(), Table::Links, &at.partition, &at.row, link).await
}

/// Changes a link that is there; gives what is stored now.
pub async fn update<F>(ledger: &Ledger, at: &LinkRef, mut change: F) -> Result<Option<Link>, StoreError>
where
    F: FnMut(&Link) -> Link,
{
    typed::update(ledger.tables.as_ref(), Table::Links, &at.partition, &at.row, |stored: Option<&Link>| {
        let stored = stored?;
        let next = change(stored);
        (next != *stored).then_some(next)
    })
    .await
}

/// Deletes the links of one session in a mailbox's partition.
pub async fn forget_session(ledger: &Ledger, partition: &str, session: &SessionId) -> Result<(), StoreError> {
    for link in in_partition(ledger, partition).await?.iter().filter(|link| link.value.session == *session) {
        ledger.tables.delete(Table::Links, &link.partition, &link.row, None).await?;
    }
    Ok(())
}

pub async fn load(ledger: &Ledger, at: &LinkRef) -> Result<Option<Link>, StoreError> {
    let found = typed::get(ledger.tables.as_ref(), Table::Links, &at.partition, &at.row).await?;
    Ok(found.map(|read: Read<Link>| read.value))
}

/// A link and where it is stored.
pub type Linked = (Link, LinkRef);
