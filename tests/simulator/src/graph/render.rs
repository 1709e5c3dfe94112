//! A copy as Graph shows it.

use super::call::Prefer;
use super::{query, zone};
use crate::world::details::{Details, Place};
use crate::world::directory::Mailbox;
use crate::world::item::{Invitee, Item, Occurrence, Party, Series, Slot, Status, stamp};
use crate::world::matrix::Matrix;
use crate::world::{ids, text};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// What v1.0 knows of an event, as far as anything of it is shown here.
pub(crate) const EVENT_PROPERTIES: [&str; 42] = [
    "id",
    "iCalUId",
    "subject",
    "body",
    "bodyPreview",
    "start",
    "end",
    "organizer",
    "attendees",
    "isOrganizer",
    "isCancelled",
    "isAllDay",
    "isDraft",
    "responseStatus",
    "responseRequested",
    "showAs",
    "type",
    "seriesMasterId",
    "originalStart",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "recurrence",
    "cancelledOccurrences",
    "categories",
    "changeKey",
    "createdDateTime",
    "lastModifiedDateTime",
    "importance",
    "sensitivity",
    "hideAttendees",
    "allowNewTimeProposals",
    "transactionId",
    "location",
    "locations",
    "hasAttachments",
    "isReminderOn",
    "reminderMinutesBeforeStart",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "onlineMeeting",
    "onlineMeetingUrl",
    "webLink",
];

/// One thing to show: an item, or one occurrence of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub(crate) item: &'a Item,
    pub(crate) occurrence: Option<&'a Occurrence>,
}

impl<'a> Shown<'a> {
    pub(crate) fn whole(item: &'a Item) -> Self {
        Self { item, occurrence: None }
    }

    /// The occurrences that the copy still shows.
    pub(crate) fn occurrences(item: &'a Item) -> impl Iterator<Item = Self> {
        let shown = item.series.occurrences().iter().filter(|one| !one.is_lost);
        shown.map(move |one| Self { item, occurrence: Some(one) })
    }

    pub(crate) fn slot(&self) -> Slot {
        let slot = self.item.slot;
        self.occurrence.map_or(slot, |one| match &one.exception {
            Some(exception) => exception.slot,
            None => Slot { start: one.start, end: one.start + slot.length() },
        })
    }

    pub(crate) fn id(&self, prefer: &Prefer) -> String {
        let id = if prefer.immutable_ids { &self.item.immutable } else { &self.item.mutable };
        self.occurrence.map_or_else(|| id.clone(), |one| ids::occurrence(id, one.start))
    }

    fn ical_uid(&self, matrix: &Matrix) -> Option<String> {
        let uid = &self.item.ical_uid;
        (!matrix.ical_uids_are_null).then(|| {
            match self.occurrence.filter(|_| matrix.occurrence_uids_differ) {
                Some(one) => format!("{uid}-{}", one.start.format("%Y%m%dT%H%M%SZ")),
                None => uid.clone(),
            }
        })
    }
}

/// Everything that a view of the calendar shows between two times, occurrences expanded.
pub(crate) fn in_window<'a>(mailbox: &'a Mailbox, calendar: &str, window: Slot) -> Vec<Shown<'a>> {
    let mut shown: Vec<Shown<'a>> = Vec::new();
    for item in mailbox.items.iter().filter(|item| item.live && item.calendar == calendar) {
        match &item.series {
            Series::Single => shown.push(Shown::whole(item)),
            Series::Master { .. } => shown.extend(Shown::occurrences(item)),
        }
    }
    shown.retain(|one| one.slot().start < window.end && one.slot().end > window.start);
    shown.sort_by_key(|one| one.slot().start);
    shown
}

fn status(status: Status, matrix: &Matrix) -> Value {
    let time = status.at.map_or_else(|| matrix.unset_time.as_str().to_owned(), stamp);
    json!({ "response": status.answer.as_str(), "time": time })
}

fn attendee(invitee: &Invitee, zone_name: &str, matrix: &Matrix) -> Value {
    let mut value = party(&invitee.party);
    if let Some(map) = value.as_object_mut() {
        let kind = match (invitee.is_resource, invitee.is_optional) {
            (true, _) => "resource",
            (false, true) => "optional",
            (false, false) => "required",
        };
        map.insert("type".to_owned(), json!(kind));
        map.insert("status".to_owned(), status(invitee.status, matrix));
        if let Some(slot) = invitee.proposed {
            let proposed =
                json!({ "start": moment(slot.start, zone_name), "end": moment(slot.end, zone_name) });
            map.insert("proposedNewTime".to_owned(), proposed);
        }
    }
    value
}

fn party(party: &Party) -> Value {
    json!({ "emailAddress": { "name": party.name, "address": party.address } })
}

fn moment(time: DateTime<Utc>, zone_name: &str) -> Value {
    let local = zone::local(zone_name, time).unwrap_or_else(|| time.naive_utc());
    json!({ "dateTime": local.format("%Y-%m-%dT%H:%M:%S.0000000").to_string(), "timeZone": zone_name })
}

/// A date by its midnight: as if it were one in UTC, or by the matrix as the instant that it is.
fn date(time: DateTime<Utc>, own: &str, zone_name: &str, matrix: &Matrix) -> Value {
    match zone::local(own, time).filter(|_| !matrix.all_day_at_local_midnight) {
        Some(local) => moment(local.and_utc(), "UTC"),
        None => moment(time, zone_name),
    }
}

/// The event's JSON. `extended` names the extended properties to be expanded.
pub(crate) fn event(
    shown: Shown<'_>,
    prefer: &Prefer,
    matrix: &Matrix,
    select: Option<&[String]>,
    extended: &[String],
) -> Value {
    let item = shown.item;
    let zone_name = prefer.zone.as_deref().unwrap_or("UTC");
    let slot = shown.slot();
    let exception = shown.occurrence.and_then(|one| one.exception.as_ref());
    let invitees = exception.and_then(|own| own.invitees.as_ref()).unwrap_or(&item.invitees);
    let attendees: Vec<Value> = invitees.iter().map(|invitee| attendee(invitee, zone_name, matrix)).collect();
    let (kind, master) = match (&item.series, shown.occurrence) {
        (_, Some(_)) if exception.is_some() => ("exception", true),
        (_, Some(_)) => ("occurrence", true),
        (Series::Master { .. }, None) => ("seriesMaster", false),
        (Series::Single, None) => ("singleInstance", false),
    };
    let whole_id = Shown::whole(item).id(prefer);
    let content = if prefer.text_body || item.body.is_empty() {
        json!({ "contentType": "text", "content": text::plain(&item.body) })
    } else {
        json!({ "contentType": "html", "content": text::html(&item.body) })
    };
    let details = &item.details;
    let (start_zone, end_zone) = super::event_times::zones(item);
    let shown_at = |time: DateTime<Utc>| match &item.all_day {
        Some(own) => date(time, own, zone_name, matrix),
        None => moment(time, zone_name),
    };
    let values = json!({
        "@odata.etag": item.etag(),
        "id": shown.id(prefer),
        "createdDateTime": stamp(item.created),
        "lastModifiedDateTime": stamp(item.modified),
        "changeKey": item.change_key(),
        "categories": details.categories,
        "transactionId": details.transaction,
        "originalStartTimeZone": start_zone,
        "originalEndTimeZone": end_zone,
        "iCalUId": shown.ical_uid(matrix),
        "subject": item.subject,
        "body": content,
        "bodyPreview": text::plain(&item.body).chars().take(255).collect::<String>(),
        "importance": details.importance.as_str(),
        "sensitivity": details.sensitivity.as_str(),
        "hasAttachments": false,
        "isReminderOn": details.is_reminder_on,
        "reminderMinutesBeforeStart": details.reminder_minutes,
        "webLink": format!("https://outlook.office365.com/owa/?itemid={whole_id}&exvsurl=1&path=/calendar/item"),
        "isAllDay": item.all_day.is_some(),
        "isDraft": false,
        "isCancelled": item.is_cancelled || exception.is_some_and(|own| own.is_cancelled),
        "isOrganizer": item.is_organizer,
        "responseRequested": item.response_requested,
        "responseStatus": status(exception.map_or(item.status, |own| own.status), matrix),
        "seriesMasterId": if master { Some(whole_id) } else { None },
        "showAs": exception.map_or(item.show_as, |own| own.show_as).as_str(),
        "type": kind,
        "hideAttendees": details.hide_attendees,
        "allowNewTimeProposals": details.allow_proposals,
        "start": shown_at(slot.start),
        "end": shown_at(slot.end),
        "recurrence": null,
        "attendees": attendees,
        "organizer": party(&item.organizer),
    });
    let mut all: Map<String, Value> = values.as_object().cloned().unwrap_or_default();
    all.extend(somewhere(details));
    if let Some(one) = shown.occurrence {
        all.insert("originalStart".to_owned(), json!(stamp(one.start)));
    }
    let asked_for_lost = select.is_some_and(|names| names.iter().any(|name| name == "cancelledOccurrences"));
    if let (Series::Master { occurrences }, true, None) = (&item.series, asked_for_lost, shown.occurrence) {
        let id = Shown::whole(item).id(prefer);
        let lost = occurrences.iter().filter(|one| one.is_lost);
        let lost: Vec<String> =
            lost.map(|one| format!("OID.{id}.{}", one.start.format("%Y-%m-%d"))).collect();
        all.insert("cancelledOccurrences".to_owned(), json!(lost));
    }
    let found: Vec<Value> = item
        .extended
        .iter()
        .filter(|(id, _)| extended.contains(id))
        .map(|(id, value)| json!({ "id": id, "value": value }))
        .collect();
    if !found.is_empty() {
        all.insert("singleValueExtendedProperties".to_owned(), Value::Array(found));
    }
    query::keep(all, select, &["id", "@odata.etag", "singleValueExtendedProperties"])
}

/// Where it takes place, in a room or online.
fn somewhere(details: &Details) -> Map<String, Value> {
    let place = |place: &Place| {
        let mut shown = match &place.address {
            Some(address) => json!({
                "displayName": place.name,
                "locationEmailAddress": address,
                "locationType": "conferenceRoom",
                "uniqueId": address,
                "uniqueIdType": "directory",
            }),
            None => json!({
                "displayName": place.name,
                "locationType": "default",
                "uniqueId": place.name,
                "uniqueIdType": "private",
            }),
        };
        if let (Some(uri), Some(map)) = (&place.uri, shown.as_object_mut()) {
            map.insert("locationUri".to_owned(), json!(uri));
        }
        shown
    };
    let places: Vec<Value> = details.places.iter().map(place).collect();
    let first = places.first().cloned();
    let nowhere = json!({ "displayName": "", "locationType": "default", "uniqueIdType": "unknown" });
    let online = details.online.as_ref();
    let values = [
        ("location", first.unwrap_or(nowhere)),
        ("locations", Value::Array(places)),
        ("isOnlineMeeting", json!(online.is_some())),
        ("onlineMeetingProvider", json!(online.map_or("unknown", |_| "teamsForBusiness"))),
        ("onlineMeeting", online.map_or(Value::Null, |online| json!({ "joinUrl": online.join_url }))),
        ("onlineMeetingUrl", Value::Null),
    ];
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
