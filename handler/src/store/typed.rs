//! Typed rows on the small table trait: one value, one row, one version. What is too long for one property is
//! stored in several ([`super::pieces`]).

use crate::store::{Entity, Etag, Row, RowRange, StoreError, Table, Tables, pieces};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// A value as it was read, with the version to replace it by.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    pub partition: String,
    pub row: String,
    pub etag: Etag,
    pub value: T,
}

/// The properties of a value. Fields that are `None` are left out: Azure Tables has no null.
pub fn entity<T: Serialize>(value: &T) -> Result<Entity, StoreError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(mut properties)) => {
            properties.retain(|_, value| !value.is_null());
            Ok(pieces::cut(properties))
        }
        Ok(_) => Err(StoreError::Invalid("a row must be an object".into())),
        Err(why) => Err(StoreError::Invalid(format!("a row can't be written: {why}"))),
    }
}

pub fn read<T: DeserializeOwned>(table: Table, row: Row) -> Result<Read<T>, StoreError> {
    match pieces::join(row.entity).and_then(|entity| serde_json::from_value(Value::Object(entity))) {
        Ok(value) => Ok(Read { partition: row.partition, row: row.row, etag: row.etag, value }),
        Err(why) => Err(StoreError::Corrupt {
            table: table.name(),
            partition: row.partition,
            row: row.row,
            why: why.to_string(),
        }),
    }
}

pub async fn get<T: DeserializeOwned>(
    tables: &dyn Tables,
    table: Table,
    partition: &str,
    row: &str,
) -> Result<Option<Read<T>>, StoreError> {
    tables.get(table, partition, row).await?.map(|found| read(table, found)).transpose()
}

/// Inserts, and does not mind when the row is there already. True when it was new.
pub async fn insert_if_absent<T: Serialize>(
    tables: &dyn Tables,
    table: Table,
    partition: &str,
    row: &str,
    value: &T,
) -> Result<bool, StoreError> {
    match tables.insert(table, partition, row, entity(value)?).await {
        Ok(_) => Ok(true),
        Err(StoreError::Exists) => Ok(false),
        Err(other) => Err(other),
    }
}

/// A page of rows, and what is wrong with those of it that can't be understood.
pub struct Sifted<T> {
    pub rows: Vec<Read<T>>,
    pub corrupt: Vec<StoreError>,
    /// Where the next page begins.
    pub next: Option<String>,
}

pub async fn sift<T: DeserializeOwned>(
    tables: &dyn Tables,
    table: Table,
    partition: &str,
    range: RowRange,
    limit: usize,
) -> Result<Sifted<T>, StoreError> {
    let page = tables.scan(table, partition, range, limit).await?;
    let (mut rows, mut corrupt) = (Vec::with_capacity(page.rows.len()), Vec::new());
    for row in page.rows {
        match read(table, row) {
            Ok(read) => rows.push(read),
            Err(why) => corrupt.push(why),
        }
    }
    Ok(Sifted { rows, corrupt, next: page.next })
}

/// The same page by page, until `most` rows are understood.
pub async fn sift_all<T: DeserializeOwned>(
    tables: &dyn Tables,
    table: Table,
    partition: &str,
    mut range: RowRange,
    most: usize,
) -> Result<(Vec<Read<T>>, Vec<StoreError>), StoreError> {
    let (mut rows, mut corrupt) = (Vec::new(), Vec::new());
    while rows.len() < most {
        let limit = (most - rows.len()).clamp(1, 1000);
        let page = sift(tables, table, partition, range.clone(), limit).await?;
        rows.extend(page.rows);
        corrupt.extend(page.corrupt);
        match page.next {
            Some(next) => range.from = Some(next),
            None => break,
        }
    }
    Ok((rows, corrupt))
}

/// All rows of a range, page by page, at most `most`.
pub async fn scan<T: DeserializeOwned>(
    tables: &dyn Tables,
    table: Table,
    partition: &str,
    range: RowRange,
    most: usize,
) -> Result<Vec<Read<T>>, StoreError> {
    let mut found = Vec::new();
    let mut range = range;
    while found.len() < most {
        let page = tables.scan(table, partition, range.clone(), (most - found.len()).clamp(1, 1000)).await?;
        for row in page.rows {
            found.push(read(table, row)?);
        }
        match page.next {
            Some(next) => range.from = Some(next),
            None => break,
        }
    }
    Ok(found)
}

/// Reads a row, changes it, and writes it back by its version, again and again until no one else came
/// between. `change` gets `None` when there is no row and gives `None` when nothing is to be written. Returns
/// what is stored now.
pub async fn update<T, F>(
    tables: &dyn Tables,
    table: Table,
    partition: &str,
    row: &str,
    change: F,
) -> Result<Option<T>, StoreError>
where
    T: Serialize + DeserializeOwned,
    F: FnMut(Option<&T>) -> Option<T>,
{
    let old = get::<T>(tables, table, partition, row).await?;
    Ok(update_read(tables, table, (partition, row), old, change).await?.map(|read| read.value))
}

/// The same of a row that was read a moment ago, or was not there: it is read again only where somebody has
/// written it since. Returns what is stored now, with its version.
pub async fn update_read<T, F>(
    tables: &dyn Tables,
    table: Table,
    (partition, row): (&str, &str),
    mut old: Option<Read<T>>,
    mut change: F,
) -> Result<Option<Read<T>>, StoreError>
where
    T: Serialize + DeserializeOwned,
    F: FnMut(Option<&T>) -> Option<T>,
{
    for lost in 0..TRIES {
        if lost > 0 {
            step_aside(lost).await;
            old = get(tables, table, partition, row).await?;
        }
        let Some(next) = change(old.as_ref().map(|read| &read.value)) else {
            return Ok(old);
        };
        let written = match &old {
            Some(read) => tables.replace(table, partition, row, entity(&next)?, &read.etag).await,
            None => tables.insert(table, partition, row, entity(&next)?).await,
        };
        match written {
            Ok(etag) => {
                let (partition, row) = (partition.to_owned(), row.to_owned());
                return Ok(Some(Read { partition, row, etag, value: next }));
            }
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other),
        }
    }
    Err(StoreError::Unavailable(format!("{}/{partition}/{row} is written by too many at once", table.name())))
}

/// Lost races in a row before it counts as a failure. Each lost race means that somebody else got on.
pub const TRIES: usize = 50;

/// Whoever has lost races steps aside for a random while, the longer the more they lost: of many who write
/// one row at a time one gets on, and the others only take each other's turn.
pub(crate) async fn step_aside(lost: usize) {
    if lost > 1 {
        let most = Duration::from_millis(10 << lost.min(6));
        tokio::time::sleep(most.mul_f64(rand::random())).await;
    }
}
