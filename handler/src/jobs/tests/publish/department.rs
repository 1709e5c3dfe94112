//! A training department: its sessions, their places, and what happens to them, drawn by chance.

use crate::calendar::zone::Zone;
use crate::jobs::testing::address;
use crate::publishing::testing::session;
use crate::sessions::moment::{Moment, Span};
use crate::sessions::session::{Session, SessionState, Venue};
use chrono::{DateTime, Duration, NaiveTime, Utc};
use rand::Rng as _;
use rand::rngs::StdRng;

/// How long before its date a session is announced, and within how many days its places are taken.
pub(super) const AHEAD: i64 = 30;
const FILLS: i64 = 12;
const PLACES: u32 = 10;
/// How rooms' mailboxes are called, with the number of the session; no learner is called so.
pub(super) const ROOM: &str = "room";
pub(super) const HALL: &str = "hall";

/// What happens at eight, eleven, two and four o'clock of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hour {
    Enrols = 8,
    Moves = 11,
    Leaves = 14,
    Declines = 16,
}

pub(super) const HOURS: [Hour; 4] = [Hour::Enrols, Hour::Moves, Hour::Leaves, Hour::Declines];

#[derive(Debug)]
pub(super) struct Training {
    pub(super) id: u32,
    /// Days from the beginning.
    pub(super) announced: i64,
    pub(super) day: i64,
    pub(super) hour: u32,
    pub(super) moved: Option<(i64, u32)>,
    pub(super) called_off: Option<i64>,
    /// The first room declines, and the LMS names another one on that day.
    pub(super) rehoused: Option<i64>,
    pub(super) places: Vec<Place>,
}

#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) taken: i64,
    pub(super) left: Option<i64>,
    pub(super) declined: Option<i64>,
    /// Whether the LMS shows it held, once it is taken.
    pub(super) is_held: bool,
}

impl Training {
    /// A place of each share of things that happen in a department.
    pub(super) fn drawn(id: u32, days: i64, draw: &mut StdRng) -> Self {
        let announced = draw.random_range(0..(days - AHEAD).max(1));
        let day = announced + AHEAD;
        let within = |draw: &mut StdRng| announced + draw.random_range(FILLS + 1..AHEAD - 1);
        let moved = draw.random_bool(0.15).then(|| (within(draw), draw.random_range(13..17)));
        let called_off = draw.random_bool(0.05).then(|| within(draw));
        let rehoused = draw.random_bool(0.1).then(|| within(draw));
        let places = (0..PLACES).map(|number| {
            let (left, declined) = (draw.random_bool(0.08), draw.random_bool(0.03));
            Place {
                name: format!("p{number}s{id}"),
                taken: announced + draw.random_range(0..FILLS),
                left: left.then(|| within(draw)),
                declined: (declined && !left).then(|| within(draw)),
                is_held: true,
            }
        });
        let places = places.collect();
        let hour = draw.random_range(8..12);
        Self { id, announced, day, hour, moved, called_off, rehoused, places }
    }

    pub(super) fn is_called_off(&self, day: i64, hour: Hour) -> bool {
        self.called_off.is_some_and(|off| (off, Hour::Moves) <= (day, hour))
    }

    pub(super) fn is_rehoused(&self, day: i64, hour: Hour) -> bool {
        self.rehoused.is_some_and(|at| (at, Hour::Moves) <= (day, hour))
    }

    pub(super) fn shown(&self, began: DateTime<Utc>, day: i64, hour: Hour) -> Session {
        let moved = self.moved.filter(|(at, _)| (*at, Hour::Moves) <= (day, hour));
        let starts = moved.map_or(self.hour, |(_, hour)| hour);
        let date = (began + Duration::days(self.day)).date_naive();
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |hour| {
            Moment::of_wall(date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap()), zone).unwrap()
        };
        let mut shown = session(10);
        shown.id = self.id.to_string().as_str().into();
        shown.parts[0].span = Span::timed(at(starts), at(starts + 2)).unwrap();
        let house = if self.is_rehoused(day, hour) { HALL } else { ROOM };
        let name = format!("{house}{}", self.id);
        let mailbox = Some(address(&name));
        shown.parts[0].venue = Some(Venue { name, room: None, mailbox });
        if self.is_called_off(day, hour) {
            shown.state = SessionState::Cancelled;
        }
        shown
    }
}

impl Place {
    pub(super) fn is_taken(&self, day: i64, hour: Hour) -> bool {
        (self.taken, Hour::Enrols) <= (day, hour)
    }

    pub(super) fn has_left(&self, day: i64, hour: Hour) -> bool {
        self.left.is_some_and(|left| (left, Hour::Leaves) <= (day, hour))
    }
}
