//! What a function gives back, in the one form that the host passes on unharmed.
//!
//! Queue outputs are always arrays of strings: a bare string would be taken for base64 or re-printed as indented JSON
//! (reference/functions-queues.md#outputs). `res` always has a numeric `statusCode`, single-string headers
//! and a string body (reference/functions-host.md#wrapped-replies). The whole is always an object.

use crate::custom_handler::failure::{Failure, QUEUE_TEXT_LIMIT};
use crate::custom_handler::quote::quote;
use serde::ser::Serializer;
use std::collections::BTreeMap;

/// Names are those of the bindings in function.json; the host ignores others without a word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outputs {
    queues: BTreeMap<&'static str, Vec<Message>>,
    http: Option<(&'static str, HttpResponse)>,
    logs: Vec<String>,
}

/// A queue message as it stands in the reply: its text as a JSON string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    json: String,
    /// Bytes of the text itself.
    size: usize,
}

impl Message {
    /// `json` is a whole JSON string for a text of `size` bytes.
    pub(crate) fn new(json: String, size: usize) -> Self {
        Self { json, size }
    }
}

impl From<String> for Message {
    fn from(text: String) -> Self {
        let mut json = String::with_capacity(text.len() + text.len() / 6 + 2);
        quote(&text, &mut json);
        Self { json, size: text.len() }
    }
}

impl Outputs {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds messages to a queue output, in order. A text that is wholly an ISO date would be re-formatted by the host.
    pub fn queue(self, binding: &'static str, texts: impl IntoIterator<Item = String>) -> Self {
        self.quoted(binding, texts.into_iter().map(Message::from))
    }

    /// As [`Outputs::queue`], for messages that were written quoted.
    pub(crate) fn quoted(mut self, binding: &'static str, messages: impl IntoIterator<Item = Message>) -> Self {
        self.queues.entry(binding).or_default().extend(messages);
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
    /// A message over [`crate::custom_handler::failure::QUEUE_TEXT_LIMIT`]: the host would send those before it and fail then.
    pub fn to_json(&self) -> Result<Vec<u8>, Failure> {
        for (binding, messages) in &self.queues {
            if let Some(message) = messages.iter().find(|message| message.size > QUEUE_TEXT_LIMIT) {
                return Err(Failure::MessageTooLarge { binding, size: message.size });
            }
        }
        let size: usize = self.queues.values().flatten().map(|message| message.json.len() + 1).sum();
        let mut reply = String::with_capacity(512 + size);
        reply.push_str("{\"Outputs\":{");
        let mut comma = "";
        if let Some((binding, response)) = &self.http {
            quote(binding, &mut reply);
            reply.push(':');
            reply.push_str(&serde_json::to_string(response).map_err(|error| Failure::work(&error))?);
            comma = ",";
        }
        for (binding, messages) in &self.queues {
            reply.push_str(std::mem::replace(&mut comma, ","));
            quote(binding, &mut reply);
            reply.push(':');
            list(messages, &mut reply, |message, reply| reply.push_str(&message.json));
        }
        reply.push_str("},\"Logs\":");
        list(&self.logs, &mut reply, |line, reply| quote(line, reply));
        reply.push_str(",\"ReturnValue\":null}");
        Ok(reply.into_bytes())
    }
}

fn list<T>(items: &[T], json: &mut String, write: impl Fn(&T, &mut String)) {
    json.push('[');
    for (number, item) in items.iter().enumerate() {
        if number > 0 {
            json.push(',');
        }
        write(item, json);
    }
    json.push(']');
}

/// The answer to the client of an `httpTrigger` in wrapped mode.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
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
