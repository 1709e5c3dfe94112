//! The HTTP clients of this host, and what their errors say.

use crate::error::{LocalError, Result};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// To the handler, over plain HTTP. Without anchors: a set-up of our own asks for no process-wide one.
pub(crate) fn to_handler() -> Result<reqwest::Client> {
    build(reqwest::Client::builder().no_proxy(), RootCertStore::empty())
}

/// To a queue service, for whoever brings no client of their own: trusts what this machine trusts.
pub(crate) fn to_service() -> Result<reqwest::Client> {
    let mut roots = RootCertStore::empty();
    // Where there are none, the first connection over TLS says so; an emulator needs none.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let patience =
        reqwest::Client::builder().connect_timeout(Duration::from_secs(5)).timeout(Duration::from_secs(30));
    build(patience.user_agent(concat!("functions-local-host/", env!("CARGO_PKG_VERSION"))), roots)
}

fn build(builder: reqwest::ClientBuilder, roots: RootCertStore) -> Result<reqwest::Client> {
    let problem = |error: &dyn std::fmt::Display| LocalError::Client(error.to_string());
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| problem(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = builder.tls_backend_preconfigured(tls).redirect(reqwest::redirect::Policy::none());
    builder.build().map_err(|error| problem(&error))
}

/// An error with its causes: the outermost of an HTTP client says little.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    anyhow::Chain::new(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The innermost cause says what happened; those around it say where in the client.
pub(crate) fn root_cause(error: &reqwest::Error) -> String {
    anyhow::Chain::new(error).next_back().map(ToString::to_string).unwrap_or_default()
}
