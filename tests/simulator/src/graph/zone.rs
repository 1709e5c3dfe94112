//! Local times for `Prefer: outlook.timezone`, in the few zones that tests need.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, TimeZone, Utc, Weekday};

#[derive(Clone, Copy)]
enum Summer {
    Never,
    /// Last Sunday of March to last Sunday of October, at 01:00 UTC.
    Europe,
    /// Second Sunday of March to first Sunday of November, at 02:00 local time.
    America,
}

/// Windows name, IANA name, minutes east of UTC in winter, summer time.
const ZONES: [(&str, &str, i64, Summer); 7] = [
    ("UTC", "Etc/UTC", 0, Summer::Never),
    ("GMT Standard Time", "Europe/London", 0, Summer::Europe),
    ("W. Europe Standard Time", "Europe/Berlin", 60, Summer::Europe),
    ("Eastern Standard Time", "America/New_York", -300, Summer::America),
    ("Pacific Standard Time", "America/Los_Angeles", -480, Summer::America),
    ("India Standard Time", "Asia/Kolkata", 330, Summer::Never),
    ("Tokyo Standard Time", "Asia/Tokyo", 540, Summer::Never),
];

/// The local time in a zone; `None`: the zone is not known.
pub(crate) fn local(zone: &str, time: DateTime<Utc>) -> Option<NaiveDateTime> {
    let (_, _, winter, summer) =
        ZONES.iter().find(|(windows, iana, ..)| *windows == zone || *iana == zone)?;
    let extra = if is_summer(*summer, *winter, time) { 60 } else { 0 };
    Some(time.naive_utc() + Duration::minutes(winter + extra))
}

fn is_summer(rule: Summer, winter: i64, time: DateTime<Utc>) -> bool {
    let year = time.year();
    let (from, to) = match rule {
        Summer::Never => return false,
        Summer::Europe => (sunday(year, 3, None, 60), sunday(year, 10, None, 60)),
        Summer::America => (sunday(year, 3, Some(2), 120 - winter), sunday(year, 11, Some(1), 60 - winter)),
    };
    from.is_some_and(|from| from <= time) && to.is_some_and(|to| time < to)
}

/// The n-th (or last) Sunday of a month, so many minutes after its midnight in UTC.
fn sunday(year: i32, month: u32, n: Option<u8>, minutes: i64) -> Option<DateTime<Utc>> {
    let date = match n {
        Some(n) => NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, n),
        None => NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, 5)
            .or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Sun, 4)),
    };
    Some(Utc.from_utc_datetime(&date?.and_hms_opt(0, 0, 0)?) + Duration::minutes(minutes))
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
