//! The webhook's POST, over the exchange that all connectors share.

use crate::lms::exchange::{self, Limits, Outgoing};
pub(super) use crate::lms::exchange::{Answer, Ended, Received};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Client;
use tokio::time::Instant;
use url::Url;

/// As much of an answer's body as is read.
const MOST: usize = 64 * 1024;

pub(super) struct Post {
    pub(super) url: Url,
    pub(super) id: HeaderValue,
    pub(super) timestamp: HeaderValue,
    pub(super) signature: HeaderValue,
    pub(super) body: String,
}

pub(super) async fn run(http: &Client, post: Post, ends: Instant) -> Ended {
    let headers = HeaderMap::from_iter([
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (HeaderName::from_static("webhook-id"), post.id),
        (HeaderName::from_static("webhook-timestamp"), post.timestamp),
        (HeaderName::from_static("webhook-signature"), post.signature),
    ]);
    let request = Outgoing { method: Method::POST, url: post.url, headers, body: post.body.into() };
    exchange::run(http, request, Limits { ends, most: MOST, may_write: true, setting: "lms.url" }).await
}
