//! Rows by which jobs remember something: one a tenant ([`Singleton`]), or one for each thing
//! ([`Collection`]). What is in them is the jobs' own, and so are their names; each name stands once in the
//! code.

use crate::ids::TenantName;
use crate::ledger::{Ledger, typed_rows};
use crate::store::typed::{self, Read};
use crate::store::{Op, RowRange, StoreError, Table, sweep};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::marker::PhantomData;

/// One row a tenant.
pub struct Singleton<T> {
    row: &'static str,
    value: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Singleton<T> {
    pub const fn new(row: &'static str) -> Self {
        Self { row, value: PhantomData }
    }

    pub async fn read(&self, ledger: &Ledger, tenant: &TenantName) -> Result<Option<T>, StoreError> {
        let found: Option<Read<T>> =
            typed::get(ledger.tables.as_ref(), Table::Connections, tenant.as_str(), self.row).await?;
        Ok(found.map(|read| read.value))
    }

    /// The same of a row that can be done without: one that can't be read counts as none.
    pub async fn if_readable(&self, ledger: &Ledger, tenant: &TenantName) -> Result<Option<T>, StoreError> {
        typed_rows::if_readable(self.read(ledger, tenant).await)
    }

    /// As [`typed::update`].
    pub async fn update<F>(
        &self,
        ledger: &Ledger,
        tenant: &TenantName,
        change: F,
    ) -> Result<Option<T>, StoreError>
    where
        F: FnMut(Option<&T>) -> Option<T>,
    {
        typed::update(ledger.tables.as_ref(), Table::Connections, tenant.as_str(), self.row, change).await
    }

    /// True when there was none.
    pub async fn insert(&self, ledger: &Ledger, tenant: &TenantName, value: &T) -> Result<bool, StoreError> {
        typed::insert_if_absent(ledger.tables.as_ref(), Table::Connections, tenant.as_str(), self.row, value)
            .await
    }

    pub async fn remove(&self, ledger: &Ledger, tenant: &TenantName) -> Result<(), StoreError> {
        ledger.tables.delete(Table::Connections, tenant.as_str(), self.row, None).await
    }
}

/// A row for each thing, in a partition of their own.
pub struct Collection<T> {
    partition: String,
    value: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Collection<T> {
    /// `<tenant>~<name>`.
    pub fn of(tenant: &TenantName, name: &str) -> Self {
        Self { partition: format!("{tenant}~{name}"), value: PhantomData }
    }

    pub fn partition(&self) -> &str {
        &self.partition
    }

    pub async fn read(&self, ledger: &Ledger, row: &str) -> Result<Option<T>, StoreError> {
        let found: Option<Read<T>> =
            typed::get(ledger.tables.as_ref(), Table::Connections, &self.partition, row).await?;
        Ok(found.map(|read| read.value))
    }

    /// As [`typed::update`].
    pub async fn update<F>(&self, ledger: &Ledger, row: &str, change: F) -> Result<Option<T>, StoreError>
    where
        F: FnMut(Option<&T>) -> Option<T>,
    {
        typed::update(ledger.tables.as_ref(), Table::Connections, &self.partition, row, change).await
    }

    /// Writes rows whose keys say all that they hold, in one go.
    pub async fn put(&self, ledger: &Ledger, rows: &[(String, T)]) -> Result<(), StoreError> {
        let put =
            |(row, value): &(String, T)| Ok(Op::Put { row: row.clone(), entity: typed::entity(value)? });
        let ops = rows.iter().map(put).collect::<Result<Vec<_>, StoreError>>()?;
        ledger.tables.batch(Table::Connections, &self.partition, ops).await
    }

    pub async fn scan(&self, ledger: &Ledger, range: RowRange) -> Result<Vec<Read<T>>, StoreError> {
        typed::scan(ledger.tables.as_ref(), Table::Connections, &self.partition, range, usize::MAX).await
    }

    /// What is in this row is not what it should be.
    pub fn corrupt(&self, row: &str, why: &dyn Display) -> StoreError {
        StoreError::Corrupt {
            table: Table::Connections.name(),
            partition: self.partition.clone(),
            row: row.to_owned(),
            why: why.to_string(),
        }
    }

    pub async fn remove(&self, ledger: &Ledger, row: &str) -> Result<(), StoreError> {
        ledger.tables.delete(Table::Connections, &self.partition, row, None).await
    }

    /// Lets go of all of them; so many are read at a time.
    pub async fn clear(&self, ledger: &Ledger, at_once: usize) -> Result<(), StoreError> {
        sweep::clear(ledger.tables.as_ref(), Table::Connections, &self.partition, at_once).await
    }
}
