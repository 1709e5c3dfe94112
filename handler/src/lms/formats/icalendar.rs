//! An iCalendar feed (RFC 5545), as its events: `{"name": …, "zone": …, "events": [{"uid": …, "title": …,
//! "parts": [{"id": …, "start": …, "end": …}]}]}`.
//!
//! - All that bears one `UID` is one event. A series is one event with a part for each of its dates
//!   ([`super::recurrence`]): what is called off by `EXDATE` is no part, what is moved by `RECURRENCE-ID` is
//!   the part of the date that it was moved from.
//! - Each part says its times in one of three ways: `start` and `end` with an offset; `start_wall` and
//!   `end_wall`, as a clock in `zone` shows them, or in nobody knows which zone; `start_day` and `end_day`,
//!   the last one included.
//! - A zone is named as IANA or Windows names it; a name that only the feed knows is looked up in its own
//!   `VTIMEZONE` (`X-LIC-LOCATION`).
//! - A feed that is cut short, or goes on after its end, is in doubt. An event that can't be read is one
//!   whose part says so, for whoever maps it.

use super::Document;
use super::recurrence::{Dates, Repeats, Series, Time};
use crate::calendar::zone::Zone;
use crate::sessions::pass::Doubt;
use chrono::{DateTime, Utc};
use icalendar::parser::{Component, Property, read_components, unfold};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `until`: series are followed so far. `Err`: it is no feed.
pub fn read(text: &str, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Document, String> {
    let text = unfold(text);
    let blocks = Blocks::of(&text)?;
    let zones = blocks.zones();
    let mut doubts = blocks.doubts.clone();
    let mut by_uid: BTreeMap<String, Vec<Event>> = BTreeMap::new();
    for (number, block) in blocks.events.iter().enumerate() {
        match Event::of(block, &zones) {
            Ok(event) => by_uid.entry(event.uid.clone()).or_default().push(event),
            Err(why) => doubts.push(Doubt::Unnamed { at: format!("event {} ({why})", number + 1) }),
        }
    }
    let events: Vec<Value> = by_uid.into_values().map(|events| json_of(events, from, until)).collect();
    let mut json = Map::from_iter([("events".to_owned(), Value::Array(events))]);
    for (key, name) in [("name", "X-WR-CALNAME"), ("zone", "X-WR-TIMEZONE")] {
        if let Some(said) = blocks.said(name) {
            json.insert(key.to_owned(), Value::String(said));
        }
    }
    Ok(Document { json: Value::Object(json), doubts })
}

/// The feed's components as text: one that can't be read costs no other.
struct Blocks<'t> {
    events: Vec<String>,
    zones: Vec<String>,
    /// The calendar's own lines.
    lines: Vec<&'t str>,
    doubts: Vec<Doubt>,
}

impl<'t> Blocks<'t> {
    fn of(text: &'t str) -> Result<Self, String> {
        let mut blocks =
            Self { events: Vec::new(), zones: Vec::new(), lines: Vec::new(), doubts: Vec::new() };
        let mut open: Vec<String> = Vec::new();
        let mut block = String::new();
        let mut has_begun = false;
        let text = text.trim_start_matches('\u{feff}');
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let line = line.trim_end();
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            let (key, name) = (key.to_ascii_uppercase(), value.trim().to_ascii_uppercase());
            if open.is_empty() {
                // Several calendars one after the other are one feed.
                if key != "BEGIN" || name != "VCALENDAR" {
                    if !has_begun {
                        return Err("it does not begin with BEGIN:VCALENDAR".to_owned());
                    }
                    blocks.doubts.push(Doubt::AfterTheEnd { at: "the feed".to_owned() });
                    break;
                }
                has_begun = true;
                open.push(name);
                continue;
            }
            if key == "BEGIN" {
                open.push(name.clone());
            }
            if open.len() == 1 && key != "END" {
                blocks.lines.push(line);
                continue;
            }
            // Writing to a text can't fail.
            let _ = writeln!(block, "{line}\r");
            if key != "END" {
                continue;
            }
            if open.pop().is_none_or(|opened| opened != name) {
                blocks.doubts.push(Doubt::Cut { at: format!("a component before END:{name}") });
                open.truncate(1);
                block.clear();
                continue;
            }
            match (open.len(), name.as_str()) {
                (0, _) => block.clear(),
                (1, "VEVENT") => blocks.events.push(std::mem::take(&mut block)),
                (1, "VTIMEZONE") => blocks.zones.push(std::mem::take(&mut block)),
                (1, _) => block.clear(),
                _ => {}
            }
        }
        if !open.is_empty() {
            blocks.doubts.push(Doubt::Cut { at: "the feed".to_owned() });
        }
        if !has_begun {
            return Err("it does not begin with BEGIN:VCALENDAR".to_owned());
        }
        Ok(blocks)
    }

    fn said(&self, name: &str) -> Option<String> {
        let line = self.lines.iter().find(|line| {
            line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
                && line.get(name.len()..).is_some_and(|rest| rest.starts_with([':', ';']))
        })?;
        let (_, value) = line.split_once(':')?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// What the feed's own names of zones mean, where it says so.
    fn zones(&self) -> BTreeMap<String, String> {
        let components = self.zones.iter().filter_map(|block| read_components(block).ok()?.pop_owned());
        components
            .filter_map(|zone| Some((zone.get("TZID")?.clone(), zone.get("X-LIC-LOCATION")?.clone())))
            .collect()
    }
}

/// A component's values by their names, once each.
trait PopOwned {
    fn pop_owned(self) -> Option<BTreeMap<String, String>>;
}

impl PopOwned for Vec<Component<'_>> {
    fn pop_owned(mut self) -> Option<BTreeMap<String, String>> {
        let values = self.pop()?.properties;
        Some(
            values
                .into_iter()
                .map(|one| (one.name.as_str().to_ascii_uppercase(), one.val.as_str().to_owned()))
                .collect(),
        )
    }
}

/// One `VEVENT`.
struct Event {
    uid: String,
    /// The date of the series that this one is about.
    replaces: Option<Time>,
    start: Option<Time>,
    end: Option<Time>,
    /// As it was written, where it can't be read.
    unread: Option<String>,
    repeats: Repeats,
    status: String,
    sequence: i64,
    texts: Map<String, Value>,
    people: Vec<Value>,
    organizer: Option<Value>,
}

/// Names of a feed's values, and ours.
const TEXTS: &[(&str, &str)] = &[
    ("SUMMARY", "title"),
    ("DESCRIPTION", "description"),
    ("LOCATION", "location"),
    ("URL", "url"),
    ("CATEGORIES", "categories"),
    ("COMMENT", "comment"),
    ("CLASS", "class"),
];

impl Event {
    fn of(block: &str, zones: &BTreeMap<String, String>) -> Result<Self, String> {
        let mut components = read_components(block).map_err(|_| "it can't be read".to_owned())?;
        let component = components.pop().ok_or("it is empty")?;
        let value = |name: &str| {
            let found = component.properties.iter().find(|one| one.name.as_str().eq_ignore_ascii_case(name));
            found.map(|one| one.val.as_str().trim().to_owned()).filter(|text| !text.is_empty())
        };
        let uid = value("UID").ok_or("it has no UID")?;
        let mut event = Self {
            uid,
            replaces: None,
            start: None,
            end: None,
            unread: None,
            repeats: Repeats::default(),
            status: value("STATUS").unwrap_or_default().to_ascii_lowercase(),
            sequence: value("SEQUENCE").and_then(|text| text.parse().ok()).unwrap_or(0),
            texts: Map::new(),
            people: Vec::new(),
            organizer: None,
        };
        let mut length = None;
        for one in &component.properties {
            let name = one.name.as_str().to_ascii_uppercase();
            let text = one.val.as_str();
            if let Err(why) = event.take(&name, one, zones, &mut length) {
                event.unread.get_or_insert(format!("{name}:{text} ({why})"));
            }
            let key = TEXTS.iter().find(|(known, _)| *known == name).map(|(_, key)| (*key).to_owned());
            let key =
                key.or_else(|| name.starts_with("X-").then(|| name.to_ascii_lowercase().replace('-', "_")));
            if let Some(key) = key {
                event.texts.insert(key, Value::String(text.to_owned()));
            }
        }
        if let (None, Some(start), Some(length)) = (event.end, event.start, length) {
            event.end = Some(start.later(length));
        }
        if event.start.is_none() && event.unread.is_none() && event.status != "cancelled" {
            event.unread = Some("no DTSTART".to_owned());
        }
        Ok(event)
    }

    fn take(
        &mut self,
        name: &str,
        one: &Property<'_>,
        zones: &BTreeMap<String, String>,
        length: &mut Option<chrono::TimeDelta>,
    ) -> Result<(), String> {
        match name {
            "DTSTART" => self.start = Some(time(one, zones)?),
            "DTEND" => self.end = Some(time(one, zones)?),
            "DURATION" => *length = Some(super::recurrence::length(one.val.as_str())?),
            "RECURRENCE-ID" => {
                if parameter(one, "RANGE").is_some() {
                    return Err("a change of all that follows is not read".to_owned());
                }
                self.replaces = Some(time(one, zones)?);
            }
            "RRULE" => self.repeats.rules.push(one.val.as_str().to_owned()),
            "RDATE" => self.repeats.more.extend(times(one, zones)?),
            "EXDATE" => self.repeats.less.extend(times(one, zones)?),
            "EXRULE" => return Err("EXRULE is not read".to_owned()),
            "ATTENDEE" => self.people.push(person(one)),
            "ORGANIZER" => self.organizer = Some(person(one)),
            _ => {}
        }
        Ok(())
    }
}

fn parameter(one: &Property<'_>, name: &str) -> Option<String> {
    let found = one.params.iter().find(|param| param.key.as_str().eq_ignore_ascii_case(name))?;
    found.val.as_ref().map(|value| value.as_str().trim_matches('"').to_owned())
}

fn person(one: &Property<'_>) -> Value {
    let text = one.val.as_str();
    let is_mail = text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
    let mut json = Map::new();
    if let Some(address) = text.get(7..).filter(|_| is_mail) {
        json.insert("address".to_owned(), Value::String(address.to_owned()));
    }
    for (key, name) in [("name", "CN"), ("role", "ROLE"), ("status", "PARTSTAT"), ("kind", "CUTYPE")] {
        if let Some(value) = parameter(one, name) {
            let value = if key == "name" { value } else { value.to_ascii_lowercase() };
            json.insert(key.to_owned(), Value::String(value));
        }
    }
    Value::Object(json)
}

fn time(one: &Property<'_>, zones: &BTreeMap<String, String>) -> Result<Time, String> {
    times(one, zones)?.pop().ok_or_else(|| "no time".to_owned())
}

fn times(one: &Property<'_>, zones: &BTreeMap<String, String>) -> Result<Vec<Time>, String> {
    if parameter(one, "VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("PERIOD")) {
        return Err("a period is not read".to_owned());
    }
    let zone = match parameter(one, "TZID") {
        None => None,
        Some(name) => Some(
            Zone::named(name.trim_start_matches('/'))
                .or_else(|| Zone::named(zones.get(&name)?))
                .ok_or_else(|| format!("no time zone is called \"{name}\""))?,
        ),
    };
    one.val.as_str().split(',').map(|text| Time::of(text.trim(), zone)).collect()
}

/// All that bears one UID: the event, and what was changed of single dates.
fn json_of(mut events: Vec<Event>, from: DateTime<Utc>, until: DateTime<Utc>) -> Value {
    // Of two versions the newer one counts.
    events.sort_by_key(|event| event.sequence);
    let (changes, whole): (Vec<Event>, Vec<Event>) =
        events.into_iter().partition(|one| one.replaces.is_some());
    let master = whole.last();
    let head = master.or(changes.last());
    let mut json = head.map(|one| one.texts.clone()).unwrap_or_default();
    let mut set = |key: &str, value: Value| {
        json.insert(key.to_owned(), value);
    };
    set("uid", head.map_or(Value::Null, |one| one.uid.clone().into()));
    // A feed of changed dates alone says nothing of the rest.
    let status =
        master.map_or("confirmed", |one| if one.status.is_empty() { "confirmed" } else { &one.status });
    set("status", status.into());
    if let Some(organizer) = head.and_then(|one| one.organizer.clone()) {
        set("organizer", organizer);
    }
    set("attendees", head.map(|one| one.people.clone()).unwrap_or_default().into());
    let mut parts: BTreeMap<String, Value> = BTreeMap::new();
    if let Some(master) = master {
        let is_series = master.repeats.is_any();
        let dates = match (&master.unread, master.start) {
            (Some(why), _) => Err(why.clone()),
            (None, Some(start)) => {
                Series { start, end: master.end, repeats: &master.repeats }.dates(from, until)
            }
            (None, None) => Ok(Vec::new()),
        };
        match dates {
            Ok(dates) => {
                for Dates { start, end } in dates {
                    let id = if is_series { start.name() } else { "1".to_owned() };
                    parts.insert(id.clone(), part(&id, start, end, None));
                }
            }
            Err(why) => {
                parts.insert("1".to_owned(), json!({ "id": "1", "start": why, "end": why }));
            }
        }
    }
    for change in &changes {
        let Some(replaced) = change.replaces else { continue };
        let id = replaced.name();
        let changed = match (&change.unread, change.start) {
            (Some(why), _) => json!({ "id": id, "start": why, "end": why }),
            (None, Some(start)) => part(&id, start, change.end.unwrap_or(start), Some(change)),
            (None, None) => part(&id, replaced, replaced, Some(change)),
        };
        parts.insert(id, changed);
    }
    set("parts", parts.into_values().collect());
    Value::Object(json)
}

fn part(id: &str, start: Time, end: Time, changed: Option<&Event>) -> Value {
    let mut json = changed.map(|one| one.texts.clone()).unwrap_or_default();
    json.insert("id".to_owned(), id.into());
    start.say("start", &mut json);
    end.end_of(start).say("end", &mut json);
    if changed.is_some_and(|one| one.status == "cancelled") {
        json.insert("cancelled".to_owned(), true.into());
    }
    Value::Object(json)
}

#[cfg(test)]
#[path = "icalendar_tests.rs"]
mod tests;
