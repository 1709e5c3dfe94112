//! What an answer means: ordered rules, the first that matches counts.

use super::json_path::JsonPath;
use super::template::Template;
use super::words::Verdict;
use regex::Regex;

/// All that is given must hold.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Empty: any status.
    pub status: Vec<StatusRange>,
    /// The beginning of the media type, in small letters.
    pub content_type: Option<String>,
    pub tests: Vec<RuleTest>,
    pub then: Verdict,
    /// Where the LMS's words for people stand.
    pub message: Option<JsonPath>,
    /// Where a delay stands, in seconds.
    pub retry_after: Option<JsonPath>,
}

/// Both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusRange {
    pub first: u16,
    pub last: u16,
}

#[derive(Debug, Clone)]
pub enum RuleTest {
    /// Of the answer; in [`super::step::Pick::rules`] of the picked entry.
    At(JsonPath, Test),
    /// A header, by its name in small letters.
    Header(String, Test),
    /// The body's text.
    Text(Regex),
}

/// Compared are texts: the number 7 is `7`, true is `true`; null and what is not there are nothing.
#[derive(Debug, Clone)]
pub enum Test {
    Is {
        value: Template,
        ignore_case: bool,
    },
    IsNot {
        value: Template,
        ignore_case: bool,
    },
    IsOneOf {
        values: Vec<Template>,
        ignore_case: bool,
    },
    Matches(Regex),
    Exists(bool),
    /// The same time, however each is written: RFC 3339 with any offset, or seconds or milliseconds since
    /// 1970.
    IsTime(Template),
    /// A list without entries, an object without keys, an empty text, null, or nothing at all.
    IsEmpty(bool),
}
