//! A time as the LMS means it: the wall time, its zone, and the instant that both name.
//!
//! Both are kept: wall time and zone go into calendars, so that a session stays at nine o'clock when the
//! rules of its zone change; instants are compared and sorted.

use crate::calendar::zone::{Instants, Zone};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A wall time that exists, and its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    pub wall: NaiveDateTime,
    pub zone: Zone,
    pub instant: DateTime<Utc>,
}

/// Why a time can't be taken as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TimeProblem {
    #[error("{wall} does not exist in {zone}: the clocks go forward over it")]
    Skipped { wall: NaiveDateTime, zone: &'static str },
    #[error("it ends at {end}, before it starts at {start}")]
    EndsBeforeStart { start: DateTime<Utc>, end: DateTime<Utc> },
    #[error("the last day, {last}, is before the first, {first}")]
    LastBeforeFirst { first: NaiveDate, last: NaiveDate },
    /// The instant and the wall time with its zone name different times.
    #[error("{instant} is not {wall} in {zone}")]
    Contradiction { instant: DateTime<Utc>, wall: NaiveDateTime, zone: &'static str },
}

impl Moment {
    /// A start that does not exist is refused. In the hour that comes twice the first one is meant.
    pub fn of_wall(wall: NaiveDateTime, zone: Zone) -> Result<Self, TimeProblem> {
        match zone.instants_of(wall) {
            Instants::One(instant) | Instants::Two(instant, _) => Ok(Self { wall, zone, instant }),
            Instants::None => Err(TimeProblem::Skipped { wall, zone: zone.name() }),
        }
    }

    /// Where the LMS says the instant, it is right, in the doubled hour too.
    pub fn of_instant(instant: DateTime<Utc>, zone: Zone) -> Self {
        Self { wall: zone.wall_of(instant), zone, instant }
    }

    /// Where the LMS says both, they must agree.
    pub fn of_both(instant: DateTime<Utc>, wall: NaiveDateTime, zone: Zone) -> Result<Self, TimeProblem> {
        if zone.wall_of(instant) == wall {
            Ok(Self { wall, zone, instant })
        } else {
            Err(TimeProblem::Contradiction { instant, wall, zone: zone.name() })
        }
    }

    /// The wall time names two instants: it can only be told in UTC.
    pub fn is_doubled(&self) -> bool {
        matches!(self.zone.instants_of(self.wall), Instants::Two(..))
    }
}

/// When something takes place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    Timed {
        start: Moment,
        end: Moment,
    },
    /// Whole days of the zone; the last one is included.
    Days {
        first: NaiveDate,
        last: NaiveDate,
        zone: Zone,
    },
}

impl Span {
    pub fn timed(start: Moment, end: Moment) -> Result<Self, TimeProblem> {
        if end.instant < start.instant {
            return Err(TimeProblem::EndsBeforeStart { start: start.instant, end: end.instant });
        }
        Ok(Self::Timed { start, end })
    }

    pub fn days(first: NaiveDate, last: NaiveDate, zone: Zone) -> Result<Self, TimeProblem> {
        if last < first {
            return Err(TimeProblem::LastBeforeFirst { first, last });
        }
        Ok(Self::Days { first, last, zone })
    }

    pub fn start(&self) -> DateTime<Utc> {
        match self {
            Self::Timed { start, .. } => start.instant,
            Self::Days { first, zone, .. } => zone.midnight(*first),
        }
    }

    /// Exclusive.
    pub fn end(&self) -> DateTime<Utc> {
        match self {
            Self::Timed { end, .. } => end.instant,
            Self::Days { zone, .. } => zone.midnight(self.day_after()),
        }
    }

    pub fn zone(&self) -> Zone {
        match self {
            Self::Timed { start, .. } => start.zone,
            Self::Days { zone, .. } => *zone,
        }
    }

    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.end() <= now
    }

    pub fn has_begun(&self, now: DateTime<Utc>) -> bool {
        self.start() <= now
    }

    /// The day after the last, where an all-day event ends.
    pub fn day_after(&self) -> NaiveDate {
        let last = match self {
            Self::Timed { end, .. } => end.wall.date(),
            Self::Days { last, .. } => *last,
        };
        last.checked_add_signed(TimeDelta::days(1)).unwrap_or(last)
    }
}

#[cfg(test)]
#[path = "moment_tests.rs"]
mod tests;
