//! Goes through the rows of many partitions, page by page: for who tidies up. Rows may be deleted on the way.

use super::rules::PAGE_ROWS;
use super::table::{Row, RowRange, StoreError, Table, Tables};
use crate::ids::TenantName;

/// The first key after this one: nothing below a space may stand in a key.
fn after(key: &str) -> String {
    format!("{key} ")
}

/// Deletes all rows of a partition; so many are read at a time.
pub async fn clear(
    tables: &dyn Tables,
    table: Table,
    partition: &str,
    at_once: usize,
) -> Result<(), StoreError> {
    loop {
        let page = tables.scan(table, partition, RowRange::all(), at_once).await?;
        for row in &page.rows {
            tables.delete(table, partition, &row.row, None).await?;
        }
        if page.next.is_none() {
            return Ok(());
        }
    }
}

/// Where a sweep is.
#[derive(Debug)]
pub struct Sweep {
    table: Table,
    /// Partitions that no row was read of yet.
    partitions: RowRange,
    /// The partition that is read now, and its next row.
    within: Option<(String, String)>,
    is_over: bool,
}

impl Sweep {
    pub fn of(table: Table, partitions: RowRange) -> Self {
        Self { table, partitions, within: None, is_over: false }
    }

    /// The partitions that belong to a tenant: `<tenant>~…`. What follows the `~` sorts before another one.
    pub fn of_tenant(table: Table, tenant: &TenantName) -> Self {
        Self::of(table, RowRange { from: Some(format!("{tenant}~")), to: Some(format!("{tenant}~~")) })
    }

    /// This partition alone.
    pub fn of_partition(table: Table, partition: &str) -> Self {
        Self::of(table, RowRange { from: Some(partition.to_owned()), to: Some(after(partition)) })
    }

    /// The same, from this partition on.
    pub fn from(mut self, partition: Option<String>) -> Self {
        self.partitions.from = partition.or(self.partitions.from);
        self
    }

    /// The partition that comes next, to go on there another time. `None`: it is over.
    pub fn at(&self) -> Option<&str> {
        if self.is_over {
            return None;
        }
        self.within.as_ref().map(|(partition, _)| partition.as_str()).or(self.partitions.from.as_deref())
    }

    /// Some more rows, in the order of their keys; none when it is over.
    pub async fn next(&mut self, tables: &dyn Tables) -> Result<Vec<Row>, StoreError> {
        while !self.is_over {
            if let Some((partition, row)) = self.within.take() {
                let range = RowRange { from: Some(row), to: None };
                let page = tables.scan(self.table, &partition, range, PAGE_ROWS).await?;
                match page.next {
                    Some(next) => self.within = Some((partition, next)),
                    None => self.partitions.from = Some(after(&partition)),
                }
                if !page.rows.is_empty() {
                    return Ok(page.rows);
                }
                continue;
            }
            let rows = tables.across(self.table, self.partitions.clone(), PAGE_ROWS).await?;
            match rows.last() {
                Some(last) if rows.len() == PAGE_ROWS => {
                    self.within = Some((last.partition.clone(), after(&last.row)));
                }
                Some(_) | None => self.is_over = true,
            }
            return Ok(rows);
        }
        Ok(Vec::new())
    }
}
