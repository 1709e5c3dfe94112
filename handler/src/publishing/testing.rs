//! Values for tests of this room.

use super::content::{Attendee, AttendeeKind, Content, Place};
use crate::calendar::zone::Zone;
use crate::ids::Address;
use crate::sessions::moment::{Moment, Span};
use chrono::{DateTime, NaiveDate, Utc};

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
        place: Some(Place { name: "Room 7".into(), mailbox: None }),
        link: Some("https://example.com/join".parse().unwrap()),
        attendees: [(Address::new("ana@contoso.com"), ana)].into(),
        online: false,
        hides_attendees: false,
    }
}

/// That day.
pub(crate) fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(2027, 3, 1).unwrap().and_hms_opt(hour, minute, 0).unwrap().and_utc()
}
