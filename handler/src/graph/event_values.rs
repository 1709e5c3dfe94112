//! What is written in calendars, and by what it is found again: values of [`super::port`].

use crate::calendar::event::Event;
use crate::calendar::zone::Zone;
use crate::ids::Address;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use std::collections::BTreeMap;
use url::Url;

/// An event that is to be made in an organizer's calendar, with those who are invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Names this request, whenever it is repeated.
    pub transaction: String,
    pub says: EventFields,
    pub attendees: Vec<Invited>,
    /// Nobody's time is taken by it, and nobody is reminded of it.
    pub is_quiet: bool,
    /// Nobody who is invited sees who else is.
    pub hides_attendees: bool,
}

/// What an event says, as far as it is to be written: what is `None` stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFields {
    pub subject: Option<String>,
    pub body: Option<EventText>,
    pub when: Option<When>,
    /// By its name. Empty: none.
    pub location: Option<String>,
    /// The room's mailbox, with its name in `location`.
    pub room: Option<Address>,
    /// It becomes an online meeting, which can't be taken back.
    pub online: bool,
    /// Single-value extended properties, by their ids. One of them is the mark by which the event is found
    /// again, whatever became of the answer.
    pub properties: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventText {
    Plain(String),
    Html(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    Timed {
        start: WallTime,
        end: WallTime,
    },
    /// Whole days of a zone.
    Days {
        first: NaiveDate,
        /// Exclusive.
        until: NaiveDate,
        zone: Zone,
    },
}

/// What a clock on the wall shows, where, and the instant that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WallTime {
    pub wall: NaiveDateTime,
    pub zone: Zone,
    pub instant: DateTime<Utc>,
}

impl WallTime {
    pub fn utc(instant: DateTime<Utc>) -> Self {
        Self { wall: instant.naive_utc(), zone: Zone::default(), instant }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    pub address: Address,
    pub name: Option<String>,
    /// A room: no person.
    pub is_resource: bool,
}

/// An event of ours as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenEvent {
    pub event: Event,
    /// It is an online meeting.
    pub is_online: bool,
    /// Where attendees join; it may come later than the meeting.
    pub join: Option<Url>,
}

/// An online meeting in no calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMeeting {
    /// Our own name for it, by which it is made once.
    pub external_id: String,
    pub subject: String,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// The one of a name of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineMeeting {
    pub id: String,
    /// Where attendees join.
    pub join: Url,
    /// From when to when it says that it takes place, as far as it says.
    pub times: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// By which events of ours are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The id of a single-value extended property.
    pub property: &'a str,
    pub value: &'a str,
    /// The value only begins so.
    pub is_prefix: bool,
    /// Another property whose value is wanted, too.
    pub also: Option<&'a str>,
}

/// An event that carries a mark.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkedEvent {
    /// With the values of the properties that were asked for.
    pub event: Event,
    /// Of the version that was read.
    pub etag: Option<String>,
}

/// The canary's.
pub const MARK: &str = "String {5b2f4f0e-8c54-4c0b-9a3c-0c1f2b7d7a11} Name RegretsCanary";
/// Of a published event: its own key.
pub const PUBLISHED: &str = "String {5b2f4f0e-8c54-4c0b-9a3c-0c1f2b7d7a11} Name RegretsEvent";
/// Of a published event: what it was told last, which goes along with every change that mails anyhow.
pub const REVISION: &str = "String {5b2f4f0e-8c54-4c0b-9a3c-0c1f2b7d7a11} Name RegretsRevision";
