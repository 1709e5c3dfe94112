//! Texts of a connector file that are more than texts: templates, JSONPaths, patterns, names of headers.

use super::file_reader::FileReader;
use crate::config::nearest::nearest;
use crate::config::problem::{Problem, ProblemKind};
use crate::config::source::Place;
use crate::config::table::{At, May};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::json_path::{JsonPath, JsonPathError};
use crate::lms::recipe::template::{Filter, Position, Template, TemplateError, TemplateFault};
use regex::{Regex, RegexBuilder};
use std::borrow::Cow;
use std::ops::Range;

/// Of a compiled pattern, bytes: a class of all letters fits, a thousand repetitions of it don't.
const PATTERN_BYTES: usize = 1 << 20;

/// What the engine writes by itself, or what would lead elsewhere.
const HEADERS_OF_THE_ENGINE: [&str; 8] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "cookie",
    "te",
    "upgrade",
    "proxy-authorization",
];

impl<'a> FileReader<'a> {
    /// A contradiction that points at its place.
    pub(super) fn wrong(&mut self, node: &Node, why: impl Into<String>, label: &str, hint: Option<String>) {
        self.wrong_at(node, &node.at, why, label, hint);
    }

    /// As [`FileReader::wrong`], at the key.
    pub(super) fn wrong_key(
        &mut self,
        node: &Node,
        why: impl Into<String>,
        label: &str,
        hint: Option<String>,
    ) {
        self.wrong_at(node, &node.key_at, why, label, hint);
    }

    pub(super) fn wrong_at(
        &mut self,
        node: &Node,
        place: &Place,
        why: impl Into<String>,
        label: &str,
        hint: Option<String>,
    ) {
        let trouble = ProblemKind::Contradiction { path: node.path.clone(), why: why.into() };
        let problem = Problem::new(trouble).at(place, label);
        self.report(match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
    }

    /// The place of a part of a text, where the file writes the text as it is; else that of the whole.
    fn within(&self, node: &Node, text: &str, part: &Range<usize>) -> Place {
        let (start, length) = (node.at.start(), node.at.len());
        let written = self.source_text.get(start..start + length).unwrap_or_default();
        for quotes in ["'''", "\"\"\"", "'", "\""] {
            let Some(inner) = written.strip_prefix(quotes) else { continue };
            let inner = if quotes.len() == 3 {
                inner.strip_prefix("\r\n").or_else(|| inner.strip_prefix('\n')).unwrap_or(inner)
            } else {
                inner
            };
            if inner.starts_with(text) {
                let first = start + written.len() - inner.len();
                return Place::new(node.at.source(), first + part.start..first + part.end);
            }
        }
        node.at.clone()
    }

    /// A text, number or flag as text, as it stands.
    pub(super) fn scalar<'n>(&mut self, node: &'n Node) -> Option<Cow<'n, str>> {
        match &node.value {
            Value::Text(text) => Some(Cow::Borrowed(text)),
            Value::Integer(Some(number)) => Some(Cow::Owned(number.to_string())),
            Value::Boolean(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
            Value::Integer(None) | Value::Float(_) | Value::Date(_) | Value::List(_) | Value::Table(_) => {
                self.bad_value(node, "a text", "", Some("write it in quotation marks".to_owned()));
                None
            }
        }
    }

    /// A template whose placeholders are known where it stands.
    pub(super) fn template(&mut self, node: &Node, position: Position) -> Option<Template> {
        let text = self.scalar(node)?;
        let template = match Template::parse(&text, position) {
            Ok(template) => template,
            Err(error) => {
                self.not_a_template(node, &text, &error);
                return None;
            }
        };
        for (name, part) in template.placeholders() {
            let place = self.within(node, &text, &part);
            self.placeholder(node, &place, name);
        }
        Some(template)
    }

    fn not_a_template(&mut self, node: &Node, text: &str, error: &TemplateError) {
        let place = self.within(node, text, &error.at);
        let hint = match &error.fault {
            TemplateFault::Filter(_) => {
                let typed = text.get(error.at.clone()).unwrap_or_default();
                nearest(typed, Filter::NAMES.iter().copied())
                    .filter(|near| *near != typed)
                    .map(|near| format!("did you mean `{near}`?"))
            }
            TemplateFault::Open
            | TemplateFault::Stray
            | TemplateFault::Block
            | TemplateFault::Name
            | TemplateFault::AfterName
            | TemplateFault::PathStart
            | TemplateFault::NotInPath(_)
            | TemplateFault::DotSegment
            | TemplateFault::OutsideLiteral
            | TemplateFault::OutsideXmlText
            | TemplateFault::Xml(_)
            | TemplateFault::Scheme
            | TemplateFault::HostLabel
            | TemplateFault::NotInHeader => None,
        };
        self.wrong_at(node, &place, error.to_string(), "here", hint);
    }

    /// Templates by names of the author's own, in the order of the file.
    pub(super) fn templates<K>(
        &mut self,
        given: May<'_, K>,
        position: Position,
    ) -> Option<Vec<(String, Template)>> {
        let Some(given) = given else { return Some(Vec::new()) };
        let entries = self.entries(given.node, &[])?;
        let read: Vec<Option<(String, Template)>> =
            entries.iter().map(|entry| Some((entry.key.clone(), self.template(entry, position)?))).collect();
        read.into_iter().collect()
    }

    /// As [`FileReader::templates`]; names are those of headers, in small letters.
    pub(super) fn headers<K>(&mut self, given: May<'_, K>) -> Option<Vec<(String, Template)>> {
        let Some(given) = given else { return Some(Vec::new()) };
        let entries = self.entries(given.node, &[])?;
        let mut headers: Vec<(String, Template)> = Vec::new();
        let mut all_are_good = true;
        for entry in entries {
            let name = self.header_to_send(entry, &entry.key, &entry.key_at);
            match (name, self.template(entry, Position::Header)) {
                (Some(name), Some(_)) if headers.iter().any(|(known, _)| *known == name) => {
                    self.wrong_key(entry, "this header is given twice", "the second", None);
                    all_are_good = false;
                }
                (Some(name), Some(template)) => headers.push((name, template)),
                (None, _) | (_, None) => all_are_good = false,
            }
        }
        all_are_good.then_some(headers)
    }

    pub(super) fn header_to_send(&mut self, node: &Node, name: &str, place: &Place) -> Option<String> {
        let name = self.header_name(node, name, place)?;
        if HEADERS_OF_THE_ENGINE.contains(&name.as_str()) {
            let why = format!("the header {name} is written by Regrets itself");
            self.wrong_at(node, place, why, "leave it out", None);
            return None;
        }
        Some(name)
    }

    fn header_name(&mut self, node: &Node, name: &str, place: &Place) -> Option<String> {
        match http::HeaderName::from_bytes(name.as_bytes()) {
            Ok(name) => Some(name.as_str().to_owned()),
            Err(_) => {
                self.wrong_at(node, place, "this is no name of a header", "not a name", None);
                None
            }
        }
    }

    /// The name of a header of an answer, in small letters.
    pub(super) fn header(&mut self, given: At<'_, String>) -> Option<String> {
        let name = self.text(&given, "the name of a header")?;
        self.header_name(&given, name, &given.at)
    }

    pub(super) fn json_path(&mut self, given: At<'_, String>) -> Option<JsonPath> {
        const EXPECTED: &str = "a JSONPath such as \"$.items[*].id\"";
        let text = self.text(&given, EXPECTED)?;
        match JsonPath::parse(text) {
            Ok(path) => Some(path),
            Err(error) => {
                let at = match &error {
                    JsonPathError::Descends => text.find("..").map_or(0..0, |at| at..at + 2),
                    JsonPathError::Syntax { at, .. } => *at..*at,
                    JsonPathError::TooLong | JsonPathError::TooDeep => 0..text.len(),
                };
                let place = self.within(&given, text, &at);
                let trouble = ProblemKind::BadValue {
                    path: given.path.clone(),
                    expected: EXPECTED.to_owned(),
                    found: given.found(),
                };
                let hint = (!text.starts_with('$')).then_some("it begins with `$`, the whole answer");
                let problem = Problem::new(trouble).at(&place, error.to_string());
                self.report(match hint {
                    Some(hint) => problem.hint(hint),
                    None => problem,
                });
                None
            }
        }
    }

    pub(super) fn json_path_where_given(&mut self, given: May<'_, String>) -> Option<Option<JsonPath>> {
        match given {
            Some(given) => self.json_path(given).map(Some),
            None => Some(None),
        }
    }

    pub(super) fn regex(&mut self, given: At<'_, String>) -> Option<Regex> {
        const EXPECTED: &str = "a regular expression";
        let text = self.text(&given, EXPECTED)?;
        match RegexBuilder::new(text).size_limit(PATTERN_BYTES).build() {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let whole = error.to_string();
                let why = if matches!(error, regex::Error::CompiledTooBig(_)) {
                    "it is too big: make its repetitions fewer"
                } else {
                    whole.lines().last().unwrap_or(EXPECTED).trim_start_matches("error: ")
                };
                self.bad_value(&given, EXPECTED, why, None);
                None
            }
        }
    }

    /// A whole number within a range.
    pub(super) fn number(
        &mut self,
        given: May<'_, u32>,
        range: std::ops::RangeInclusive<u32>,
        default: u32,
    ) -> Option<u32> {
        let Some(given) = given else { return Some(default) };
        if let Value::Integer(Some(number)) = given.value
            && let Ok(number) = u32::try_from(number)
            && range.contains(&number)
        {
            return Some(number);
        }
        let expected = format!("a whole number from {} to {}", range.start(), range.end());
        self.bad_value(&given, &expected, "", None);
        None
    }

    /// The items of a list.
    pub(super) fn list<'n, K>(&mut self, given: At<'n, Vec<K>>, expected: &str) -> Option<&'n [Node]> {
        if let Value::List(items) = &given.node.value {
            return Some(items);
        }
        self.bad_value(&given, expected, "not a list", None);
        None
    }
}

/// `[a-z][a-z0-9_]*`, at most 41 characters.
pub(super) fn is_name(text: &str) -> bool {
    text.len() <= 41
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
