//! A timer's tick as the handler gets it (reference/functions-host.md#timers).

use super::{Metadata, sys, wrap};
use crate::timer_status::TimerStatus;
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// The year 1: .NET's way to say never, in the text that newer hosts write.
const NEVER: &str = "0001-01-01T00:00:00+00:00";

/// `status` as it was before this run; none for an unmonitored schedule.
pub(crate) fn timer(
    function: &str,
    binding: &str,
    status: Option<&TimerStatus>,
    past_due: bool,
    now: DateTime<Utc>,
) -> Value {
    let text = |time: Option<DateTime<Utc>>| {
        time.map_or_else(|| NEVER.to_owned(), |time| time.to_rfc3339_opts(SecondsFormat::AutoSi, false))
    };
    let status = status.map(|status| {
        json!({ "Last": text(status.last), "Next": text(Some(status.next)),
        "LastUpdated": text(status.updated) })
    });
    let data =
        json!({ "Schedule": { "AdjustForDST": true }, "ScheduleStatus": status, "IsPastDue": past_due });
    let mut metadata = Metadata::default();
    metadata.set("sys", sys(function, now));
    wrap(binding, data, metadata)
}

#[cfg(test)]
#[path = "timer_tests.rs"]
mod tests;
