//! Graph's event, as far as we read it. Whatever is missing or odd becomes absent; only the id must be there.

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
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_organizers_copy_is_read_with_everybodys_answers() {
        let event = event(&json!({
            "id": "AAk=", "iCalUId": "lms-7@x", "type": "singleInstance", "isOrganizer": true, "isCancelled": false,
            "seriesMasterId": null, "originalStart": null, "responseRequested": false, "subject": "Fire safety",
            "organizer": {"emailAddress": {"name": "Learning", "address": "Learning@Example.org"}},
            "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
            "start": {"dateTime": "2026-02-02T08:00:00.0000000", "timeZone": "UTC"},
            "end": {"dateTime": "2026-02-02T10:00:00.0000000", "timeZone": "UTC"},
            "attendees": [
                {"type": "required", "status": {"response": "declined", "time": "2026-01-15T09:30:00Z"},
                 "emailAddress": {"address": "Ada@example.org"}, "proposedNewTime": {"start": {}}},
                {"type": "optional", "status": {"response": "pondering"}, "proposedNewTime": null, "emailAddress": {"address": "bo@example.org"}},
                {"type": "resource", "status": null, "emailAddress": {"address": "room4@example.org"}},
                {"type": "required", "emailAddress": {"name": "nobody"}},
            ],
            "singleValueExtendedProperties": [{"id": "String {g} Name LmsSessionId", "value": "4711"}, {"id": "x"}],
            "body": {"contentType": "text", "content": "session 4711"}
        }), Zone::default())
        .unwrap();
        let answers: Vec<_> =
            event.attendees.iter().map(|a| (a.address.as_str(), a.response.answer, a.is_resource)).collect();
        assert_eq!(
            answers,
            [
                ("ada@example.org", Answer::Declined, false),
                ("bo@example.org", Answer::None, false),
                ("room4@example.org", Answer::None, true),
            ]
        );
        assert_eq!(event.attendees[0].response.at, Some("2026-01-15T09:30:00Z".parse().unwrap()));
        assert_eq!(event.attendees.iter().map(|a| a.proposes).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(event.response_requested, Some(false));
        assert_eq!(event.response, Response { answer: Answer::Organizer, at: None });
        assert_eq!(event.organizer.unwrap().as_str(), "learning@example.org");
        assert_eq!(event.start, Some("2026-02-02T08:00:00Z".parse().unwrap()));
        assert_eq!(event.extended["String {g} Name LmsSessionId"], "4711");
        assert_eq!(event.body.as_deref(), Some("session 4711"));
    }

    #[test]
    fn an_event_needs_nothing_but_its_id() {
        let bare = event(&json!({
            "id": "AAk=", "attendees": null, "start": "noon", "type": "hologram", "isCancelled": "yes", "responseStatus": 1,
            "organizer": [], "originalStart": 5, "seriesMasterId": "AAm=", "iCalUId": ""
        }), Zone::default())
        .unwrap();
        assert_eq!((bare.kind, bare.response, bare.is_cancelled), (EventKind::Occurrence, Response::NONE, false));
        assert_eq!(bare.response_requested, None);
        assert_eq!((bare.start, bare.ical_uid, bare.attendees.len()), (None, None, 0));
        assert_eq!(event(&json!({"iCalUId": "x"}), Zone::default()), None);
    }

    #[test]
    fn an_all_day_event_is_a_date_in_its_own_zone_or_the_tenants() {
        let times = |all_day: bool, own: &str, shown: &str, tenants: &str| {
            let time = json!({"dateTime": format!("{shown}.0000000"), "timeZone": "UTC"});
            let value =
                json!({"id": "AAk=", "isAllDay": all_day, "originalStartTimeZone": own, "start": time, "end": time});
            let event = event(&value, Zone::named(tenants).unwrap()).unwrap();
            assert_eq!(event.end, event.start, "the end follows the start's zone where it has none of its own");
            event.start.unwrap().to_rfc3339()
        };
        for (all_day, own, shown, tenants, wanted) in [
            (true, "W. Europe Standard Time", "2026-11-22T00:00:00", "UTC", "2026-11-21T23:00:00+00:00"),
            (true, "Asia/Tokyo", "2026-11-22T00:00:00", "Europe/Berlin", "2026-11-21T15:00:00+00:00"),
            (true, "", "2026-11-22T00:00:00", "Europe/Berlin", "2026-11-21T23:00:00+00:00"),
            (
                true,
                "tzone://Microsoft/Custom",
                "2026-11-22T00:00:00",
                "Pacific Standard Time",
                "2026-11-22T08:00:00+00:00",
            ),
            (true, "UTC", "2026-11-22T00:00:00", "Europe/Berlin", "2026-11-22T00:00:00+00:00"),
            // The other answer of Exchange: the midnight itself, written out in UTC.
            (true, "W. Europe Standard Time", "2026-11-21T23:00:00", "UTC", "2026-11-21T23:00:00+00:00"),
            (false, "W. Europe Standard Time", "2026-11-22T00:00:00", "Europe/Berlin", "2026-11-22T00:00:00+00:00"),
        ] {
            assert_eq!(times(all_day, own, shown, tenants), wanted, "{all_day} {own:?} {shown} {tenants}");
        }
    }
}
