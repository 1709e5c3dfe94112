//! Rooms of the directory, and who is free when (handler/reference/graph-publishing.md#rooms).

use super::auth::{Caller, open};
use super::call::{Answer, Call};
use super::query::{bad, body, only};
use crate::handle::World;
use crate::world::directory::User;
use crate::world::item::ShowAs;
use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use serde_json::{Value, json};

/// More is not said to be safe.
const SCHEDULES: usize = 20;

/// `GET places/microsoft.graph.room`.
pub(crate) fn list(world: &World, caller: &Caller, call: &Call) -> Result<Answer, Answer> {
    only(call, &["$top"])?;
    caller.needs(&["Place.Read.All"])?;
    let model = world.0.model.lock();
    let users = model.tenant(caller.tenant).map(|tenant| tenant.users.as_slice()).unwrap_or_default();
    let rooms = users.iter().filter_map(|user| {
        let rules = user.room.as_ref()?;
        Some(json!({
            "id": user.id,
            "displayName": user.display_name,
            "emailAddress": user.address(),
            "nickname": null,
            "capacity": rules.capacity,
            "building": null,
            "bookingType": "standard",
        }))
    });
    Ok(Answer::ok(json!({ "value": rooms.collect::<Vec<_>>() })))
}

/// `POST users/{user}/calendar/getSchedule`, in UTC alone: 200 even where a schedule is not known.
pub(crate) fn schedules(world: &World, caller: &Caller, call: &Call, name: &str) -> Result<Answer, Answer> {
    only(call, &[])?;
    let body = body(call)?;
    let model = world.0.model.lock();
    open(world, &model, caller, name)?;
    let (start, end) = (time(body, "startTime")?, time(body, "endTime")?);
    let minutes = body.get("availabilityViewInterval").and_then(Value::as_i64).unwrap_or(30);
    if !(5..=1_440).contains(&minutes) || end <= start {
        return Err(bad("The time window is not valid."));
    }
    let asked: Vec<&str> = body
        .get("schedules")
        .and_then(Value::as_array)
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if asked.is_empty() || asked.len() > SCHEDULES {
        return Err(bad("The number of schedules is not valid."));
    }
    let users = model.tenant(caller.tenant).map(|tenant| tenant.users.as_slice()).unwrap_or_default();
    let shown = asked.into_iter().map(|address| match users.iter().find(|user| user.has_address(address)) {
        Some(user) => json!({
            "scheduleId": address,
            "availabilityView": view(user, (start, end), Duration::minutes(minutes)),
            "scheduleItems": [],
        }),
        None => json!({
            "scheduleId": address,
            "availabilityView": "",
            "scheduleItems": [],
            "error": {
                "message": "Unable to resolve the address.",
                "responseCode": "ErrorMailRecipientNotFound",
            },
        }),
    });
    Ok(Answer::ok(json!({ "value": shown.collect::<Vec<_>>() })))
}

fn time(body: &Value, key: &str) -> Result<DateTime<Utc>, Answer> {
    let text =
        |name: &str| body.pointer(&format!("/{key}/{name}")).and_then(Value::as_str).unwrap_or_default();
    if text("timeZone") != "UTC" {
        return Err(bad("Schedules are asked for in UTC in this simulation."));
    }
    let wall = NaiveDateTime::parse_from_str(text("dateTime"), "%Y-%m-%dT%H:%M:%S");
    wall.map(|wall| wall.and_utc()).map_err(|_| bad(format!("The property '{key}' is not a time.")))
}

/// A digit for each slot: 0 free, 1 tentative, 2 busy.
fn view(user: &User, (start, end): (DateTime<Utc>, DateTime<Utc>), slot: Duration) -> String {
    let mut digits = String::new();
    let mut from = start;
    while from < end {
        let until = (from + slot).min(end);
        let there = user.mailbox.items.iter().filter(|item| item.live && !item.is_cancelled);
        let there = there.filter(|item| item.slot.start < until && item.slot.end > from);
        let digit = there.map(|item| match item.show_as {
            ShowAs::Free => '0',
            ShowAs::Tentative => '1',
            ShowAs::Busy | ShowAs::Oof | ShowAs::WorkingElsewhere | ShowAs::Unknown => '2',
        });
        digits.push(digit.max().unwrap_or('0'));
        from = until;
    }
    digits
}
