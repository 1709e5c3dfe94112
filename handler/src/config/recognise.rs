//! `[tenant.<name>.recognise]`: which events are training sessions, and where the session's id stands in
//! them.

use super::connectors::Chosen;
use super::problem::{Problem, ProblemKind};
use super::raw;
use super::reader::Reader;
use super::table::At;
use super::tree::Value;
use crate::calendar::matching::{Recognise, SessionSource};
use regex::Regex;

/// The name of the group that catches the session's id.
const GROUP: &str = "session";

/// For an extended property without a pattern: the whole value, without white space around it.
const WHOLE_VALUE: &str = r"^\s*(?<session>\S|\S.*\S)\s*$";

/// The ids that Graph takes for `singleValueExtendedProperties`: type, GUID and name or number, or type and
/// tag.
const PROPERTY_ID: &str = r"(?x) ^ [A-Za-z]+ \x20 (?:
    \{ [0-9A-Fa-f]{8} (?:-[0-9A-Fa-f]{4}){3} - [0-9A-Fa-f]{12} \} \x20 (?: Name \x20 \S.* | Id \x20 0x[0-9A-Fa-f]{1,8} )
  | 0x[0-9A-Fa-f]{1,8}
) $";

impl Reader<'_> {
    pub(super) fn recognise(
        &mut self,
        recognise: At<'_, raw::Recognise<'_>>,
        chosen: &Chosen,
    ) -> Option<Recognise> {
        let given = self.table(recognise)?;
        let organizer = match given.organizer {
            Some(given) if matches!(&given.value, Value::List(items) if items.is_empty()) => {
                self.contradiction(&given, "the list is empty: leave it out to take any organizer");
                None
            }
            Some(given) => self.addresses(given),
            None => Some(Vec::new()),
        };
        let session = self
            .required(
                given.session,
                "where the session's id stands, such as { ical_uid = '^lms-(?<session>\\d+)@' }",
            )
            .and_then(|session| self.session(session, chosen));
        Some(Recognise { organizer: organizer?, session: session? })
    }

    fn session(&mut self, session: At<'_, raw::Session<'_>>, chosen: &Chosen) -> Option<SessionSource> {
        match self.only_one(session)? {
            raw::Session { ical_uid: Some(pattern), .. } => self.pattern(pattern).map(SessionSource::ICalUid),
            raw::Session { subject: Some(pattern), .. } => self.pattern(pattern).map(SessionSource::Subject),
            raw::Session { body: Some(pattern), .. } => self.pattern(pattern).map(SessionSource::Body),
            raw::Session { extended_property: Some(property), .. } => self.extended_property(property),
            raw::Session { lookup, .. } => self.lookup(lookup?, chosen),
        }
    }

    fn lookup(&mut self, given: At<'_, bool>, chosen: &Chosen) -> Option<SessionSource> {
        if !matches!(given.value, Value::Boolean(true)) {
            self.bad_value(&given, "`true`", "", None);
            return None;
        }
        if chosen.can_look_up() == Some(false) {
            self.contradiction(
                &given,
                format!(
                    "the connector \"{}\" can't look a session up: say where its id stands, with ical_uid, \
                     subject, body or extended_property",
                    chosen.name()
                ),
            );
            return None;
        }
        Some(SessionSource::Lookup)
    }

    fn extended_property(&mut self, property: At<'_, raw::ExtendedProperty<'_>>) -> Option<SessionSource> {
        const EXPECTED: &str =
            "a property's id such as \"String {66f5a359-4659-4830-9070-00047ec6ac6e} Name LmsSessionId\"";
        let given = self.table(property)?;
        let pattern = match given.pattern {
            Some(pattern) => self.pattern(pattern),
            None => Regex::new(WHOLE_VALUE).ok(),
        };
        let id = self.required(given.id, "the id of the property, as Graph writes it")?;
        let text = self.text(&id, EXPECTED)?;
        if !Regex::new(PROPERTY_ID).is_ok_and(|form| form.is_match(text)) {
            self.bad_value(&id, EXPECTED, "not of that form", None);
            return None;
        }
        Some(SessionSource::ExtendedProperty { property: text.to_owned(), pattern: pattern? })
    }

    /// A regular expression with the named group `session`.
    fn pattern(&mut self, given: At<'_, String>) -> Option<Regex> {
        const EXPECTED: &str = "a regular expression with a group (?<session>…)";
        let text = self.text(&given, EXPECTED)?;
        let pattern = match Regex::new(text) {
            Ok(pattern) => pattern,
            Err(error) => {
                // The library draws the pattern over several lines; the reason stands on the last.
                let whole = error.to_string();
                let why =
                    whole.lines().last().unwrap_or("not a regular expression").trim_start_matches("error: ");
                self.bad_value(&given, EXPECTED, why, None);
                return None;
            }
        };
        if !pattern.capture_names().flatten().any(|name| name == GROUP) {
            let hint = Some("put the part that is the session's id into (?<session>…)".to_owned());
            self.bad_value(&given, EXPECTED, "the group `session` is missing", hint);
            return None;
        }
        if pattern.is_match("") {
            let kind = ProblemKind::Contradiction {
                path: given.path.clone(),
                why: "the pattern matches the empty text, so every event would be a session".to_owned(),
            };
            self.report(
                Problem::new(kind)
                    .at(&given.at, "matches nothing at all")
                    .hint("ask for a character at least: + in place of *"),
            );
            return None;
        }
        Some(pattern)
    }
}
