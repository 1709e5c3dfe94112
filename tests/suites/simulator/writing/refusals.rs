//! What real Graph refuses of a write, with its codes; nothing is done and nobody is mailed.

use super::{BO, KEY, made, mailed, moment, patch, patched, path, people, training, writer};
use crate::client::{ANA, Caller, IMMUTABLE, LEARNING};
use serde_json::{Value, json};
use simulator::world::directory::MailboxState;
use simulator::world::write_matrix::WriteMatrix;

fn refused() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "colour": "red" }), "RequestBodyRead"),
        (json!({ "showAs": "away" }), "RequestBodyRead"),
        (json!({ "attendees": [{ "address": ANA }] }), "RequestBodyRead"),
        (json!({ "attendees": [{ "emailAddress": { "address": "ana" } }] }), "ErrorInvalidRecipients"),
        (json!({ "isCancelled": true }), "ErrorInvalidPropertySet"),
        (json!({ "iCalUId": "mine" }), "ErrorInvalidPropertySet"),
        (json!({ "organizer": { "emailAddress": { "address": ANA } } }), "ErrorInvalidPropertySet"),
        (json!({ "singleValueExtendedProperties": [{ "id": "Key", "value": "x" }] }), "ErrorInvalidProperty"),
        (
            json!({ "start": { "dateTime": "2030-02-11T09:00:00", "timeZone": "CET" } }),
            "TimeZoneNotSupportedException",
        ),
        (json!({ "start": { "dateTime": "2030-02-11T09:00:00+01:00", "timeZone": "UTC" } }), "BadRequest"),
        (json!({ "end": moment("2030-02-11T08:00:00") }), "ErrorCalendarEndDateIsEarlierThanStartDate"),
        (json!({ "end": moment("2036-02-11T08:00:00") }), "ErrorCalendarDurationIsTooLong"),
        (json!({ "isAllDay": true }), "ErrorInvalidRequest"),
    ]
}

#[tokio::test]
async fn a_new_event_and_a_change_are_refused_alike() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA], json!({}))).await;
    mailed(&caller);
    let events = format!("users/{}/events", caller.id(LEARNING));
    for (wrong, code) in refused() {
        let new = caller.post(&events, training(&[ANA], wrong.clone())).await;
        assert_eq!(new.error(), (400, code), "{wrong}");
        assert!(!new.message().is_empty());
        let changed = patch(&caller, &event, wrong.clone()).await;
        assert_eq!(changed.error(), (400, code), "{wrong}");
    }
    for missing in ["start", "end"] {
        let new = caller.post(&events, training(&[ANA], json!({ missing: null }))).await;
        assert_eq!(new.error(), (400, "ErrorInvalidRequest"), "{missing}");
    }
    assert_eq!(
        patch(&caller, &event, json!({ "transactionId": "x" })).await.error(),
        (400, "ErrorInvalidPropertySet")
    );
    assert_eq!(patch(&caller, &event, json!([])).await.status, 400);
    assert_eq!(mailed(&caller), "");
    assert_eq!(caller.world().events_of(LEARNING).len(), 1);
    assert_eq!(caller.get(&path(&caller, &event)).await.body["@odata.etag"], event["@odata.etag"]);
}

#[tokio::test]
async fn who_may_only_read_writes_nothing_and_what_is_gone_is_404() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA], json!({}))).await;
    let missing = json!({ "id": "x" });
    assert_eq!(patch(&caller, &missing, json!({ "subject": "x" })).await.error(), (404, "ErrorItemNotFound"));
    let calendar = format!("users/{}/calendars/x/events", caller.id(LEARNING));
    assert_eq!(caller.post(&calendar, training(&[], json!({}))).await.error(), (404, "ErrorItemNotFound"));
    let mutable = caller.send("PATCH", &path(&caller, &event), &[], Some(json!({ "subject": "x" }))).await;
    assert_eq!(mutable.error(), (404, "ErrorItemNotFound"), "an immutable id needs the header");

    caller.world().edit_user(LEARNING, |user| user.mailbox_state = MailboxState::OutOfScope);
    assert_eq!(patch(&caller, &event, json!({ "subject": "x" })).await.error(), (403, "ErrorAccessDenied"));
    let reader = Caller::open(crate::client::plain()).await;
    let events = format!("users/{}/events", reader.id(LEARNING));
    assert_eq!(reader.post(&events, training(&[], json!({}))).await.error(), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn a_crowd_is_refused_and_a_long_subject_cut() {
    let caller = writer(WriteMatrix::default()).await;
    let crowd: Vec<String> = (0..501).map(|n| format!("p{n}@elsewhere.org")).collect();
    let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
    let events = format!("users/{}/events", caller.id(LEARNING));
    let answer = caller.post(&events, training(&crowd, json!({}))).await;
    assert_eq!(answer.error(), (400, "ErrorInvalidRequest"));
    let event = made(&caller, training(&crowd[..500], json!({ "subject": "x".repeat(300) }))).await;
    assert_eq!(event["subject"].as_str().unwrap().len(), 255);
    assert_eq!(caller.world().mails().len(), 500);
    assert_eq!(patch(&caller, &event, json!({ "attendees": people(&crowd) })).await.status, 400);
}

/// By hand, an organizer may have called it off, and an attendee may try.
#[tokio::test]
async fn only_the_organizers_live_event_is_changed() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, BO], json!({}))).await;
    let uid = event["iCalUId"].as_str().unwrap().to_owned();
    let theirs = caller.world().copy(ANA, &uid).unwrap().immutable.replace('=', "%3D");
    let target = format!("users/{}/events/{theirs}", caller.id(ANA));
    let answer = caller.send("PATCH", &target, &[IMMUTABLE], Some(json!({ "subject": "Mine" }))).await;
    assert_eq!(answer.status, 400);
    caller.world().edit_matrix(|matrix| matrix.cancelled_original_goes = false);
    caller.world().cancel(&simulator::world::act::Cancel { session: uid }).unwrap();
    assert_eq!(patch(&caller, &event, json!({ "subject": "x" })).await.error(), (400, "ErrorInvalidRequest"));
    let key = json!({ "singleValueExtendedProperties": [{ "id": KEY, "value": "x" }] });
    assert_eq!(patch(&caller, &event, key).await.status, 400);
}

#[tokio::test]
async fn an_event_that_nobody_is_invited_to_changes_in_silence() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[], json!({}))).await;
    patched(&caller, &event, json!({ "subject": "Other" })).await;
    patched(&caller, &event, json!({ "start": moment("2030-02-11T10:00:00") })).await;
    assert_eq!(mailed(&caller), "");
}
