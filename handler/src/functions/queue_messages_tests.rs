use super::*;
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
    let texts = changes(&"x".repeat(55), &tenant, &hints).unwrap();
    assert!(texts.iter().all(|text| text.len() <= QUEUE_TEXT_LIMIT));
    assert!(texts.len() > 2 && texts.len() < 24, "{} messages", texts.len());
    let read = texts.iter().map(|text| serde_json::from_str::<Changes>(text).unwrap());
    assert_eq!(read.flat_map(|changes| changes.hints).collect::<Vec<_>>(), hints);
}

#[test]
fn a_message_is_filled_to_the_limit() {
    let hint = |size| Hint::Changed {
        mailbox: "m".into(),
        event: EventId::new("x".repeat(size)),
        change: ChangeType::Updated,
    };
    let count = |second| changes("t", &"contoso".into(), &[hint(20_000), hint(second)]).unwrap();
    let most = QUEUE_TEXT_LIMIT - count(0)[0].len();
    assert_eq!(count(most).iter().map(String::len).collect::<Vec<_>>(), [QUEUE_TEXT_LIMIT]);
    assert_eq!(count(most + 1).len(), 2);
}

#[test]
fn nothing_to_say_is_no_message() {
    assert_eq!(mailboxes("t", &"contoso".into(), &[]).unwrap(), Vec::<String>::new());
}
