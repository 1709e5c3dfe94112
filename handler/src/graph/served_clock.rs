//! How far Graph's clock is ahead of ours, by the `Date` of its last answer.
//!
//! `Date` has whole seconds, and an answer takes its time: what is said here is right to a second or two.

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;

#[derive(Debug, Default)]
pub(super) struct ServedClock(Mutex<Option<TimeDelta>>);

impl ServedClock {
    /// `sent` and `received` by our clock.
    pub(super) fn note(&self, date: &str, sent: DateTime<Utc>, received: DateTime<Utc>) {
        let Ok(date) = httpdate::parse_http_date(date.trim()) else { return };
        let date = DateTime::<Utc>::from(date);
        *self.0.lock() = Some(date - (sent + (received - sent) / 2));
    }

    pub(super) fn ahead(&self) -> Option<TimeDelta> {
        *self.0.lock()
    }
}

#[cfg(test)]
#[path = "served_clock_tests.rs"]
mod tests;
