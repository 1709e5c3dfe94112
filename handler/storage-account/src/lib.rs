//! A storage account of Azure, as the Functions host and its SDKs name it: connection strings and the
//! identity form ([`account`]), and the signature by which the queue service knows whoever holds the key
//! ([`shared_key`]).
//!
//! No I/O. `reference/` in the comments is the folder beside this crate.

pub mod account;
pub mod loopback;
pub mod shared_key;

pub use account::{STORAGE, StorageAccess, StorageAccount, StorageProblem};
pub use shared_key::Signed;
