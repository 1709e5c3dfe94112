//! What Windows calls a zone: Exchange takes these names in full, and IANA's only in part
//! (reference/graph-publishing.md#times).
//!
//! Guarantee: a name that is given shows the same time on the wall as the zone itself, at the instants that
//! are asked for; where none does, there is none.

use super::zone::Zone;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use windows_timezones::WindowsTimezone;

/// The name under which these times may be written as wall time.
pub fn name_at(zone: Zone, instants: &[DateTime<Utc>]) -> Option<&'static str> {
    let shows_the_same = |name: &&str| {
        Zone::named(name).is_some_and(|read| instants.iter().all(|at| read.wall_of(*at) == zone.wall_of(*at)))
    };
    let year = instants.iter().map(|at| at.year()).min().unwrap_or(2027);
    name(zone).filter(shows_the_same).or_else(|| alike(zone, year)).filter(shows_the_same)
}

/// Spellings that neither table has.
const RENAMED: [(&str, &str); 5] = [
    ("Europe/Kyiv", "Europe/Kiev"),
    ("US/Eastern", "America/New_York"),
    ("US/Central", "America/Chicago"),
    ("US/Mountain", "America/Denver"),
    ("US/Pacific", "America/Los_Angeles"),
];

/// By the table of those who know, CLDR; first by our own, whose spellings are newer.
fn name(zone: Zone) -> Option<&'static str> {
    if zone == Zone::default() {
        return Some("UTC");
    }
    let zone = RENAMED
        .iter()
        .find(|(new, _)| *new == zone.name())
        .and_then(|(_, old)| Zone::named(old))
        .unwrap_or(zone);
    let own = Zone::windows().find(|(_, home)| *home == zone).map(|(windows, _)| windows);
    own.or_else(|| WindowsTimezone::try_from(zone.iana()).ok().map(WindowsTimezone::name))
}

/// Of a zone that goes by several names, and is in the table by another: the Windows zone whose clocks go as
/// its own through this year and the next.
fn alike(zone: Zone, year: i32) -> Option<&'static str> {
    let from = chrono::NaiveDate::from_ymd_opt(year, 1, 1)?.and_hms_opt(12, 0, 0)?.and_utc();
    let days = || (0..104).map(|week| from + TimeDelta::weeks(week));
    Zone::windows()
        .find(|(_, home)| days().all(|at| home.wall_of(at) == zone.wall_of(at)))
        .map(|(windows, _)| windows)
}

#[cfg(test)]
#[path = "windows_zone_tests.rs"]
mod tests;
