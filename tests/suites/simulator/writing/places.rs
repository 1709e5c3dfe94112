//! Rooms that are listed and free or not, and online meetings beside the calendar.

use super::{ANA_AND_ROOM, ROOM, made, training, writer};
use crate::client::LEARNING;
use serde_json::{Value, json};
use simulator::world::rooms::RoomRules;
use simulator::world::write_matrix::WriteMatrix;

#[tokio::test]
async fn rooms_are_listed_and_show_when_they_are_free() {
    let mut caller = writer(WriteMatrix::default()).await;
    assert_eq!(caller.get("places/microsoft.graph.room").await.status, 403);
    // The training is years ahead.
    let rules = RoomRules { window_days: 10_000, ..RoomRules::default() };
    caller.world().edit_user(ROOM, |user| user.room = Some(rules));
    caller.world().edit_tenant("contoso.com", |tenant| tenant.app.roles.insert("Place.Read.All".to_owned()));
    caller.refresh().await;
    let rooms = caller.get("places/microsoft.graph.room?$top=100").await.body;
    assert_eq!(
        (&rooms["value"][0]["emailAddress"], &rooms["value"][0]["capacity"]),
        (&json!(ROOM), &json!(20))
    );
    let attendees: Value = serde_json::from_str(ANA_AND_ROOM).unwrap();
    made(&caller, training(&[], json!({ "attendees": attendees }))).await;
    let ask = |from: &str, to: &str| {
        let at = |time: &str| json!({ "dateTime": format!("2030-02-11T{time}:00"), "timeZone": "UTC" });
        json!({
            "schedules": [ROOM, "nowhere@contoso.com"],
            "startTime": at(from), "endTime": at(to), "availabilityViewInterval": 60,
        })
    };
    let path = format!("users/{}/calendar/getSchedule", caller.id(LEARNING));
    // From nine to twelve in Berlin.
    let found = caller.post(&path, ask("07:00", "12:00")).await.body;
    assert_eq!(found["value"][0]["availabilityView"], "02220");
    assert_eq!(found["value"][1]["error"]["responseCode"], "ErrorMailRecipientNotFound");
}

#[tokio::test]
async fn a_meeting_beside_the_calendar_is_made_once_for_whom_a_policy_names() {
    for (switch, status) in [("", 403), ("missingPolicyIs401", 401)] {
        let mut caller = writer(WriteMatrix::flipped(&[switch])).await;
        let path = format!("users/{}/onlineMeetings", caller.id(LEARNING));
        let ask = json!({
            "externalId": "regrets-1", "subject": "First aid",
            "startDateTime": "2030-02-11T08:00:00Z", "endDateTime": "2030-02-11T11:00:00Z",
        });
        let make = format!("{path}/createOrGet");
        assert_eq!(caller.post(&make, ask.clone()).await.status, 403, "no right");
        let role = "OnlineMeetings.ReadWrite.All".to_owned();
        caller.world().edit_tenant("contoso.com", |tenant| tenant.app.roles.insert(role));
        caller.world().edit_user(LEARNING, |user| user.has_teams = false);
        caller.refresh().await;
        assert_eq!(caller.post(&make, ask.clone()).await.status, status, "no policy");
        caller.world().edit_user(LEARNING, |user| user.has_teams = true);
        let first = caller.post(&make, ask.clone()).await;
        let again = caller.post(&make, ask).await;
        assert_eq!((first.status, again.status), (201, 200));
        assert_eq!(first.body["joinWebUrl"], again.body["joinWebUrl"]);
    }
}

#[tokio::test]
async fn a_meeting_beside_the_calendar_is_moved_by_its_start_and_end_together() {
    for (switch, moves) in [("", false), ("createOrGetMoves", true)] {
        let mut caller = writer(WriteMatrix::flipped(&[switch])).await;
        let role = "OnlineMeetings.ReadWrite.All".to_owned();
        caller.world().edit_tenant("contoso.com", |tenant| tenant.app.roles.insert(role));
        caller.refresh().await;
        let path = format!("users/{}/onlineMeetings", caller.id(LEARNING));
        let ask = |day: u32| {
            json!({
                "externalId": "regrets-1",
                "startDateTime": format!("2030-02-{day}T08:00:00Z"),
                "endDateTime": format!("2030-02-{day}T11:00:00Z"),
            })
        };
        let make = format!("{path}/createOrGet");
        let made = caller.post(&make, ask(11)).await.body;
        let again = caller.post(&make, ask(12)).await.body;
        assert_eq!(again["startDateTime"] == "2030-02-12T08:00:00Z", moves, "{again}");
        let meeting = format!("{path}/{}", made["id"].as_str().unwrap());
        let half = json!({ "startDateTime": "2030-02-13T08:00:00Z" });
        assert_eq!(caller.patch(&meeting, half).await.status, 400);
        let other = caller.patch(&format!("{path}/beside-other"), ask(13)).await;
        assert_eq!(other.status, 404);
        let moved = caller.patch(&meeting, ask(13)).await.body;
        assert_eq!(moved["endDateTime"], "2030-02-13T11:00:00Z");
        assert_eq!(moved["joinWebUrl"], made["joinWebUrl"]);
    }
}
