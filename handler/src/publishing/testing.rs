//! Values for tests of this room.

use super::content::{Attendee, AttendeeKind, Content, Place};
use crate::calendar::zone::Zone;
use crate::ids::{Address, LearnerKey, SessionId};
use crate::sessions::moment::{Moment, Span};
use crate::sessions::place::Place as Seat;
use crate::sessions::place_record::{Person, PlaceRecord, RecordId, RecordState};
use crate::sessions::session::{Part, PartId, Session, SessionState, Venue};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeSet;

/// On the first of March 2027, in London, from this hour on for an hour.
pub(crate) fn span(hour: u32) -> Span {
    let day = NaiveDate::from_ymd_opt(2027, 3, 1).unwrap();
    let zone = Zone::named("Europe/London").unwrap();
    let at = |hour| Moment::of_wall(day.and_hms_opt(hour, 0, 0).unwrap(), zone).unwrap();
    Span::timed(at(hour), at(hour + 1)).unwrap()
}

pub(crate) fn content(hour: u32) -> Content {
    let ana = Attendee { name: Some("Ana".into()), kind: AttendeeKind::Learner };
    Content {
        span: span(hour),
        title: "First aid".into(),
        text: "<p>Bring shoes.</p>".into(),
        also: String::new(),
        place: Some(Place { name: "Room 7".into(), mailbox: None }),
        link: Some("https://example.com/join".parse().unwrap()),
        known_as: None,
        attendees: [(Address::new("ana@contoso.com"), ana)].into(),
        online: false,
        hides_attendees: false,
    }
}

/// That day.
pub(crate) fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2027, 3, 1).unwrap().and_hms_opt(hour, minute, 0).unwrap().and_utc()
}

/// That day from this hour on, in one part.
pub(crate) fn session(hour: u32) -> Session {
    Session {
        id: SessionId::new("4711"),
        aliases: BTreeSet::new(),
        state: SessionState::Scheduled,
        title: "First aid".into(),
        description: None,
        reason: None,
        capacity: None,
        instructors: Vec::new(),
        parts: vec![Part {
            id: PartId("1".into()),
            title: None,
            span: span(hour),
            venue: Some(Venue { name: "Room 7".into(), room: None, mailbox: None }),
            link: Some("https://example.com/join".parse().unwrap()),
            cancelled: false,
        }],
    }
}

pub(crate) fn record(id: &str, learner: &str, state: RecordState) -> PlaceRecord {
    PlaceRecord {
        id: RecordId(id.into()),
        session: SessionId::new("4711"),
        person: Person {
            learner: LearnerKey::new(format!("{learner}@contoso.com")),
            address: Some(Address::new(&format!("{learner}@contoso.com"))),
            name: None,
            language: None,
            is_test: false,
        },
        state,
        since: None,
    }
}

/// Ana's, of one record.
pub(crate) fn place(state: RecordState) -> Seat {
    let record = record("r1", "ana", state);
    let mut place = Seat::new(record.session.clone(), record.person.learner.clone());
    place.learn(record);
    place
}
