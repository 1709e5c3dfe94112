//! The one way out: how every outgoing HTTPS client of the process is built.
//!
//! TLS is rustls with ring, chosen here and not by a process-wide default. Trust anchors are the platform's,
//! **plus** those of `SSL_CERT_FILE` (reference/rules.md#configuration), plus those that the caller gives. No
//! anchors are bundled: which authorities a machine trusts is for whoever patches the machine to say, and a
//! machine without any gets an error that names the remedy.

use reqwest::redirect;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// Where a Unix machine keeps its anchors; read when `SSL_CERT_FILE` or `SSL_CERT_DIR` is set, because
/// `rustls-native-certs` then reads those *instead of* the platform's.
const PLATFORM_DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];
const PLATFORM_FILES: [&str; 2] = ["/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem"];

/// What may differ from one outgoing connection to another.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// From the first packet to the end of the TLS handshake.
    pub connect_timeout: Duration,
    /// From the call to the last byte of the answer's body.
    pub total_timeout: Duration,
    /// How many redirects are followed; 0 hands a 3xx back as the answer.
    pub redirects: usize,
    /// Trust anchors beside the platform's.
    pub extra_roots: Vec<CertificateDer<'static>>,
}

impl Default for HttpOptions {
    /// As Graph and Entra want it: neither ever redirects an API call, and a redirect would carry the token
    /// elsewhere.
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(30),
            redirects: 0,
            extra_roots: Vec::new(),
        }
    }
}

#[derive(Debug, Error)]
pub enum HttpError {
    #[error(
        "no trust anchors found: neither the platform's store nor SSL_CERT_FILE holds a usable certificate \
         ({detail}). \
         Install the ca-certificates package, or set SSL_CERT_FILE to a PEM file of the authorities to trust"
    )]
    NoTrustAnchors { detail: String },
    #[error("the TLS settings are not accepted: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the HTTP client can't be built: {0}")]
    Client(#[from] reqwest::Error),
}

/// Builds a client. It holds a connection pool, so build one per kind of peer and clone it.
pub fn client(options: &HttpOptions) -> Result<reqwest::Client, HttpError> {
    let redirects = match options.redirects {
        0 => redirect::Policy::none(),
        most => redirect::Policy::limited(most),
    };
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls_config(&options.extra_roots)?)
        .connect_timeout(options.connect_timeout)
        .timeout(options.total_timeout)
        // Under the idle limit of Azure's outbound NAT (4 minutes), which drops connections without a word.
        .pool_idle_timeout(Duration::from_secs(90))
        .tcp_keepalive(Duration::from_secs(60))
        .redirect(redirects)
        .referer(false)
        .user_agent(concat!("regrets/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}

/// The innermost cause says what happened ("Connection refused", "invalid peer certificate"); those around it
/// say where in the HTTP stack.
pub fn root_cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

fn tls_config(extra_roots: &[CertificateDer<'static>]) -> Result<ClientConfig, HttpError> {
    let (mut roots, detail) = platform_roots();
    let (added, _) = roots.add_parsable_certificates(extra_roots.iter().cloned());
    if added < extra_roots.len() {
        tracing::warn!(given = extra_roots.len(), added, "some extra trust anchors can't be read");
    }
    if roots.is_empty() {
        return Err(HttpError::NoTrustAnchors { detail });
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The platform's anchors and those of `SSL_CERT_FILE`; unreadable ones are passed over, with a trace line.
fn platform_roots() -> (RootCertStore, String) {
    let mut found = vec![rustls_native_certs::load_native_certs()];
    if ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| std::env::var_os(name).is_some()) {
        for directory in PLATFORM_DIRECTORIES.iter().map(Path::new).filter(|path| path.is_dir()) {
            found.push(rustls_native_certs::load_certs_from_paths(None, Some(directory)));
        }
        for file in PLATFORM_FILES.iter().map(Path::new).filter(|path| path.is_file()) {
            found.push(rustls_native_certs::load_certs_from_paths(Some(file), None));
        }
    }
    let mut roots = RootCertStore::empty();
    let mut errors = Vec::new();
    for result in found {
        roots.add_parsable_certificates(result.certs);
        errors.extend(result.errors.iter().map(ToString::to_string));
    }
    for error in &errors {
        tracing::warn!(%error, "a trust anchor can't be read");
    }
    let detail = if errors.is_empty() { "nothing found".to_owned() } else { errors.join("; ") };
    (roots, detail)
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
