use super::*;

/// As Azure writes it, with whatever stands around the text.
fn list(rest: &str) -> String {
    let times = "<InsertionTime>Sat, 21 Nov 2026 10:00:00 GMT</InsertionTime>
        <ExpirationTime>Sat, 28 Nov 2026 10:00:00 GMT</ExpirationTime>";
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><QueueMessagesList><QueueMessage>
         <MessageId>5</MessageId>{times}<DequeueCount>2</DequeueCount>{rest}</QueueMessage></QueueMessagesList>"
    )
}

#[test]
fn what_is_sent_is_read_back_as_it_was() {
    for text in ["", " ", "aGVsbG8=", " <a b='c'>&amp;\r\n\t]]> \u{1F600} ", "&#13;"] {
        let sent = message(text).unwrap();
        let inner = sent.trim_start_matches("<QueueMessage>").trim_end_matches("</QueueMessage>");
        let read: Messages = read(&list(inner)).unwrap();
        assert_eq!(read.messages.iter().map(|it| it.message_text.as_str()).collect::<Vec<_>>(), [text]);
    }
    for text in ["\0", "a\u{1b}b", "\u{ffff}"] {
        assert!(message(text).unwrap_err().contains("U+"), "{text:?}");
    }
}

#[test]
fn a_message_that_is_handed_out_has_more_than_one_that_is_shown() {
    let text = "<MessageText/>";
    let shown: Messages = read(&list(text)).unwrap();
    assert!(shown.messages[0].pop_receipt.is_none() && shown.messages[0].time_next_visible.is_none());
    let lease =
        "<PopReceipt>a+b=</PopReceipt><TimeNextVisible>Sat, 21 Nov 2026 10:10:00 GMT</TimeNextVisible>";
    let handed: Messages = read(&list(&format!("{lease}{text}<New>1</New>"))).unwrap();
    let message = &handed.messages[0];
    assert_eq!((message.message_id.as_str(), message.dequeue_count), ("5", 2));
    assert_eq!(message.pop_receipt.as_deref(), Some("a+b="));
    assert_eq!((message.time_next_visible.unwrap() - message.insertion_time).num_minutes(), 10);
    let none: Messages = read("<QueueMessagesList />").unwrap();
    assert!(none.messages.is_empty());
}

#[test]
fn queues_are_told_apart_from_what_is_around_and_inside_them() {
    let xml = "<R><Prefix/><Queues><Queue><Name>a</Name><Metadata><Name>no</Name><x>1</x></Metadata></Queue>
        <Queue><Name>b</Name></Queue></Queues><NextMarker>/a/b</NextMarker></R>";
    assert_eq!(read::<QueueList>(xml).unwrap().names(), (vec!["a".into(), "b".into()], "/a/b".into()));
    for last in ["<R><Queues /><NextMarker /></R>", "<R><Queues></Queues></R>"] {
        assert_eq!(read::<QueueList>(last).unwrap().names(), (vec![], String::new()));
    }
}

#[test]
fn what_is_no_such_answer_is_an_error() {
    let broken = ["<a><b></a>", "<a", "", "<R/>"];
    for bad in broken {
        assert!(read::<QueueList>(bad).is_err(), "{bad}");
    }
    for text in ["<MessageText>&nonsense;</MessageText>", "<MessageText>&#xD800;</MessageText>", "<Other/>"] {
        assert!(read::<Messages>(&list(text)).is_err(), "{text}");
    }
    let told = read::<Messages>(&list("<MessageText/>").replace("Sat, 21", "Someday 21")).unwrap_err();
    assert!(told.contains("Someday"), "{told}");
}
