//! The one way out: HTTP clients, the transport under the Azure crates, `Retry-After`.

pub(crate) mod azure_transport;
pub mod client;
pub mod retry_after;

pub use storage_account::loopback;
