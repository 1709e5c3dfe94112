//! Online meetings: that of an event of ours, and those in no calendar (reference/graph-publishing.md).
//!
//! Guarantee: one that is asked for again is the same, by our own name for it, so an answer that was lost is
//! asked for again. What that says of its times is told by the answer alone.

use super::classify::About;
use super::client::{HttpGraph, invalid};
use super::error::GraphError;
use super::event_json::event;
use super::events::selection;
use super::json::{flag, instant, text};
use super::request::{Lane, Request, encode, literal, mailbox_path};
use crate::calendar::event_select::EventSelect;
use crate::calendar::zone::Zone;
use crate::graph::port::{Mailbox, NewMeeting, OnlineMeeting, WrittenEvent};
use crate::ids::{EventId, UserId};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use url::Url;

pub(super) async fn of_event(
    graph: &HttpGraph,
    organizer: &Mailbox,
    id: &EventId,
) -> Result<Option<WrittenEvent>, GraphError> {
    let selected = selection(&EventSelect { subject: true, place: true, ..EventSelect::default() });
    let path = format!(
        "{}/events/{}?{selected},isOnlineMeeting,onlineMeeting",
        mailbox_path(organizer),
        encode(id.as_str())
    );
    match graph.get(Request::new("GET", path, About::Event, Lane::from(organizer))).await {
        Ok(found) => written(&found).map(Some).ok_or_else(|| invalid("eventWithoutId")),
        Err(GraphError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn written(value: &Value) -> Option<WrittenEvent> {
    Some(WrittenEvent {
        event: event(value, Zone::default())?,
        is_online: flag(value, "isOnlineMeeting") == Some(true),
        join: value.get("onlineMeeting").and_then(|meeting| link(meeting, "joinUrl")),
    })
}

/// Only what a browser may follow.
fn link(value: &Value, key: &str) -> Option<Url> {
    let url: Url = text(value, key)?.parse().ok()?;
    ["https", "http"].contains(&url.scheme()).then_some(url)
}

pub(super) async fn create_or_get(
    graph: &HttpGraph,
    organizer: &UserId,
    wanted: &NewMeeting,
) -> Result<OnlineMeeting, GraphError> {
    let body = json!({
        "externalId": wanted.external_id,
        "subject": wanted.subject,
        "startDateTime": time(wanted.start),
        "endDateTime": time(wanted.end),
    });
    let request = Request { body: Some(body), ..request("POST", organizer, "/createOrGet") };
    made(&graph.get(request).await?)
}

fn made(value: &Value) -> Result<OnlineMeeting, GraphError> {
    let join = link(value, "joinWebUrl").ok_or_else(|| invalid("meetingWithoutLink"))?;
    let id = text(value, "id").ok_or_else(|| invalid("meetingWithoutId"))?.to_owned();
    let times = instant(value, "startDateTime").zip(instant(value, "endDateTime"));
    Ok(OnlineMeeting { id, join, times })
}

/// Start and end go together (reference/graph-publishing.md#online-meetings).
pub(super) async fn move_to(
    graph: &HttpGraph,
    organizer: &UserId,
    id: &str,
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), GraphError> {
    let body = json!({ "startDateTime": time(start), "endDateTime": time(end) });
    let request = Request { body: Some(body), ..request("PATCH", organizer, &format!("/{}", encode(id))) };
    graph.get(request).await?;
    Ok(())
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Whatever is answered but a refusal: it was let in.
pub(super) async fn may(graph: &HttpGraph, organizer: &UserId) -> Result<(), GraphError> {
    let none = literal("https://teams.microsoft.com/l/meetup-join/none");
    let query = format!("?$filter={}", encode(&format!("JoinWebUrl eq {none}")));
    match graph.call(request("GET", organizer, &query)).await {
        Ok(_) | Err(GraphError::NotFound(_)) => Ok(()),
        Err(GraphError::Invalid(failure)) if failure.status == Some(400) => Ok(()),
        Err(error) => Err(error),
    }
}

/// A user without the right of the policy is answered with 401 or 403.
fn request(method: &'static str, organizer: &UserId, then: &str) -> Request {
    let mailbox = Mailbox::Id(organizer.clone());
    let path = format!("{}/onlineMeetings{then}", mailbox_path(&mailbox));
    Request::new(method, path, About::Directory, Lane::from(&mailbox))
}

#[cfg(test)]
#[path = "meetings_tests.rs"]
mod tests;
