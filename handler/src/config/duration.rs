//! Durations as in `1h 30m` (reference/rules.md#configuration): whole numbers of `d`, `h`, `m`, `s`, the
//! greater unit first, each at most once.

use chrono::Duration;

/// Nothing that Regrets waits for lasts longer, and sums of such spans can't overflow.
const MOST_DAYS: u64 = 3650;

/// The same rule for the JSON Schema.
pub(super) const DURATION_PATTERN: &str = r"^\s*(?=\d)(\d+\s*d\s*)?(\d+\s*h\s*)?(\d+\s*m\s*)?(\d+\s*s)?\s*$";

const UNITS: [(&str, u64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];

/// What is wrong with a text that should be a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    #[error("it is empty")]
    Empty,
    #[error("it may not be negative")]
    Negative,
    #[error("`{0}` needs a unit: d, h, m or s")]
    NoUnit(String),
    #[error("`{0}` is not a unit: use d, h, m or s")]
    UnknownUnit(String),
    #[error("`{0}` has no number before it")]
    NoNumber(String),
    #[error("only whole numbers can be used: write 1h 30m for 1.5h")]
    Fraction,
    #[error("units go from great to small, each once: d, h, m, s")]
    Order,
    #[error("it is longer than {MOST_DAYS} days")]
    TooLong,
}

/// Reads `0s`, `10m`, `1h 30m`, `1h30m`, `90d`.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(DurationError::Empty);
    }
    if rest.starts_with('-') {
        return Err(DurationError::Negative);
    }
    let mut seconds: u64 = 0;
    let mut allowed = UNITS.as_slice();
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit());
        if after.starts_with(['.', ',']) {
            return Err(DurationError::Fraction);
        }
        let (unit, after) = split(after.trim_start(), |c| !c.is_ascii_digit() && !c.is_whitespace());
        if digits.is_empty() {
            return Err(DurationError::NoNumber(unit.to_owned()));
        }
        if unit.is_empty() {
            return Err(DurationError::NoUnit(digits.to_owned()));
        }
        if !UNITS.iter().any(|(name, _)| *name == unit) {
            return Err(DurationError::UnknownUnit(unit.to_owned()));
        }
        let Some(index) = allowed.iter().position(|(name, _)| *name == unit) else {
            return Err(DurationError::Order);
        };
        let size = allowed.get(index).map_or(1, |(_, size)| *size);
        allowed = allowed.get(index + 1..).unwrap_or_default();
        let number: u64 = digits.parse().map_err(|_| DurationError::TooLong)?;
        seconds = number
            .checked_mul(size)
            .and_then(|part| seconds.checked_add(part))
            .ok_or(DurationError::TooLong)?;
        rest = after.trim_start();
    }
    if seconds > MOST_DAYS * 86_400 {
        return Err(DurationError::TooLong);
    }
    Ok(Duration::seconds(i64::try_from(seconds).map_err(|_| DurationError::TooLong)?))
}

/// The same notation back: `1h 30m`; `0s` for nothing.
pub fn show(duration: Duration) -> String {
    let mut seconds = u64::try_from(duration.num_seconds()).unwrap_or_default();
    let mut parts = Vec::new();
    for (unit, size) in UNITS {
        // 24h stays 24h, as people write it.
        if unit == "d" && seconds < 2 * size {
            continue;
        }
        if seconds >= size {
            parts.push(format!("{}{unit}", seconds / size));
            seconds %= size;
        }
    }
    if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") }
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
#[path = "duration_tests.rs"]
mod tests;
