//! What a function gives back, in the one form that the host passes on unharmed.
//!
//! Queue outputs are always arrays of strings: a bare string would be taken for base64 or re-printed as
//! indented JSON (reference/functions-queues.md#outputs). `res` always has a numeric `statusCode`,
//! single-string headers and a string body (reference/functions-host.md#wrapped-replies). The whole is always
//! an object.

use crate::custom_handler::failure::{Failure, QUEUE_TEXT_LIMIT};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use std::collections::BTreeMap;

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

    /// Adds messages to a queue output, in order. A text that is wholly an ISO date would be re-formatted by
    /// the host.
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

    pub fn response(&self) -> Option<&HttpResponse> {
        self.http.as_ref().map(|(_, response)| response)
    }

    /// The reply's JSON text.
    ///
    /// # Errors
    /// A message over [`crate::custom_handler::failure::QUEUE_TEXT_LIMIT`]: the host would send those before
    /// it and fail then.
    pub fn to_json(&self) -> Result<Vec<u8>, Failure> {
        for (binding, texts) in &self.queues {
            if let Some(text) = texts.iter().find(|text| text.len() > QUEUE_TEXT_LIMIT) {
                return Err(Failure::MessageTooLarge { binding, size: text.len() });
            }
        }
        // Texts are JSON, and each of their quotes gets a backslash.
        let size: usize = self.queues.values().flatten().map(|text| text.len() + text.len() / 6 + 3).sum();
        let mut reply = Vec::with_capacity(512 + size);
        let outputs = Reply { outputs: Bindings(self), logs: &self.logs, return_value: () };
        serde_json::to_writer(&mut reply, &outputs).map_err(|error| Failure::work(&error))?;
        Ok(reply)
    }
}

/// As the host reads it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Reply<'a> {
    outputs: Bindings<'a>,
    logs: &'a [String],
    return_value: (),
}

struct Bindings<'a>(&'a Outputs);

impl Serialize for Bindings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bindings = serializer.serialize_map(None)?;
        if let Some((binding, response)) = &self.0.http {
            bindings.serialize_entry(binding, response)?;
        }
        for (binding, texts) in &self.0.queues {
            bindings.serialize_entry(binding, texts)?;
        }
        bindings.end()
    }
}

/// The answer to the client of an `httpTrigger` in wrapped mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HttpResponse {
    #[serde(rename = "statusCode", serialize_with = "as_number")]
    pub status: http::StatusCode,
    /// One value a name: the host turns an array into JSON text
    /// (reference/functions-host.md#wrapped-replies).
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
