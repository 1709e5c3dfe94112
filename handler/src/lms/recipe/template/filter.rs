//! The small pure functions of templates. Their list is closed: there is no way to write others.

use super::error::{FilterFault, NotRendered};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, SecondsFormat, TimeDelta};
use regex::Regex;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    Lower,
    Trim,
    /// Of the UTF-8 text; standard alphabet, padded.
    Base64,
    /// Instead of nothing, and of an empty text.
    Default(String),
    /// An RFC 3339 time, so many days later; before it where the number is below 0.
    PlusDays(i64),
    /// An RFC 3339 time, as `strftime` writes it; UTC.
    Date(String),
    Prefix(String),
    Suffix(String),
    /// The n-th part, from 0, between separators.
    Part(String, usize),
    /// What the pattern's one group stands for; nothing where the pattern does not match.
    Capture(Pattern),
    /// Must be a JSON number; kept digit for digit.
    Number,
    /// `true`, `false`; 1 and 0 are taken, too.
    Boolean,
}

/// A regular expression with one group; two are equal if they are written so.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

const NAMES: [&str; 12] = [
    "lower",
    "trim",
    "base64",
    "default",
    "date",
    "prefix",
    "suffix",
    "part",
    "capture",
    "number",
    "boolean",
    "plus_days",
];

enum Argument {
    Text(String),
    Count(usize),
}

impl Filter {
    /// All names, for whoever looks for the nearest.
    pub const NAMES: &'static [&'static str] = &NAMES;

    /// Reads one from the beginning; how long it is, in bytes. The error names its bytes.
    pub(super) fn parse(text: &str) -> Result<(Self, usize), (Range<usize>, FilterFault)> {
        let length = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
        let (name, rest) = text.split_at(length);
        let Some(name) = NAMES.iter().find(|known| **known == name) else {
            return Err((0..length.max(1).min(text.len().max(1)), FilterFault::Unknown));
        };
        let (arguments, taken) = match rest.strip_prefix('(') {
            Some(inner) => match arguments(inner) {
                Some((arguments, taken)) => (arguments, taken + 1),
                None => return Err((length..text.len(), FilterFault::Arguments("(\"text\") or (\":\", 0)"))),
            },
            None => (Vec::new(), 0),
        };
        let whole = length + taken;
        let wrong = |expected| (0..whole, FilterFault::Arguments(expected));
        let mut arguments = arguments.into_iter();
        let filter = match (*name, arguments.next(), arguments.next(), arguments.next()) {
            ("lower", None, ..) => Self::Lower,
            ("trim", None, ..) => Self::Trim,
            ("base64", None, ..) => Self::Base64,
            ("number", None, ..) => Self::Number,
            ("boolean", None, ..) => Self::Boolean,
            ("default", Some(Argument::Text(text)), None, _) => Self::Default(text),
            ("prefix", Some(Argument::Text(text)), None, _) => Self::Prefix(text),
            ("suffix", Some(Argument::Text(text)), None, _) => Self::Suffix(text),
            ("date", Some(Argument::Text(pattern)), None, _) => {
                if StrftimeItems::new(&pattern).any(|item| item == Item::Error) {
                    return Err((0..whole, FilterFault::Date));
                }
                Self::Date(pattern)
            }
            ("part", Some(Argument::Text(separator)), Some(Argument::Count(n)), None)
                if !separator.is_empty() =>
            {
                Self::Part(separator, n)
            }
            ("plus_days", Some(Argument::Text(days)), None, _) => match days.parse() {
                Ok(days) => Self::PlusDays(days),
                Err(_) => return Err(wrong("a number of days, (\"-7\")")),
            },
            ("capture", Some(Argument::Text(pattern)), None, _) => match Regex::new(&pattern) {
                Ok(pattern) if pattern.captures_len() == 2 => Self::Capture(Pattern(pattern)),
                Ok(_) | Err(_) => return Err((0..whole, FilterFault::Pattern)),
            },
            ("default" | "prefix" | "suffix" | "capture", ..) => return Err(wrong("one text, (\"…\")")),
            ("plus_days", ..) => return Err(wrong("a number of days, (\"-7\")")),
            ("date", ..) => return Err(wrong("one pattern, (\"%Y-%m-%d\")")),
            ("part", ..) => return Err(wrong("a separator and a number from 0, (\":\", 0)")),
            _ => return Err(wrong("no arguments")),
        };
        Ok((filter, whole))
    }

    pub(super) fn apply<'v>(&self, value: Option<Cow<'v, str>>) -> Result<Option<Cow<'v, str>>, NotRendered> {
        let is_given = |value: &Cow<'_, str>| !(value.is_empty() && matches!(self, Self::Default(_)));
        let Some(value) = value.filter(is_given) else {
            let instead = if let Self::Default(text) = self { Some(Cow::Owned(text.clone())) } else { None };
            return Ok(instead);
        };
        Ok(Some(match self {
            Self::Default(_) => value,
            Self::Lower => Cow::Owned(value.to_lowercase()),
            Self::Trim => Cow::Owned(value.trim().to_owned()),
            Self::Base64 => Cow::Owned(STANDARD.encode(value.as_bytes())),
            Self::Prefix(text) => Cow::Owned(format!("{text}{value}")),
            Self::Suffix(text) => Cow::Owned(format!("{value}{text}")),
            Self::Capture(Pattern(pattern)) => {
                let found = pattern.captures(&value).and_then(|found| found.get(1));
                return Ok(found.map(|found| Cow::Owned(found.as_str().to_owned())));
            }
            Self::Part(separator, n) => match value.split(separator.as_str()).nth(*n) {
                Some(part) => Cow::Owned(part.to_owned()),
                None => return Err(NotRendered::NoPart),
            },
            Self::PlusDays(days) => {
                let time = DateTime::parse_from_rfc3339(&value).map_err(|_| NotRendered::NoTime)?.to_utc();
                let later = TimeDelta::try_days(*days).and_then(|days| time.checked_add_signed(days));
                let later = later.ok_or(NotRendered::NoTime)?;
                Cow::Owned(later.to_rfc3339_opts(SecondsFormat::Secs, true))
            }
            Self::Date(pattern) => {
                let time = DateTime::parse_from_rfc3339(&value).map_err(|_| NotRendered::NoTime)?;
                let mut text = String::new();
                write!(text, "{}", time.to_utc().format(pattern)).map_err(|_| NotRendered::NoTime)?;
                Cow::Owned(text)
            }
            Self::Number if is_json_number(&value) => value,
            Self::Number => return Err(NotRendered::NoNumber),
            Self::Boolean => match value.as_ref() {
                "true" | "1" => Cow::Borrowed("true"),
                "false" | "0" => Cow::Borrowed("false"),
                _ => return Err(NotRendered::NoBoolean),
            },
        }))
    }
}

/// `"text", 0)`: the arguments, and the bytes up to behind the bracket.
fn arguments(text: &str) -> Option<(Vec<Argument>, usize)> {
    let mut arguments = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if let Some(quoted) = rest.strip_prefix('"') {
            let (argument, behind) = quoted_text(quoted)?;
            arguments.push(Argument::Text(argument));
            rest = behind;
        } else {
            let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, behind) = rest.split_at(length);
            arguments.push(Argument::Count(digits.parse().ok()?));
            rest = behind;
        }
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix(')') {
            return Some((arguments, text.len() - behind.len()));
        }
        rest = rest.strip_prefix(',')?;
    }
}

/// Up to the closing quote; `\"` and `\\` stand for themselves.
fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut read = String::new();
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Some((read, text.get(index + 1..)?)),
            '\\' => read.push(chars.next().map(|(_, next)| next).filter(|next| matches!(next, '"' | '\\'))?),
            other => read.push(other),
        }
    }
    None
}

/// RFC 8259, section 6.
pub(super) fn is_json_number(text: &str) -> bool {
    serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok_and(|raw| {
        raw.get().len() == text.len() && raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit())
    })
}
