//! Replies of the handler's own.

use axum::body::Body;
use axum::http::{StatusCode, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::json;

pub(crate) async fn not_found(uri: Uri) -> Response {
    problem(StatusCode::NOT_FOUND, &format!("nothing is served at {}", uri.path()))
}

pub(super) fn problem(status: StatusCode, error: &str) -> Response {
    reply(status, json!({ "error": error }).to_string())
}

pub(super) fn reply(status: StatusCode, json: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(json.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}
