//! Rooms of the directory, and which of them are free (reference/graph-publishing.md#rooms).

use super::classify::About;
use super::client::HttpGraph;
use super::error::GraphError;
use super::json::text;
use super::request::{Lane, Request, mailbox_path};
use crate::calendar::room::Room;
use crate::graph::port::Mailbox;
use crate::ids::Address;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// What one question takes; more is not said to be safe.
const AT_ONCE: usize = 20;
/// Minutes of a slot that Graph takes.
const SLOT: std::ops::RangeInclusive<i64> = 5..=1_440;

pub(super) async fn all(graph: &HttpGraph) -> Result<Vec<Room>, GraphError> {
    let path = "/places/microsoft.graph.room?$top=100".to_owned();
    graph.pages(Request::new("GET", path, About::Directory, Lane::Directory), room).await
}

/// One without an address can't be invited.
fn room(value: &Value) -> Option<Room> {
    let address = Address::new(&text(value, "emailAddress")?);
    Some(Room {
        name: text(value, "displayName").unwrap_or_else(|| address.as_str().to_owned()),
        nickname: text(value, "nickname"),
        building: text(value, "building"),
        capacity: value.get("capacity").and_then(Value::as_u64).and_then(|seats| u32::try_from(seats).ok()),
        is_bookable: value.get("bookingType").and_then(Value::as_str) != Some("reserved"),
        address,
    })
}

pub(super) async fn free(
    graph: &HttpGraph,
    organizer: &Mailbox,
    rooms: &[Address],
    (start, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<Vec<Address>, GraphError> {
    let time = |at: DateTime<Utc>| {
        let wall = at.format("%Y-%m-%dT%H:%M:%S").to_string();
        json!({ "dateTime": wall, "timeZone": "UTC" })
    };
    let asked: Vec<&str> = rooms.iter().take(AT_ONCE).map(Address::as_str).collect();
    let body = json!({
        "schedules": asked,
        "startTime": time(start),
        "endTime": time(end),
        "availabilityViewInterval": (end - start).num_minutes().clamp(*SLOT.start(), *SLOT.end()),
    });
    let path = format!("{}/calendar/getSchedule", mailbox_path(organizer));
    let request = Request::new("POST", path, About::Calendar, Lane::from(organizer));
    let found = graph.get(Request { body: Some(body), ..request }).await?;
    let schedules = found.get("value").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(schedules
        .iter()
        .filter(|one| is_free(one))
        .filter_map(|one| Some(Address::new(&text(one, "scheduleId")?)))
        .collect())
}

/// Each digit is a slot, and 0 is free. One of which nothing is said is not.
fn is_free(schedule: &Value) -> bool {
    let view = schedule.get("availabilityView").and_then(Value::as_str).unwrap_or_default();
    let failed = schedule.get("error").is_some_and(|error| !error.is_null());
    !failed && !view.is_empty() && view.chars().all(|slot| slot == '0')
}

#[cfg(test)]
#[path = "rooms_tests.rs"]
mod tests;
