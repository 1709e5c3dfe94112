//! .NET `TimeSpan` texts, as host.json writes durations: `[d.]hh:mm:ss[.fffffff]`.

use std::time::Duration;

/// # Errors
/// A sentence that says what was found and what would be right.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    read(text).ok_or_else(|| {
        format!("\"{text}\" is not a duration: write hours, minutes and seconds as in \"00:00:30\"")
    })
}

fn read(text: &str) -> Option<Duration> {
    let mut parts = text.trim().split(':');
    let (first, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = match first.split_once('.') {
        Some((days, hours)) => (number(days, 10_000_000)?, number(hours, 23)?),
        None => (0, number(first, 23)?),
    };
    let (seconds, fraction) =
        seconds.split_once('.').map_or((seconds, "0"), |(whole, fraction)| (whole, fraction));
    if fraction.len() > 7 {
        return None;
    }
    let ticks = number(&format!("{fraction:0<7}"), 9_999_999)?;
    let whole = ((days * 24 + hours) * 60 + number(minutes, 59)?) * 60 + number(seconds, 59)?;
    Some(Duration::from_secs(whole) + Duration::from_nanos(ticks * 100))
}

fn number(digits: &str, most: u64) -> Option<u64> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|value| plain && *value <= most)
}

#[cfg(test)]
#[path = "timespan_tests.rs"]
mod tests;
