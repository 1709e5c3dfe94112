//! `start`, `end` and `isAllDay` of an event that is written: wall time and a zone, whole days from midnight
//! to midnight of one zone (handler/reference/graph-publishing.md#times).

use super::call::Answer;
use super::query::bad;
use super::zone;
use crate::world::draft::Span;
use crate::world::item::{Item, Slot};
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use serde::Deserialize;

/// Five years: longer ones are refused.
const MOST_DAYS: i64 = 1_825;

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Moment {
    date_time: String,
    time_zone: String,
}

/// A wall time and the zone in which it was written.
#[derive(Debug, Clone)]
struct Wall {
    time: NaiveDateTime,
    zone: String,
}

/// What is written of the time of an event.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) start: Option<Moment>,
    pub(super) end: Option<Moment>,
    pub(super) is_all_day: Option<bool>,
}

impl Times {
    /// The time of a new event.
    pub(super) fn of_new(&self) -> Result<Span, Answer> {
        let missing =
            |name: &str| refused(&format!("The property '{name}' is required when creating the event."));
        let start = self.start.as_ref().ok_or_else(|| missing("Start"))?;
        let end = self.end.as_ref().ok_or_else(|| missing("End"))?;
        span(start.read()?, end.read()?, self.is_all_day.unwrap_or(false))
    }

    /// The time of an event that is changed; `None`: nothing of it is written.
    pub(super) fn of_changed(&self, item: &Item) -> Result<Option<Span>, Answer> {
        if self.start.is_none() && self.end.is_none() && self.is_all_day.is_none() {
            return Ok(None);
        }
        let (start_zone, end_zone) = zones(item);
        let now = |time: DateTime<Utc>, zone: String| -> Result<Wall, Answer> {
            Ok(Wall { time: time.with_timezone(&zone::of(&zone)?).naive_local(), zone })
        };
        let start = match &self.start {
            Some(start) => start.read()?,
            None => now(item.slot.start, start_zone)?,
        };
        let end = match &self.end {
            Some(end) => end.read()?,
            None => now(item.slot.end, end_zone)?,
        };
        let is_all_day = self.is_all_day.unwrap_or(item.all_day.is_some());
        span(start, end, is_all_day).map(Some)
    }
}

/// In which zones the event was written.
pub(super) fn zones(item: &Item) -> (String, String) {
    let own = || item.all_day.clone().unwrap_or_else(|| "UTC".to_owned());
    item.details.zones.clone().unwrap_or_else(|| (own(), own()))
}

impl Moment {
    /// An offset beside a zone would be counted twice.
    fn read(&self) -> Result<Wall, Answer> {
        zone::of(&self.time_zone)?;
        let time = self.date_time.parse::<NaiveDateTime>();
        let time = time.map_err(|_| bad(format!("Invalid dateTime '{}'.", self.date_time)))?;
        Ok(Wall { time, zone: self.time_zone.clone() })
    }
}

fn span(start: Wall, end: Wall, is_all_day: bool) -> Result<Span, Answer> {
    let slot = Slot {
        start: zone::instant(zone::of(&start.zone)?, start.time),
        end: zone::instant(zone::of(&end.zone)?, end.time),
    };
    if slot.end < slot.start {
        let message = "The end is earlier than the start.";
        return Err(Answer::error(400, "ErrorCalendarEndDateIsEarlierThanStartDate", message));
    }
    if slot.length().num_days() > MOST_DAYS {
        return Err(Answer::error(
            400,
            "ErrorCalendarDurationIsTooLong",
            "The event is longer than five years.",
        ));
    }
    if is_all_day {
        for (name, wall) in [("Start", &start), ("End", &end)] {
            if wall.time.time() != NaiveTime::MIN {
                return Err(refused(&format!(
                    "The Event.{name} property for an all-day event needs to be set to midnight."
                )));
            }
        }
        if start.zone != end.zone {
            return Err(refused("Start and end of an all-day event need the same time zone."));
        }
        if end.time.date() <= start.time.date() {
            return Err(refused("The duration of an event marked as All day must be at least 24 hours."));
        }
    }
    let all_day = is_all_day.then(|| start.zone.clone());
    Ok(Span { slot, all_day, zones: (start.zone, end.zone) })
}

pub(super) fn refused(why: &str) -> Answer {
    Answer::error(400, "ErrorInvalidRequest", format!("Your request can't be completed. {why}"))
}

#[cfg(test)]
#[path = "event_times_tests.rs"]
mod tests;
