//! Cuts long lists into queue messages that the queue takes (contract sheet 6: 48 KiB of text).

use crate::host::{Failure, QUEUE_TEXT_LIMIT};
use crate::ids::TenantName;
use crate::message::{Changes, Hint, MailboxTask, Mailboxes, VERSION};
use serde::Serialize;

/// Texts for `regrets-changes`: none for no hints, else as few as it takes, in order.
///
/// # Errors
/// [`Failure::Work`] when a hint can't be written as JSON.
pub fn changes(trace: &str, tenant: &TenantName, hints: Vec<Hint>) -> Result<Vec<String>, Failure> {
    let message = |hints| Changes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), hints };
    let mut texts = Vec::new();
    cut(hints, &message, &|message| message.hints, &mut texts)?;
    Ok(texts)
}

/// Texts for `regrets-mailboxes`, as [`changes`].
///
/// # Errors
/// [`Failure::Work`] when a task can't be written as JSON.
pub fn mailboxes(trace: &str, tenant: &TenantName, tasks: Vec<MailboxTask>) -> Result<Vec<String>, Failure> {
    let message = |tasks| Mailboxes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), tasks };
    let mut texts = Vec::new();
    cut(tasks, &message, &|message| message.tasks, &mut texts)?;
    Ok(texts)
}

/// Halves what is too long until it fits: nearly always it fits at once, and is written once.
fn cut<T, M: Serialize>(
    items: Vec<T>,
    message: &impl Fn(Vec<T>) -> M,
    items_of: &impl Fn(M) -> Vec<T>,
    texts: &mut Vec<String>,
) -> Result<(), Failure> {
    if items.is_empty() {
        return Ok(());
    }
    let single = items.len() == 1;
    let message_of_all = message(items);
    let text = serde_json::to_string(&message_of_all).map_err(|error| Failure::work(&error))?;
    if text.len() <= QUEUE_TEXT_LIMIT || single {
        texts.push(text);
        return Ok(());
    }
    let mut head = items_of(message_of_all);
    let tail = head.split_off(head.len() / 2);
    cut(head, message, items_of, texts)?;
    cut(tail, message, items_of, texts)
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
    fn nothing_to_say_is_no_message() {
        assert_eq!(mailboxes("t", &"contoso".into(), Vec::new()).unwrap(), Vec::<String>::new());
    }
}
