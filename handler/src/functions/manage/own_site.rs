//! What changes something comes from whoever means it: a program that has the key, or a page of our own.
//! Never a page of another site in the browser of somebody who is signed in: such a page can send a form or a
//! plain text anywhere, but neither JSON nor our origin.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router};
use serde_json::json;
use std::sync::Arc;
use url::Url;

/// The origins that are ours.
#[derive(Debug, Clone)]
pub struct Origins(Arc<Vec<String>>);

impl Origins {
    /// `hostname` is the platform's own name for this deployment (`WEBSITE_HOSTNAME`).
    pub fn new(public_url: &Url, hostname: Option<&str>) -> Self {
        let mut own = vec![public_url.origin().ascii_serialization()];
        for scheme in ["https", "http"] {
            let Some(Ok(url)) = hostname.map(|host| Url::parse(&format!("{scheme}://{host}"))) else {
                continue;
            };
            // Without TLS on this machine alone.
            let is_here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            if scheme == "https" || is_here {
                own.push(url.origin().ascii_serialization());
            }
        }
        Self(Arc::new(own))
    }

    /// `null`, which a sandboxed page sends, is none of ours.
    fn has(&self, headers: &HeaderMap) -> bool {
        headers.get_all(header::ORIGIN).iter().all(|origin| {
            let origin = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
            origin.is_some_and(|origin| self.0.contains(&origin.origin().ascii_serialization()))
        })
    }
}

/// Everything but reading has to be JSON, and from here.
pub(super) fn only_from_our_own(router: Router, origins: Origins) -> Router {
    router.layer(from_fn_with_state(origins, check))
}

async fn check(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let refuse = |status: StatusCode, why: &str| (status, Json(json!({ "error": why }))).into_response();
    if !origins.has(request.headers()) {
        return refuse(StatusCode::FORBIDDEN, "the Origin of this request is another site's");
    }
    if !is_json(request.headers()) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send JSON, with the header Content-Type: application/json",
        );
    }
    next.run(request).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

#[cfg(test)]
#[path = "own_site_tests.rs"]
mod tests;
