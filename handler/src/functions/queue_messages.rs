//! Cuts long lists into queue messages that the queue takes (48 KiB of text:
//! reference/functions-queues.md#outputs).

use crate::custom_handler::failure::{Failure, QUEUE_TEXT_LIMIT};
use crate::ids::TenantName;
use crate::messages::{Changes, Hint, MailboxTask, Mailboxes, VERSION};
use serde::Serialize;

/// What ends a message: both kinds end with their list.
const END: &[u8] = b"]}";

/// Texts for `regrets-changes`: none for no hints, else as few as it takes, in order.
///
/// # Errors
/// [`Failure::Work`] when a hint can't be written as JSON.
pub fn changes(trace: &str, tenant: &TenantName, hints: &[Hint]) -> Result<Vec<String>, Failure> {
    let empty =
        Changes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), hints: Vec::new() };
    texts(&empty, hints)
}

/// Texts for `regrets-mailboxes`, as [`changes`].
///
/// # Errors
/// [`Failure::Work`] when a task can't be written as JSON.
pub fn mailboxes(trace: &str, tenant: &TenantName, tasks: &[MailboxTask]) -> Result<Vec<String>, Failure> {
    let empty = Mailboxes { trace: Some(trace.to_owned()), ..Mailboxes::of(tenant.clone(), Vec::new()) };
    texts(&empty, tasks)
}

/// Fills copies of `empty` with items, each until the next item would not fit. One buffer takes all items,
/// because a post may hold thousands.
fn texts<T: Serialize>(empty: &impl Serialize, items: &[T]) -> Result<Vec<String>, Failure> {
    let failed = |error: serde_json::Error| Failure::work(&error);
    let empty = serde_json::to_vec(empty).map_err(failed)?;
    let head = empty.strip_suffix(END).unwrap_or(&empty);
    let (mut texts, mut text, mut json) = (Vec::new(), head.to_vec(), Vec::new());
    for item in items {
        json.clear();
        serde_json::to_writer(&mut json, item).map_err(failed)?;
        let is_first = text.len() == head.len();
        if !is_first && text.len() + 1 + json.len() + END.len() > QUEUE_TEXT_LIMIT {
            texts.push(ended(std::mem::replace(&mut text, head.to_vec()))?);
        } else if !is_first {
            text.push(b',');
        }
        text.extend_from_slice(&json);
    }
    if text.len() > head.len() {
        texts.push(ended(text)?);
    }
    Ok(texts)
}

fn ended(mut text: Vec<u8>) -> Result<String, Failure> {
    text.extend_from_slice(END);
    String::from_utf8(text).map_err(|error| Failure::work(&error))
}

#[cfg(test)]
#[path = "queue_messages_tests.rs"]
mod tests;
