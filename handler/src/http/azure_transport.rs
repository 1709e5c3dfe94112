//! azure_identity's HTTP goes through our own client, so that there is one HTTP stack with one set of trust
//! anchors.
//!
//! Guarantees that a refusal keeps its status and its body: azure_identity parses every refusal as Entra's
//! JSON and loses both when a proxy answers with a page, and when the description has a line end in it, as
//! Entra's has. So every refusal is turned into an error here, where both are still known.

use super::client::root_cause;
use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, RawResponse, Request, Transport};
use std::collections::HashMap;
use std::sync::Arc;

/// The transport to give to `ClientOptions`.
pub(crate) fn transport(client: reqwest::Client) -> Transport {
    Transport::new(Arc::new(OverReqwest(client)))
}

#[derive(Debug)]
struct OverReqwest(reqwest::Client);

#[async_trait]
impl HttpClient for OverReqwest {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let method = reqwest::Method::from_bytes(request.method().as_str().as_bytes())
            .map_err(|error| Error::new(ErrorKind::Other, error))?;
        let mut outgoing = self.0.request(method, request.url().clone());
        for (name, value) in request.headers().iter() {
            outgoing = outgoing.header(name.as_str(), value.as_str());
        }
        let body = match request.body() {
            Body::Bytes(bytes) => bytes.clone(),
            Body::SeekableStream(_) => {
                return Err(Error::with_message(ErrorKind::Other, "token requests have no streamed body"));
            }
        };
        let response = outgoing.body(body).send().await.map_err(io_error)?;
        let status = response.status().as_u16().into();
        let headers = headers(response.headers());
        let body = response.bytes().await.map_err(io_error)?;
        let success = (200..300).contains(&u16::from(status));
        if !success {
            let is_json = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body).is_ok();
            let why = if is_json { "refused" } else { "the answer is not JSON" };
            let raw_response = Some(Box::new(RawResponse::from_bytes(status, headers, body)));
            return Err(Error::with_message(
                ErrorKind::HttpResponse { status, error_code: None, raw_response },
                why,
            ));
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, body))
    }
}

/// Without the URL: it may hold the tenant's id, and says nothing that the tenant's name doesn't.
fn io_error(error: reqwest::Error) -> Error {
    // azure_identity passes on that it failed, but not why.
    tracing::warn!(error = root_cause(&error), "no answer from Entra");
    let kind = if error.is_connect() { ErrorKind::Connection } else { ErrorKind::Io };
    Error::with_error(kind, error.without_url(), "the request failed")
}

fn headers(map: &reqwest::header::HeaderMap) -> Headers {
    map.iter()
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some((HeaderName::from(name.as_str().to_owned()), HeaderValue::from(value.to_owned())))
        })
        .collect::<HashMap<_, _>>()
        .into()
}
