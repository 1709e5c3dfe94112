use super::*;
use crate::graph::port::{MARK, WallTime, When};
use crate::ids::Address;
use std::collections::BTreeMap;

fn says() -> EventFields {
    let at = |text: &str| WallTime::utc(text.parse().unwrap());
    EventFields {
        subject: Some("Training 9999".into()),
        body: Some(EventText::Html("<p>A test.</p>".into())),
        when: Some(When::Timed { start: at("2026-12-01T09:00:00Z"), end: at("2026-12-01T09:15:00Z") }),
        location: Some("Room 7".into()),
        properties: BTreeMap::from([
            (MARK.to_owned(), "contoso-20261130-1".to_owned()),
            ("String {g} Name Lms".to_owned(), "9999".to_owned()),
        ]),
        ..EventFields::default()
    }
}

fn ana() -> Invited {
    Invited { address: Address::new("canary@contoso.com"), name: Some("Ana".into()), is_resource: false }
}

#[test]
fn an_event_carries_our_mark_and_what_recognition_reads() {
    let wanted = NewEvent {
        transaction: "contoso-20261130-1".into(),
        says: says(),
        attendees: vec![ana()],
        is_quiet: false,
        hides_attendees: false,
    };
    let body = new(&wanted);
    let expected = json!({
        "transactionId": "contoso-20261130-1",
        "subject": "Training 9999",
        "body": { "contentType": "html", "content": "<p>A test.</p>" },
        // With an offset and a zone both, it would be counted twice.
        "start": { "dateTime": "2026-12-01T09:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-12-01T09:15:00", "timeZone": "UTC" },
        "isAllDay": false,
        "location": { "displayName": "Room 7" },
        "attendees": [
            { "emailAddress": { "address": "canary@contoso.com", "name": "Ana" }, "type": "required" }
        ],
        "responseRequested": true,
        "allowNewTimeProposals": false,
        "singleValueExtendedProperties": [
            { "id": MARK, "value": "contoso-20261130-1" },
            { "id": "String {g} Name Lms", "value": "9999" },
        ],
    });
    assert_eq!(body, expected);
    assert_eq!(new(&NewEvent { hides_attendees: true, ..wanted.clone() })["hideAttendees"], json!(true));
    let quiet = new(&NewEvent { is_quiet: true, ..wanted });
    assert_eq!((&quiet["showAs"], &quiet["isReminderOn"]), (&json!("free"), &json!(false)));
}

/// What is not to change is not in the request.
#[test]
fn a_change_says_only_what_changes_and_never_the_list() {
    let only_the_place = EventFields { location: Some(String::new()), ..EventFields::default() };
    assert_eq!(Value::Object(fields(&only_the_place)), json!({ "location": { "displayName": "" } }));
    assert!(!fields(&says()).contains_key("attendees"));
}

#[test]
fn no_answer_is_written_with_the_list() {
    let room = Invited { address: Address::new("room@contoso.com"), name: None, is_resource: true };
    let list = attendees(&[ana(), room]);
    assert_eq!(list[1], json!({ "emailAddress": { "address": "room@contoso.com" }, "type": "resource" }));
    assert!(list.as_array().unwrap().iter().all(|one| one.get("status").is_none()));
}
