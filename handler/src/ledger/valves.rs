//! The valve of a tenant: one row.

use crate::enrolment::valve::Valve;
use crate::ids::TenantName;
use crate::ledger::Ledger;
use crate::store::typed::{self, Read};
use crate::store::{StoreError, Table};
use chrono::{DateTime, Utc};

const VALVE: &str = "valve";

/// Reads the tenant's valve; one that was never written is open.
pub async fn valve(ledger: &Ledger, name: &TenantName, now: DateTime<Utc>) -> Result<Valve, StoreError> {
    let found = typed::get(ledger.tables.as_ref(), Table::Connections, name.as_str(), VALVE).await?;
    Ok(found.map_or_else(|| Valve::new(now), |read: Read<Valve>| read.value))
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
    typed::update(ledger.tables.as_ref(), Table::Connections, name.as_str(), VALVE, |stored: Option<&Valve>| {
        match stored {
            Some(valve) => change(valve),
            None => change(&Valve::new(now)),
        }
    })
    .await
    .map(|_| ())
}
