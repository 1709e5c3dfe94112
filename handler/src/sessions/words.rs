//! When a session is, as people read it: on the clock of its own zone, by language.

use super::moment::Span;
use chrono::{Datelike as _, NaiveDate, NaiveDateTime, Timelike as _};
use schemars::JsonSchema;
use serde::Deserialize;

/// In which Regrets writes
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    De,
}

const DAYS: [(&str, &str); 7] = [
    ("Monday", "Montag"),
    ("Tuesday", "Dienstag"),
    ("Wednesday", "Mittwoch"),
    ("Thursday", "Donnerstag"),
    ("Friday", "Freitag"),
    ("Saturday", "Samstag"),
    ("Sunday", "Sonntag"),
];

const MONTHS: [(&str, &str); 12] = [
    ("January", "Januar"),
    ("February", "Februar"),
    ("March", "März"),
    ("April", "April"),
    ("May", "Mai"),
    ("June", "Juni"),
    ("July", "Juli"),
    ("August", "August"),
    ("September", "September"),
    ("October", "Oktober"),
    ("November", "November"),
    ("December", "Dezember"),
];

impl Language {
    /// Of an IETF tag such as `de-CH`.
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "en" => Some(Self::En),
            "de" => Some(Self::De),
            _ => None,
        }
    }

    pub fn tag(self) -> &'static str {
        self.pick("en", "de")
    }

    pub fn pick<T>(self, en: T, de: T) -> T {
        match self {
            Self::En => en,
            Self::De => de,
        }
    }

    /// `Monday, 1 March 2027`
    pub fn day(self, day: NaiveDate) -> String {
        let of_week = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
        let of_year = usize::try_from(day.month0()).unwrap_or_default();
        let name = DAYS.get(of_week).map_or("", |(en, de)| self.pick(*en, *de));
        let month = MONTHS.get(of_year).map_or("", |(en, de)| self.pick(*en, *de));
        format!("{name}, {}{} {month} {}", day.day(), self.pick("", "."), day.year())
    }

    /// `Monday, 1 March 2027, 09:50`
    pub fn moment(self, wall: NaiveDateTime) -> String {
        format!("{}, {}", self.day(wall.date()), self.clock(wall))
    }

    /// Without its zone, which has to be named beside it.
    pub fn span(self, span: &Span) -> String {
        let to = self.pick("to", "bis");
        match span {
            Span::Timed { start, end } if start.wall.date() == end.wall.date() => {
                format!("{}, {} {to} {}", self.day(start.wall.date()), time(start.wall), self.clock(end.wall))
            }
            Span::Timed { start, end } => {
                format!("{} {to} {}", self.moment(start.wall), self.moment(end.wall))
            }
            Span::Days { first, last, .. } if first == last => {
                format!("{}, {}", self.day(*first), self.pick("all day", "ganztägig"))
            }
            Span::Days { first, last, .. } => format!("{} {to} {}", self.day(*first), self.day(*last)),
        }
    }

    fn clock(self, wall: NaiveDateTime) -> String {
        format!("{}{}", time(wall), self.pick("", " Uhr"))
    }
}

/// `09:05`
fn time(wall: NaiveDateTime) -> String {
    format!("{:02}:{:02}", wall.hour(), wall.minute())
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
