use super::*;
use crate::ids::Address;
use std::collections::BTreeMap;

#[test]
fn an_event_carries_our_mark_and_what_recognition_reads() {
    let wanted = NewEvent {
        transaction: "contoso-20261130-1".into(),
        subject: "Training 9999".into(),
        body: "A test.".into(),
        start: "2026-12-01T09:00:00Z".parse().unwrap(),
        end: "2026-12-01T09:15:00Z".parse().unwrap(),
        attendee: Address::new("canary@contoso.com"),
        properties: BTreeMap::from([("String {g} Name Lms".to_owned(), "9999".to_owned())]),
    };
    let body = body(&wanted);
    assert_eq!(body["transactionId"], "contoso-20261130-1");
    assert_eq!(body["attendees"][0]["emailAddress"]["address"], "canary@contoso.com");
    assert_eq!((&body["responseRequested"], &body["allowNewTimeProposals"]), (&true.into(), &false.into()));
    // With an offset and a zone both, it would be counted twice.
    assert_eq!(body["start"], json!({ "dateTime": "2026-12-01T09:00:00", "timeZone": "UTC" }));
    assert_eq!(
        body["singleValueExtendedProperties"],
        json!([
            { "id": MARK, "value": "contoso-20261130-1" },
            { "id": "String {g} Name Lms", "value": "9999" },
        ])
    );
}
