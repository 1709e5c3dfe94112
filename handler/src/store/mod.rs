//! The ledger's storage: the table trait, its implementations, and typed repositories on top.

pub mod azure_tables;
pub mod blob_address;
pub mod blobs;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
#[cfg(any(test, feature = "conformance"))]
pub mod memory;
mod pieces;
pub mod queue_service;
pub mod queues;
pub mod rules;
#[cfg(feature = "local")]
pub mod sqlite;
pub mod sweep;
pub mod table;
pub mod typed;

pub use azure_tables::AzureTables;
#[cfg(feature = "local")]
pub use sqlite::SqliteTables;
pub use table::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
