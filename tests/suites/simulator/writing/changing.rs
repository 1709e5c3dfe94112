//! `PATCH users/{id}/events/{id}`: what it mails to whom, and what becomes of answers.

use super::{
    BERLIN, BO, CY, KEY, answers, copy, made, mailed, moment, patch, patched, path, people, training, writer,
};
use crate::client::{ANA, Caller, IMMUTABLE, LEARNING, tomorrow};
use chrono::Duration;
use serde_json::{Value, json};
use simulator::world::act::{List, Reply};
use simulator::world::item::{Answer, Slot};
use simulator::world::write_matrix::WriteMatrix;

/// An event to which Ana has said yes and Bo no.
async fn answered(writes: WriteMatrix) -> (Caller, Value) {
    let caller = writer(writes).await;
    let event = made(&caller, training(&[ANA, BO], json!({}))).await;
    let uid = event["iCalUId"].as_str().unwrap();
    caller.world().accept(&Reply::new(ANA, uid)).unwrap();
    caller.world().decline(&Reply::new(BO, uid)).unwrap();
    caller.world().quiet().await;
    assert_eq!(mailed(&caller), "ana invitation, bo invitation");
    let event = caller.get(&path(&caller, &event)).await.body;
    assert_eq!(answers(&event), "ana accepted, bo declined");
    (caller, event)
}

#[tokio::test]
async fn subject_text_and_place_tell_everybody_and_keep_answers() {
    let (caller, event) = answered(WriteMatrix::default()).await;
    let changes = [
        json!({ "subject": "First aid, anew" }),
        json!({ "body": { "contentType": "html", "content": "<p>Bring two.</p>" } }),
        json!({ "location": { "displayName": "Garden" } }),
        json!({ "importance": "high" }),
        json!({ "hideAttendees": true }),
    ];
    for change in changes {
        let after = patched(&caller, &event, change.clone()).await;
        assert_eq!(mailed(&caller), "ana update, bo update", "{change}");
        assert_eq!(answers(&after), "ana accepted, bo declined", "{change}");
        assert_ne!(after["@odata.etag"], event["@odata.etag"]);
    }
    let theirs = copy(&caller, ANA, &event).await.unwrap();
    assert_eq!(
        (&theirs["subject"], &theirs["location"]["displayName"], &theirs["responseStatus"]["response"]),
        (&json!("First aid, anew"), &json!("Garden"), &json!("accepted"))
    );
    assert!(theirs["body"]["content"].as_str().unwrap().contains("<p>Bring two.</p>"));
    let names: Vec<&Value> =
        theirs["attendees"].as_array().unwrap().iter().map(|one| &one["emailAddress"]["address"]).collect();
    assert_eq!(names, [&json!(ANA)], "the others are hidden");
}

#[tokio::test]
async fn an_update_may_void_answers_and_bring_removed_copies_back() {
    for (switch, left, back) in [
        ("", "ana accepted, bo declined", false),
        ("updatesVoidAnswers", "ana notResponded, bo notResponded", false),
        ("updatesRestoreRemoved", "ana accepted, bo declined", true),
    ] {
        let (caller, event) = answered(WriteMatrix::flipped(&[switch])).await;
        let own = patched(&caller, &event, json!({ "categories": ["Training"] })).await;
        assert_eq!(answers(&own), "ana accepted, bo declined", "nobody is told of it");
        let uid = event["iCalUId"].as_str().unwrap();
        caller.world().edit_user(BO, |user| {
            user.mailbox.copy_mut(uid).unwrap().live = false;
        });
        let after = patched(&caller, &event, json!({ "location": { "displayName": "Garden" } })).await;
        assert_eq!(answers(&after), left, "{switch}");
        assert_eq!(copy(&caller, BO, &event).await.is_some(), back, "{switch}");
    }
}

#[tokio::test]
async fn another_time_tells_everybody_and_voids_answers() {
    let (caller, event) = answered(WriteMatrix::default()).await;
    let later = json!({ "start": moment("2030-02-12T09:00:00"), "end": moment("2030-02-12T12:00:00") });
    let after = patched(&caller, &event, later).await;
    assert_eq!(mailed(&caller), "ana update, bo update");
    assert_eq!(answers(&after), "ana notResponded, bo notResponded");
    assert_eq!(after["start"], json!({ "dateTime": "2030-02-12T08:00:00.0000000", "timeZone": "UTC" }));
    for address in [ANA, BO] {
        let theirs = copy(&caller, address, &event).await.unwrap();
        assert_eq!(theirs["responseStatus"]["response"], "notResponded", "{address}");
        assert_eq!(theirs["start"]["dateTime"], "2030-02-12T08:00:00.0000000");
    }
    let longer = patched(&caller, &event, json!({ "end": moment("2030-02-12T13:00:00") })).await;
    assert_eq!(
        (&longer["start"], &longer["end"]["dateTime"]),
        (&after["start"], &json!("2030-02-12T12:00:00.0000000"))
    );
    assert_eq!(mailed(&caller), "ana update, bo update");
}

#[tokio::test]
async fn an_answer_to_the_old_time_that_is_under_way_meanwhile_is_out_of_date() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, BO], json!({}))).await;
    let uid = event["iCalUId"].as_str().unwrap();
    let late = |learner: &str| Reply::new(learner, uid).mail_after(std::time::Duration::from_millis(300));
    caller.world().decline(&late(ANA).keep(true)).unwrap();
    patched(&caller, &event, json!({ "location": { "displayName": "Garden" } })).await;
    caller.world().quiet().await;
    let after = caller.get(&path(&caller, &event)).await.body;
    assert_eq!(answers(&after), "ana declined, bo notResponded", "another place is no other meeting");
    caller.world().accept(&late(BO)).unwrap();
    patched(&caller, &event, json!({ "end": moment("2030-02-11T13:00:00") })).await;
    caller.world().quiet().await;
    let after = caller.get(&path(&caller, &event)).await.body;
    assert_eq!(answers(&after), "ana notResponded, bo notResponded");
}

#[tokio::test]
async fn a_list_that_is_written_alone_mails_those_whom_it_concerns() {
    let (caller, event) = answered(WriteMatrix::default()).await;
    let added = patched(&caller, &event, json!({ "attendees": people(&[ANA, BO, CY]) })).await;
    assert_eq!(mailed(&caller), "cy invitation");
    assert_eq!(answers(&added), "ana accepted, bo declined, cy notResponded");
    assert!(copy(&caller, CY, &event).await.is_some());

    let same = patched(&caller, &event, json!({ "attendees": people(&[CY, ANA, "BO@contoso.com"]) })).await;
    assert_eq!(mailed(&caller), "", "the same people in another order");
    assert_eq!(answers(&same), "cy notResponded, ana accepted, BO declined");

    let dropped = patched(&caller, &event, json!({ "attendees": people(&[BO, CY]) })).await;
    assert_eq!(mailed(&caller), "ana cancellation");
    assert_eq!(answers(&dropped), "bo declined, cy notResponded");
    let theirs = copy(&caller, ANA, &event).await.unwrap();
    assert_eq!((&theirs["isCancelled"], &theirs["subject"]), (&json!(true), &json!("Canceled: First aid")));

    let again = patched(&caller, &event, json!({ "attendees": people(&[ANA, BO, CY]) })).await;
    assert_eq!(mailed(&caller), "ana invitation");
    assert_eq!(
        answers(&again),
        "ana notResponded, bo declined, cy notResponded",
        "the old answer is forgotten"
    );
    let theirs = copy(&caller, ANA, &event).await.unwrap();
    assert_eq!((&theirs["isCancelled"], &theirs["subject"]), (&json!(false), &json!("First aid")));

    let optional = json!([{ "emailAddress": { "address": ANA }, "type": "optional" },
        { "emailAddress": { "address": BO } }, { "emailAddress": { "address": CY } }]);
    let after = patched(&caller, &event, json!({ "attendees": optional })).await;
    assert_eq!(
        (mailed(&caller).as_str(), &after["attendees"][0]["type"]),
        ("ana update", &json!("optional"))
    );
}

#[tokio::test]
async fn a_list_beside_anything_else_mails_everybody() {
    let others = [
        json!({ "subject": "Other" }),
        json!({ "categories": ["Training"] }),
        json!({ "singleValueExtendedProperties": [{ "id": KEY, "value": "x" }] }),
        json!({ "start": moment("2030-02-11T08:00:00") }),
    ];
    for other in others {
        let (caller, event) = answered(WriteMatrix::default()).await;
        let mut change = json!({ "attendees": people(&[ANA, CY]) });
        change.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        patched(&caller, &event, change).await;
        assert_eq!(mailed(&caller), "ana update, bo cancellation, cy invitation", "{other}");
    }
}

#[tokio::test]
async fn an_answer_that_is_written_back_may_be_lost() {
    let one = |address: &str, response: &str| {
        json!({ "emailAddress": { "address": address },
        "status": { "response": response, "time": "2030-01-01T00:00:00Z" } })
    };
    for (written, left) in [
        (["accepted", "declined"], "ana accepted, bo notResponded"),
        (["none", "notResponded"], "ana notResponded, bo notResponded"),
        (["declined", "accepted"], "ana notResponded, bo accepted"),
        (["tentativelyAccepted", "tentativelyAccepted"], "ana tentativelyAccepted, bo tentativelyAccepted"),
    ] {
        let (caller, event) = answered(WriteMatrix::default()).await;
        let list = json!({ "attendees": [one(ANA, written[0]), one(BO, written[1])] });
        let after = patched(&caller, &event, list).await;
        assert_eq!(answers(&after), left, "{written:?}");
        assert_eq!(mailed(&caller), "");
        let theirs = copy(&caller, ANA, &event).await.unwrap();
        assert_eq!(theirs["responseStatus"]["response"], "accepted", "their own copy knows nothing of it");
    }
    // With the answer goes the time that was proposed along with it.
    for (response, is_kept) in [("declined", false), ("tentativelyAccepted", true)] {
        let (caller, event) = answered(WriteMatrix::default()).await;
        let slot = Slot { start: tomorrow(), end: tomorrow() + Duration::hours(1) };
        let reply = Reply::new(ANA, event["iCalUId"].as_str().unwrap());
        caller.world().tentative(&Reply { propose: Some(slot), ..reply }).unwrap();
        caller.world().quiet().await;
        let read = caller.get(&path(&caller, &event)).await.body;
        assert!(read["attendees"][0]["proposedNewTime"].is_object());
        let mut list = read["attendees"].clone();
        list[0]["status"]["response"] = json!(response);
        let after = patched(&caller, &event, json!({ "attendees": list })).await;
        assert_eq!(after["attendees"][0]["proposedNewTime"].is_object(), is_kept, "{response}");
    }
    let (caller, event) = answered(WriteMatrix::flipped(&["bareAttendeesKeepAnswers"])).await;
    let after = patched(&caller, &event, json!({ "attendees": people(&[ANA, BO]) })).await;
    assert_eq!(answers(&after), "ana notResponded, bo notResponded");
}

#[tokio::test]
async fn what_is_the_organizers_own_tells_nobody_and_equal_values_may() {
    let own = [
        json!({ "categories": ["Training"] }),
        json!({ "showAs": "oof" }),
        json!({ "isReminderOn": false, "reminderMinutesBeforeStart": 5 }),
        json!({ "singleValueExtendedProperties": [{ "id": KEY, "value": "contoso:4711:2" }] }),
    ];
    for (switch, expected) in [("", ""), ("ownFieldsMail", "ana update, bo update")] {
        let (caller, event) = answered(WriteMatrix::flipped(&[switch])).await;
        for change in &own {
            patched(&caller, &event, change.clone()).await;
            assert_eq!(mailed(&caller), expected, "{change}");
        }
        let mine = caller.get(&path(&caller, &event)).await.body;
        assert_eq!((&mine["categories"], &mine["showAs"]), (&json!(["Training"]), &json!("oof")));
        assert_eq!(copy(&caller, ANA, &event).await.unwrap()["categories"], json!([]), "they do not travel");
    }
    let (nine, noon) = (moment("2030-02-11T09:00:00"), moment("2030-02-11T12:00:00"));
    let equal = [
        json!({ "subject": "First aid" }),
        json!({ "location": { "displayName": "Hall" } }),
        json!({ "body": { "contentType": "text", "content": "Bring a notebook." } }),
        json!({ "start": nine, "end": noon, "isAllDay": false }),
    ];
    for (switch, expected) in [("", "ana update, bo update"), ("equalValuesMail", "")] {
        let (caller, event) = answered(WriteMatrix::flipped(&[switch])).await;
        for change in &equal {
            let after = patched(&caller, &event, change.clone()).await;
            assert_eq!(mailed(&caller), expected, "{change}");
            assert_eq!(answers(&after), "ana accepted, bo declined", "{change}");
        }
    }
}

#[tokio::test]
async fn properties_that_are_not_written_stay() {
    let (caller, event) = answered(WriteMatrix::default()).await;
    let other = KEY.replace("PublisherKey", "Revision");
    let change =
        json!({ "subject": "Other", "singleValueExtendedProperties": [{ "id": other, "value": "7" }] });
    let after = patched(&caller, &event, change).await;
    for name in
        ["start", "end", "location", "body", "showAs", "transactionId", "iCalUId", "id", "createdDateTime"]
    {
        assert_eq!(after[name], event[name], "{name}");
    }
    let expand = format!("$expand=singleValueExtendedProperties($filter=id eq '{KEY}' or id eq '{other}')");
    let read = caller.get(&format!("{}?{expand}", path(&caller, &event))).await.body;
    assert_eq!(read["singleValueExtendedProperties"].as_array().unwrap().len(), 2);
    let theirs = caller.world().copy(ANA, event["iCalUId"].as_str().unwrap()).unwrap();
    assert!(theirs.extended.is_empty());
}

#[tokio::test]
async fn an_etag_that_is_old_changes_nothing() {
    let (caller, event) = answered(WriteMatrix::default()).await;
    let target = path(&caller, &event);
    let etag = event["@odata.etag"].as_str().unwrap().to_owned();
    let send = async |etag: &str| {
        let headers = [IMMUTABLE, ("If-Match", etag)];
        caller.send("PATCH", &target, &headers, Some(json!({ "attendees": people(&[ANA, BO, CY]) }))).await
    };
    // Each answer is a change.
    caller.world().tentative(&Reply::new(ANA, event["iCalUId"].as_str().unwrap())).unwrap();
    caller.world().quiet().await;
    assert_eq!(send(&etag).await.error(), (412, "ErrorIrresolvableConflict"));
    assert_eq!(mailed(&caller), "");
    let now = caller.get(&target).await.body;
    assert_eq!(answers(&now), "ana tentativelyAccepted, bo declined");
    assert_eq!(send(now["@odata.etag"].as_str().unwrap()).await.status, 200);
    assert_eq!(send("*").await.status, 200);
    let gone = caller.send("DELETE", &target, &[IMMUTABLE, ("If-Match", &etag)], None).await;
    assert_eq!(gone.error(), (412, "ErrorIrresolvableConflict"));
}

#[tokio::test]
async fn a_distribution_list_that_goes_tells_everybody() {
    let caller = writer(WriteMatrix::default()).await;
    let list = "all@contoso.com";
    caller.world().set_list(&List { address: list.to_owned(), members: vec![CY.to_owned()] }).unwrap();
    let event = made(&caller, training(&[ANA, list], json!({}))).await;
    assert_eq!(mailed(&caller), "all invitation, ana invitation", "one for the list");
    assert!(copy(&caller, CY, &event).await.is_some());
    patched(&caller, &event, json!({ "attendees": people(&[ANA]) })).await;
    assert_eq!(mailed(&caller), "all cancellation, ana update");
    assert_eq!(copy(&caller, CY, &event).await.unwrap()["isCancelled"], true);
}

#[tokio::test]
async fn people_outside_are_mailed_and_the_organizer_is_no_attendee() {
    let caller = writer(WriteMatrix::default()).await;
    let list = people(&[ANA, "eve@elsewhere.org", LEARNING, "Ana@Contoso.com"]);
    let event = made(&caller, training(&[], json!({ "attendees": list }))).await;
    assert_eq!(mailed(&caller), "ana invitation, eve invitation");
    assert_eq!(answers(&event), "ana notResponded, eve notResponded");
    let item = caller.world().copy(ANA, event["iCalUId"].as_str().unwrap()).unwrap();
    assert_eq!(item.status.answer, Answer::NotResponded);
}

#[tokio::test]
async fn whole_days_stay_whole_until_they_are_written_otherwise() {
    let caller = writer(WriteMatrix::default()).await;
    let days = json!({ "start": moment("2030-02-11T00:00:00"), "end": moment("2030-02-13T00:00:00"), "isAllDay": true });
    let event = made(&caller, training(&[ANA], days)).await;
    assert_eq!((&event["isAllDay"], &event["originalStartTimeZone"]), (&json!(true), &json!(BERLIN)));
    assert_eq!(event["start"]["dateTime"], "2030-02-11T00:00:00.0000000", "a date");
    let refused = patch(&caller, &event, json!({ "end": moment("2030-02-13T17:00:00") })).await;
    assert_eq!(refused.error(), (400, "ErrorInvalidRequest"));
    let longer = patched(&caller, &event, json!({ "end": moment("2030-02-14T00:00:00") })).await;
    assert_eq!(longer["end"]["dateTime"], "2030-02-14T00:00:00.0000000");
    let timed = json!({ "isAllDay": false, "start": moment("2030-02-11T09:00:00"), "end": moment("2030-02-11T17:00:00") });
    let timed = patched(&caller, &event, timed).await;
    assert_eq!(
        (&timed["isAllDay"], &timed["start"]["dateTime"]),
        (&json!(false), &json!("2030-02-11T08:00:00.0000000"))
    );
    assert_eq!(copy(&caller, ANA, &event).await.unwrap()["isAllDay"], false);
}
