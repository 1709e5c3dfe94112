//! The one way out: HTTP clients, the transport under the Azure crates, `Retry-After`.

pub(crate) mod azure_transport;
pub mod client;
pub mod loopback;
pub mod retry_after;
