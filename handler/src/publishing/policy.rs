//! What a tenant wants sent, and by whom.

pub use super::booking::{Rooms, RoomsBy};
use super::budget::SendLimits;
use super::content::Field;
use super::edits::Edits;
use super::organizer_calendar::OrganizerCalendar;
use super::words::Texts;
use crate::ids::Address;
use crate::sessions::vanish_brake::VanishLimits;
use crate::sessions::words::Language;
use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publishing {
    pub state: PublishState,
    /// Edits are gathered for so long into one mail.
    pub settle_edits: TimeDelta,
    /// Edits that are sent of their own accord; the others go along with the next of these.
    pub sends: BTreeSet<Field>,
    /// Mails in a round beyond which a person confirms.
    pub confirm_above: usize,
    /// Of learners of whom the LMS tells none.
    pub language: Language,
}

/// Whether anything is written into calendars
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PublishState {
    Off,
    Preview,
    On,
}

/// The same, and in whose name it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    pub policy: Publishing,
    /// Of new events. Those that stand keep theirs.
    pub organizer: Address,
    /// In [`super::event_key::EventKey`].
    pub namespace: String,
    pub limits: SendLimits,
    /// `None`: the LMS's own link stands in every event.
    pub join: Option<Join>,
    pub instructors: Instructors,
    pub events: Events,
    /// Rooms are booked; `None`: none is.
    pub rooms: Option<Rooms>,
    /// Where the way into a meeting comes from that the LMS shows none of.
    pub online: Online,
    /// What learners' invitations say, in a tenant's own words.
    pub texts: Texts,
    /// Sessions stand in this mailbox's calendar, too, where nobody is invited to them.
    pub calendar: Option<Address>,
    /// So much may vanish from an organizer's calendar within an hour.
    pub taken_away: VanishLimits,
    /// Who wins where a person edits an event.
    pub edits: Edits,
}

/// Where the way into a meeting comes from, for sessions of which the LMS shows no link
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Online {
    /// There is none
    None,
    /// The session's own event is an online meeting
    Event,
    /// A meeting beside it, in no calendar
    Meeting,
}

impl Online {
    pub fn is_wanted(self) -> bool {
        match self {
            Self::None => false,
            Self::Event | Self::Meeting => true,
        }
    }
}

/// Whether instructors are invited to their sessions, and what they are told of who comes
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Instructors {
    /// They are not invited
    None,
    /// How many hold a place
    Count,
    /// Who holds a place, by name
    Names,
}

/// Whose events there are
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Events {
    /// Each learner has one of their own
    Learner,
    /// One for all, in which no attendee sees another
    Session,
}

/// Who has the way into a session's meeting, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Join {
    pub who: JoinWho,
    /// So long before the start.
    pub opens: TimeDelta,
}

/// Who has the way into a session's meeting
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum JoinWho {
    /// Learners by a page of ours, which leads on shortly before the start
    Everyone,
    /// No learner
    Instructors,
    /// No learner, and of the instructors the first one
    Primary,
}

impl Publisher {
    /// With everything else as it is by default.
    pub fn new(organizer: Address) -> Self {
        Self {
            policy: Publishing::default(),
            organizer,
            namespace: String::new(),
            limits: SendLimits::default(),
            join: None,
            instructors: Instructors::Count,
            events: Events::Learner,
            rooms: None,
            online: Online::None,
            texts: Texts::default(),
            calendar: None,
            taken_away: OrganizerCalendar::LIMITS,
            edits: Edits::default(),
        }
    }

    /// Learners are handed our page in the link's place.
    pub fn hands_out_page(&self) -> Option<Join> {
        self.join.filter(|join| match join.who {
            JoinWho::Everyone => true,
            JoinWho::Instructors | JoinWho::Primary => false,
        })
    }
}

/// Who is written to at all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Chosen {
    #[default]
    All,
    /// Test learners, and nobody else, whatever happens.
    These(BTreeSet<Address>),
}

impl Chosen {
    pub fn includes(&self, address: Option<&Address>) -> bool {
        match self {
            Self::All => true,
            Self::These(addresses) => address.is_some_and(|address| addresses.contains(address)),
        }
    }
}

impl Default for Publishing {
    fn default() -> Self {
        Self {
            state: PublishState::Off,
            settle_edits: TimeDelta::minutes(10),
            sends: [Field::When, Field::Place, Field::Link, Field::Attendees].into(),
            confirm_above: 200,
            language: Language::En,
        }
    }
}
