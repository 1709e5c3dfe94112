//! Names and literals as the service wants them.
//!
//! The client library puts keys into `Table(PartitionKey='…',RowKey='…')` as they are, so a quote in a key
//! would end the literal; it percent-encodes the rest of the path by itself. What the service takes for no
//! key at all never gets here ([`crate::store::rules`]).

use crate::store::table::{Etag, RowRange, Table};
use azure_data_tables::IfMatchCondition;

/// An ETag of the right form that no row has: the service refuses what isn't an ETag as a malformed request,
/// where our callers only want to hear that this is not the row's version.
const NEVER: &str = "W/\"datetime'1601-01-01T00%3A00%3A00.0000000Z'\"";

/// Marks the end of a prefix, in [`RowRange::prefix`].
const ABOVE_ALL: char = '\u{10FFFF}';

/// Letters and digits, beginning with a letter, 3 to 63 of them: the service's rule for the names of tables.
pub(super) fn table_name(prefix: &str, table: Table) -> String {
    format!("{prefix}{}", table.name())
}

/// The inside of a literal: quotes are doubled.
pub(super) fn literal(key: &str) -> String {
    key.replace('\'', "''")
}

pub(super) fn filter(partition: &str, range: &RowRange) -> String {
    let mut filter = format!("PartitionKey eq '{}'", literal(partition));
    if let Some(from) = &range.from {
        filter.push_str(&format!(" and RowKey ge '{}'", literal(from)));
    }
    if let Some(to) = &range.to {
        filter.push_str(&format!(" and RowKey lt '{}'", literal(&upper_bound(to))));
    }
    filter
}

/// Whole partitions.
pub(super) fn across(partitions: &RowRange) -> String {
    let mut filter = format!("PartitionKey ge '{}'", literal(partitions.from.as_deref().unwrap_or_default()));
    if let Some(to) = &partitions.to {
        filter.push_str(&format!(" and PartitionKey lt '{}'", literal(&upper_bound(to))));
    }
    filter
}

/// `look-` followed by the highest character of all is `look.` as a bound, and that is a literal no service
/// stumbles over.
fn upper_bound(to: &str) -> String {
    let Some(prefix) = to.strip_suffix(ABOVE_ALL) else { return to.to_owned() };
    let mut shorter = prefix.to_owned();
    match shorter.pop().map(|last| (last, char::from_u32(u32::from(last) + 1))) {
        Some((last, Some(next))) if last.is_ascii() => {
            shorter.push(next);
            shorter
        }
        Some(_) | None => to.to_owned(),
    }
}

/// The first key after this one: nothing below a space may stand in a key.
pub(super) fn after(key: &str) -> String {
    format!("{key} ")
}

pub(super) fn only_if(etag: &Etag) -> IfMatchCondition {
    let inner = etag.0.strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"'));
    let well_formed =
        inner.is_some_and(|inner| inner.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'));
    IfMatchCondition::Etag(if well_formed { etag.0.as_str() } else { NEVER }.into())
}

#[cfg(test)]
#[path = "keys_tests.rs"]
mod tests;
