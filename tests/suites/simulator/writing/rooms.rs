//! Rooms that answer by themselves: what they take, and how the organizer hears of it.

use super::{ANA_AND_ROOM, ROOM, answers, made, mailed, patched, path, training, writer};
use crate::client::{ANA, Caller, IMMUTABLE, tomorrow};
use chrono::{DateTime, Duration, Timelike, Utc};
use serde_json::{Value, json};
use simulator::world::item::ShowAs;
use simulator::world::rooms::{Processing, RoomRules};
use simulator::world::write_matrix::WriteMatrix;

async fn with_room(rules: RoomRules) -> Caller {
    let caller = writer(WriteMatrix::default()).await;
    caller.world().make_room(ROOM, rules).unwrap();
    caller
}

/// Nine o'clock, so many days from now.
fn nine(days: i64) -> DateTime<Utc> {
    (tomorrow() + Duration::days(days)).with_hour(9).unwrap().with_minute(0).unwrap().with_second(0).unwrap()
}

fn span(start: DateTime<Utc>, hours: i64) -> Value {
    let at = |time: DateTime<Utc>| {
        json!({ "dateTime": time.format("%Y-%m-%dT%H:%M:%S").to_string(),
        "timeZone": "UTC" })
    };
    json!({ "start": at(start), "end": at(start + Duration::hours(hours)) })
}

/// Books the room, together with Ana, and waits for its answer.
async fn booked(caller: &Caller, times: Value) -> (Value, String) {
    let mut other = times;
    other["attendees"] = serde_json::from_str(ANA_AND_ROOM).unwrap();
    let event = made(caller, training(&[], other)).await;
    (event.clone(), now(caller, &event).await)
}

/// What the organizer's list says, when all mails have arrived.
async fn now(caller: &Caller, event: &Value) -> String {
    caller.world().quiet().await;
    answers(&caller.get(&path(caller, event)).await.body)
}

#[tokio::test]
async fn a_free_room_accepts_and_its_copy_names_the_organizer() {
    let caller = with_room(RoomRules::default()).await;
    let (event, after) = booked(&caller, span(nine(1), 2)).await;
    assert_eq!(answers(&event), "ana notResponded, room1 notResponded", "the answer comes later");
    assert_eq!(after, "ana notResponded, room1 accepted");
    assert_eq!(mailed(&caller), "ana invitation, room1 invitation");
    let held = caller.world().events_of(ROOM).remove(0);
    assert_eq!((held.subject.as_str(), held.body.as_str(), held.show_as), ("Learning", "", ShowAs::Busy));
    // A change of the subject is no new request to it.
    patched(&caller, &event, json!({ "subject": "Other" })).await;
    assert_eq!(now(&caller, &event).await, "ana notResponded, room1 accepted");
    assert_eq!(caller.world().events_of(ROOM)[0].subject, "Learning");
}

#[tokio::test]
async fn a_taken_room_declines_and_the_meeting_stands() {
    let caller = with_room(RoomRules::default()).await;
    let (first, _) = booked(&caller, span(nine(1), 2)).await;
    let (second, after) = booked(&caller, span(nine(1) + Duration::hours(1), 2)).await;
    assert_eq!(after, "ana notResponded, room1 declined");
    assert_eq!(caller.world().events_of(ROOM).len(), 1);
    let (_, after) = booked(&caller, span(nine(1) + Duration::hours(2), 1)).await;
    assert_eq!(after, "ana notResponded, room1 accepted", "one ends as the other begins");

    // The one that declined is asked anew for another time; and one that moves onto another loses the room.
    patched(&caller, &second, span(nine(2), 2)).await;
    assert_eq!(now(&caller, &second).await, "ana notResponded, room1 accepted");
    patched(&caller, &first, span(nine(2) + Duration::hours(1), 2)).await;
    assert_eq!(now(&caller, &first).await, "ana notResponded, room1 declined");
    assert_eq!(caller.world().events_of(ROOM).len(), 2);
}

#[tokio::test]
async fn what_is_called_off_is_free_again_and_stays_in_sight() {
    let caller = with_room(RoomRules::default()).await;
    let (event, _) = booked(&caller, span(nine(1), 2)).await;
    mailed(&caller);
    caller.send("POST", &format!("{}/cancel", path(&caller, &event)), &[IMMUTABLE], Some(json!({}))).await;
    assert_eq!(mailed(&caller), "ana cancellation, room1 cancellation");
    assert!(caller.world().events_of(ROOM)[0].is_cancelled);
    let (event, after) = booked(&caller, span(nine(1), 2)).await;
    assert_eq!(after, "ana notResponded, room1 accepted");
    mailed(&caller);
    // Taken off the list, it is free, too.
    patched(&caller, &event, json!({ "attendees": [{ "emailAddress": { "address": ANA } }] })).await;
    assert_eq!(mailed(&caller), "room1 cancellation");
    assert_eq!(booked(&caller, span(nine(1), 2)).await.1, "ana notResponded, room1 accepted");
}

#[tokio::test]
async fn the_rules_decide() {
    let days = |n: i64| RoomRules { window_days: n, ..RoomRules::default() };
    let hours = Some((8, 18));
    let cases = [
        (RoomRules::default(), span(nine(1), 25), "declined"),
        (RoomRules { most_minutes: 3_000, ..RoomRules::default() }, span(nine(1), 25), "accepted"),
        (days(30), span(nine(31), 1), "declined"),
        (days(33), span(nine(31), 1), "accepted"),
        (RoomRules { hours, ..RoomRules::default() }, span(nine(1), 9), "accepted"),
        (RoomRules { hours, ..RoomRules::default() }, span(nine(1), 10), "declined"),
        (RoomRules { hours, ..RoomRules::default() }, span(nine(1) - Duration::hours(2), 3), "declined"),
        (RoomRules { capacity: 0, ..RoomRules::default() }, span(nine(1), 1), "accepted"),
        (
            RoomRules { capacity: 0, enforces_capacity: true, ..RoomRules::default() },
            span(nine(1), 1),
            "declined",
        ),
        (
            RoomRules { processing: Processing::Delegate, ..RoomRules::default() },
            span(nine(1), 1),
            "tentativelyAccepted",
        ),
        (
            RoomRules { processing: Processing::Nothing, ..RoomRules::default() },
            span(nine(1), 1),
            "notResponded",
        ),
    ];
    for (rules, times, answer) in cases {
        let caller = with_room(rules.clone()).await;
        let (_, after) = booked(&caller, times).await;
        assert_eq!(after, format!("ana notResponded, room1 {answer}"), "{rules:?}");
    }
    let caller = with_room(RoomRules { allows_conflicts: true, ..RoomRules::default() }).await;
    for _ in 0..2 {
        assert_eq!(booked(&caller, span(nine(1), 2)).await.1, "ana notResponded, room1 accepted");
    }
}

#[tokio::test]
async fn a_mere_address_answers_nothing() {
    let caller = writer(WriteMatrix::default()).await;
    let (event, after) = booked(&caller, span(nine(1), 2)).await;
    assert_eq!(after, "ana notResponded, room1 notResponded");
    let person = caller.world().copy(ROOM, event["iCalUId"].as_str().unwrap());
    assert!(person.is_some(), "who is invited as a resource is invited");
}
