//! The XML of the queue service: what it answers, and the one document that it is sent.

use chrono::{DateTime, Utc};
use quick_xml::escape::partial_escape;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};

#[derive(Debug, Deserialize)]
pub(super) struct Messages {
    #[serde(rename = "QueueMessage", default)]
    pub(super) messages: Vec<Message>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Message {
    pub(super) message_id: String,
    #[serde(deserialize_with = "date")]
    pub(super) insertion_time: DateTime<Utc>,
    #[serde(deserialize_with = "date")]
    pub(super) expiration_time: DateTime<Utc>,
    pub(super) dequeue_count: u32,
    pub(super) message_text: String,
    /// Of one that is handed out; not of one that is only shown, like the next.
    pub(super) pop_receipt: Option<String>,
    #[serde(default, deserialize_with = "some_date")]
    pub(super) time_next_visible: Option<DateTime<Utc>>,
}

/// One page of the account's queues.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct QueueList {
    queues: Queues,
    /// Empty, or missing: there is no further page.
    #[serde(default)]
    next_marker: String,
}

#[derive(Debug, Deserialize)]
struct Queues {
    #[serde(rename = "Queue", default)]
    queues: Vec<Queue>,
}

#[derive(Debug, Deserialize)]
struct Queue {
    #[serde(rename = "Name")]
    name: String,
}

impl QueueList {
    pub(super) fn names(self) -> (Vec<String>, String) {
        (self.queues.queues.into_iter().map(|queue| queue.name).collect(), self.next_marker)
    }
}

fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = DateTime::parse_from_rfc2822(&text).map(|time| time.with_timezone(&Utc));
    parsed.map_err(|error| D::Error::custom(format!("\"{text}\": {error}")))
}

fn some_date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    date(deserializer).map(Some)
}

pub(super) fn read<T: DeserializeOwned>(xml: &str) -> Result<T, String> {
    // Azure puts a byte order mark before it.
    quick_xml::de::from_str(xml.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("its answer can't be read: {error}"))
}

/// A message to send.
///
/// # Errors
/// XML knows no way to write some control characters; base64 has none of them.
pub(super) fn message(wire: &str) -> Result<String, String> {
    let is_unwritable =
        |c: &char| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    if let Some(found) = wire.chars().find(is_unwritable) {
        let code = u32::from(found);
        return Err(format!(
            "it holds the character U+{code:04X}, which no queue can hold; messageEncoding \"base64\" can"
        ));
    }
    // A bare CR would be read as a line's end.
    let text = partial_escape(wire).replace('\r', "&#13;");
    Ok(format!("<QueueMessage><MessageText>{text}</MessageText></QueueMessage>"))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
