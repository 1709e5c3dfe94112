//! What every page has: its style, and the headers that let a browser do nothing else with it.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

pub const STYLE: &str = include_str!("pages/style.css");

/// No script, nothing from elsewhere, no form, nobody's frame; of styles this one alone.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
});

/// The address of a page is worth something: it is told to nobody, and kept nowhere.
const HEADERS: [(header::HeaderName, &str); 6] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
];

pub(in crate::functions) fn html(status: StatusCode, page: &impl askama::Template) -> Response {
    let mut response = match page.render() {
        Ok(text) => (status, text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page can't be made");
            (StatusCode::INTERNAL_SERVER_ERROR, "The page can't be made; see the log.").into_response()
        }
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}
