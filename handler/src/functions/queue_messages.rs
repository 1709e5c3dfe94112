//! Cuts long lists into queue messages that the queue takes (48 KiB of text:
//! reference/functions-queues.md#outputs).

use crate::custom_handler::Message;
use crate::custom_handler::failure::{Failure, QUEUE_TEXT_LIMIT};
use crate::custom_handler::quote::{quote, stop};
use crate::ids::TenantName;
use crate::messages::{ChangeType, Changes, Hint, MailboxTask, Mailboxes, VERSION};
use serde::Serialize;

/// What ends a message: both kinds end with their list. It stays the same when the text is quoted.
const END: &str = "]}";

/// Texts for `regrets-changes`: none for no hints, else as few as it takes, in order.
///
/// # Errors
/// [`Failure::Work`] when a hint can't be written as JSON.
pub fn changes(trace: &str, tenant: &TenantName, hints: Vec<Hint>) -> Result<Vec<String>, Failure> {
    texts(&json(&no_changes(trace, tenant))?, &hints)
}

/// Texts for `regrets-mailboxes`, as [`changes`].
///
/// # Errors
/// [`Failure::Work`] when a task can't be written as JSON.
pub fn mailboxes(trace: &str, tenant: &TenantName, tasks: Vec<MailboxTask>) -> Result<Vec<String>, Failure> {
    let empty = Mailboxes { trace: Some(trace.to_owned()), ..Mailboxes::of(tenant.clone(), Vec::new()) };
    texts(&json(&empty)?, &tasks)
}

/// The texts of [`changes`], quoted as they are written, because a post may hold thousands of hints.
///
/// # Errors
/// [`Failure::Work`] when a hint can't be written as JSON.
pub(crate) fn quoted_changes(trace: &str, tenant: &TenantName, hints: &[Hint]) -> Result<Vec<Message>, Failure> {
    let empty = json(&no_changes(trace, tenant))?;
    let mut quoted = String::new();
    quote(&empty, &mut quoted);
    let head = quoted.strip_suffix('"').and_then(|quoted| quoted.strip_suffix(END)).unwrap_or(&quoted);
    let head = Text { json: head.to_owned(), size: empty.len() - END.len() };
    let packed = pack(&head, hints, quoted_hint)?;
    let message = |mut text: Text| {
        text.json.push('"');
        Message::new(text.json, text.size)
    };
    Ok(packed.into_iter().map(message).collect())
}

fn no_changes(trace: &str, tenant: &TenantName) -> Changes {
    Changes { v: VERSION, trace: Some(trace.to_owned()), tenant: tenant.clone(), hints: Vec::new() }
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(|error| Failure::work(&error))
}

fn texts<T: Serialize>(empty: &str, items: &[T]) -> Result<Vec<String>, Failure> {
    let head = empty.strip_suffix(END).unwrap_or(empty);
    let head = Text { json: head.to_owned(), size: head.len() };
    let append = |item: &T, text: &mut String| {
        let item = json(item)?;
        text.push_str(&item);
        Ok(item.len())
    };
    Ok(pack(&head, items, append)?.into_iter().map(|text| text.json).collect())
}

/// A message in the making, quoted or not.
#[derive(Clone)]
struct Text {
    json: String,
    /// Bytes that it has when it is not quoted: what the queue's limit is about.
    size: usize,
}

/// Fills copies of `head` with items, each until the next item would not fit. `write` gives the bytes of an item as in
/// [`Text::size`].
fn pack<T>(
    head: &Text,
    items: &[T],
    write: impl Fn(&T, &mut String) -> Result<usize, Failure>,
) -> Result<Vec<Text>, Failure> {
    let mut texts = Vec::new();
    let mut text = head.clone();
    text.json.reserve(QUEUE_TEXT_LIMIT.min(320 * items.len()));
    for item in items {
        let filled = text.json.len();
        let is_first = filled == head.json.len();
        if !is_first {
            text.json.push(',');
        }
        let begin = text.json.len();
        let size = write(item, &mut text.json)?;
        if !is_first && text.size + 1 + size + END.len() > QUEUE_TEXT_LIMIT {
            let item = text.json.split_off(begin);
            text.json.truncate(filled);
            let next = Text { json: format!("{}{item}", head.json), size: head.size + size };
            texts.push(ended(std::mem::replace(&mut text, next)));
        } else {
            text.size += usize::from(!is_first) + size;
        }
    }
    if text.json.len() > head.json.len() {
        texts.push(ended(text));
    }
    Ok(texts)
}

fn ended(mut text: Text) -> Text {
    text.json.push_str(END);
    text.size += END.len();
    text
}

/// Adds a hint's JSON, quoted. A notification's is written out here where nothing in it needs an escape of its own, which
/// is always; a test holds it against serde's.
fn quoted_hint(hint: &Hint, text: &mut String) -> Result<usize, Failure> {
    if let Hint::Changed { mailbox, event, change } = hint
        && stop(mailbox.as_str().as_bytes()).is_none()
        && stop(event.as_str().as_bytes()).is_none()
    {
        let before = text.len();
        text.push_str(r#"{\"kind\":\"changed\",\"mailbox\":\""#);
        text.push_str(mailbox.as_str());
        text.push_str(r#"\",\"event\":\""#);
        text.push_str(event.as_str());
        text.push_str(match change {
            ChangeType::Created => r#"\",\"change\":\"created\"}"#,
            ChangeType::Updated => r#"\",\"change\":\"updated\"}"#,
            ChangeType::Deleted => r#"\",\"change\":\"deleted\"}"#,
        });
        // Four members, each with four quotes, each with a backslash.
        return Ok(text.len() - before - 4 * 4);
    }
    let plain = json(hint)?;
    let mut quoted = String::new();
    quote(&plain, &mut quoted);
    text.push_str(quoted.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or_default());
    Ok(plain.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::custom_handler::failure::QUEUE_TEXT_LIMIT;
    use crate::ids::{EventId, UserId};
    use crate::messages::ChangeType;

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
    fn quoted_messages_are_the_same_messages_cut_at_the_same_places() {
        let changed = |n: usize| Hint::Changed {
            mailbox: ["3f2c", "a\"b", "é"][n % 3].into(),
            event: EventId::new(format!("{n}{}", ["x", "\\", "\n"][n % 7 % 3].repeat(400))),
            change: [ChangeType::Created, ChangeType::Updated, ChangeType::Deleted][n % 3],
        };
        let resynced = Hint::Resynced { mailbox: "a".into(), asked: "2026-11-21T10:00:00Z".parse().unwrap() };
        let hints: Vec<_> = (0..500).map(changed).chain([resynced]).collect();
        let plain = changes("t", &"contoso".into(), hints.clone()).unwrap();
        let quoted = quoted_changes("t", &"contoso".into(), &hints).unwrap();
        assert!(plain.len() > 4);
        assert_eq!(quoted, plain.into_iter().map(Message::from).collect::<Vec<_>>());
    }

    #[test]
    fn a_message_is_filled_to_the_limit() {
        let hint = |size| Hint::Changed {
            mailbox: "m".into(),
            event: EventId::new("x".repeat(size)),
            change: ChangeType::Updated,
        };
        let count = |second| changes("t", &"contoso".into(), vec![hint(20_000), hint(second)]).unwrap();
        let most = QUEUE_TEXT_LIMIT - count(0)[0].len();
        assert_eq!(count(most).iter().map(String::len).collect::<Vec<_>>(), [QUEUE_TEXT_LIMIT]);
        assert_eq!(count(most + 1).len(), 2);
    }

    #[test]
    fn nothing_to_say_is_no_message() {
        assert_eq!(mailboxes("t", &"contoso".into(), Vec::new()).unwrap(), Vec::<String>::new());
    }
}
