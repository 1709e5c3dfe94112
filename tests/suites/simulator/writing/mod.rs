//! Events that Graph is asked to write: who is mailed, what becomes of answers, and what is refused
//! (handler/reference/graph-publishing.md).

mod calling_off;
mod changing;
mod client;
mod contract;
mod control;
mod limits;
mod making;
mod notices;
mod places;
mod refusals;
mod rooms;
mod searching;

use crate::client::{Answer, Caller, IMMUTABLE, LEARNING, plain};
use serde_json::{Value, json};
use simulator::world::write_matrix::WriteMatrix;
use simulator::{Options, TenantSeed, UserSeed};

pub(crate) const BO: &str = "bo@contoso.com";
pub(crate) const CY: &str = "cy@contoso.com";
pub(crate) const ROOM: &str = "room1@contoso.com";
/// `attendees`: Ana, and the room as a resource.
pub(crate) const ANA_AND_ROOM: &str = r#"[
    { "emailAddress": { "address": "ana@contoso.com" }, "type": "required" },
    { "emailAddress": { "address": "room1@contoso.com" }, "type": "resource" }
]"#;
pub(crate) const KEY: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name PublisherKey";
pub(crate) const BERLIN: &str = "W. Europe Standard Time";

/// Somebody who may write in all calendars of a tenant that has a room, too.
pub(crate) async fn writer(writes: WriteMatrix) -> Caller {
    writer_with(Options { writes, ..plain() }).await
}

pub(crate) async fn writer_with(options: Options) -> Caller {
    let tenants = vec![TenantSeed::contoso().user(UserSeed::new("Room 1", ROOM))];
    let mut caller = Caller::open(Options { tenants, ..options }).await;
    caller
        .world()
        .edit_tenant("contoso.com", |tenant| tenant.app.roles.insert("Calendars.ReadWrite".to_owned()));
    caller.refresh().await;
    caller
}

pub(crate) fn people(addresses: &[&str]) -> Value {
    let one = |address: &&str| json!({ "emailAddress": { "address": address }, "type": "required" });
    addresses.iter().map(one).collect()
}

pub(crate) fn moment(text: &str) -> Value {
    json!({ "dateTime": text, "timeZone": BERLIN })
}

/// A training of a morning; `other` adds or replaces properties, and with null leaves them out.
pub(crate) fn training(attendees: &[&str], other: Value) -> Value {
    let mut body = json!({
        "subject": "First aid",
        "body": { "contentType": "text", "content": "Bring a notebook." },
        "start": moment("2030-02-11T09:00:00"),
        "end": moment("2030-02-11T12:00:00"),
        "isAllDay": false,
        "location": { "displayName": "Hall" },
        "attendees": people(attendees),
        "singleValueExtendedProperties": [{ "id": KEY, "value": "contoso:4711:1" }],
    });
    let map = body.as_object_mut().unwrap();
    map.extend(other.as_object().unwrap().clone());
    map.retain(|_, value| !value.is_null());
    body
}

/// Makes it in the organizer's calendar.
pub(crate) async fn made(caller: &Caller, body: Value) -> Value {
    let answer = caller.post(&format!("users/{}/events", caller.id(LEARNING)), body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

pub(crate) fn path(caller: &Caller, event: &Value) -> String {
    let id = event["id"].as_str().unwrap().replace('=', "%3D");
    format!("users/{}/events/{id}", caller.id(LEARNING))
}

pub(crate) async fn patch(caller: &Caller, event: &Value, body: Value) -> Answer {
    caller.send("PATCH", &path(caller, event), &[IMMUTABLE], Some(body)).await
}

/// A change that is taken; gives the event as the answer shows it.
pub(crate) async fn patched(caller: &Caller, event: &Value, body: Value) -> Value {
    let answer = patch(caller, event, body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// `who kind` of all mails since the last look, in the order of names; they have one cause.
pub(crate) fn mailed(caller: &Caller) -> String {
    let mails = caller.world().mails();
    caller.world().clear_mails();
    assert!(mails.iter().all(|mail| mail.cause == mails[0].cause), "several causes: {mails:#?}");
    let word = |mail: &simulator::world::post::Mail| {
        let kind = serde_json::to_value(mail.kind).unwrap();
        format!("{} {}", mail.recipient.split('@').next().unwrap(), kind.as_str().unwrap())
    };
    let mut words: Vec<String> = mails.iter().map(word).collect();
    words.sort();
    words.join(", ")
}

/// What the organizer's list says of each: `ana accepted, bo none`.
pub(crate) fn answers(event: &Value) -> String {
    let word = |one: &Value| {
        let address = one["emailAddress"]["address"].as_str().unwrap().split('@').next().unwrap();
        format!("{address} {}", one["status"]["response"].as_str().unwrap())
    };
    event["attendees"].as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(", ")
}

/// The live copy in a mailbox, as Graph shows it there.
pub(crate) async fn copy(caller: &Caller, address: &str, event: &Value) -> Option<Value> {
    let item = caller.world().copy(address, event["iCalUId"].as_str().unwrap())?;
    let target = format!("users/{}/events/{}", caller.id(address), item.immutable.replace('=', "%3D"));
    let answer = caller.get(&target).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    Some(answer.body)
}
