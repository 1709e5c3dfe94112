//! The ledger in Azure Tables.
//!
//! - A row's version is the service's ETag. A write that finds another version, or a table that isn't there
//!   yet, is an answer like any other; the first write into a table that is missing makes it.
//! - What may have been done is never done a second time by itself: an unclear outcome is
//!   [`StoreError::Unavailable`], and whoever asked reads and decides again.
//! - A busy service is waited for, within bounds ([`Patience`]), and no longer than its invocation waits in
//!   all.
//! - Time is the service's ([`clock`]).
//!
//! `azure_data_tables` shapes and signs the requests and reads the answers. It is of the SDK's older
//! generation, so it gets its network ([`transport`]) and its tokens ([`credential`]) over bridges, which
//! also put right what it has wrong; nothing outside this module knows of it.

mod batch;
mod clock;
mod credential;
mod entity;
mod failure;
mod keys;
mod patience;
mod transport;

use super::rules;
use super::table::{Entity, Etag, Op, PREFIX, Page, Row, RowRange, StoreError, Table, Tables};
use crate::clock::Clock;
use crate::http::client::{HttpOptions, client};
use async_trait::async_trait;
use azure_core_before_1::error::ErrorKind;
use azure_core_before_1::{Continuable as _, RetryOptions, TransportOptions};
use azure_data_tables::IfMatchCondition;
use azure_data_tables::clients::{TableClient, TableServiceClient, TableServiceClientBuilder};
use azure_storage::CloudLocation;
use chrono::{DateTime, Utc};
use clock::ServiceClock;
pub(in crate::store) use credential::identity;
use failure::Failure;
use futures::StreamExt as _;
pub use patience::Patience;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;
use storage_account::StorageAccount;

/// How the account is used; the default is right for everything but tests.
#[derive(Debug, Clone)]
pub struct AzureOptions {
    /// Begins the name of each table: a letter, then letters and digits.
    pub prefix: String,
    pub patience: Patience,
    /// How long one try may take.
    pub time_out: Duration,
}

impl Default for AzureOptions {
    fn default() -> Self {
        Self { prefix: PREFIX.to_owned(), patience: Patience::default(), time_out: Duration::from_secs(15) }
    }
}

/// [`Tables`] in one storage account. Cheap to share behind an `Arc`.
pub struct AzureTables {
    service: TableServiceClient,
    account: StorageAccount,
    prefix: String,
    here: Arc<dyn Clock>,
    there: Arc<ServiceClock>,
}

impl AzureTables {
    /// Asks nothing of the account yet. [`StoreError::Unusable`] says what is wrong with this machine.
    pub fn open(account: &StorageAccount, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        Self::open_with(account, clock, AzureOptions::default())
    }

    /// As [`Self::open`].
    pub fn open_with(
        account: &StorageAccount,
        here: Arc<dyn Clock>,
        options: AzureOptions,
    ) -> Result<Self, StoreError> {
        let http = HttpOptions { total_timeout: options.time_out, ..HttpOptions::default() };
        let http =
            client(&http).map_err(|error| StoreError::Unusable(format!("the HTTP client: {error}")))?;
        let there = Arc::new(ServiceClock::default());
        let transport = transport::OverReqwest {
            http: http.clone(),
            patience: options.patience,
            here: Arc::clone(&here),
            service: Arc::clone(&there),
        };
        let uri = account.tables.as_str().trim_end_matches('/').to_owned();
        let place = CloudLocation::Custom { account: account.name.clone(), uri };
        let service =
            TableServiceClientBuilder::with_location(place, credential::credentials(account, http)?)
                .transport(TransportOptions::new(Arc::new(transport)))
                .retry(RetryOptions::none())
                .build();
        Ok(Self { service, account: account.clone(), prefix: options.prefix, here, there })
    }

    /// What the tables of the whole account are called, ours and others'.
    #[cfg(any(test, feature = "conformance"))]
    pub async fn names(&self) -> Result<Vec<String>, StoreError> {
        let mut pages = self.service.list().into_stream();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.explain(&error).of_write())?;
            names.extend(page.tables.into_iter().map(|table| table.name));
        }
        Ok(names)
    }

    fn table(&self, table: Table) -> TableClient {
        self.service.table_client(keys::table_name(&self.prefix, table))
    }

    fn explain(&self, error: &azure_core_before_1::Error) -> Failure {
        failure::explain(&self.account, error)
    }

    fn row(&self, table: Table, partition: &str, row: &str) -> azure_data_tables::clients::EntityClient {
        self.table(table).partition_key_client(keys::literal(partition)).entity_client(keys::literal(row))
    }

    /// Makes a table that was found missing. Others may be doing the same.
    async fn create(&self, table: Table) -> Result<(), StoreError> {
        match self.table(table).create().into_future().await {
            Ok(_) => Ok(()),
            // It was answered, if not as the library expects. The write that follows shows whether the table
            // is there.
            Err(error) if *error.kind() == ErrorKind::DataConversion => Ok(()),
            Err(error) => match self.explain(&error) {
                Failure::TableExists => Ok(()),
                failure @ (Failure::NoTable
                | Failure::NoRow
                | Failure::Changed
                | Failure::RowExists
                | Failure::Told(_)) => Err(failure.of_write()),
            },
        }
    }

    async fn try_insert(&self, table: Table, body: &Map<String, Value>) -> Result<Etag, Failure> {
        let insert = self.table(table).insert::<_, Value>(body).map_err(|error| self.explain(&error))?;
        let done = insert.return_entity(false).into_future().await.map_err(|error| self.explain(&error))?;
        Ok(Etag(done.etag.to_string()))
    }

    async fn try_batch(&self, table: Table, partition: &str, ops: &[Op]) -> Result<(), Failure> {
        let broken = |error| self.explain(&error);
        let mut transaction = self.table(table).partition_key_client(keys::literal(partition)).transaction();
        for op in ops {
            transaction = match op {
                Op::Insert { row, entity } => {
                    transaction.insert(entity::encode(partition, row, entity)).map_err(broken)?
                }
                Op::Put { row, entity } => transaction
                    .insert_or_replace(keys::literal(row), entity::encode(partition, row, entity))
                    .map_err(broken)?,
                Op::Replace { row, entity, etag } => transaction
                    .update(
                        keys::literal(row),
                        entity::encode(partition, row, entity),
                        Some(keys::only_if(etag)),
                    )
                    .map_err(broken)?,
                Op::Delete { row, etag } => {
                    transaction.delete(keys::literal(row), Some(keys::only_if(etag))).map_err(broken)?
                }
            };
        }
        let answered = transaction.into_future().await.map_err(broken)?;
        // A failed part came as an error. What is left is an answer about fewer operations than were asked
        // for.
        let done = answered.operation_responses.iter().filter(|part| part.status_code.is_success()).count();
        if done == ops.len() {
            Ok(())
        } else {
            let why = format!(
                "a batch of {} was answered by {done} parts; whether it was done is unknown",
                ops.len()
            );
            Err(Failure::Told(StoreError::Unavailable(why)))
        }
    }

    fn decode(
        &self,
        table: Table,
        partition: &str,
        body: Map<String, Value>,
    ) -> Result<entity::Decoded, StoreError> {
        let row = body.get("RowKey").and_then(Value::as_str).unwrap_or_default().to_owned();
        entity::decode(body).map_err(|why| corrupt(table, partition, row, why))
    }
}

fn corrupt(table: Table, partition: &str, row: String, why: impl Into<String>) -> StoreError {
    StoreError::Corrupt { table: table.name(), partition: partition.to_owned(), row, why: why.into() }
}

#[async_trait]
impl Tables for AzureTables {
    async fn get(&self, table: Table, partition: &str, row: &str) -> Result<Option<Row>, StoreError> {
        rules::keys(partition, row)?;
        let asked = self.row(table, partition, row).get::<Map<String, Value>>().into_future().await;
        let found = match asked.map_err(|error| self.explain(&error)) {
            Ok(found) => found,
            Err(failure) => return failure.of_read().map_or(Ok(None), Err),
        };
        let etag = Etag(found.etag.to_string());
        let decoded = self.decode(table, partition, found.entity)?;
        Ok(Some(Row { partition: partition.to_owned(), row: decoded.row, etag, entity: decoded.entity }))
    }

    async fn insert(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
    ) -> Result<Etag, StoreError> {
        rules::entity(partition, row, &entity)?;
        let body = entity::encode(partition, row, &entity);
        match self.try_insert(table, &body).await {
            Err(Failure::NoTable) => {
                self.create(table).await?;
                self.try_insert(table, &body).await.map_err(just_made)
            }
            other => other.map_err(Failure::of_write),
        }
    }

    async fn replace(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        entity: Entity,
        etag: &Etag,
    ) -> Result<Etag, StoreError> {
        rules::entity(partition, row, &entity)?;
        let body = entity::encode(partition, row, &entity);
        let broken = |error| self.explain(&error).of_write();
        let update = self.row(table, partition, row).update(&body, keys::only_if(etag)).map_err(broken)?;
        let done = update.into_future().await.map_err(broken)?;
        Ok(Etag(done.etag.to_string()))
    }

    async fn delete(
        &self,
        table: Table,
        partition: &str,
        row: &str,
        etag: Option<&Etag>,
    ) -> Result<(), StoreError> {
        rules::keys(partition, row)?;
        let condition = etag.map_or(IfMatchCondition::Any, keys::only_if);
        let asked = self.row(table, partition, row).delete().if_match(condition).into_future().await;
        match (asked.map_err(|error| self.explain(&error)), etag) {
            (Ok(_), _) | (Err(Failure::NoRow | Failure::NoTable), None) => Ok(()),
            (Err(failure), _) => Err(failure.of_write()),
        }
    }

    async fn scan(
        &self,
        table: Table,
        partition: &str,
        range: RowRange,
        limit: usize,
    ) -> Result<Page, StoreError> {
        rules::keys(partition, "")?;
        rules::limit(limit)?;
        // One more than wanted is where the next page begins, and costs nothing: a request is paid, not its
        // rows.
        let most = u32::try_from((limit + 1).min(rules::PAGE_ROWS)).unwrap_or(u32::MAX);
        let query = self.table(table).query().filter(keys::filter(partition, &range)).top(most);
        let mut answers = query.into_stream::<Map<String, Value>>();
        let mut page = Page::default();
        // An answer may hold fewer rows than asked for, even none, and still have more after it.
        while let Some(answer) = answers.next().await {
            let answer = match answer.map_err(|error| self.explain(&error)) {
                Ok(answer) => answer,
                Err(failure) => return failure.of_read().map_or(Ok(Page::default()), Err),
            };
            let goes_on = answer.continuation().is_some();
            for body in answer.entities {
                let decoded = self.decode(table, partition, body)?;
                if page.rows.len() == limit {
                    page.next = Some(decoded.row);
                    return Ok(page);
                }
                let Some(etag) = decoded.etag else {
                    return Err(corrupt(table, partition, decoded.row, "it has no ETag"));
                };
                page.rows.push(Row {
                    partition: partition.to_owned(),
                    row: decoded.row,
                    etag,
                    entity: decoded.entity,
                });
            }
            if goes_on && page.rows.len() == limit {
                page.next = page.rows.last().map(|last| keys::after(&last.row));
                return Ok(page);
            }
        }
        Ok(page)
    }

    async fn across(&self, table: Table, partitions: RowRange, limit: usize) -> Result<Vec<Row>, StoreError> {
        rules::limit(limit)?;
        let most = u32::try_from(limit).unwrap_or(u32::MAX);
        let query = self.table(table).query().filter(keys::across(&partitions)).top(most);
        let mut answers = query.into_stream::<Map<String, Value>>();
        let mut rows = Vec::new();
        while let Some(answer) = answers.next().await {
            let answer = match answer.map_err(|error| self.explain(&error)) {
                Ok(answer) => answer,
                Err(failure) => return failure.of_read().map_or(Ok(Vec::new()), Err),
            };
            for body in answer.entities {
                let partition =
                    body.get("PartitionKey").and_then(Value::as_str).unwrap_or_default().to_owned();
                let decoded = self.decode(table, &partition, body)?;
                let Some(etag) = decoded.etag else {
                    return Err(corrupt(table, &partition, decoded.row, "it has no ETag"));
                };
                rows.push(Row { partition, row: decoded.row, etag, entity: decoded.entity });
                if rows.len() == limit {
                    return Ok(rows);
                }
            }
        }
        Ok(rows)
    }

    async fn batch(&self, table: Table, partition: &str, ops: Vec<Op>) -> Result<(), StoreError> {
        rules::batch(partition, &ops)?;
        if ops.is_empty() {
            return Ok(());
        }
        match self.try_batch(table, partition, &ops).await {
            Err(Failure::NoTable) => {
                self.create(table).await?;
                self.try_batch(table, partition, &ops).await.map_err(just_made)
            }
            other => other.map_err(Failure::of_write),
        }
    }

    async fn now(&self) -> Result<DateTime<Utc>, StoreError> {
        if let Some(now) = self.there.now(self.here.now()) {
            return Ok(now);
        }
        // Any answer will do. This row is never written.
        self.get(Table::Connections, "clock", "clock").await?;
        self.there
            .now(self.here.now())
            .ok_or_else(|| StoreError::Unavailable("the tables' service does not tell its time".to_owned()))
    }
}

/// A table that is still missing right after it was made is on its way.
fn just_made(failure: Failure) -> StoreError {
    match failure {
        Failure::NoTable => StoreError::Unavailable("a table is being made".to_owned()),
        Failure::NoRow | Failure::Changed | Failure::RowExists | Failure::TableExists | Failure::Told(_) => {
            failure.of_write()
        }
    }
}

#[cfg(test)]
mod tests;
