//! The envelope around a batch: one POST to `$batch`, and the answers taken out of it again.
//!
//! Guarantees that one unreadable answer costs only its own part, and that every answer is matched by id,
//! whatever order Graph sends them in (reference/graph-limits.md#batches).

use crate::graph::request::Request;
use crate::graph::served_clock::ServedClock;
use crate::http::client::root_cause;
use async_trait::async_trait;
use bytes::Bytes;
use chrono::Utc;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// Carries a batch to Graph.
#[async_trait]
pub(crate) trait Wire: Send + Sync + 'static {
    async fn post(&self, batch: Outgoing<'_>) -> Result<Incoming, Fault>;
}

pub(crate) struct Outgoing<'a> {
    pub(crate) token: &'a SecretString,
    pub(crate) client_request_id: Uuid,
    pub(crate) body: Value,
    pub(crate) within: Duration,
}

pub(crate) struct Incoming {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) body: Bytes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection: surely nothing was done.
    NotSent,
    /// The connection broke, or the time ran out: nobody knows what was done.
    Broken,
}

/// The body of one `$batch`; the ids of its parts are "1", "2", ….
pub(crate) fn envelope<'a>(requests: impl Iterator<Item = &'a Request>) -> Value {
    let parts: Vec<Value> =
        requests.enumerate().map(|(index, request)| request.part(&part_id(index))).collect();
    json!({"requests": parts})
}

pub(crate) fn part_id(index: usize) -> String {
    (index + 1).to_string()
}

/// The answer to one part.
#[derive(Debug, Deserialize)]
pub(crate) struct PartAnswer {
    id: String,
    pub(crate) status: u16,
    #[serde(default)]
    headers: Option<HashMap<String, Value>>,
    #[serde(default)]
    pub(crate) body: Option<Box<RawValue>>,
}

impl PartAnswer {
    /// Header names come in any case, and their values are strings, mostly.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let headers = self.headers.as_ref()?;
        let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Array(several) => several.first().and_then(Value::as_str).map(str::to_owned),
            Value::Null | Value::Bool(_) | Value::Object(_) => None,
        }
    }
}

/// The answers by part id. `None`: this is no answer to a batch. What is answered twice keeps its first
/// answer.
pub(crate) fn open(body: &[u8]) -> Option<HashMap<String, PartAnswer>> {
    #[derive(Deserialize)]
    struct Answers {
        responses: Vec<Box<RawValue>>,
    }
    let answers: Answers = serde_json::from_slice(body).ok()?;
    let mut opened: HashMap<String, PartAnswer> = HashMap::new();
    for answer in answers.responses {
        match serde_json::from_str::<PartAnswer>(answer.get()) {
            Ok(answer) if opened.contains_key(&answer.id) => {
                tracing::warn!(
                    part = answer.id,
                    status = answer.status,
                    "a part of a batch was answered twice"
                );
            }
            Ok(answer) => {
                opened.insert(answer.id.clone(), answer);
            }
            Err(error) => tracing::warn!(%error, "a part of a batch has an unreadable answer"),
        }
    }
    Some(opened)
}

/// The real wire.
pub(crate) struct HttpWire {
    http: reqwest::Client,
    url: Url,
    served: Arc<ServedClock>,
}

impl HttpWire {
    /// `root`: Graph's address with version, e.g. `https://graph.microsoft.com/v1.0`.
    pub(crate) fn new(http: reqwest::Client, root: &Url) -> Self {
        let mut url = root.clone();
        url.set_path(&format!("{}/$batch", root.path().trim_end_matches('/')));
        Self { http, url, served: Arc::default() }
    }

    /// What is learned of Graph's clock.
    pub(crate) fn served(&self) -> Arc<ServedClock> {
        Arc::clone(&self.served)
    }
}

#[async_trait]
impl Wire for HttpWire {
    async fn post(&self, batch: Outgoing<'_>) -> Result<Incoming, Fault> {
        let fault = |error: reqwest::Error| {
            let fault = if error.is_connect() { Fault::NotSent } else { Fault::Broken };
            tracing::warn!(error = root_cause(&error), ?fault, "no answer from Graph");
            fault
        };
        let sent = Utc::now();
        let response = self
            .http
            .post(self.url.clone())
            .timeout(batch.within)
            .bearer_auth(batch.token.expose_secret())
            .header("client-request-id", batch.client_request_id.to_string())
            .header("return-client-request-id", "true")
            .header("Accept", "application/json")
            .json(&batch.body)
            .send()
            .await
            .map_err(fault)?;
        let header = |name: &str| {
            response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        if let Some(date) = header("date") {
            self.served.note(&date, sent, Utc::now());
        }
        let (retry_after, request_id) = (header("retry-after"), header("request-id"));
        let status = response.status().as_u16();
        let body = response.bytes().await.map_err(fault)?;
        Ok(Incoming { status, retry_after, request_id, body })
    }
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
