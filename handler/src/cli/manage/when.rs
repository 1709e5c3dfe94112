//! Times in the reader's zone, with its offset: two readers must not understand one line as two times.

use crate::work::view::At;
use chrono::TimeZone;
use std::fmt::Display;

pub(super) fn when<Z: TimeZone<Offset: Display>>(at: At, zone: &Z) -> String {
    at.0.with_timezone(zone).format("%Y-%m-%d %H:%M:%S%:z").to_string()
}

/// The same, or a dash.
pub(super) fn maybe<Z: TimeZone<Offset: Display>>(at: Option<At>, zone: &Z) -> String {
    at.map_or_else(|| "-".to_owned(), |at| when(at, zone))
}
