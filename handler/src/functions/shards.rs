//! Cuts long lists into queue messages that the queue takes (contract sheet 6: 48 KiB of text).

use crate::host::quote::quote;
use crate::host::{Failure, QUEUE_TEXT_LIMIT};
use crate::ids::TenantName;
use crate::message::{ChangeType, Changes, Hint, MailboxTask, Mailboxes, VERSION};
use serde::Serialize;

/// What ends a message: both kinds end with their list.
const END: &str = "]}";

/// Texts for `regrets-changes`: none for no hints, else as few as it takes, in order.
///
/// # Errors
/// [`Failure::Work`] when a hint can't be written as JSON.
pub fn changes(trace: &str, tenant: &TenantName, hints: Vec<Hint>) -> Result<Vec<String>, Failure> {
    let empty = Changes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), hints: Vec::new() };
    pack(&json(&empty)?, &hints, hint)
}

/// Texts for `regrets-mailboxes`, as [`changes`].
///
/// # Errors
/// [`Failure::Work`] when a task can't be written as JSON.
pub fn mailboxes(trace: &str, tenant: &TenantName, tasks: Vec<MailboxTask>) -> Result<Vec<String>, Failure> {
    let empty = Mailboxes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), tasks: Vec::new() };
    pack(&json(&empty)?, &tasks, |task, text| {
        text.push_str(&json(task)?);
        Ok(())
    })
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::work(&error))
}

/// Fills copies of the message `empty` with items, each until the next item would not fit.
fn pack<T>(
    empty: &str,
    items: &[T],
    write: impl Fn(&T, &mut String) -> Result<(), Failure>,
) -> Result<Vec<String>, Failure> {
    let head = empty.strip_suffix(END).unwrap_or(empty);
    let mut texts = Vec::new();
    let mut text = String::with_capacity(QUEUE_TEXT_LIMIT.min(head.len() + 320 * items.len()));
    text.push_str(head);
    for item in items {
        let filled = text.len();
        let is_first = filled == head.len();
        if !is_first {
            text.push(',');
        }
        let begin = text.len();
        write(item, &mut text)?;
        if text.len() + END.len() > QUEUE_TEXT_LIMIT && !is_first {
            let next = format!("{head}{}", text.split_off(begin));
            text.truncate(filled);
            text.push_str(END);
            texts.push(std::mem::replace(&mut text, next));
        }
    }
    if text.len() > head.len() {
        text.push_str(END);
        texts.push(text);
    }
    Ok(texts)
}

/// The hint's JSON. A notification's is written out here, because there may be thousands in a post; a test holds it against
/// serde's.
fn hint(hint: &Hint, text: &mut String) -> Result<(), Failure> {
    let Hint::Changed { mailbox, event, change } = hint else {
        text.push_str(&json(hint)?);
        return Ok(());
    };
    text.push_str("{\"kind\":\"changed\",\"mailbox\":");
    quote(mailbox.as_str(), text);
    text.push_str(",\"event\":");
    quote(event.as_str(), text);
    text.push_str(match change {
        ChangeType::Created => ",\"change\":\"created\"}",
        ChangeType::Updated => ",\"change\":\"updated\"}",
        ChangeType::Deleted => ",\"change\":\"deleted\"}",
    });
    Ok(())
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
        assert!(texts.len() > 2 && texts.len() < 24, "{} messages", texts.len());
        let read = texts.iter().map(|text| serde_json::from_str::<Changes>(text).unwrap());
        assert_eq!(read.flat_map(|changes| changes.hints).collect::<Vec<_>>(), hints);
    }

    #[test]
    fn a_notifications_hint_is_written_as_serde_writes_it() {
        for change in [ChangeType::Created, ChangeType::Updated, ChangeType::Deleted] {
            let changed = Hint::Changed { mailbox: "a\"b".into(), event: "\\ \n é".into(), change };
            let mut text = String::new();
            hint(&changed, &mut text).unwrap();
            assert_eq!(text, serde_json::to_string(&changed).unwrap());
        }
    }

    #[test]
    fn nothing_to_say_is_no_message() {
        assert_eq!(mailboxes("t", &"contoso".into(), Vec::new()).unwrap(), Vec::<String>::new());
    }
}
