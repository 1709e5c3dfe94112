//! Writes and their answers against Graph's OpenAPI description and the sample bodies of writing, where those
//! are at hand.

use super::{BO, CY, KEY, answers, made, moment, patch, patched, path, people, training, writer};
use crate::client::{ANA, Caller, IMMUTABLE, LEARNING};
use serde_json::{Value, json};
use simulator::contract::{Contract, Strictness, same_shape};
use simulator::world::act::Reply;
use simulator::world::rooms::RoomRules;
use simulator::world::write_matrix::WriteMatrix;
use simulator::{Fault, UserSeed};

/// The reference folder with samples of writing, or one plain line and `None`.
fn reference() -> Option<Contract> {
    let contract = Contract::at_hand().unwrap();
    let contract = contract.filter(|contract| contract.sample("made-event-create-request.json").is_ok());
    if contract.is_none() {
        println!("reference folder not at hand: skipped");
    }
    contract
}

/// The people and the room of the samples; the room is free, or as its rules say.
async fn stage(rules: RoomRules) -> Caller {
    let caller = writer(WriteMatrix::default()).await;
    for (name, address) in [("Ben Okoro", "ben@contoso.com"), ("Room 2.14", "room214@contoso.com")] {
        caller.world().add_person("contoso.com", &UserSeed::new(name, address)).unwrap();
    }
    caller.world().make_room("room214@contoso.com", rules).unwrap();
    caller
}

fn holds(contract: &Contract, sample: &str, body: &Value) {
    let body_of_sample = contract.sample(sample).unwrap();
    assert_eq!(same_shape(&body_of_sample, body, Strictness::Covers), Vec::<String>::new(), "{sample}");
}

#[tokio::test]
async fn requests_and_answers_of_writing_fit_the_openapi_description() {
    let Some(contract) = reference() else { return };
    let caller = writer(WriteMatrix::default()).await;
    let all = json!({
        "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness", "hideAttendees": true,
        "responseRequested": true, "allowNewTimeProposals": false, "isReminderOn": true,
        "reminderMinutesBeforeStart": 30, "showAs": "busy", "sensitivity": "normal", "importance": "low",
        "categories": ["Training"], "transactionId": "t",
    });
    let event = made(&caller, training(&[ANA, BO], all)).await;
    caller.world().decline(&Reply::new(ANA, event["iCalUId"].as_str().unwrap())).unwrap();
    caller.world().quiet().await;
    let events = format!("users/{}/events", caller.id(LEARNING));
    let twice = caller.post(&events, training(&[], json!({ "transactionId": "t" }))).await;
    assert_eq!(twice.status, 400);
    patched(&caller, &event, json!({ "subject": "Other", "start": moment("2030-02-11T08:00:00") })).await;
    patched(&caller, &event, json!({ "attendees": people(&[ANA, CY]) })).await;
    let stale = [IMMUTABLE, ("If-Match", "W/\"old\"")];
    caller.send("PATCH", &path(&caller, &event), &stale, Some(json!({ "subject": "x" }))).await;
    patch(&caller, &event, json!({ "colour": "red" })).await;
    let learning = caller.id(LEARNING);
    let filter =
        format!("singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and startswith(ep/value,'contoso'))");
    let expand = format!("singleValueExtendedProperties($filter=id eq '{KEY}')");
    let find = format!("users/{learning}/events?$filter={filter}&$expand={expand}");
    for target in [
        find,
        format!("users/{learning}/calendar"),
        format!("users/{learning}/calendars"),
        path(&caller, &event),
    ] {
        assert_eq!(caller.get(&target).await.status, 200, "{target}");
    }
    caller.world().inject_times(
        Fault::GraphWrite { mailbox: None, status: 409, code: None, retry_after: None, done: false },
        1,
    );
    patch(&caller, &event, json!({ "subject": "x" })).await;
    caller.post(&format!("{}/cancel", path(&caller, &event)), json!({ "comment": "Ill." })).await;
    let other = made(&caller, training(&[], json!({}))).await;
    caller.send("DELETE", &path(&caller, &other), &[IMMUTABLE], None).await;
    let calendar = caller.get(&format!("users/{learning}/calendar")).await.body["id"]
        .as_str()
        .unwrap()
        .replace('=', "%3D");
    let elsewhere =
        caller.post(&format!("users/{learning}/calendars/{calendar}/events"), training(&[], json!({}))).await;
    assert_eq!(elsewhere.status, 201);

    let recorded = caller.world().requests();
    let statuses: Vec<u16> = recorded.iter().map(|one| one.status).collect();
    for status in [200, 201, 202, 204, 400, 409, 412] {
        assert!(statuses.contains(&status), "{status}");
    }
    let findings: Vec<String> = recorded.iter().flat_map(|one| contract.check(one)).collect();
    assert_eq!(findings, Vec::<String>::new());

    // And it can find something.
    let mut wrong = recorded.iter().find(|one| one.status == 201).unwrap().clone();
    wrong.body.as_mut().unwrap()["colour"] = json!("red");
    wrong.answer.as_mut().unwrap()["showAs"] = json!("away");
    assert_eq!(contract.check(&wrong).len(), 2);
}

#[tokio::test]
async fn events_have_the_shape_of_the_samples() {
    let Some(contract) = reference() else { return };
    let caller = stage(RoomRules { window_days: 1_000, ..RoomRules::default() }).await;
    let sample = |name: &str| contract.sample(name).unwrap();
    let event = made(&caller, sample("made-event-create-request.json")).await;
    holds(&contract, "made-event-create-response-201.json", &event);
    caller.world().quiet().await;
    let read = caller.get(&path(&caller, &event)).await.body;
    holds(&contract, "made-event-room-accepted.json", &read);
    assert!(answers(&read).ends_with("room214 accepted"), "{}", answers(&read));

    let later = patched(&caller, &event, sample("made-event-patch-time-request.json")).await;
    holds(&contract, "made-event-patch-time-response.json", &later);
    let more = patched(&caller, &event, sample("made-event-patch-add-attendee-request.json")).await;
    holds(&contract, "made-event-patch-add-attendee-response.json", &more);

    let filter = sample("made-event-create-request.json")["singleValueExtendedProperties"][0].clone();
    let (id, value) = (filter["id"].as_str().unwrap(), filter["value"].as_str().unwrap());
    let mark = format!("singleValueExtendedProperties/Any(ep: ep/id eq '{id}' and ep/value eq '{value}')");
    let expand = format!("singleValueExtendedProperties($filter=id eq '{id}')");
    let found =
        caller.get(&format!("users/{}/events?$filter={mark}&$expand={expand}", caller.id(LEARNING))).await;
    holds(&contract, "made-event-find-by-key-response.json", &found.body);

    let cancel = format!("{}/cancel", path(&caller, &event));
    let done = caller.post(&cancel, sample("made-event-cancel-request.json")).await;
    assert_eq!((done.status, done.body), (202, Value::Null));

    caller.world().edit_user(LEARNING, |user| user.has_teams = false);
    let mut offline = sample("made-event-create-request.json");
    offline["transactionId"] = json!("another");
    let event = made(&caller, offline).await;
    holds(&contract, "made-event-create-response-201-no-online.json", &event);
    assert_eq!(
        event["onlineMeetingProvider"],
        sample("made-event-create-response-201-no-online.json")["onlineMeetingProvider"]
    );
}

#[tokio::test]
async fn refusals_have_the_codes_of_the_samples() {
    let Some(contract) = reference() else { return };
    let caller = writer(WriteMatrix::default()).await;
    let events = format!("users/{}/events", caller.id(LEARNING));
    let same = |sample: &str, body: &Value| {
        let of_sample = contract.sample(sample).unwrap();
        assert_eq!(body["error"]["code"], of_sample["error"]["code"], "{sample}");
        assert_eq!(same_shape(&of_sample, body, Strictness::Same), Vec::<String>::new(), "{sample}");
    };
    let event = made(&caller, training(&[ANA], json!({ "transactionId": "t" }))).await;
    let twice = caller.post(&events, training(&[BO], json!({ "transactionId": "t" }))).await;
    same("made-error-event-duplicate-transactionid-400.json", &twice.body);
    let stale = [IMMUTABLE, ("If-Match", "W/\"old\"")];
    let stale = caller.send("PATCH", &path(&caller, &event), &stale, Some(json!({ "subject": "x" }))).await;
    same("made-error-event-precondition-412.json", &stale.body);
    let zone = json!({ "start": { "dateTime": "2030-02-11T09:00:00", "timeZone": "CET" } });
    same("made-error-event-timezone-400.json", &caller.post(&events, training(&[ANA], zone)).await.body);
    caller.world().limit_recipients(1);
    same("made-error-sending-limit.json", &patch(&caller, &event, json!({ "subject": "x" })).await.body);
}
