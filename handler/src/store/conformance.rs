//! What every [`Tables`] has to do, as checks that any implementation is run through: SQLite, memory, Azure
//! Tables.
//!
//! [`run`] takes one store and works in partitions of its own with random names, so that it can be run again
//! and again on a store that keeps what it was given. [`model::agrees`] compares a store with a plain map
//! over random operations. A failed check panics with what it expected.

mod batches;
mod limits;
pub mod model;
mod races;
mod rows;
mod scans;
mod values;

use super::table::{Entity, Row, StoreError, Table, Tables};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use uuid::Uuid;

type Checked = Result<(), StoreError>;

/// A fresh partition of one table.
struct Place {
    tables: Arc<dyn Tables>,
    table: Table,
    partition: String,
}

impl Place {
    fn new(tables: &Arc<dyn Tables>) -> Self {
        Self {
            tables: Arc::clone(tables),
            table: Table::Enrolments,
            partition: Uuid::new_v4().simple().to_string(),
        }
    }

    async fn get(&self, row: &str) -> Result<Option<Row>, StoreError> {
        self.tables.get(self.table, &self.partition, row).await
    }

    async fn insert(&self, row: &str, n: i64) -> Result<super::Etag, StoreError> {
        self.tables.insert(self.table, &self.partition, row, entity(n)).await
    }

    async fn replace(&self, row: &str, n: i64, etag: &super::Etag) -> Result<super::Etag, StoreError> {
        self.tables.replace(self.table, &self.partition, row, entity(n), etag).await
    }

    async fn delete(&self, row: &str, etag: Option<&super::Etag>) -> Result<(), StoreError> {
        self.tables.delete(self.table, &self.partition, row, etag).await
    }

    async fn batch(&self, ops: Vec<super::Op>) -> Result<(), StoreError> {
        self.tables.batch(self.table, &self.partition, ops).await
    }

    async fn scan(&self, range: super::RowRange, limit: usize) -> Result<super::Page, StoreError> {
        self.tables.scan(self.table, &self.partition, range, limit).await
    }

    /// What the row counts, when it is there.
    async fn count(&self, row: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.get(row).await?.and_then(|found| found.entity.get("n").and_then(Value::as_i64)))
    }
}

fn entity(n: i64) -> Entity {
    Map::from_iter([("n".to_owned(), json!(n))])
}

macro_rules! checks {
    ($tables:expr; $($module:ident :: $name:ident),+ $(,)?) => {
        $(
            let outcome = $module::$name(Place::new($tables)).await;
            assert!(outcome.is_ok(), "{}::{}: {outcome:?}", stringify!($module), stringify!($name));
        )+
    };
}

/// Every check but the random ones.
pub async fn run(tables: Arc<dyn Tables>) {
    checks!(&tables;
        rows::insert_then_get,
        rows::insert_on_a_row_exists,
        rows::replace_needs_the_very_version,
        rows::delete_with_and_without_etag,
        rows::a_deleted_row_never_gets_its_version_back,
        rows::keys_are_told_apart,
        values::come_back_as_they_went_in,
        scans::in_byte_order,
        scans::ranges_include_from_and_exclude_to,
        scans::pages_join_without_gap_or_repetition,
        scans::prefix_takes_what_begins_with_it,
        scans::across_partitions_in_their_order,
        batches::do_all_their_operations,
        batches::put_what_is_new_and_what_is_there,
        batches::change_nothing_when_one_fails,
        batches::of_a_hundred,
        limits::keys,
        limits::properties,
        limits::sizes,
        limits::batches,
        limits::pages,
        races::one_of_many_replaces_wins,
        races::one_of_many_inserts_wins,
        races::many_writers_count_right,
        races::a_batch_is_seen_whole,
    );
}
