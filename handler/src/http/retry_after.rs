//! `Retry-After` (RFC 9110, 10.2.3): seconds or an HTTP date; decimals are seen in practice and honoured
//! (reference/graph-limits.md#retry-after).

use chrono::{DateTime, Utc};
use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};
use std::time::Duration;

/// How long we are asked to stay away, `longest` at most; `None` for what can't be read. A date counts from
/// `now`, and one that has passed is no wait.
pub fn parse(value: &str, now: DateTime<Utc>, longest: Duration) -> Option<Duration> {
    let value = value.trim();
    let wait = match seconds(value) {
        Some(wait) => wait,
        None => (date(value)? - now).to_std().unwrap_or_default(),
    };
    Some(wait.min(longest))
}

/// As [`parse`], from the headers of an answer whose sender's clock nobody knows: a date counts from the
/// answer's own `Date`, so that this clock is compared with itself; from `now` without one. `None`, too,
/// where there is nothing to wait for.
pub fn of(headers: &HeaderMap, now: DateTime<Utc>, longest: Duration) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let from = text(DATE).and_then(date).unwrap_or(now);
    parse(text(RETRY_AFTER)?, from, longest).filter(|wait| !wait.is_zero())
}

fn seconds(text: &str) -> Option<Duration> {
    // `f64` also reads "inf", "nan", "1e9" and signs.
    if !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let seconds: f64 = text.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(text.trim()).ok().map(DateTime::from)
}

#[cfg(test)]
#[path = "retry_after_tests.rs"]
mod tests;
