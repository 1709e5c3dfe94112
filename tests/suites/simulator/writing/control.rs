//! What was mailed, and how Exchange behaves where nobody knows, over HTTP.

use super::{ANA_AND_ROOM, ROOM, made, patch, training, writer};
use crate::client::{ANA, Caller};
use serde_json::{Value, json};
use simulator::world::write_matrix::WriteMatrix;

async fn control(caller: &Caller, method: &str, target: &str, body: Option<Value>) -> (u16, Value) {
    let url = format!("{}/{target}", caller.simulator.control_url());
    let mut request = caller.simulator.http().request(method.parse().unwrap(), url);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn mails_are_shown_one_by_one_and_forgotten_when_asked() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, "eve@elsewhere.org"], json!({}))).await;
    let (status, shown) = control(&caller, "GET", "mails", None).await;
    assert_eq!((status, shown["mails"].as_array().unwrap().len()), (200, 2));
    let mut mail = shown["mails"][0].clone();
    assert!(mail["at"].as_str().unwrap().starts_with("20"));
    assert_eq!(mail["leaves"], mail["at"]);
    mail.as_object_mut().unwrap().retain(|name, _| name != "at" && name != "leaves");
    let expected = json!({
        "organizer": "learning@contoso.com", "recipient": ANA, "isResource": false,
        "icalUid": event["iCalUId"],
        "subject": "First aid", "kind": "invitation", "cause": 1, "comment": null,
    });
    assert_eq!(mail, expected);
    assert_eq!(control(&caller, "DELETE", "mails", None).await, (200, json!({ "mails": [] })));
    patch(&caller, &event, json!({ "subject": "Other" })).await;
    let (_, shown) = control(&caller, "GET", "mails", None).await;
    assert_eq!((&shown["mails"][1]["cause"], &shown["mails"][1]["kind"]), (&json!(2), &json!("update")));
}

#[tokio::test]
async fn switches_rooms_and_faults_of_writing_can_be_set() {
    let caller = writer(WriteMatrix::default()).await;
    let act =
        async |name: &str, body: Value| control(&caller, "POST", &format!("acts/{name}"), Some(body)).await.0;
    assert_eq!(act("writes", json!({ "equalValuesMail": false })).await, 200);
    assert_eq!(act("writes", json!({ "equalValues": false })).await, 400);
    let (_, world) = control(&caller, "GET", "world", None).await;
    assert_eq!(
        (&world["writes"]["equalValuesMail"], &world["writes"]["messageLimitIs403"]),
        (&json!(false), &json!(true))
    );
    let mut wanted = WriteMatrix::default();
    caller.world().edit_writes(|writes| wanted = writes.clone());
    assert_eq!(wanted, WriteMatrix::flipped(&["equalValuesMail"]));

    assert_eq!(
        act("room", json!({ "room": ROOM, "rules": { "processing": "delegate", "hours": [8, 18] } })).await,
        200
    );
    assert_eq!(act("room", json!({ "room": ROOM, "rules": { "seats": 3 } })).await, 400);
    assert_eq!(act("room", json!({ "room": "nobody@contoso.com" })).await, 409);
    let list: Value = serde_json::from_str(ANA_AND_ROOM).unwrap();
    let event = made(&caller, training(&[], json!({ "attendees": list }))).await;
    caller.world().quiet().await;
    let organizer = caller.world().events_of("learning@contoso.com").remove(0);
    assert_eq!(organizer.invitees[1].status.answer.as_str(), "tentativelyAccepted");

    let session = json!({ "session": "9", "title": "Fire", "start": "2030-02-11T09:00:00Z",
        "end": "2030-02-11T10:00:00Z" });
    assert_eq!(act("enrol", json!({ "session": "9", "learner": ANA })).await, 409);
    assert_eq!(act("session", session).await, 200);
    assert_eq!(act("enrol", json!({ "session": "9", "learner": ANA })).await, 200);
    assert!(caller.world().is_enrolled("9", ANA));

    let fault = json!({ "fault": { "kind": "graphWrite", "status": 503, "done": true }, "times": 1 });
    assert_eq!(control(&caller, "POST", "faults", Some(fault)).await.0, 200);
    assert_eq!(patch(&caller, &event, json!({ "subject": "Done" })).await.status, 503);
    assert_eq!(caller.world().events_of(ANA)[0].subject, "Done");
}
