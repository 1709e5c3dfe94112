//! Organizers' calendars: what has vanished from them, and which of them nothing is written in
//! ([`crate::publishing::organizer_calendar`]).

use crate::ids::{Address, TenantName, hash};
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Collection;
use crate::publishing::organizer_calendar::OrganizerCalendar;
use crate::store::{RowRange, StoreError};

fn calendars(tenant: &TenantName) -> Collection<OrganizerCalendar> {
    Collection::of(tenant, "organizer-calendars")
}

pub async fn load(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &Address,
) -> Result<Option<OrganizerCalendar>, StoreError> {
    calendars(tenant).read(ledger, &hash(organizer.as_str())).await
}

/// Those of which anything is known.
pub async fn all(ledger: &Ledger, tenant: &TenantName) -> Result<Vec<OrganizerCalendar>, StoreError> {
    let all = calendars(tenant).scan(ledger, RowRange::all()).await?;
    Ok(all.into_iter().map(|read| read.value).collect())
}

pub async fn is_stopped(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &Address,
) -> Result<bool, StoreError> {
    Ok(load(ledger, tenant, organizer).await?.is_some_and(|row| row.stopped.is_some()))
}

/// Gives what is stored then.
pub async fn update<F>(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &Address,
    change: F,
) -> Result<OrganizerCalendar, StoreError>
where
    F: Fn(&OrganizerCalendar) -> OrganizerCalendar + Send,
{
    let new = || OrganizerCalendar::new(organizer.clone());
    let write = |row: Option<&OrganizerCalendar>| {
        let old = row.cloned().unwrap_or_else(new);
        let next = change(&old);
        (next != old).then_some(next)
    };
    let stored = calendars(tenant).update(ledger, &hash(organizer.as_str()), write).await?;
    Ok(stored.unwrap_or_else(new))
}
