//! The times of an entry, in each form in which an LMS writes them.

use super::row::{RowScope, Unmapped, shown};
use super::text::value;
use crate::calendar::zone::Zone;
use crate::lms::recipe::reading::{TimeKind, TimeOf, TimeSource};
use crate::sessions::moment::{Moment, Span};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};

/// No session is longer.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// A time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Instant(DateTime<Utc>),
    Wall(NaiveDateTime),
    Day(NaiveDate),
    Length(TimeDelta),
}

/// `None`: no date is known. The zone is asked for only where there is a time.
pub(super) fn span(
    (start, end): (&TimeOf, &TimeOf),
    scope: &RowScope<'_>,
    zone: impl FnOnce() -> Result<Zone, Unmapped>,
) -> Result<Option<Span>, Unmapped> {
    let Some(begins) = first(start, "start", scope)? else { return Ok(None) };
    let (ends, zone) = (first(end, "end", scope)?, zone()?);
    if let Written::Day(first) = begins {
        let last = match ends {
            None => first,
            Some(Written::Day(last)) => last,
            Some(_) => return Err(Unmapped::new("end", "it starts with a day and ends with a time")),
        };
        return days(first, last, zone).map(Some);
    }
    let Some(begin) = moment(begins, zone, "start")? else {
        return Err(Unmapped::new("start", "a length is no time"));
    };
    let finish = match ends {
        None => {
            return Err(Unmapped::new(
                "end",
                "no end stands there; a length would do, as { value = \"60\", kind = \"minutes\" }",
            ));
        }
        Some(Written::Length(length)) => match begin.instant.checked_add_signed(length) {
            Some(instant) => Moment::of_instant(instant, zone),
            None => return Err(Unmapped::new("end", "it ends too late")),
        },
        Some(other) => match moment(other, zone, "end")? {
            Some(moment) => moment,
            None => return Err(Unmapped::new("end", "it starts with a time and ends with a day")),
        },
    };
    if finish.instant.signed_duration_since(begin.instant) > LONGEST {
        return Err(Unmapped::new("end", format!("it lasts longer than {} days", LONGEST.num_days())));
    }
    Span::timed(begin, finish).map(Some).map_err(|problem| Unmapped::new("end", problem.to_string()))
}

fn days(first: NaiveDate, last: NaiveDate, zone: Zone) -> Result<Span, Unmapped> {
    Span::days(first, last, zone).map_err(|problem| Unmapped::new("end", problem.to_string()))
}

/// `None`: it is no moment.
fn moment(written: Written, zone: Zone, field: &'static str) -> Result<Option<Moment>, Unmapped> {
    match written {
        Written::Instant(instant) => Ok(Some(Moment::of_instant(instant, zone))),
        Written::Wall(wall) => {
            Moment::of_wall(wall, zone).map(Some).map_err(|problem| Unmapped::new(field, problem.to_string()))
        }
        Written::Day(_) | Written::Length(_) => Ok(None),
    }
}

pub(super) fn zone(name: Option<String>) -> Result<Zone, Unmapped> {
    let Some(name) = name else {
        return Err(Unmapped::new(
            "zone",
            "no zone is said: a setting or { value = \"Europe/Berlin\" } would do",
        ));
    };
    Zone::named(&name).ok_or_else(|| {
        let name = shown(&name);
        Unmapped::new("zone", format!("no time zone is called `{name}`; one is Europe/Berlin"))
    })
}

/// An instant that needs no zone.
pub(super) fn instant(
    of: &TimeOf,
    field: &'static str,
    scope: &RowScope<'_>,
) -> Result<Option<DateTime<Utc>>, Unmapped> {
    match first(of, field, scope)? {
        Some(Written::Instant(instant)) => Ok(Some(instant)),
        Some(Written::Wall(_) | Written::Day(_) | Written::Length(_)) => {
            Err(Unmapped::new(field, "a time without its zone"))
        }
        None => Ok(None),
    }
}

/// Of the first source that gives something.
fn first(of: &TimeOf, field: &'static str, scope: &RowScope<'_>) -> Result<Option<Written>, Unmapped> {
    for source in of {
        let text = value(&source.whence, scope).map_err(|problem| Unmapped::new(field, problem))?;
        let Some(text) = text else { continue };
        if let Some(written) = written(source, &text).map_err(|problem| Unmapped::new(field, problem))? {
            return Ok(Some(written));
        }
    }
    Ok(None)
}

fn written(source: &TimeSource, text: &str) -> Result<Option<Written>, String> {
    let wrong = || {
        let example = match source.kind {
            TimeKind::Iso => "2027-03-03T09:00:00+01:00",
            TimeKind::Any => "2027-03-03T09:00:00+01:00, 2027-03-03 09:00 or 2027-03-03",
            TimeKind::Naive | TimeKind::Date if source.format.is_some() => "its format says",
            TimeKind::Naive => "2027-03-03T09:00:00",
            TimeKind::EpochSeconds => "1804060800",
            TimeKind::EpochMillis => "1804060800000",
            TimeKind::Date => "2027-03-03",
            TimeKind::Seconds | TimeKind::Minutes | TimeKind::Hours => "a whole number up to a year",
        };
        format!("`{}` is not of kind {}, as {example}", shown(text), source.kind.word())
    };
    let number = || text.parse::<i64>().map_err(|_| wrong());
    let instant = |found: Option<DateTime<Utc>>| found.map(Written::Instant).map(Some).ok_or_else(wrong);
    match source.kind {
        TimeKind::Iso => instant(iso(text)),
        TimeKind::Naive => {
            naive(text, source.format.as_deref()).map(Written::Wall).map(Some).ok_or_else(wrong)
        }
        TimeKind::Date => {
            let format = source.format.as_deref().unwrap_or("%Y-%m-%d");
            NaiveDate::parse_from_str(text, format).map(Written::Day).map(Some).map_err(|_| wrong())
        }
        TimeKind::Any => {
            let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Written::Day);
            let wall = || naive(text, None).map(Written::Wall);
            iso(text).map(Written::Instant).or_else(wall).or_else(day).map(Some).ok_or_else(wrong)
        }
        // Nought is how they say that there is none.
        TimeKind::EpochSeconds | TimeKind::EpochMillis if number()? == 0 => Ok(None),
        TimeKind::EpochSeconds => instant(DateTime::from_timestamp(number()?, 0)),
        TimeKind::EpochMillis => instant(DateTime::from_timestamp_millis(number()?)),
        TimeKind::Seconds => length(TimeDelta::try_seconds(number()?)).map(Some).ok_or_else(wrong),
        TimeKind::Minutes => length(TimeDelta::try_minutes(number()?)).map(Some).ok_or_else(wrong),
        TimeKind::Hours => length(TimeDelta::try_hours(number()?)).map(Some).ok_or_else(wrong),
    }
}

fn length(length: Option<TimeDelta>) -> Option<Written> {
    length.filter(|length| *length >= TimeDelta::zero() && *length <= LONGEST).map(Written::Length)
}

/// With an offset; that of `+0100`, too.
fn iso(text: &str) -> Option<DateTime<Utc>> {
    let time = DateTime::parse_from_rfc3339(text);
    let time = time.or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    let time = time.or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%#z"));
    time.ok().map(|time| time.to_utc())
}

fn naive(text: &str, format: Option<&str>) -> Option<NaiveDateTime> {
    const ISO: [&str; 4] =
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    match format {
        Some(format) => NaiveDateTime::parse_from_str(text, format).ok(),
        None => ISO.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok()),
    }
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
