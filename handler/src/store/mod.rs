//! The ledger's storage: the table trait, its implementations, and typed repositories on top.

pub mod table;
pub mod typed;

pub use table::{Entity, Etag, Op, Page, Row, RowRange, StoreError, Table, Tables};
