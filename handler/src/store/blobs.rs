//! A blob of Azure Storage, read whole, and sent only when it is another than the one that was read before
//! (reference/azure-storage.md#blobs).
//!
//! Guarantees: what is handed on is all of it, held against its length and, where the service says one, its
//! MD5; a large one is refused before it fills the memory; no error shows a signature; redirects, which would
//! carry a token elsewhere, are not followed.

use super::azure_tables::identity;
use super::blob_address::BlobAddress;
use crate::http::client::{HttpOptions, client, root_cause};
use azure_core::credentials::TokenCredential;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH};
use reqwest::{Response, StatusCode};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use storage_account::StorageAccess;
use thiserror::Error;

const VERSION: &str = "2021-12-02";
const SCOPE: &str = "https://storage.azure.com/.default";
/// A configuration is small, and whoever waits for it is asked for the time of day, too.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a blob could not be read, and what may mend it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct Unread {
    pub why: String,
    pub hint: Option<&'static str>,
}

/// What was found where a blob is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is the one of the ETag that was given.
    Same,
    Another {
        bytes: Vec<u8>,
        /// What to ask with next time.
        etag: Option<String>,
    },
}

/// Reads blobs as somebody.
pub struct BlobReader {
    http: reqwest::Client,
    /// Whose tokens are shown where an address needs one.
    identity: Option<Arc<dyn TokenCredential>>,
}

impl fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobReader").field("has_identity", &self.identity.is_some()).finish_non_exhaustive()
    }
}

impl BlobReader {
    /// `who` is asked for tokens where one is needed.
    pub fn new(who: Option<&StorageAccess>) -> Result<Self, Unread> {
        let unread = |why: String| Unread { why, hint: None };
        let options = HttpOptions { total_timeout: PATIENCE, ..HttpOptions::default() };
        let http = client(&options).map_err(|error| unread(error.to_string()))?;
        let identity = match who {
            Some(who) => identity(who, http.clone()).map_err(|error| unread(error.to_string()))?,
            None => None,
        };
        Ok(Self { http, identity })
    }

    /// At most this many bytes of it, unless it is the one of this ETag.
    pub async fn read(
        &self,
        address: &BlobAddress,
        before: Option<&str>,
        most: usize,
    ) -> Result<Found, Unread> {
        let mut request = self.http.get(address.to_ask()).header("x-ms-version", VERSION);
        if let Some(before) = before {
            request = request.header(IF_NONE_MATCH, before);
        }
        if let Some(identity) = self.identity.as_ref().filter(|_| !address.is_signed()) {
            let token = identity.get_token(&[SCOPE], None).await.map_err(|error| Unread {
                why: format!("the app's identity gets no token for Azure Storage: {}", root_cause(&error)),
                hint: Some("give the app a managed identity, or the URL a shared access signature"),
            })?;
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
        }
        let answer = request.send().await.map_err(unreachable)?;
        match answer.status() {
            StatusCode::OK => whole(answer, most).await,
            StatusCode::NOT_MODIFIED if before.is_some() => Ok(Found::Same),
            status => Err(refused(status, answer.headers(), address)),
        }
    }
}

async fn whole(mut answer: Response, most: usize) -> Result<Found, Unread> {
    let text = |name: &HeaderName| Some(answer.headers().get(name)?.to_str().ok()?.trim().to_owned());
    let etag = text(&ETAG);
    let md5 = text(&HeaderName::from_static("content-md5")).filter(|md5| !md5.is_empty());
    let length: Option<usize> = text(&CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let too_large = || Unread { why: format!("it is larger than {} MiB", most / (1024 * 1024)), hint: None };
    let in_part = |why: String| Unread { why: format!("it came in part ({why})"), hint: None };
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    loop {
        let chunk = answer.chunk().await;
        let Some(chunk) = chunk.map_err(|error| in_part(root_cause(&error.without_url())))? else { break };
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    match (length, &md5) {
        (Some(length), _) if length != bytes.len() => {
            return Err(in_part(format!("{} bytes of {length}", bytes.len())));
        }
        (None, None) => return Err(in_part("the answer does not say how long it is".to_owned())),
        (Some(_), _) | (None, Some(_)) => {}
    }
    if md5.is_some_and(|md5| md5 != STANDARD.encode(Md5::digest(&bytes))) {
        return Err(in_part("its MD5 is another than the service says".to_owned()));
    }
    Ok(Found::Another { bytes, etag })
}

fn unreachable(error: reqwest::Error) -> Unread {
    let why = if error.is_timeout() {
        "no answer in time".to_owned()
    } else {
        format!("no answer: {}", root_cause(&error.without_url()))
    };
    Unread { why, hint: None }
}

fn refused(status: StatusCode, headers: &HeaderMap, address: &BlobAddress) -> Unread {
    let is_word = |text: &&str| text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric());
    let code = headers.get("x-ms-error-code").and_then(|code| code.to_str().ok()).filter(is_word);
    let answered = match code {
        Some(code) => format!("answered with {} {code}", status.as_u16()),
        None => format!("answered with {}", status.as_u16()),
    };
    let hint = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN if address.is_signed() => Some(
            "has the signature expired? It must let read, and be the container's (sr=c) where connector \
             files stand beside the blob",
        ),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Some(
            "the app's identity needs Storage Blob Data Reader on the container; a role counts after some \
             minutes, and the account's firewall may refuse as well",
        ),
        StatusCode::NOT_FOUND => Some("there is no such blob: see how container and blob are written"),
        status if status.is_redirection() => Some("it leads elsewhere, which is not followed"),
        _ => None,
    };
    Unread { why: answered, hint }
}

#[cfg(test)]
#[path = "blobs_tests.rs"]
mod tests;
