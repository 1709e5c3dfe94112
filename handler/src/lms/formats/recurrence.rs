//! The dates of an event: one, or those of a series (RFC 5545, 3.8.5).
//!
//! A series is followed on the clock of its zone, so that nine o'clock stays nine o'clock; at most so many
//! dates, and none outside of the time that is asked for. What began before that and is not over is in it.

use crate::calendar::zone::{Instants, Zone};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use rrule::{RRuleSet, Tz};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Of one event. Who trains more often is a calendar, and no session.
const MOST: u16 = 500;
const WALL: &str = "%Y-%m-%dT%H:%M:%S";

/// A time as a feed writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Time {
    Instant(DateTime<Utc>),
    Zoned(NaiveDateTime, Zone),
    /// As a clock shows it wherever one is.
    Floating(NaiveDateTime),
    Day(NaiveDate),
}

impl Time {
    pub(super) fn of(text: &str, zone: Option<Zone>) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no time, such as 20270301T090000");
        if text.len() == 8 {
            return NaiveDate::parse_from_str(text, "%Y%m%d").map(Self::Day).map_err(|_| wrong());
        }
        let (wall, is_utc) = match text.strip_suffix(['Z', 'z']) {
            Some(wall) => (wall, true),
            None => (text, false),
        };
        let wall = NaiveDateTime::parse_from_str(wall, "%Y%m%dT%H%M%S").map_err(|_| wrong())?;
        Ok(match (is_utc, zone) {
            (true, _) => Self::Instant(wall.and_utc()),
            (false, Some(zone)) => Self::Zoned(wall, zone),
            (false, None) => Self::Floating(wall),
        })
    }

    /// What a clock shows there.
    fn wall(self) -> NaiveDateTime {
        match self {
            Self::Instant(at) => at.naive_utc(),
            Self::Zoned(wall, _) | Self::Floating(wall) => wall,
            Self::Day(day) => day.and_time(chrono::NaiveTime::MIN),
        }
    }

    /// The same kind of time, when its clock shows that.
    fn at(self, wall: NaiveDateTime) -> Self {
        match self {
            Self::Instant(_) => Self::Instant(wall.and_utc()),
            Self::Zoned(_, zone) => Self::Zoned(wall, zone),
            Self::Floating(_) => Self::Floating(wall),
            Self::Day(_) => Self::Day(wall.date()),
        }
    }

    /// Where no zone is known, as if it were UTC: good enough to tell what is over.
    fn instant(self) -> DateTime<Utc> {
        match self {
            Self::Instant(at) => at,
            Self::Zoned(wall, zone) => match zone.instants_of(wall) {
                Instants::One(at) | Instants::Two(at, _) => at,
                Instants::None => wall.and_utc(),
            },
            Self::Floating(_) | Self::Day(_) => self.wall().and_utc(),
        }
    }

    /// On its own clock, whatever the other one is written in.
    fn wall_like(self, other: Self) -> NaiveDateTime {
        match (other, self) {
            (Self::Zoned(_, zone), Self::Instant(at)) => zone.wall_of(at),
            (Self::Instant(_), Self::Zoned(..)) => self.instant().naive_utc(),
            _ => self.wall(),
        }
    }

    #[must_use]
    pub(super) fn later(self, by: TimeDelta) -> Self {
        let wall = |wall: NaiveDateTime| wall.checked_add_signed(by).unwrap_or(wall);
        match self {
            // An hour is an hour, also where the clocks change.
            Self::Zoned(_, zone) => Self::Zoned(zone.wall_of(self.instant() + by), zone),
            Self::Instant(_) | Self::Floating(_) | Self::Day(_) => self.at(wall(self.wall())),
        }
    }

    /// The name of that date of a series.
    pub(super) fn name(self) -> String {
        match self {
            Self::Day(day) => day.format("%Y%m%d").to_string(),
            Self::Instant(at) => at.format("%Y%m%dT%H%M%SZ").to_string(),
            Self::Zoned(..) => self.instant().format("%Y%m%dT%H%M%SZ").to_string(),
            Self::Floating(wall) => wall.format("%Y%m%dT%H%M%S").to_string(),
        }
    }

    /// An end as it is said: of days the last one.
    #[must_use]
    pub(super) fn end_of(self, start: Self) -> Self {
        match (start, self) {
            (Self::Day(first), Self::Day(end)) => Self::Day(end.pred_opt().unwrap_or(end).max(first)),
            _ => self,
        }
    }

    pub(super) fn say(self, key: &str, json: &mut Map<String, Value>) {
        let (form, text) = match self {
            Self::Instant(at) => ("", at.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
            Self::Zoned(wall, _) | Self::Floating(wall) => ("_wall", wall.format(WALL).to_string()),
            Self::Day(day) => ("_day", day.to_string()),
        };
        json.insert(format!("{key}{form}"), Value::String(text));
        if let Self::Zoned(_, zone) = self {
            json.entry("zone").or_insert_with(|| Value::String(zone.name().to_owned()));
        }
    }
}

/// `PT1H30M`, `P1D`, `P2W`.
pub(super) fn length(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("\"{text}\" is no length, such as PT1H30M");
    let rest = text.trim().strip_prefix('+').unwrap_or(text.trim());
    let rest = rest.strip_prefix('P').ok_or_else(wrong)?;
    let (mut seconds, mut digits, mut is_time) = (0_i64, String::new(), false);
    for c in rest.chars() {
        let unit = match (c, is_time) {
            ('0'..='9', _) => {
                digits.push(c);
                continue;
            }
            ('T', false) if digits.is_empty() => {
                is_time = true;
                continue;
            }
            ('W', false) => 7 * 86_400,
            ('D', false) => 86_400,
            ('H', true) => 3_600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return Err(wrong()),
        };
        let count: i64 = digits.parse().map_err(|_| wrong())?;
        seconds = count.checked_mul(unit).and_then(|more| seconds.checked_add(more)).ok_or_else(wrong)?;
        digits.clear();
    }
    if !digits.is_empty() || rest.len() < 2 {
        return Err(wrong());
    }
    TimeDelta::try_seconds(seconds).filter(|length| length.num_days() <= 366).ok_or_else(wrong)
}

/// What a series is made of.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    pub(super) rules: Vec<String>,
    pub(super) more: Vec<Time>,
    pub(super) less: Vec<Time>,
}

impl Repeats {
    pub(super) fn is_any(&self) -> bool {
        !self.rules.is_empty() || !self.more.is_empty()
    }
}

pub(super) struct Series<'a> {
    pub(super) start: Time,
    pub(super) end: Option<Time>,
    pub(super) repeats: &'a Repeats,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dates {
    pub(super) start: Time,
    pub(super) end: Time,
}

impl Series<'_> {
    /// In their order; those that are over before `from` and those that begin after `until` are left out of a
    /// series, and never a date that stands alone. `Err`: the rule can't be followed, and why.
    pub(super) fn dates(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<Dates>, String> {
        let end = self.end.unwrap_or(match self.start {
            Time::Day(_) => self.start.later(TimeDelta::days(1)),
            Time::Instant(_) | Time::Zoned(..) | Time::Floating(_) => self.start,
        });
        let first = Dates { start: self.start, end };
        if !self.repeats.is_any() {
            return Ok(vec![first]);
        }
        let wall = self.start.wall();
        let length = end.wall_like(self.start) - wall;
        let mut walls: BTreeSet<NaiveDateTime> = [wall].into();
        let begin = from - length.abs() - TimeDelta::days(2);
        for rule in &self.repeats.rules {
            for date in self.followed(rule, begin, until)? {
                walls.insert(date);
            }
        }
        for more in &self.repeats.more {
            walls.insert(more.wall_like(self.start));
        }
        for less in &self.repeats.less {
            let gone = less.wall_like(self.start);
            // A whole day is called off with each of its times.
            let is_day = matches!(less, Time::Day(_));
            walls.retain(|wall| if is_day { wall.date() != gone.date() } else { *wall != gone });
        }
        let dates = walls.into_iter().map(|wall| {
            let start = self.start.at(wall);
            Dates { start, end: self.start.at(wall.checked_add_signed(length).unwrap_or(wall)) }
        });
        let dates = dates.filter(|one| one.end.instant() >= from && one.start.instant() <= until);
        Ok(dates.take(usize::from(MOST)).collect())
    }

    /// On a clock without summer time: the zone's own is put on afterwards.
    fn followed(
        &self,
        rule: &str,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<NaiveDateTime>, String> {
        let rule =
            rule.split(';').map(|part| self.on_the_wall(part)).collect::<Result<Vec<_>, _>>()?.join(";");
        let wall = self.start.wall().format("%Y%m%dT%H%M%SZ");
        let set: RRuleSet = format!("DTSTART:{wall}\nRRULE:{rule}")
            .parse()
            .map_err(|error| format!("the rule {rule} can't be followed: {error}"))?;
        let day = TimeDelta::days(1);
        let (from, until) = ((from - day).with_timezone(&Tz::UTC), (until + day).with_timezone(&Tz::UTC));
        let found = set.after(from).before(until).all(MOST);
        Ok(found.dates.into_iter().map(|date| date.naive_utc()).collect())
    }

    /// `UNTIL` names an instant, or a day that is included.
    fn on_the_wall(&self, part: &str) -> Result<String, String> {
        let Some((key, value)) = part.split_once('=').filter(|(key, _)| key.eq_ignore_ascii_case("UNTIL"))
        else {
            return Ok(part.to_owned());
        };
        let wall = match Time::of(value.trim(), None)? {
            Time::Day(day) => {
                day.and_hms_opt(23, 59, 59).unwrap_or_else(|| day.and_time(chrono::NaiveTime::MIN))
            }
            time @ (Time::Instant(_) | Time::Zoned(..) | Time::Floating(_)) => time.wall_like(self.start),
        };
        Ok(format!("{key}={}", wall.format("%Y%m%dT%H%M%SZ")))
    }
}

#[cfg(test)]
#[path = "recurrence_tests.rs"]
mod tests;
