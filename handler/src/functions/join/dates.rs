//! When a session is, and on whose clock.

use crate::sessions::moment::Span;
use crate::sessions::words::Language;

pub(super) fn facts(language: Language, span: &Span) -> Vec<(&'static str, String)> {
    vec![
        (language.pick("When", "Wann"), language.span(span)),
        (language.pick("Time zone", "Zeitzone"), zone(span)),
    ]
}

/// `Europe/London (UTC+01:00)`: the name, and how far its clocks are from UTC then.
fn zone(span: &Span) -> String {
    let (zone, at) = (span.zone(), span.start());
    let minutes = (zone.wall_of(at) - at.naive_utc()).num_minutes();
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{} (UTC{sign}{:02}:{:02})", zone.name(), minutes / 60, minutes % 60)
}

#[cfg(test)]
#[path = "dates_tests.rs"]
mod tests;
