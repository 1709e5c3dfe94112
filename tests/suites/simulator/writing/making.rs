//! `POST users/{id}/events`: what a new event says, by whom it is seen, and what a repeated request is.

use super::{
    BERLIN, BO, CY, KEY, answers, copy, made, mailed, moment, patched, path, people, training, writer,
};
use crate::client::{ANA, Caller, IMMUTABLE, LEARNING};
use serde_json::{Value, json};
use simulator::Fault;
use simulator::world::write_matrix::WriteMatrix;

fn events(caller: &Caller) -> String {
    format!("users/{}/events", caller.id(LEARNING))
}

#[tokio::test]
async fn an_event_says_what_was_written() {
    let caller = writer(WriteMatrix::default()).await;
    let body = training(
        &[],
        json!({
            "attendees": [
                { "emailAddress": { "address": ANA, "name": "Ana, by name" }, "type": "required" },
                { "emailAddress": { "address": BO }, "type": "optional" },
                { "emailAddress": { "address": "hall@contoso.com", "name": "Hall" }, "type": "resource" },
            ],
            "location": { "displayName": "Hall", "locationEmailAddress": "hall@contoso.com" },
            "importance": "high",
            "sensitivity": "private",
            "showAs": "free",
            "isReminderOn": false,
            "reminderMinutesBeforeStart": 45,
            "categories": ["Training"],
            "allowNewTimeProposals": false,
            "responseRequested": false,
            "transactionId": "t-1",
        }),
    );
    let event = made(&caller, body).await;
    assert!(event["@odata.etag"].as_str().unwrap().starts_with("W/\""));
    assert!(event["iCalUId"].as_str().unwrap().starts_with("040000008200E00074C5B7101A82E008"));
    let expected = json!({
        "subject": "First aid",
        "importance": "high",
        "sensitivity": "private",
        "showAs": "free",
        "isReminderOn": false,
        "reminderMinutesBeforeStart": 45,
        "categories": ["Training"],
        "allowNewTimeProposals": false,
        "responseRequested": false,
        "transactionId": "t-1",
        "originalStartTimeZone": BERLIN,
        "originalEndTimeZone": BERLIN,
        "isOrganizer": true,
        "isDraft": false,
        "isOnlineMeeting": false,
        "onlineMeetingProvider": "unknown",
        "start": { "dateTime": "2030-02-11T08:00:00.0000000", "timeZone": "UTC" },
        "end": { "dateTime": "2030-02-11T11:00:00.0000000", "timeZone": "UTC" },
        "locations": [{
            "displayName": "Hall",
            "locationEmailAddress": "hall@contoso.com",
            "locationType": "conferenceRoom",
            "uniqueId": "hall@contoso.com",
            "uniqueIdType": "directory",
        }],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(event[name], *value, "{name}");
    }
    assert_eq!(event["location"], event["locations"][0]);
    let kinds: Vec<&Value> = event["attendees"].as_array().unwrap().iter().map(|one| &one["type"]).collect();
    assert_eq!(kinds, ["required", "optional", "resource"]);
    assert_eq!(event["attendees"][0]["emailAddress"]["name"], "Ana, by name");
    assert_eq!(event["attendees"][1]["emailAddress"]["name"], "Bo Lind", "the directory's name");
    assert_eq!(mailed(&caller), "ana invitation, bo invitation, hall invitation");

    let theirs = copy(&caller, ANA, &event).await.unwrap();
    let own = [("categories", json!([])), ("transactionId", Value::Null), ("showAs", json!("tentative"))];
    for (name, value) in own {
        assert_eq!(theirs[name], value, "{name}");
    }
    assert_eq!((&theirs["iCalUId"], &theirs["isOrganizer"]), (&event["iCalUId"], &json!(false)));
    assert_ne!(theirs["id"], event["id"]);
}

#[tokio::test]
async fn texts_are_rewritten_as_html() {
    let caller = writer(WriteMatrix::default()).await;
    let html =
        "<html><head><style>p{}</style></head><body><p>One &amp; two</p><script>x()</script></body></html>";
    let cases = [
        ("text", "a < b\r\nand c", "a &lt; b<br>\r\nand c", "a < b\r\nand c"),
        ("html", html, "<p>One &amp; two</p>", "One & two\r\n"),
        ("HTML", "<b>bold</b>", "<b>bold</b>", "bold"),
    ];
    for (kind, written, kept, plain) in cases {
        let body = json!({ "contentType": kind, "content": written });
        let event = made(&caller, training(&[ANA], json!({ "body": body }))).await;
        assert_eq!((&event["body"]["contentType"], &event["bodyPreview"]), (&json!("html"), &json!(plain)));
        let shown = event["body"]["content"].as_str().unwrap();
        assert!(
            shown.starts_with("<html><head>") && shown.ends_with(&format!("<body>{kept}</body></html>")),
            "{shown}"
        );
        let wish = [("Prefer", "IdType=\"ImmutableId\", outlook.body-content-type=\"text\"")];
        let as_text = caller.send("GET", &path(&caller, &event), &wish, None).await.body;
        assert_eq!(as_text["body"], json!({ "contentType": "text", "content": plain }));
        let theirs = copy(&caller, ANA, &event).await.unwrap();
        assert_eq!(theirs["body"], event["body"]);
    }
}

#[tokio::test]
async fn times_are_read_in_windows_zones_and_ianas() {
    let caller = writer(WriteMatrix::default()).await;
    for (zone, utc) in [
        ("UTC", "2030-07-01T09:00:00.0000000"),
        ("W. Europe Standard Time", "2030-07-01T07:00:00.0000000"),
        ("Europe/Berlin", "2030-07-01T07:00:00.0000000"),
        ("Eastern Standard Time", "2030-07-01T13:00:00.0000000"),
        ("Nepal Standard Time", "2030-07-01T03:15:00.0000000"),
        ("Asia/Kolkata", "2030-07-01T03:30:00.0000000"),
    ] {
        let at = |text: &str| json!({ "dateTime": text, "timeZone": zone });
        let times = json!({ "start": at("2030-07-01T09:00:00"), "end": at("2030-07-01T10:00:00.0000000") });
        let event = made(&caller, training(&[], times)).await;
        assert_eq!(
            (&event["start"]["dateTime"], &event["originalStartTimeZone"]),
            (&json!(utc), &json!(zone))
        );
    }
    let wish = [IMMUTABLE, ("Prefer", "outlook.timezone=\"W. Europe Standard Time\"")];
    let answer = caller.send("POST", &events(&caller), &wish, Some(training(&[], json!({})))).await;
    assert_eq!(
        answer.body["start"],
        json!({ "dateTime": "2030-02-11T09:00:00.0000000", "timeZone": BERLIN })
    );
}

#[tokio::test]
async fn the_same_request_again_is_the_same_event_and_another_content_is_refused() {
    let caller = writer(WriteMatrix::default()).await;
    let body = training(&[ANA], json!({ "transactionId": "t-1" }));
    let first = made(&caller, body.clone()).await;
    assert_eq!(mailed(&caller), "ana invitation");
    let again = made(&caller, body.clone()).await;
    assert_eq!((&again["id"], &again["iCalUId"]), (&first["id"], &first["iCalUId"]));
    let other = caller.post(&events(&caller), training(&[ANA, BO], json!({ "transactionId": "t-1" }))).await;
    assert_eq!(other.error(), (400, "ErrorDuplicateTransactionId"));
    assert_eq!(other.body["error"]["@event.existingEventId"], first["id"]);
    assert_eq!(caller.world().events_of(LEARNING).len(), 1);
    assert_eq!(mailed(&caller), "", "neither mails anybody");
    made(&caller, training(&[ANA], json!({ "transactionId": "t-2" }))).await;
    made(&caller, training(&[ANA], json!({}))).await;
    made(&caller, training(&[ANA], json!({}))).await;
    assert_eq!(caller.world().events_of(LEARNING).len(), 4, "without an id each request is another event");
}

#[tokio::test]
async fn each_unconfirmed_answer_to_a_used_transaction_can_be_had() {
    let body = training(&[ANA], json!({ "transactionId": "t-1" }));
    let second = async |switches: &[&str], gone: bool| {
        let caller = writer(WriteMatrix::flipped(switches)).await;
        let first = made(&caller, body.clone()).await;
        if gone {
            caller.send("DELETE", &path(&caller, &first), &[IMMUTABLE], None).await;
        }
        let answer = caller.post(&events(&caller), body.clone()).await;
        let names_it = answer.body["error"]["@event.existingEventId"] == first["id"];
        (answer.status, names_it, caller.world().events_of(LEARNING).len())
    };
    assert_eq!(second(&[], false).await, (201, false, 1));
    assert_eq!(second(&["sameTransactionIsRefused"], false).await, (400, true, 1));
    assert_eq!(second(&["sameTransactionIsRefused", "duplicatesAre409"], false).await, (409, true, 1));
    assert_eq!(second(&["sameTransactionIsRefused", "duplicateNamesEvent"], false).await, (400, false, 1));
    assert_eq!(second(&["transactionsAreForgotten"], false).await, (201, false, 2));
    assert_eq!(second(&[], true).await, (400, false, 0));
    assert_eq!(second(&["transactionOutlivesEvent"], true).await, (201, false, 1));
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_was_done_and_its_repetition_finds_it() {
    let caller = writer(WriteMatrix::default()).await;
    let write = |status: u16, done: bool| Fault::GraphWrite {
        mailbox: Some(LEARNING.to_owned()),
        status,
        code: Some("ErrorIrresolvableConflict".to_owned()),
        retry_after: None,
        done,
    };
    let body = training(&[ANA], json!({ "transactionId": "t-1" }));
    caller.world().inject_times(write(409, false), 1);
    assert_eq!(caller.post(&events(&caller), body.clone()).await.error(), (409, "ErrorIrresolvableConflict"));
    assert_eq!(mailed(&caller), "");
    caller.world().inject_times(write(504, true), 1);
    assert_eq!(caller.get(&events(&caller)).await.status, 200, "reads are not hit");
    assert_eq!(caller.post(&events(&caller), body.clone()).await.status, 504);
    assert_eq!(mailed(&caller), "ana invitation");
    made(&caller, body).await;
    assert_eq!((mailed(&caller).as_str(), caller.world().events_of(LEARNING).len()), ("", 1));
}

#[tokio::test]
async fn hidden_attendees_see_themselves_alone() {
    let caller = writer(WriteMatrix::default()).await;
    let event = made(&caller, training(&[ANA, BO, CY], json!({ "hideAttendees": true }))).await;
    assert_eq!(answers(&event), "ana notResponded, bo notResponded, cy notResponded");
    for (address, seen) in [(ANA, "ana none"), (CY, "cy none")] {
        let theirs = copy(&caller, address, &event).await.unwrap();
        assert_eq!((answers(&theirs).as_str(), &theirs["hideAttendees"]), (seen, &json!(true)));
    }
    patched(&caller, &event, json!({ "hideAttendees": false })).await;
    assert_eq!(answers(&copy(&caller, ANA, &event).await.unwrap()), "ana none, bo none, cy none");
}

#[tokio::test]
async fn an_alias_may_be_shown_as_the_primary_address() {
    for (switch, shown) in [("", "cyril notResponded"), ("aliasesAreResolved", "cy notResponded")] {
        let caller = writer(WriteMatrix::flipped(&[switch])).await;
        let event = made(&caller, training(&["cyril@contoso.com"], json!({}))).await;
        assert_eq!(answers(&event), shown);
        assert!(copy(&caller, CY, &event).await.is_some());
        caller.world().clear_mails();
        patched(&caller, &event, json!({ "attendees": people(&["cyril@contoso.com"]) })).await;
        assert_eq!(mailed(&caller), "", "the same person");
    }
}

#[tokio::test]
async fn an_event_may_be_made_in_another_calendar() {
    let caller = writer(WriteMatrix::default()).await;
    let id = caller.world().edit_user(LEARNING, |user| {
        let calendar =
            simulator::world::directory::Calendar { id: "other=".to_owned(), name: "Trainings".to_owned() };
        user.mailbox.calendars.push(calendar);
        user.id
    });
    let id = id.unwrap();
    let made =
        caller.post(&format!("users/{id}/calendars/other%3D/events"), training(&[ANA], json!({}))).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let listed = async |target: &str| {
        caller.get(&format!("users/{id}/{target}")).await.body["value"].as_array().unwrap().len()
    };
    assert_eq!((listed("events").await, listed("calendars/other%3D/events").await), (0, 1));
    let made = caller.post(&format!("users/{id}/calendar/events"), training(&[], json!({}))).await;
    assert_eq!((made.status, listed("events").await), (201, 1));
}

/// Teams: a block in the text holds the meeting.
#[tokio::test]
async fn an_online_meeting_lives_in_the_text() {
    let online = json!({ "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness" });
    for (switch, is_online) in [("", false), ("lostBlockEndsOnline", true)] {
        let caller = writer(WriteMatrix::flipped(&[switch])).await;
        let event = made(&caller, training(&[ANA], online.clone())).await;
        let link = event["onlineMeeting"]["joinUrl"].as_str().unwrap().to_owned();
        assert_eq!(
            (&event["isOnlineMeeting"], &event["onlineMeetingProvider"]),
            (&json!(true), &json!("teamsForBusiness"))
        );
        let text = event["body"]["content"].as_str().unwrap().to_owned();
        assert!(text.contains(&link) && text.contains("Bring a notebook."));
        assert_eq!(copy(&caller, ANA, &event).await.unwrap()["onlineMeeting"]["joinUrl"], link);

        let merged =
            json!({ "body": { "contentType": "html", "content": text.replace("a notebook", "two") } });
        let after = patched(&caller, &event, merged).await;
        assert_eq!(after["onlineMeeting"]["joinUrl"], link, "with the block it stays");
        let other = patched(&caller, &event, json!({ "subject": "Other" })).await;
        assert_eq!(other["onlineMeeting"]["joinUrl"], link);
        let kept = patched(&caller, &event, json!({ "isOnlineMeeting": false })).await;
        assert_eq!(kept["isOnlineMeeting"], true, "it can't be taken back");

        let bare = json!({ "body": { "contentType": "text", "content": "Bring a pen." } });
        let after = patched(&caller, &event, bare).await;
        assert_eq!(after["isOnlineMeeting"], is_online);
        assert_ne!(after["onlineMeeting"]["joinUrl"], link);
        assert_eq!(after["onlineMeeting"].is_null(), !is_online);
        caller.world().clear_mails();
    }
}

#[tokio::test]
async fn a_calendar_without_teams_makes_an_event_without_a_meeting() {
    let online = json!({ "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness" });
    let caller = writer(WriteMatrix::flipped(&["joinUrlComesLater"])).await;
    let calendar = format!("users/{}/calendar", caller.id(LEARNING));
    let providers = async || caller.get(&calendar).await.body["allowedOnlineMeetingProviders"].clone();
    assert_eq!(providers().await, json!(["teamsForBusiness"]));
    let event = made(&caller, training(&[ANA], online.clone())).await;
    assert_eq!((&event["isOnlineMeeting"], &event["onlineMeeting"]), (&json!(true), &Value::Null));
    let later = caller.get(&path(&caller, &event)).await.body;
    assert!(later["onlineMeeting"]["joinUrl"].is_string(), "the link is there when it is read");

    caller.world().edit_user(LEARNING, |user| user.has_teams = false);
    assert_eq!(providers().await, json!([]));
    let event = made(&caller, training(&[ANA], online)).await;
    assert_eq!(
        (&event["isOnlineMeeting"], &event["onlineMeetingProvider"]),
        (&json!(false), &json!("unknown"))
    );
    let event = made(&caller, training(&[ANA], json!({ "isOnlineMeeting": true }))).await;
    assert_eq!(event["isOnlineMeeting"], false);
}

#[tokio::test]
async fn what_is_left_out_is_as_a_new_event_has_it() {
    let caller = writer(WriteMatrix::default()).await;
    let body = json!({ "start": moment("2030-02-11T09:00:00"), "end": moment("2030-02-11T10:00:00") });
    let event = made(&caller, body).await;
    let expected = json!({
        "subject": "", "attendees": [], "categories": [], "locations": [], "showAs": "busy",
        "importance": "normal", "sensitivity": "normal", "isAllDay": false, "isReminderOn": true,
        "reminderMinutesBeforeStart": 15, "responseRequested": true, "allowNewTimeProposals": true,
        "hideAttendees": false, "transactionId": null, "isOnlineMeeting": false, "bodyPreview": "",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(event[name], *value, "{name}");
    }
    let same = people(&[ANA, ANA, &ANA.to_uppercase()]);
    let event = made(&caller, training(&[], json!({ "attendees": same }))).await;
    assert_eq!(answers(&event), "ana notResponded");
    let expand = format!("$expand=singleValueExtendedProperties($filter=id eq '{KEY}')");
    let read = caller.get(&format!("{}?{expand}", path(&caller, &event))).await.body;
    assert_eq!(read["singleValueExtendedProperties"], json!([{ "id": KEY, "value": "contoso:4711:1" }]));
}
