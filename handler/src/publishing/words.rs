//! Regrets' own words in an event, in the learner's language: when it is, in which zone, and until when
//! declining gives the place back.

use crate::sessions::moment::{Moment, Span};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use schemars::JsonSchema;
use serde::Deserialize;

/// In which Regrets writes
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    En,
    De,
}

/// What is said beside the LMS's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// Of learners of whom the LMS tells none that is known here.
    pub language: Language,
    /// Declining gives the place back, until so long before the start; `None`: nothing is promised.
    pub gives_back: Option<TimeDelta>,
}

impl Default for Words {
    fn default() -> Self {
        Self { language: Language::En, gives_back: None }
    }
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

    fn pick(self, (en, de): (&'static str, &'static str)) -> &'static str {
        match self {
            Self::En => en,
            Self::De => de,
        }
    }

    /// `Monday, 1 March 2027`
    fn day(self, day: NaiveDate) -> String {
        let of_week = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
        let of_year = usize::try_from(day.month0()).unwrap_or_default();
        let name = DAYS.get(of_week).map_or("", |names| self.pick(*names));
        let month = MONTHS.get(of_year).map_or("", |names| self.pick(*names));
        let dot = self.pick(("", "."));
        format!("{name}, {}{dot} {month} {}", day.day(), day.year())
    }

    fn moment(self, wall: NaiveDateTime) -> String {
        let clock = self.pick(("", " Uhr"));
        format!("{}, {}{clock}", self.day(wall.date()), time(wall))
    }

    /// When it takes place, in the session's own zone.
    pub fn when(self, span: &Span) -> String {
        let zone = match self {
            Self::En => format!("time in {}", span.zone().name()),
            Self::De => format!("Zeit in {}", span.zone().name()),
        };
        let to = self.pick(("to", "bis"));
        let said = match span {
            Span::Timed { start, end } if start.wall.date() == end.wall.date() => {
                format!("{}, {} {to} {}", self.day(start.wall.date()), time(start.wall), self.end(end.wall))
            }
            Span::Timed { start, end } => {
                format!("{} {to} {}", self.moment(start.wall), self.moment(end.wall))
            }
            Span::Days { first, last, .. } if first == last => {
                format!("{}, {}", self.day(*first), self.pick(("all day", "ganztägig")))
            }
            Span::Days { first, last, .. } => format!("{} {to} {}", self.day(*first), self.day(*last)),
        };
        format!("{said} ({zone})")
    }

    fn end(self, wall: NaiveDateTime) -> String {
        format!("{}{}", time(wall), self.pick(("", " Uhr")))
    }

    /// What declining does, and until when.
    pub fn giving_back(self, span: &Span, until: TimeDelta) -> String {
        let last = Moment::of_instant(until_of(span, until), span.zone());
        match self {
            Self::En => format!(
                "If you can't come, decline this invitation: your place is given back then. This works \
                 until {}.",
                self.moment(last.wall)
            ),
            Self::De => format!(
                "Wenn Sie nicht kommen können, lehnen Sie diese Einladung ab: Ihr Platz wird dann \
                 freigegeben. Das geht bis {}.",
                self.moment(last.wall)
            ),
        }
    }
}

fn until_of(span: &Span, until: TimeDelta) -> DateTime<Utc> {
    span.start().checked_sub_signed(until).unwrap_or(span.start())
}

/// `09:05`
fn time(wall: NaiveDateTime) -> String {
    format!("{:02}:{:02}", wall.hour(), wall.minute())
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
