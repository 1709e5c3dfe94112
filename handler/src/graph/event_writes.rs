//! What is written in calendars: the canary's own event, and nothing else.
//!
//! Guarantees: no write is sent again by the batch when nobody knows whether it was done; the event carries a
//! mark of ours by which it is found again, because how long Graph remembers a `transactionId` is not known
//! (reference/graph-events.md#writing).

use super::classify::About;
use super::client::{HttpGraph, invalid};
use super::error::GraphError;
use super::event_json::event;
use super::events::selection;
use super::request::{Lane, Request, encode, literal, mailbox_path};
use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::calendar::zone::Zone;
use crate::graph::port::{MARK, Mailbox, NewEvent};
use crate::ids::EventId;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub(super) async fn marked(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    mark: &str,
) -> Result<Vec<Event>, GraphError> {
    let wanted = format!(
        "singleValueExtendedProperties/Any(ep: ep/id eq {} and ep/value eq {})",
        literal(MARK),
        literal(mark)
    );
    let path = format!(
        "{}/events?$filter={}&{}",
        mailbox_path(mailbox),
        encode(&wanted),
        selection(&EventSelect::default())
    );
    let request = Request::new("GET", path, About::Calendar, Lane::from(mailbox));
    graph.pages(request, |value| event(value, Zone::default())).await
}

/// The answer is 201 with the event; the same request once more gives the same event.
pub(super) async fn create(
    graph: &HttpGraph,
    organizer: &Mailbox,
    wanted: &NewEvent,
) -> Result<Event, GraphError> {
    let path = format!("{}/events", mailbox_path(organizer));
    let request = write("POST", path, About::Calendar, organizer, Some(body(wanted)));
    let made = graph.get(request).await?;
    event(&made, Zone::default()).ok_or_else(|| invalid("eventWithoutId"))
}

pub(super) async fn decline(graph: &HttpGraph, mailbox: &Mailbox, event: &EventId) -> Result<(), GraphError> {
    let body = json!({ "comment": "Regrets tests itself.", "sendResponse": true });
    graph
        .call(write("POST", of_event(mailbox, event, "/decline"), About::Event, mailbox, Some(body)))
        .await?;
    Ok(())
}

pub(super) async fn call_off(
    graph: &HttpGraph,
    organizer: &Mailbox,
    event: &EventId,
) -> Result<(), GraphError> {
    let body = json!({ "comment": "Regrets has tested itself." });
    let path = of_event(organizer, event, "/cancel");
    or_gone(graph.call(write("POST", path, About::Event, organizer, Some(body))).await.map(|_| ()))
}

pub(super) async fn delete(graph: &HttpGraph, mailbox: &Mailbox, event: &EventId) -> Result<(), GraphError> {
    let request = write("DELETE", of_event(mailbox, event, ""), About::Event, mailbox, None);
    or_gone(graph.call(request).await.map(|_| ()))
}

fn or_gone(done: Result<(), GraphError>) -> Result<(), GraphError> {
    match done {
        Err(GraphError::NotFound(_)) => Ok(()),
        other => other,
    }
}

fn of_event(mailbox: &Mailbox, event: &EventId, then: &str) -> String {
    format!("{}/events/{}{then}", mailbox_path(mailbox), encode(event.as_str()))
}

fn write(
    method: &'static str,
    path: String,
    about: About,
    mailbox: &Mailbox,
    body: Option<Value>,
) -> Request {
    Request { body, repeatable: false, ..Request::new(method, path, about, Lane::from(mailbox)) }
}

fn body(wanted: &NewEvent) -> Value {
    let mut properties = vec![json!({ "id": MARK, "value": wanted.transaction })];
    properties.extend(wanted.properties.iter().map(|(id, value)| json!({ "id": id, "value": value })));
    json!({
        "transactionId": wanted.transaction,
        "subject": wanted.subject,
        "body": { "contentType": "text", "content": wanted.body },
        "start": moment(wanted.start),
        "end": moment(wanted.end),
        "attendees": [{ "emailAddress": { "address": wanted.attendee.as_str() }, "type": "required" }],
        "responseRequested": true,
        "allowNewTimeProposals": false,
        "showAs": "free",
        "isReminderOn": false,
        "singleValueExtendedProperties": properties,
    })
}

/// Local text without an offset, and its zone: both together would be counted twice.
fn moment(at: DateTime<Utc>) -> Value {
    json!({ "dateTime": at.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC" })
}

#[cfg(test)]
#[path = "event_writes_tests.rs"]
mod tests;
