//! What is written in calendars: the canary's own event, and those of training sessions.
//!
//! Guarantees: no write is sent again by the batch when nobody knows whether it was done, and 503 counts
//! as nobody's knowledge; an event
//! carries a mark of ours by which it is found again, because how long Graph remembers a `transactionId`
//! is not known (reference/graph-publishing.md#idempotency); what an event says and who is invited are
//! never written by one request, which would mail everybody for whom nothing has changed.

use super::classify::About;
use super::client::{HttpGraph, invalid};
use super::error::GraphError;
use super::event_json::{self, event};
use super::event_times;
use super::events::selection;
use super::json::text;
use super::request::{Lane, Request, encode, literal, mailbox_path};
use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::calendar::zone::Zone;
use crate::graph::port::{EventFields, EventText, Invited, Mailbox, Mark, MarkedEvent, NewEvent};
use crate::ids::EventId;
use serde_json::{Map, Value, json};

pub(super) async fn marked(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    mark: &Mark<'_>,
) -> Result<Vec<MarkedEvent>, GraphError> {
    let value = match mark.is_prefix {
        true => format!("startswith(ep/value,{})", literal(mark.value)),
        false => format!("ep/value eq {}", literal(mark.value)),
    };
    let wanted =
        format!("singleValueExtendedProperties/Any(ep: ep/id eq {} and {value})", literal(mark.property));
    let extended = [Some(mark.property), mark.also].into_iter().flatten().map(str::to_owned).collect();
    let select = EventSelect { extended, ..EventSelect::default() };
    let path = format!("{}/events?$filter={}&{}", mailbox_path(mailbox), encode(&wanted), selection(&select));
    let request = Request::new("GET", path, About::Calendar, Lane::from(mailbox));
    graph
        .pages(request, |value| {
            Some(MarkedEvent { event: event(value, Zone::default())?, etag: text(value, "@odata.etag") })
        })
        .await
}

/// The answer is 201 with the event; the same request once more gives the same event.
pub(super) async fn create(
    graph: &HttpGraph,
    organizer: &Mailbox,
    wanted: &NewEvent,
) -> Result<Event, GraphError> {
    let path = format!("{}/events", mailbox_path(organizer));
    let request = write("POST", path, About::Calendar, organizer, Some(new(wanted)));
    let made = graph.get(request).await?;
    event(&made, Zone::default()).ok_or_else(|| invalid("eventWithoutId"))
}

pub(super) async fn change(
    graph: &HttpGraph,
    organizer: &Mailbox,
    event: &EventId,
    says: &EventFields,
) -> Result<Option<Event>, GraphError> {
    let path = of_event(organizer, event, "");
    let done = graph.get(write("PATCH", path, About::Event, organizer, Some(fields(says).into()))).await?;
    Ok(event_json::event(&done, Zone::default()))
}

/// With anything beside the list, everybody would be mailed.
pub(super) async fn change_attendees(
    graph: &HttpGraph,
    organizer: &Mailbox,
    event: &EventId,
    invited: &[Invited],
    etag: &str,
) -> Result<(), GraphError> {
    let body = json!({ "attendees": attendees(invited) });
    let request = write("PATCH", of_event(organizer, event, ""), About::Event, organizer, Some(body));
    graph.call(Request { if_match: Some(etag.to_owned()), ..request }).await?;
    Ok(())
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
    comment: &str,
) -> Result<(), GraphError> {
    let body = json!({ "comment": comment });
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
    Request { body, repeatable: false, mails: true, ..Request::new(method, path, about, Lane::from(mailbox)) }
}

fn new(wanted: &NewEvent) -> Value {
    let mut body = fields(&wanted.says);
    body.insert("transactionId".to_owned(), wanted.transaction.as_str().into());
    body.insert("attendees".to_owned(), attendees(&wanted.attendees));
    body.insert("responseRequested".to_owned(), true.into());
    // Nobody is there to take up a proposal.
    body.insert("allowNewTimeProposals".to_owned(), false.into());
    if wanted.hides_attendees {
        body.insert("hideAttendees".to_owned(), true.into());
    }
    if wanted.is_quiet {
        body.insert("showAs".to_owned(), "free".into());
        body.insert("isReminderOn".to_owned(), false.into());
    }
    body.into()
}

/// Answers are never written: one that is sent back may turn into none.
fn attendees(invited: &[Invited]) -> Value {
    let one = |one: &Invited| {
        let kind = if one.is_resource { "resource" } else { "required" };
        match &one.name {
            Some(name) => {
                json!({ "emailAddress": { "address": one.address.as_str(), "name": name }, "type": kind })
            }
            None => json!({ "emailAddress": { "address": one.address.as_str() }, "type": kind }),
        }
    };
    invited.iter().map(one).collect()
}

fn fields(says: &EventFields) -> Map<String, Value> {
    let mut body = Map::new();
    if let Some(subject) = &says.subject {
        body.insert("subject".to_owned(), subject.as_str().into());
    }
    if let Some(text) = &says.body {
        let (kind, content) = match text {
            EventText::Plain(text) => ("text", text),
            EventText::Html(html) => ("html", html),
        };
        body.insert("body".to_owned(), json!({ "contentType": kind, "content": content }));
    }
    if let Some(when) = &says.when {
        body.extend(event_times::fields(when));
    }
    if let Some(place) = &says.location {
        let location = match &says.room {
            Some(room) => json!({ "displayName": place, "locationEmailAddress": room.as_str() }),
            None => json!({ "displayName": place }),
        };
        body.insert("location".to_owned(), location);
    }
    if says.online {
        body.insert("isOnlineMeeting".to_owned(), true.into());
        body.insert("onlineMeetingProvider".to_owned(), "teamsForBusiness".into());
    }
    if !says.properties.is_empty() {
        let properties: Vec<Value> =
            says.properties.iter().map(|(id, value)| json!({ "id": id, "value": value })).collect();
        body.insert("singleValueExtendedProperties".to_owned(), properties.into());
    }
    body
}

#[cfg(test)]
#[path = "event_writes_tests.rs"]
mod tests;
