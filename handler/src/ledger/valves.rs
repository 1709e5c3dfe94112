//! The valve of a tenant: one row.

use crate::enrolment::valve::Valve;
use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::store::typed::{self, Read};
use crate::store::{Etag, StoreError, Table};
use chrono::{DateTime, Utc};

const VALVE: &str = "valve";

/// A valve as it was read. One that was never written is open, and has no version.
#[derive(Debug, Clone)]
pub struct ReadValve {
    pub value: Valve,
    version: Option<Etag>,
}

/// Reads the tenant's valve.
pub async fn valve(ledger: &Ledger, name: &TenantName, now: DateTime<Utc>) -> Result<Valve, StoreError> {
    Ok(read(ledger, name, now).await?.value)
}

/// The same, with the version to change it by.
pub async fn read(ledger: &Ledger, name: &TenantName, now: DateTime<Utc>) -> Result<ReadValve, StoreError> {
    let found: Option<Read<Valve>> =
        typed::get(ledger.tables.as_ref(), Table::Connections, name.as_str(), VALVE).await?;
    Ok(match found {
        Some(read) => ReadValve { value: read.value, version: Some(read.etag) },
        None => ReadValve { value: Valve::new(now), version: None },
    })
}

pub async fn change_valve<F>(
    ledger: &Ledger,
    name: &TenantName,
    now: DateTime<Utc>,
    mut change: F,
) -> Result<(), StoreError>
where
    F: FnMut(&Valve) -> Option<Valve>,
{
    typed::update(
        ledger.tables.as_ref(),
        Table::Connections,
        name.as_str(),
        VALVE,
        |stored: Option<&Valve>| match stored {
            Some(valve) => change(valve),
            None => change(&Valve::new(now)),
        },
    )
    .await
    .map(|_| ())
}

/// The same, from the valve as it was read before. Where somebody else has changed it since, it is read anew.
pub async fn change_known<F>(
    ledger: &Ledger,
    name: &TenantName,
    known: ReadValve,
    now: DateTime<Utc>,
    mut change: F,
) -> Result<(), StoreError>
where
    F: FnMut(&Valve) -> Option<Valve>,
{
    let Some(next) = change(&known.value) else { return Ok(()) };
    let (tables, entity) = (ledger.tables.as_ref(), typed::entity(&next)?);
    let written = match &known.version {
        Some(version) => tables.replace(Table::Connections, name.as_str(), VALVE, entity, version).await,
        None => tables.insert(Table::Connections, name.as_str(), VALVE, entity).await,
    };
    match written {
        Ok(_) => Ok(()),
        Err(lost) if lost.is_lost_race() => change_valve(ledger, name, now, change).await,
        Err(other) => Err(other),
    }
}
