//! `[tenant.<name>.recognise]`: which events are training sessions, and where the session's id stands in them.

use super::keys;
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::tree::{Node, Value};
use crate::calendar::matching::{Recognise, SessionSource};
use regex::Regex;

/// The name of the group that catches the session's id.
const GROUP: &str = "session";

/// For an extended property without a pattern: the whole value, without white space around it.
const WHOLE_VALUE: &str = r"^\s*(?<session>\S|\S.*\S)\s*$";

/// The ids that Graph takes for `singleValueExtendedProperties`: type, GUID and name or number, or type and tag.
const PROPERTY_ID: &str = r"(?x) ^ [A-Za-z]+ \x20 (?:
    \{ [0-9A-Fa-f]{8} (?:-[0-9A-Fa-f]{4}){3} - [0-9A-Fa-f]{12} \} \x20 (?: Name \x20 \S.* | Id \x20 0x[0-9A-Fa-f]{1,8} )
  | 0x[0-9A-Fa-f]{1,8}
) $";

impl Reader<'_> {
    pub(super) fn recognise(&mut self, node: &Node, connector_can_look_up: bool) -> Option<Recognise> {
        let table = self.table(node, keys::RECOGNISE)?;
        let organizer = match table.child("organizer") {
            Some(node) if matches!(&node.value, Value::List(items) if items.is_empty()) => {
                self.contradiction(node, "the list is empty: leave it out to take any organizer");
                None
            }
            Some(node) => self.addresses(node),
            None => Some(Vec::new()),
        };
        let session = self
            .required(
                table,
                "session",
                "where the session's id stands, such as { ical_uid = '^lms-(?<session>\\d+)@' }",
            )
            .and_then(|node| self.session(node, connector_can_look_up));
        Some(Recognise { organizer: organizer?, session: session? })
    }

    fn session(&mut self, node: &Node, connector_can_look_up: bool) -> Option<SessionSource> {
        let given = self.only_one(node, keys::SESSION)?;
        match given.key.as_str() {
            "ical_uid" => self.pattern(given).map(SessionSource::ICalUid),
            "subject" => self.pattern(given).map(SessionSource::Subject),
            "body" => self.pattern(given).map(SessionSource::Body),
            "extended_property" => self.extended_property(given),
            _ => self.lookup(given, connector_can_look_up),
        }
    }

    fn lookup(&mut self, node: &Node, connector_can_look_up: bool) -> Option<SessionSource> {
        if !matches!(node.value, Value::Boolean(true)) {
            self.bad_value(node, "`true`", "", None);
            return None;
        }
        if !connector_can_look_up {
            self.contradiction(
                node,
                "the connector \"webhook\" can't look a session up: say where its id stands, with ical_uid, subject, body or \
                 extended_property",
            );
            return None;
        }
        Some(SessionSource::Lookup)
    }

    fn extended_property(&mut self, node: &Node) -> Option<SessionSource> {
        const EXPECTED: &str =
            "a property's id such as \"String {66f5a359-4659-4830-9070-00047ec6ac6e} Name LmsSessionId\"";
        let table = self.table(node, keys::EXTENDED_PROPERTY)?;
        let pattern = match table.child("pattern") {
            Some(node) => self.pattern(node),
            None => Regex::new(WHOLE_VALUE).ok(),
        };
        let id = self.required(table, "id", "the id of the property, as Graph writes it")?;
        let text = self.text(id, EXPECTED)?;
        if !Regex::new(PROPERTY_ID).is_ok_and(|form| form.is_match(text)) {
            self.bad_value(id, EXPECTED, "not of that form", None);
            return None;
        }
        Some(SessionSource::ExtendedProperty { property: text.to_owned(), pattern: pattern? })
    }

    /// A regular expression with the named group `session`.
    fn pattern(&mut self, node: &Node) -> Option<Regex> {
        const EXPECTED: &str = "a regular expression with a group (?<session>…)";
        let text = self.text(node, EXPECTED)?;
        let pattern = match Regex::new(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                // The library draws the pattern over several lines; the reason stands on the last.
                let whole = error.to_string();
                let why = whole.lines().last().unwrap_or("not a regular expression").trim_start_matches("error: ");
                self.bad_value(node, EXPECTED, why, None);
                return None;
            }
        };
        if !pattern.capture_names().flatten().any(|name| name == GROUP) {
            let hint = Some("put the part that is the session's id into (?<session>…)".to_owned());
            self.bad_value(node, EXPECTED, "the group `session` is missing", hint);
            return None;
        }
        if pattern.is_match("") {
            let trouble = ProblemKind::Contradiction {
                path: node.path.clone(),
                why: "the pattern matches the empty text, so every event would be a session".to_owned(),
            };
            self.report(
                Problem::new(trouble)
                    .at(&node.at, "matches nothing at all")
                    .hint("ask for a character at least: + in place of *"),
            );
            return None;
        }
        Some(pattern)
    }
}
