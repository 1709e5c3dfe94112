//! Where a blob is (`https://<account>.blob.core.windows.net/<container>/<blob>`), with or without a
//! signature.
//!
//! Guarantees: a signature is never shown; no token of ours goes to a host that is not Azure Storage's; what
//! stands beside a blob is in the same folder of the same container, or below it.

use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use storage_account::loopback::is_loopback;
use thiserror::Error;
use url::Url;

/// Hosts of blobs in Microsoft's clouds; before it the account's name.
const HOSTS: [&str; 4] = [
    ".blob.core.windows.net",
    ".blob.core.usgovcloudapi.net",
    ".blob.core.chinacloudapi.cn",
    ".blob.storage.azure.net",
];

#[derive(Debug, Clone)]
pub struct BlobAddress {
    /// Without its query.
    url: Url,
    /// The query of a shared access signature, without `?`.
    signature: Option<SecretString>,
}

/// Why a text names no blob. Never repeats the text, which may hold a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NoBlob {
    #[error("is not a URL")]
    NoUrl,
    #[error("must begin with https:// (http:// is taken for this machine only)")]
    NotHttps,
    #[error("must not carry a user name, a password or a fragment")]
    Credentials,
    #[error("is not at a host of Azure Storage")]
    Host,
    #[error("names no blob in a container")]
    Path,
    #[error("carries a query that is not a shared access signature")]
    Query,
}

/// Why a name can't be that of something beside a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it must stand in the folder of the configuration's blob, or below it, as in \"./my-lms.toml\"")]
pub struct NotBeside;

impl BlobAddress {
    pub fn parse(text: &str) -> Result<Self, NoBlob> {
        let mut url = Url::parse(text).map_err(|_| NoBlob::NoUrl)?;
        let is_here = is_loopback(&url);
        if url.scheme() != "https" && !(url.scheme() == "http" && is_here) {
            return Err(NoBlob::NotHttps);
        }
        if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return Err(NoBlob::Credentials);
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let is_azure = HOSTS.iter().any(|end| host.len() > end.len() && host.ends_with(end));
        if !is_azure && !is_here {
            return Err(NoBlob::Host);
        }
        let parts: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
        if parts.len() < 2 || parts.iter().any(|part| part.is_empty()) {
            return Err(NoBlob::Path);
        }
        let signature = url.query().filter(|query| !query.is_empty()).map(str::to_owned);
        if signature.is_some() && !url.query_pairs().any(|(name, value)| name == "sig" && !value.is_empty()) {
            return Err(NoBlob::Query);
        }
        url.set_query(None);
        Ok(Self { url, signature: signature.map(SecretString::from) })
    }

    /// What stands beside it by this relative name, under the same signature.
    pub fn beside(&self, name: &str) -> Result<Self, NotBeside> {
        if name.contains(['\\', ':', '?', '#', '%']) || name.starts_with('/') || name.ends_with('/') {
            return Err(NotBeside);
        }
        let parts: Vec<&str> = name.split('/').filter(|part| *part != ".").collect();
        if parts.is_empty() || parts.iter().any(|part| part.is_empty() || *part == "..") {
            return Err(NotBeside);
        }
        let mut url = self.url.clone();
        url.path_segments_mut().map_err(|()| NotBeside)?.pop().extend(parts);
        Ok(Self { url, signature: self.signature.clone() })
    }

    /// Who reads it must show a token: it is in Azure and carries no signature.
    pub fn needs_a_token(&self) -> bool {
        self.signature.is_none() && !is_loopback(&self.url)
    }

    pub fn is_signed(&self) -> bool {
        self.signature.is_some()
    }

    /// With its signature: only for the request itself.
    pub(super) fn to_ask(&self) -> Url {
        let mut url = self.url.clone();
        url.set_query(self.signature.as_ref().map(|signature| signature.expose_secret()));
        url
    }
}

/// Without its signature.
impl fmt::Display for BlobAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str())
    }
}

#[cfg(test)]
#[path = "blob_address_tests.rs"]
mod tests;
