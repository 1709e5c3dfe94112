//! What a timer invocation says of its schedule. Read leniently: the dates of some hosts have no zone or lie
//! in year 1 (reference/functions-host.md#timers), and a timer's work must not fail for a date it does not
//! need.

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TimerInfo {
    /// The host was not running when this was due.
    pub is_past_due: bool,
    /// `None` when the host does not monitor the schedule.
    pub schedule_status: Option<ScheduleStatus>,
}

/// Times in UTC; `None` for "never yet" and for what can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScheduleStatus {
    pub last: Option<DateTime<Utc>>,
    pub next: Option<DateTime<Utc>>,
    pub last_updated: Option<DateTime<Utc>>,
}

impl TimerInfo {
    pub(crate) fn from_json(value: &Value) -> Self {
        if let Value::String(text) = value
            && let Ok(inner @ Value::Object(_)) = serde_json::from_str(text)
        {
            return Self::from_json(&inner);
        }
        let time =
            |name: &str, status: &Value| member(status, name).and_then(Value::as_str).and_then(lenient_time);
        Self {
            is_past_due: member(value, "IsPastDue").is_some_and(is_true),
            schedule_status: member(value, "ScheduleStatus").filter(|status| status.is_object()).map(
                |status| ScheduleStatus {
                    last: time("Last", status),
                    next: time("Next", status),
                    last_updated: time("LastUpdated", status),
                },
            ),
        }
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, found)| found)
}

fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or_else(|| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true")))
}

fn lenient_time(text: &str) -> Option<DateTime<Utc>> {
    let with_zone = DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc));
    let time = with_zone.or_else(|| {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().map(|time| time.and_utc())
    })?;
    (time.year() > 1).then_some(time)
}
