//! NCRONTAB schedules in UTC: six fields with seconds, or five without. Day of month *and* day of week must
//! match.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    text: String,
    cron: Box<Cron>,
}

impl Schedule {
    /// # Errors
    /// A sentence that says what was found and what would be right.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let refuse = |why: String| {
            format!(
                "\"{text}\" is not an NCRONTAB schedule ({why}): write {{second}} {{minute}} {{hour}} \
                 {{day}} {{month}} {{day of week}}, as in \"0 */5 * * * *\""
            )
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        if !(5..=6).contains(&fields.len()) {
            return Err(refuse(format!("{} fields", fields.len())));
        }
        // The parser knows more than NCRONTAB does; what only it understands would fail on the real host.
        if let Some(field) = fields.iter().find(|field| !is_ncrontab(field)) {
            return Err(refuse(format!("`{field}` is not in its language")));
        }
        let parser =
            CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).dom_and_dow(true).build();
        let spelled = if fields.len() == 5 { format!("0 {}", fields.join(" ")) } else { fields.join(" ") };
        let cron = parser.parse(&spelled).map_err(|error| refuse(error.to_string()))?;
        Ok(Self { text: text.to_owned(), cron: Box::new(cron) })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The first occurrence later than `time`; none for a day that never comes, such as 30 February.
    pub(crate) fn next_after(&self, time: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let whole = time.with_nanosecond(0).unwrap_or(time);
        self.cron.find_next_occurrence(&whole, false).ok()
    }

    /// Whether it fires more than once a minute, which turns monitoring off
    /// (reference/functions-host.md#timers).
    pub(crate) fn is_dense(&self, from: DateTime<Utc>) -> bool {
        let mut last = from;
        for _ in 0..5 {
            let Some(next) = self.next_after(last) else { return false };
            if last != from && next - last < TimeDelta::minutes(1) {
                return true;
            }
            last = next;
        }
        false
    }
}

/// Numbers, `*`, lists, ranges, steps, and English names of months and days.
fn is_ncrontab(field: &str) -> bool {
    field.split([',', '-', '/', '*']).all(|word| {
        word.is_empty()
            || word.bytes().all(|byte| byte.is_ascii_digit())
            || (word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic()))
    })
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
