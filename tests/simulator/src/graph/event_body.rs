//! The body of a request that makes an event or changes one: every property is known, may be written, and is
//! simulated, or the request is refused.

use super::call::{Answer, Call};
use super::event_times::{Moment, Times, refused};
use super::query::bad;
use crate::world::details::{Importance, Place, Sensitivity};
use crate::world::draft::{EventEdit, Wanted, WantedKind};
use crate::world::item::{self, Item, Party, ShowAs};
use crate::world::{Model, text};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Attendees of one event (handler/reference/graph-publishing.md#sending-limits).
const MOST_ATTENDEES: usize = 500;

/// Properties of an event that are the server's.
const READ_ONLY: [&str; 25] = [
    "id",
    "bodyPreview",
    "cancelledOccurrences",
    "changeKey",
    "createdDateTime",
    "exceptionOccurrences",
    "hasAttachments",
    "iCalUId",
    "instances",
    "isCancelled",
    "isDraft",
    "isOrganizer",
    "lastModifiedDateTime",
    "onlineMeeting",
    "onlineMeetingUrl",
    "organizer",
    "originalEndTimeZone",
    "originalStart",
    "originalStartTimeZone",
    "responseStatus",
    "seriesMasterId",
    "type",
    "uid",
    "webLink",
    "calendar",
];

/// Properties that can be written in real life, and not here.
const BEYOND: [&str; 4] = ["recurrence", "attachments", "extensions", "multiValueExtendedProperties"];

/// What is written.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Written {
    subject: Option<String>,
    body: Option<Text>,
    start: Option<Moment>,
    end: Option<Moment>,
    is_all_day: Option<bool>,
    attendees: Option<Vec<Attendee>>,
    location: Option<Location>,
    locations: Option<Vec<Location>>,
    response_requested: Option<bool>,
    allow_new_time_proposals: Option<bool>,
    hide_attendees: Option<bool>,
    importance: Option<Importance>,
    sensitivity: Option<Sensitivity>,
    show_as: Option<ShowAs>,
    is_reminder_on: Option<bool>,
    reminder_minutes_before_start: Option<u32>,
    categories: Option<Vec<String>>,
    pub(super) transaction_id: Option<String>,
    is_online_meeting: Option<bool>,
    online_meeting_provider: Option<Provider>,
    single_value_extended_properties: Option<Vec<Property>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Text {
    content_type: ContentType,
    content: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ContentType {
    #[serde(alias = "Text")]
    Text,
    #[serde(alias = "HTML")]
    Html,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Provider {
    Unknown,
    SkypeForBusiness,
    SkypeForConsumer,
    TeamsForBusiness,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Attendee {
    email_address: Address,
    #[serde(rename = "type")]
    kind: Option<Kind>,
    status: Option<Response>,
    #[serde(rename = "proposedNewTime")]
    _proposed: Option<Value>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Required,
    Optional,
    Resource,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Response {
    response: item::Answer,
    #[serde(rename = "time")]
    _time: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Address {
    address: String,
    name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Location {
    display_name: Option<String>,
    location_email_address: Option<String>,
    location_uri: Option<String>,
    #[serde(rename = "locationType")]
    _kind: Option<String>,
    #[serde(rename = "uniqueId")]
    _id: Option<String>,
    #[serde(rename = "uniqueIdType")]
    _id_kind: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Property {
    id: String,
    value: String,
}

impl Written {
    pub(super) fn read(call: &Call) -> Result<Self, Answer> {
        let body = call.body.clone().and_then(|body| body.as_object().cloned());
        let body = plain(body.ok_or_else(|| bad("Empty Payload. JSON content expected."))?);
        if let Some(name) = body.keys().find(|name| READ_ONLY.contains(&name.as_str())) {
            let message = format!("Set action is invalid for property '{name}'.");
            return Err(Answer::error(400, "ErrorInvalidPropertySet", message));
        }
        if let Some(name) = body.keys().find(|name| BEYOND.contains(&name.as_str())) {
            return Err(bad(format!("The property '{name}' is not written in this simulation.")));
        }
        let written: Self = serde_json::from_value(Value::Object(body)).map_err(|why| {
            let message =
                format!("The event can't be read: {why}. Use property names that the type defines.");
            Answer::error(400, "RequestBodyRead", message)
        })?;
        written.check()?;
        Ok(written)
    }

    fn check(&self) -> Result<(), Answer> {
        let attendees = self.attendees.as_deref().unwrap_or_default();
        if attendees.len() > MOST_ATTENDEES {
            return Err(refused(&format!("An event has {MOST_ATTENDEES} attendees at most.")));
        }
        if let Some(odd) = attendees.iter().find(|one| !is_address(&one.email_address.address)) {
            let message = format!("The address '{}' is not valid.", odd.email_address.address);
            return Err(Answer::error(400, "ErrorInvalidRecipients", message));
        }
        let properties = self.single_value_extended_properties.as_deref().unwrap_or_default();
        if let Some(odd) = properties.iter().find(|one| !is_property_id(&one.id)) {
            let message = format!("PropertyId '{}' is not valid.", odd.id);
            return Err(Answer::error(400, "ErrorInvalidProperty", message));
        }
        Ok(())
    }

    /// As a change of what `item` says, or as a new event.
    pub(super) fn edit(&self, item: Option<&Item>, model: &Model) -> Result<EventEdit, Answer> {
        let times = Times { start: self.start.clone(), end: self.end.clone(), is_all_day: self.is_all_day };
        let when = match item {
            Some(item) => times.of_changed(item)?,
            None => Some(times.of_new()?),
        };
        let body = self.body.as_ref().map(|body| {
            text::kept(body.content_type == ContentType::Html, body.content.as_deref().unwrap_or_default())
        });
        let is_teams = |provider: Provider| provider == Provider::TeamsForBusiness;
        let online = self.is_online_meeting.map(|on| on && self.online_meeting_provider.is_none_or(is_teams));
        let attendees =
            self.attendees.as_ref().map(|list| list.iter().map(|one| one.wanted(model)).collect());
        let properties = self.single_value_extended_properties.iter().flatten();
        Ok(EventEdit {
            subject: self.subject.clone(),
            body,
            when,
            places: self.places(),
            attendees,
            response_requested: self.response_requested,
            allow_proposals: self.allow_new_time_proposals,
            hide_attendees: self.hide_attendees,
            importance: self.importance,
            sensitivity: self.sensitivity,
            online: online.or(self.online_meeting_provider.map(|_| false)),
            show_as: self.show_as,
            is_reminder_on: self.is_reminder_on,
            reminder_minutes: self.reminder_minutes_before_start,
            categories: self.categories.clone(),
            extended: properties.map(|one| (one.id.clone(), one.value.clone())).collect::<BTreeMap<_, _>>(),
        })
    }

    /// `location` alone stands in the place of all `locations`; one without a name is none.
    fn places(&self) -> Option<Vec<Place>> {
        let place = |location: &Location| Place {
            name: location.display_name.clone().unwrap_or_default(),
            address: location.location_email_address.clone().filter(|address| !address.is_empty()),
            uri: location.location_uri.clone().filter(|uri| !uri.is_empty()),
        };
        let places: Vec<Place> = match (&self.locations, &self.location) {
            (Some(all), _) => all.iter().map(place).collect(),
            (None, Some(one)) => vec![place(one)],
            (None, None) => return None,
        };
        let is_somewhere = |place: &Place| !place.name.is_empty() || place.address.is_some();
        Some(places.into_iter().filter(is_somewhere).collect())
    }

    /// Nothing but a time, as an occurrence may be changed here.
    pub(super) fn is_time_alone(&self) -> bool {
        matches!(
            self,
            Self {
                subject: None,
                body: None,
                is_all_day: None | Some(false),
                attendees: None,
                location: None,
                locations: None,
                response_requested: None,
                allow_new_time_proposals: None,
                hide_attendees: None,
                importance: None,
                sensitivity: None,
                show_as: None,
                is_reminder_on: None,
                reminder_minutes_before_start: None,
                categories: None,
                transaction_id: None,
                is_online_meeting: None,
                online_meeting_provider: None,
                single_value_extended_properties: None,
                start: _,
                end: _,
            }
        )
    }
}

impl Attendee {
    fn wanted(&self, model: &Model) -> Wanted {
        let written = self.email_address.address.as_str();
        let primary = model.whose(written).map(|(_, user)| user.address());
        let known = model.party(primary.filter(|_| model.writes.aliases_are_resolved).unwrap_or(written));
        let name = self.email_address.name.clone().filter(|name| !name.is_empty());
        Wanted {
            party: Party { name: name.unwrap_or(known.name), address: known.address },
            kind: match self.kind {
                None | Some(Kind::Required) => WantedKind::Required,
                Some(Kind::Optional) => WantedKind::Optional,
                Some(Kind::Resource) => WantedKind::Resource,
            },
            status: self.status.as_ref().map(|status| status.response),
        }
    }
}

/// Without annotations, which may stand anywhere.
fn plain(map: Map<String, Value>) -> Map<String, Value> {
    let kept = map.into_iter().filter(|(name, _)| !name.contains("@odata."));
    kept.map(|(name, value)| (name, plain_value(value))).collect()
}

fn plain_value(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(plain(map)),
        Value::Array(all) => all.into_iter().map(plain_value).collect(),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => value,
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@').filter(|(name, domain)| !name.is_empty() && !domain.is_empty());
    parts.is_some() && !text.contains(char::is_whitespace)
}

/// `String {guid} Name N` or `Integer {guid} Id 0x8012`, the blanks as they are.
fn is_property_id(id: &str) -> bool {
    let parts: Vec<&str> = id.splitn(4, ' ').collect();
    let [kind, guid, word, name] = parts.as_slice() else { return false };
    let guid = guid.strip_prefix('{').and_then(|guid| guid.strip_suffix('}'));
    let is_guid = guid.is_some_and(|guid| uuid::Uuid::parse_str(guid).is_ok());
    let is_named = match *word {
        "Name" => !name.is_empty(),
        "Id" => name.strip_prefix("0x").is_some_and(|hex| u32::from_str_radix(hex, 16).is_ok()),
        _ => false,
    };
    let kinds = ["String", "Integer", "Boolean", "SystemTime", "Double", "Long", "Short", "CLSID", "Binary"];
    kinds.contains(kind) && is_guid && is_named
}

#[cfg(test)]
#[path = "event_body_tests.rs"]
mod tests;
