//! Headers that count down: at nought nothing is sent until they count anew. Each LMS names them differently,
//! and its file says how.

use super::answer::Answer;
use super::classify::LONGEST;
use crate::lms::recipe::connector::Service;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// From here on a number is no count of seconds but a time: in 2001, or as a wait 31 years.
const A_TIME: f64 = 1e9;
const MILLIS: f64 = 1e11;

pub(super) fn pause(service: &Service, answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    let number = |name: &Option<String>| -> Option<f64> {
        let text = answer.header(name.as_deref()?)?;
        // `60, 60;w=60`: the first says it.
        let first = text.split([',', ';']).next()?.trim();
        first.parse().ok().filter(|number: &f64| number.is_finite())
    };
    let remaining = number(&service.remaining)?;
    if remaining >= 1.0 {
        return None;
    }
    let reset = number(&service.reset)?;
    #[expect(clippy::cast_precision_loss, reason = "times of this age of the world are exact")]
    let seconds = match reset {
        wait if wait < A_TIME => wait,
        time if time < MILLIS => time - now.timestamp_millis() as f64 / 1000.0,
        millis => (millis - now.timestamp_millis() as f64) / 1000.0,
    };
    let pause = Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST).min(LONGEST);
    (!pause.is_zero()).then_some(pause)
}

#[cfg(test)]
#[path = "rate_headers_tests.rs"]
mod tests;
