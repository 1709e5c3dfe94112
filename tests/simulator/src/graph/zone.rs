//! Time zones by the names that Exchange takes: Windows' own, and IANA's as far as they are in CLDR's table.
//! An abbreviation, a display name or an offset is none (handler/reference/graph-publishing.md#times).

use super::call::Answer;
use chrono::{DateTime, Duration, MappedLocalTime, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use windows_timezones::WindowsTimezone;

/// The table has it by its older spelling; Exchange takes both.
const NEWER: &str = "Asia/Kolkata";

/// The zone of this name; `None`: Exchange does not take it.
pub(crate) fn named(name: &str) -> Option<Tz> {
    if name == "UTC" {
        return Some(Tz::UTC);
    }
    if let Ok(windows) = name.parse::<WindowsTimezone>() {
        return Some(windows.into());
    }
    let zone: Tz = name.parse().ok()?;
    let is_known = name == NEWER || WindowsTimezone::try_from(zone).is_ok();
    (name.contains('/') && is_known).then_some(zone)
}

/// The same, with what Graph says of a name that it does not take.
pub(crate) fn of(name: &str) -> Result<Tz, Answer> {
    named(name).ok_or_else(|| {
        let message = format!(
            "A valid TimeZone value must be specified. The following TimeZone value is not \
             supported: '{name}'."
        );
        Answer::error(400, "TimeZoneNotSupportedException", message)
    })
}

/// The local time in a zone; `None`: the zone is not known.
pub(crate) fn local(zone: &str, time: DateTime<Utc>) -> Option<NaiveDateTime> {
    Some(time.with_timezone(&named(zone)?).naive_local())
}

/// The instant that a wall time stands for. A doubled hour is read as the later one, which is standard time;
/// an hour that does not exist as if the clocks had gone forward already.
pub(crate) fn instant(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    match zone.from_local_datetime(&wall) {
        MappedLocalTime::Single(one) => one.to_utc(),
        MappedLocalTime::Ambiguous(one, two) => one.to_utc().max(two.to_utc()),
        MappedLocalTime::None => {
            let later = zone.from_local_datetime(&(wall + Duration::hours(1))).latest();
            later.map_or_else(|| wall.and_utc(), |later| later.to_utc())
        }
    }
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
