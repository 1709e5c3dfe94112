//! The one way out: HTTP clients, the transport under the Azure crates, `Retry-After`, tokens that many calls
//! share.

pub(crate) mod azure_transport;
pub mod client;
pub mod retry_after;
pub(crate) mod token_cache;

pub use storage_account::loopback;
