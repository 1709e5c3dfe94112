//! Times in the reader's zone, with its offset: two readers must not understand one line as two times.

use crate::jobs::operate::management_json::At;
use chrono::{NaiveDateTime, TimeZone};
use std::fmt::Display;

pub(super) fn when<Z: TimeZone<Offset: Display>>(at: At, zone: &Z) -> String {
    at.0.with_timezone(zone).format("%Y-%m-%d %H:%M:%S%:z").to_string()
}

/// The same, or a dash.
pub(super) fn maybe<Z: TimeZone<Offset: Display>>(at: Option<At>, zone: &Z) -> String {
    at.map_or_else(|| "-".to_owned(), |at| when(at, zone))
}

/// A sentence of the ledger, which has its times in UTC, with them in the reader's zone. What the LMS said
/// (`“…”`) stays as it said it.
pub(super) fn sentence<Z: TimeZone<Offset: Display>>(text: &str, zone: &Z) -> String {
    const MARK: &str = " UTC";
    let mut told = String::with_capacity(text.len());
    for part in text.split_inclusive(['“', '”']) {
        let mut rest = part;
        while let Some((before, after)) = rest.split_once(MARK).filter(|_| !part.ends_with('”')) {
            let at = before.len().saturating_sub("2026-11-21 10:00:00".len());
            let time = before
                .get(at..)
                .and_then(|time| NaiveDateTime::parse_from_str(time, "%Y-%m-%d %H:%M:%S").ok());
            match time {
                Some(time) => {
                    told.push_str(before.get(..at).unwrap_or_default());
                    told.push_str(&when(At(time.and_utc()), zone));
                }
                None => {
                    told.push_str(before);
                    told.push_str(MARK);
                }
            }
            rest = after;
        }
        told.push_str(rest);
    }
    told
}

#[cfg(test)]
#[path = "local_time_tests.rs"]
mod tests;
