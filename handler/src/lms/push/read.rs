//! What a message means.

use super::message::{CancelledData, EnrolmentData, LearnerData, PartData, SessionData, SnapshotData};
use crate::calendar::zone::Zone;
use crate::ids::{Address, LearnerKey, SessionId};
use crate::sessions::moment::{Moment, Span, TimeProblem};
use crate::sessions::pass::Quarantined;
use crate::sessions::place_record::{Person, PlaceRecord, RecordId, RecordState};
use crate::sessions::session::{Instructor, Part, PartId, Session, SessionState, Venue};
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use url::Url;

/// What the learner is called when a place is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LearnerField {
    Id,
    Email,
    Username,
    IdNumber,
}

/// What the tenant's configuration says of what is pushed.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub learner: LearnerField,
    /// Of sessions that name no zone.
    pub zone: Zone,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Session(Session),
    SessionCancelled {
        session: SessionId,
        reason: Option<String>,
    },
    Place(PlaceRecord),
    Snapshot(Snapshot),
    /// A kind of message that this build does not know.
    Unknown {
        kind: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub id: String,
    pub number: u32,
    pub of: u32,
    pub sessions: Vec<Session>,
    pub places: Vec<PlaceRecord>,
    pub quarantined: Vec<Quarantined>,
}

/// What is wrong with a body: where, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{at}: {problem}")]
pub struct Wrong {
    /// A path in the body.
    pub at: String,
    pub problem: String,
}

impl Wrong {
    fn new(at: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { at: at.into(), problem: problem.into() }
    }
}

pub fn read(body: &[u8], reading: Reading) -> Result<Told, Wrong> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Wrong::new("the body", format!("is not JSON: {error}")))?;
    let kind = match value.get("type").and_then(Value::as_str) {
        Some(kind) => kind.to_owned(),
        None => return Err(Wrong::new("type", "is missing; it is a text such as \"session.upserted\"")),
    };
    let data = value.get("data").cloned().unwrap_or_default();
    match kind.as_str() {
        "session.upserted" => {
            parsed::<SessionData>(data, DATA).and_then(|data| session(data, reading, DATA)).map(Told::Session)
        }
        "session.cancelled" => {
            let data: CancelledData = parsed(data, DATA)?;
            Ok(Told::SessionCancelled {
                session: session_id(&data.session, DATA)?,
                reason: data.reason.filter(|reason| !reason.trim().is_empty()),
            })
        }
        "enrolment.upserted" => {
            parsed::<EnrolmentData>(data, DATA).and_then(|data| place(data, reading, DATA)).map(Told::Place)
        }
        "enrolment.removed" => {
            let record = place(parsed(data, DATA)?, reading, DATA)?;
            // "Removed" and a state that gives a seat contradict each other: nothing is taken then.
            let state = if record.state.holds() {
                RecordState::Unknown(format!("removed, and {:?}", record.state))
            } else {
                RecordState::Tombstone
            };
            Ok(Told::Place(PlaceRecord { state, ..record }))
        }
        "snapshot" => snapshot(parsed(data, DATA)?, reading).map(Told::Snapshot),
        _ => Ok(Told::Unknown { kind }),
    }
}

const DATA: &str = "data";

fn parsed<T: DeserializeOwned>(value: Value, within: &str) -> Result<T, Wrong> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        let at = [within, &path].iter().filter(|one| !one.is_empty()).copied().collect::<Vec<_>>().join(".");
        let at = if at.is_empty() { "the body".to_owned() } else { at };
        Wrong::new(at, error.into_inner().to_string())
    })
}

fn session_id(text: &str, at: &str) -> Result<SessionId, Wrong> {
    if text.is_empty() {
        return Err(Wrong::new(format!("{at}.session"), "is empty; it is the LMS's id of the session"));
    }
    Ok(SessionId::new(text))
}

fn session(data: SessionData, reading: Reading, at: &str) -> Result<Session, Wrong> {
    let id = session_id(&data.session, at)?;
    let zone = match &data.timezone {
        None => reading.zone,
        Some(name) => Zone::named(name).ok_or_else(|| {
            let problem = format!("no time zone is called \"{name}\"; give IANA's name, as Europe/Berlin");
            Wrong::new(format!("{at}.timezone"), problem)
        })?,
    };
    let mut parts = Vec::with_capacity(data.parts.len());
    for (number, part) in data.parts.iter().enumerate() {
        parts.push(self::part(part, number, &data, zone, &format!("{at}.parts[{number}]"))?);
    }
    parts.sort_by_key(|part| part.span.start());
    let state = if data.cancelled {
        SessionState::Cancelled
    } else if !data.visible {
        SessionState::Hidden
    } else if !data.dated || parts.is_empty() {
        SessionState::Undated
    } else {
        SessionState::Scheduled
    };
    Ok(Session {
        id,
        aliases: Default::default(),
        state,
        title: data.name,
        description: data.description,
        reason: data.reason,
        capacity: data.capacity,
        instructors: data
            .instructors
            .into_iter()
            .map(|one| Instructor {
                address: address(one.email.as_ref()),
                name: one.name,
                is_primary: one.primary,
            })
            .collect(),
        parts,
    })
}

fn part(data: &PartData, number: usize, session: &SessionData, zone: Zone, at: &str) -> Result<Part, Wrong> {
    let span = match (date(&data.start), date(&data.end)) {
        (Some(first), Some(last)) => Span::days(first, last, zone),
        _ => {
            let start = instant(&data.start, &format!("{at}.start"))?;
            let end = instant(&data.end, &format!("{at}.end"))?;
            Span::timed(Moment::of_instant(start, zone), Moment::of_instant(end, zone))
        }
    };
    let span = span.map_err(|problem: TimeProblem| Wrong::new(at, problem.to_string()))?;
    let link = match data.link.as_ref().or(session.link.as_ref()).filter(|link| !link.is_empty()) {
        None => None,
        Some(link) => Some(
            Url::parse(link)
                .ok()
                .filter(|url| url.scheme() == "https")
                .ok_or_else(|| Wrong::new(format!("{at}.link"), "is no address that begins with https://"))?,
        ),
    };
    let place = data.place.as_ref().or(session.place.as_ref()).filter(|place| !place.trim().is_empty());
    Ok(Part {
        id: PartId(data.id.clone().unwrap_or_else(|| (number + 1).to_string())),
        title: data.title.clone(),
        span,
        venue: place.map(|name| Venue { name: name.clone(), room: None, mailbox: None }),
        link,
        cancelled: false,
    })
}

fn date(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn instant(text: &str, at: &str) -> Result<DateTime<Utc>, Wrong> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| {
        let problem = format!("\"{text}\" is no time with an offset; give 2027-03-01T09:00:00+01:00");
        Wrong::new(at, problem)
    })
}

fn place(data: EnrolmentData, reading: Reading, at: &str) -> Result<PlaceRecord, Wrong> {
    let session = session_id(&data.session, at)?;
    let learner = &data.learner;
    if learner.id.is_empty() {
        return Err(Wrong::new(format!("{at}.learner.id"), "is empty; it is the LMS's id of the person"));
    }
    let (field, key) = match reading.learner {
        LearnerField::Id => ("id", Some(&learner.id)),
        LearnerField::Email => ("email", learner.email.as_ref()),
        LearnerField::Username => ("username", learner.username.as_ref()),
        LearnerField::IdNumber => ("idnumber", learner.idnumber.as_ref()),
    };
    let key = key.filter(|key| !key.is_empty()).ok_or_else(|| {
        let problem = "is missing; by it the learner is known when the place is cancelled";
        Wrong::new(format!("{at}.learner.{field}"), problem)
    })?;
    let since = match &data.since {
        None => None,
        Some(text) => Some(instant(text, &format!("{at}.since"))?),
    };
    let record = data.enrolment.clone().unwrap_or_else(|| format!("{}/{}", data.session, learner.id));
    Ok(PlaceRecord {
        id: RecordId(record),
        session,
        person: person(learner, LearnerKey::new(key.clone())),
        state: state(&data.state),
        since,
    })
}

fn person(learner: &LearnerData, key: LearnerKey) -> Person {
    Person {
        learner: key,
        address: address(learner.email.as_ref()),
        name: learner.name.clone(),
        language: learner.language.clone(),
        is_test: learner.test,
    }
}

fn address(email: Option<&String>) -> Option<Address> {
    email.map(|email| email.trim()).filter(|email| email.contains('@')).map(Address::new)
}

/// No word has a default.
fn state(word: &str) -> RecordState {
    match word {
        "held" => RecordState::Held,
        "requested" => RecordState::Requested,
        "waitlisted" => RecordState::Waitlisted,
        "invited" => RecordState::Invited,
        "declined" => RecordState::Declined,
        "cancelled" => RecordState::Cancelled,
        "attended" => RecordState::Attended,
        "no_show" => RecordState::NoShow,
        "absent" => RecordState::Tombstone,
        other => RecordState::Unknown(other.chars().take(40).collect()),
    }
}

fn snapshot(data: SnapshotData, reading: Reading) -> Result<Snapshot, Wrong> {
    if data.number == 0 || data.number > data.of {
        let problem = format!("{} of {}: messages are counted from 1", data.number, data.of);
        return Err(Wrong::new("data.number", problem));
    }
    let mut quarantined = Vec::new();
    let mut sessions = Vec::with_capacity(data.sessions.len());
    for (at, value) in data.sessions.into_iter().enumerate() {
        let (at, id) = (format!("data.sessions[{at}]"), named(&value, "session"));
        match parsed::<SessionData>(value, &at).and_then(|data| session(data, reading, &at)) {
            Ok(session) => sessions.push(session),
            Err(wrong) => quarantined.push(Quarantined { id, at: wrong.at, problem: wrong.problem }),
        }
    }
    let mut places = Vec::with_capacity(data.enrolments.len());
    for (at, value) in data.enrolments.into_iter().enumerate() {
        let at = format!("data.enrolments[{at}]");
        let learner = value.get("learner").and_then(|learner| named(learner, "id"));
        let id = named(&value, "enrolment")
            .or_else(|| Some(format!("{}/{}", named(&value, "session")?, learner?)));
        match parsed::<EnrolmentData>(value, &at).and_then(|data| place(data, reading, &at)) {
            Ok(record) => places.push(record),
            Err(wrong) => quarantined.push(Quarantined { id, at: wrong.at, problem: wrong.problem }),
        }
    }
    Ok(Snapshot { id: data.snapshot, number: data.number, of: data.of, sessions, places, quarantined })
}

fn named(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned)
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
