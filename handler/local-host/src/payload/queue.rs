//! A queue message as the handler gets it (reference/functions-queues.md#messages).

use super::{Metadata, date, sys, twice, wrap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(crate) struct QueueCall<'a> {
    pub(crate) id: &'a str,
    /// Decoded from the wire.
    pub(crate) content: &'a [u8],
    pub(crate) receipt: &'a str,
    pub(crate) dequeues: u32,
    pub(crate) inserted: DateTime<Utc>,
    pub(crate) expires: DateTime<Utc>,
    pub(crate) visible: DateTime<Utc>,
}

/// `binary` is the binding's `"dataType": "binary"`.
pub(crate) fn queue(
    function: &str,
    binding: &str,
    binary: bool,
    call: &QueueCall<'_>,
    now: DateTime<Utc>,
) -> Value {
    let mut metadata = Metadata::default();
    metadata.set("DequeueCount", twice(&json!(call.dequeues)));
    metadata.set("ExpirationTime", date(call.expires));
    metadata.set("Id", twice(&json!(call.id)));
    metadata.set("InsertionTime", date(call.inserted));
    metadata.set("NextVisibleTime", date(call.visible));
    metadata.set("PopReceipt", twice(&json!(call.receipt)));
    metadata.set("sys", sys(function, now));
    let data = if binary {
        Value::String(STANDARD.encode(call.content))
    } else {
        let text = String::from_utf8_lossy(call.content);
        // The message's own properties go over the host's: never trust the metadata.
        metadata.merge_properties(&text);
        twice(&json!(text))
    };
    wrap(binding, data, metadata)
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
