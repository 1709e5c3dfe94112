//! Times as Exchange takes them (reference/graph-publishing.md#times): wall time without an offset, and
//! what Windows calls its zone; UTC where only that is exact; whole days from midnight to midnight.

use super::port::{WallTime, When};
use crate::calendar::windows_zone::name_at;
use crate::calendar::zone::{Instants, Zone};
use chrono::{NaiveDateTime, NaiveTime};
use serde_json::{Map, Value, json};

/// `start`, `end`, `isAllDay`.
pub(super) fn fields(when: &When) -> Map<String, Value> {
    let (start, end, is_all_day) = match when {
        When::Timed { start, end } => {
            let names = name_of(start).zip(name_of(end));
            match names {
                Some((of_start, of_end)) => (moment(start.wall, of_start), moment(end.wall, of_end), false),
                // Both in the same, so that they are shown as one.
                None => (utc(start), utc(end), false),
            }
        }
        When::Days { first, until, zone } => {
            let (first, until) = (first.and_time(NaiveTime::MIN), until.and_time(NaiveTime::MIN));
            // The date is right under any name.
            let name = name_at(*zone, &[]).unwrap_or("UTC");
            (moment(first, name), moment(until, name), true)
        }
    };
    Map::from_iter([
        ("start".to_owned(), start),
        ("end".to_owned(), end),
        ("isAllDay".to_owned(), is_all_day.into()),
    ])
}

/// `None`: the wall time names two instants, or no name of Windows' shows this one.
fn name_of(at: &WallTime) -> Option<&'static str> {
    let is_doubled = |zone: Zone| matches!(zone.instants_of(at.wall), Instants::Two(..));
    let name = name_at(at.zone, &[at.instant])?;
    let read = Zone::named(name)?;
    (!is_doubled(at.zone) && !is_doubled(read)).then_some(name)
}

fn utc(at: &WallTime) -> Value {
    moment(at.instant.naive_utc(), "UTC")
}

/// An offset beside a zone would be counted twice.
fn moment(wall: NaiveDateTime, zone: &str) -> Value {
    json!({ "dateTime": wall.format("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone })
}

#[cfg(test)]
#[path = "event_times_tests.rs"]
mod tests;
