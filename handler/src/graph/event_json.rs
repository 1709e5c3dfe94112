//! Graph's event, as far as we read it. Whatever is missing or odd becomes absent; only the id must be
//! there.

use super::json::{address, flag, instant, text, zoned};
use crate::calendar::event::{Answer, Attendee, Event, EventKind, Response};
use crate::calendar::zone::Zone;
use crate::ids::{EventId, ICalUid};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// `None`: it has no id. `zone`: of all-day events that name none that is known.
pub(super) fn event(value: &Value, zone: Zone) -> Option<Event> {
    let series_master = text(value, "seriesMasterId").map(EventId::new);
    Some(Event {
        id: EventId::new(text(value, "id")?),
        ical_uid: text(value, "iCalUId").map(ICalUid::new),
        original_start: instant(value, "originalStart"),
        kind: kind(value, series_master.is_some()),
        series_master,
        is_cancelled: flag(value, "isCancelled").unwrap_or(false),
        is_organizer: flag(value, "isOrganizer").unwrap_or(false),
        organizer: value.get("organizer").and_then(address),
        response: value.get("responseStatus").map_or(Response::NONE, response),
        start: moment(value, "start", &["originalStartTimeZone"], zone),
        end: moment(value, "end", &["originalEndTimeZone", "originalStartTimeZone"], zone),
        attendees: attendees(value),
        response_requested: flag(value, "responseRequested"),
        created: instant(value, "createdDateTime"),
        modified: instant(value, "lastModifiedDateTime"),
        subject: text(value, "subject"),
        body: value.get("body").and_then(|body| text(body, "content")),
        location: value.get("location").map(|place| text(place, "displayName").unwrap_or_default()),
        extended: extended(value),
    })
}

/// All-day events are dates: such a day begins and ends at midnight where it takes place.
fn moment(value: &Value, key: &str, zones: &[&str], fallback: Zone) -> Option<DateTime<Utc>> {
    let shown = zoned(value, key)?;
    if flag(value, "isAllDay") != Some(true) {
        return Some(shown);
    }
    let own = zones.iter().find_map(|name| Zone::named(&text(value, name)?));
    Some(own.unwrap_or(fallback).midnight_of(shown))
}

fn kind(value: &Value, has_master: bool) -> EventKind {
    match value.get("type").and_then(Value::as_str) {
        Some("occurrence") => EventKind::Occurrence,
        Some("exception") => EventKind::Exception,
        Some("seriesMaster") => EventKind::SeriesMaster,
        Some("singleInstance") => EventKind::SingleInstance,
        // A kind that Graph may invent later: belonging to a series is what matters.
        Some(_) | None if has_master => EventKind::Occurrence,
        Some(_) | None => EventKind::SingleInstance,
    }
}

fn response(value: &Value) -> Response {
    let answer = match value.get("response").and_then(Value::as_str) {
        Some("organizer") => Answer::Organizer,
        Some("tentativelyAccepted") => Answer::TentativelyAccepted,
        Some("accepted") => Answer::Accepted,
        Some("declined") => Answer::Declined,
        Some("notResponded") => Answer::NotResponded,
        Some(_) | None => Answer::None,
    };
    Response { answer, at: instant(value, "time") }
}

fn attendees(value: &Value) -> Vec<Attendee> {
    let Some(list) = value.get("attendees").and_then(Value::as_array) else {
        return Vec::new();
    };
    list.iter()
        .filter_map(|attendee| {
            Some(Attendee {
                address: address(attendee)?,
                response: attendee.get("status").map_or(Response::NONE, response),
                is_resource: attendee.get("type").and_then(Value::as_str) == Some("resource"),
                proposes: attendee.get("proposedNewTime").is_some_and(|proposed| !proposed.is_null()),
            })
        })
        .collect()
}

fn extended(value: &Value) -> BTreeMap<String, String> {
    let Some(list) = value.get("singleValueExtendedProperties").and_then(Value::as_array) else {
        return BTreeMap::new();
    };
    list.iter().filter_map(|property| Some((text(property, "id")?, text(property, "value")?))).collect()
}

#[cfg(test)]
#[path = "event_json_tests.rs"]
mod tests;
