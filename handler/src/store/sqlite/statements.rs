//! The SQL of single rows. Runs inside the caller's transaction; keys compare byte by byte (`BINARY`, the
//! default).

use super::failure::Fault;
use crate::store::table::{Entity, Etag, Page, Row, RowRange, StoreError, Table};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use uuid::Uuid;

/// `INSERT`, or [`StoreError::Exists`].
pub(super) fn insert(
    conn: &Connection,
    table: Table,
    partition: &str,
    row: &str,
    entity: &Entity,
) -> Result<Etag, Fault> {
    let sql = format!("INSERT INTO {} VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING", table.name());
    let etag = fresh();
    let changed = conn.prepare_cached(&sql)?.execute(params![partition, row, etag.0, to_json(entity)?])?;
    if changed == 0 { Err(StoreError::Exists.into()) } else { Ok(etag) }
}

/// The row, whatever was there.
pub(super) fn put(
    conn: &Connection,
    table: Table,
    partition: &str,
    row: &str,
    entity: &Entity,
) -> Result<(), Fault> {
    let sql = format!("INSERT OR REPLACE INTO {} VALUES (?1, ?2, ?3, ?4)", table.name());
    conn.prepare_cached(&sql)?.execute(params![partition, row, fresh().0, to_json(entity)?])?;
    Ok(())
}

/// `UPDATE` of this very version, or [`StoreError::Stale`].
pub(super) fn replace(
    conn: &Connection,
    table: Table,
    partition: &str,
    row: &str,
    entity: &Entity,
    etag: &Etag,
) -> Result<Etag, Fault> {
    let sql = format!(
        "UPDATE {} SET etag = ?1, entity = ?2 WHERE partition_key = ?3 AND row_key = ?4 AND etag = ?5",
        table.name()
    );
    let next = fresh();
    let changed =
        conn.prepare_cached(&sql)?.execute(params![next.0, to_json(entity)?, partition, row, etag.0])?;
    if changed == 0 { Err(StoreError::Stale.into()) } else { Ok(next) }
}

/// `DELETE` of this very version, or [`StoreError::Stale`]; without an etag of whatever is there, if
/// anything.
pub(super) fn delete(
    conn: &Connection,
    table: Table,
    partition: &str,
    row: &str,
    etag: Option<&Etag>,
) -> Result<(), Fault> {
    let sql = format!(
        "DELETE FROM {} WHERE partition_key = ?1 AND row_key = ?2 AND (?3 IS NULL OR etag = ?3)",
        table.name()
    );
    let changed = conn.prepare_cached(&sql)?.execute(params![partition, row, etag.map(|etag| &etag.0)])?;
    if changed == 0 && etag.is_some() { Err(StoreError::Stale.into()) } else { Ok(()) }
}

pub(super) fn get(conn: &Connection, table: Table, partition: &str, row: &str) -> Result<Option<Row>, Fault> {
    let sql = format!("SELECT etag, entity FROM {} WHERE partition_key = ?1 AND row_key = ?2", table.name());
    let found: Option<(String, String)> = conn
        .prepare_cached(&sql)?
        .query_row(params![partition, row], |columns| Ok((columns.get(0)?, columns.get(1)?)))
        .optional()?;
    found.map(|(etag, json)| to_row(table, partition, row.to_owned(), etag, &json)).transpose()
}

/// One row more than asked for is fetched: its key is where the next page begins.
pub(super) fn scan(
    conn: &Connection,
    table: Table,
    partition: &str,
    range: &RowRange,
    limit: usize,
) -> Result<Page, Fault> {
    let sql = format!(
        "SELECT row_key, etag, entity FROM {} WHERE partition_key = ?1 AND row_key >= ?2 \
         AND (?3 IS NULL OR row_key < ?3) ORDER BY row_key LIMIT ?4",
        table.name()
    );
    let from = range.from.as_deref().unwrap_or("");
    let fetch = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found = statement.query(params![partition, from, range.to, fetch])?;
    let mut page = Page::default();
    while let Some(columns) = found.next()? {
        let row: String = columns.get(0)?;
        if page.rows.len() == limit {
            page.next = Some(row);
            break;
        }
        let json: String = columns.get(2)?;
        page.rows.push(to_row(table, partition, row, columns.get(1)?, &json)?);
    }
    Ok(page)
}

pub(super) fn across(
    conn: &Connection,
    table: Table,
    partitions: &RowRange,
    limit: usize,
) -> Result<Vec<Row>, Fault> {
    let sql = format!(
        "SELECT partition_key, row_key, etag, entity FROM {} WHERE partition_key >= ?1 \
         AND (?2 IS NULL OR partition_key < ?2) ORDER BY partition_key, row_key LIMIT ?3",
        table.name()
    );
    let from = partitions.from.as_deref().unwrap_or("");
    let mut statement = conn.prepare_cached(&sql)?;
    let mut found =
        statement.query(params![from, partitions.to, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut rows = Vec::new();
    while let Some(columns) = found.next()? {
        let (partition, json): (String, String) = (columns.get(0)?, columns.get(3)?);
        rows.push(to_row(table, &partition, columns.get(1)?, columns.get(2)?, &json)?);
    }
    Ok(rows)
}

fn fresh() -> Etag {
    Etag(Uuid::new_v4().simple().to_string())
}

fn to_json(entity: &Entity) -> Result<String, Fault> {
    serde_json::to_string(entity)
        .map_err(|error| StoreError::Invalid(format!("a row that can't be written as JSON: {error}")).into())
}

fn to_row(table: Table, partition: &str, row: String, etag: String, json: &str) -> Result<Row, Fault> {
    let corrupt = |why: String| StoreError::Corrupt {
        table: table.name(),
        partition: partition.to_owned(),
        row: row.clone(),
        why,
    };
    let value = serde_json::from_str::<Value>(json).map_err(|error| corrupt(format!("not JSON: {error}")))?;
    let Value::Object(entity) = value else {
        return Err(corrupt("not a JSON object".to_owned()).into());
    };
    Ok(Row { partition: partition.to_owned(), row, etag: Etag(etag), entity })
}
