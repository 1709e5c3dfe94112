//! What a function gives back, in the one form that the host passes on unharmed.
//!
//! Queue outputs are always arrays of strings: a bare string would be taken for base64 or re-printed as indented JSON
//! (contract sheet 6). `res` always has a numeric `statusCode`, single-string headers and a string body (2.4). The whole
//! is always an object.

use crate::host::function::Failure;
use crate::host::quote::quote;
use serde::ser::Serializer;
use std::collections::BTreeMap;

/// Bytes of text that one queue message takes: 64 KiB on the wire, less what base64 adds (contract sheet 6).
pub const QUEUE_TEXT_LIMIT: usize = 48 * 1024;

/// Names are those of the bindings in function.json; the host ignores others without a word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outputs {
    queues: BTreeMap<&'static str, Vec<String>>,
    http: Option<(&'static str, HttpResponse)>,
    logs: Vec<String>,
}

impl Outputs {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds messages to a queue output, in order. A text that is wholly an ISO date would be re-formatted by the host.
    pub fn queue(mut self, binding: &'static str, texts: impl IntoIterator<Item = String>) -> Self {
        self.queues.entry(binding).or_default().extend(texts);
        self
    }

    pub fn http(mut self, binding: &'static str, response: HttpResponse) -> Self {
        self.http = Some((binding, response));
        self
    }

    /// A line for the function's own log, at level Information, written only when the invocation succeeds.
    pub fn log(mut self, line: impl Into<String>) -> Self {
        self.logs.push(line.into());
        self
    }

    /// The messages for one queue output.
    pub fn messages(&self, binding: &str) -> &[String] {
        self.queues.get(binding).map_or(&[], Vec::as_slice)
    }

    pub fn response(&self) -> Option<&HttpResponse> {
        self.http.as_ref().map(|(_, response)| response)
    }

    /// The reply's JSON text.
    ///
    /// # Errors
    /// A message over [`QUEUE_TEXT_LIMIT`]: the host would send those before it and fail then.
    pub fn to_json(&self) -> Result<Vec<u8>, Failure> {
        for (binding, texts) in &self.queues {
            if let Some(text) = texts.iter().find(|text| text.len() > QUEUE_TEXT_LIMIT) {
                return Err(Failure::MessageTooLarge { binding, size: text.len() });
            }
        }
        let size: usize = self.queues.values().flatten().map(String::len).sum();
        // A message is JSON itself: every sixth to tenth character is a quote.
        let mut reply = String::with_capacity(512 + size + size / 6);
        reply.push_str("{\"Outputs\":{");
        let mut comma = "";
        if let Some((binding, response)) = &self.http {
            quote(binding, &mut reply);
            reply.push(':');
            reply.push_str(&serde_json::to_string(response).map_err(|error| Failure::work(&error))?);
            comma = ",";
        }
        for (binding, texts) in &self.queues {
            reply.push_str(std::mem::replace(&mut comma, ","));
            quote(binding, &mut reply);
            reply.push(':');
            quote_all(texts, &mut reply);
        }
        reply.push_str("},\"Logs\":");
        quote_all(&self.logs, &mut reply);
        reply.push_str(",\"ReturnValue\":null}");
        Ok(reply.into_bytes())
    }
}

fn quote_all(texts: &[String], json: &mut String) {
    json.push('[');
    for (number, text) in texts.iter().enumerate() {
        if number > 0 {
            json.push(',');
        }
        quote(text, json);
    }
    json.push(']');
}

/// The answer to the client of an `httpTrigger` in wrapped mode.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct HttpResponse {
    #[serde(rename = "statusCode", serialize_with = "as_number")]
    pub status: http::StatusCode,
    /// One value a name: the host turns an array into JSON text (contract sheet 2.4).
    pub headers: BTreeMap<&'static str, String>,
    pub body: String,
}

impl HttpResponse {
    /// With an empty body.
    pub fn new(status: http::StatusCode) -> Self {
        Self { status, headers: BTreeMap::new(), body: String::new() }
    }

    /// Plain text, with its content type.
    pub fn text(status: http::StatusCode, body: impl Into<String>) -> Self {
        let mut response = Self::new(status).header("Content-Type", "text/plain; charset=utf-8");
        response.body = body.into();
        response
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }
}

fn as_number<S: Serializer>(status: &http::StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
