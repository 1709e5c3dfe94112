//! A real receiver in the place of the simulated LMS: every order is passed on as it came, so that its
//! signature holds, and the answer goes back as it is. What may happen on the way, and is made to happen
//! here, is a lost answer or a lost order.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use regrets::http::client::{HttpOptions, client};
use serde_json::Value;
use std::sync::LazyLock;
use url::Url;

/// What is passed on; all else belongs to one connection.
const ON: [&str; 5] = ["content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature"];
const BACK: [&str; 4] = ["content-type", "retry-after", "location", "date"];

static HTTP: LazyLock<Option<reqwest::Client>> = LazyLock::new(|| client(&HttpOptions::default()).ok());

pub(crate) struct Asked {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        response.headers_mut().extend(some(&self.headers, &BACK));
        response.headers_mut().insert("connection", axum::http::HeaderValue::from_static("close"));
        response
    }
}

/// `None`: nothing came back.
pub(crate) async fn pass_on(receiver: &Url, asked: Asked) -> Option<Answer> {
    let request = HTTP.as_ref()?.post(receiver.clone()).body(asked.body);
    let answer = request.headers(some(&asked.headers, &ON)).send().await.ok()?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    Some(Answer { status, headers, body: answer.bytes().await.ok()? })
}

fn some(headers: &HeaderMap, names: &[&'static str]) -> HeaderMap {
    let found =
        names.iter().filter_map(|name| Some((HeaderName::from_static(name), headers.get(*name)?.clone())));
    found.collect()
}

/// In a word, what was answered: the outcome that the contract reads in it, roughly, or the status.
pub(crate) fn outcome(answer: Option<&Answer>) -> String {
    let Some(answer) = answer else { return "no answer".to_owned() };
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match body.get("outcome").and_then(Value::as_str) {
        Some(outcome) if answer.status.is_success() || answer.status == StatusCode::NOT_FOUND => {
            outcome.trim().to_lowercase()
        }
        _ if answer.status == StatusCode::CONFLICT => "already_cancelled".to_owned(),
        _ if answer.status.is_success() && (answer.body.trim_ascii().is_empty() || body.is_object()) => {
            "done".to_owned()
        }
        _ => format!("HTTP {}", answer.status.as_u16()),
    }
}
