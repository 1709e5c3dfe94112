//! Cuts long lists into queue messages that the queue takes (contract sheet 6: 48 KiB of text).

use crate::host::{Failure, QUEUE_TEXT_LIMIT};
use crate::ids::TenantName;
use crate::message::{Changes, Hint, MailboxTask, Mailboxes, VERSION};
use serde::Serialize;
use std::io;

/// Bytes left for what surrounds the list: version, trace context and tenant name take under 160.
const ENVELOPE: usize = 512;

/// Texts for `regrets-changes`: none for no hints, else as many as it takes, in order.
///
/// # Errors
/// [`Failure::Work`] when a hint can't be written as JSON.
pub fn changes(trace: &str, tenant: &TenantName, hints: Vec<Hint>) -> Result<Vec<String>, Failure> {
    cut(hints, |hints| Changes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), hints })
}

/// Texts for `regrets-mailboxes`, as [`changes`].
///
/// # Errors
/// [`Failure::Work`] when a task can't be written as JSON.
pub fn mailboxes(trace: &str, tenant: &TenantName, tasks: Vec<MailboxTask>) -> Result<Vec<String>, Failure> {
    cut(tasks, |tasks| Mailboxes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), tasks })
}

fn cut<T: Serialize, M: Serialize>(items: Vec<T>, message: impl Fn(Vec<T>) -> M) -> Result<Vec<String>, Failure> {
    let mut texts = Vec::new();
    let mut shard = Vec::new();
    let mut size = ENVELOPE;
    for item in items {
        // One more for the comma.
        let length = json_length(&item)? + 1;
        if size + length > QUEUE_TEXT_LIMIT && !shard.is_empty() {
            texts.push(text(&message(std::mem::take(&mut shard)))?);
            size = ENVELOPE;
        }
        size += length;
        shard.push(item);
    }
    if !shard.is_empty() {
        texts.push(text(&message(shard))?);
    }
    Ok(texts)
}

fn text(message: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(message).map_err(|error| Failure::work(&error))
}

fn json_length(item: &impl Serialize) -> Result<usize, Failure> {
    struct Counter(usize);
    impl io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, item).map_err(|error| Failure::work(&error))?;
    Ok(counter.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{EventId, UserId};
    use crate::message::ChangeType;

    #[test]
    fn a_long_list_is_cut_into_messages_that_fit_and_lose_nothing() {
        let hint = |n: usize| Hint::Changed {
            mailbox: UserId::new("3f2c1a70-1111-4a4a-9b9b-0123456789ab"),
            // Quotes double in JSON, and once more when the host wraps the text.
            event: EventId::new(format!("{n}{}", "\"".repeat(1000))),
            change: ChangeType::Updated,
        };
        let hints: Vec<_> = (0..200).map(hint).collect();
        let tenant = TenantName::new("t".repeat(32));
        let texts = changes(&"x".repeat(55), &tenant, hints.clone()).unwrap();
        assert!(texts.iter().all(|text| text.len() <= QUEUE_TEXT_LIMIT));
        assert!(texts.len() > 2 && texts.len() < 20, "{} messages", texts.len());
        let read = texts.iter().map(|text| serde_json::from_str::<Changes>(text).unwrap());
        assert_eq!(read.flat_map(|changes| changes.hints).collect::<Vec<_>>(), hints);
    }

    #[test]
    fn nothing_to_say_is_no_message() {
        assert_eq!(mailboxes("t", &"contoso".into(), Vec::new()).unwrap(), Vec::<String>::new());
    }
}
