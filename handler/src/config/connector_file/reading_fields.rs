//! What becomes of an entry of a list: where each field stands, and how it is written.

use super::file_reader::FileReader;
use super::reading_shape as shape;
use super::values::Scalar;
use crate::config::nearest::listed;
use crate::config::table::{At, May, Must};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::reading::{
    Capacity, PartFields, PlaceFields, SessionFields, SpanFields, StateIn, StateMap, TextOf, TextSource,
    TimeKind, TimeOf, TimeSource, Whence,
};
use crate::lms::recipe::template::{Position, Template};
use chrono::format::{Item, StrftimeItems};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use strum::VariantArray;

/// Where something stands: `at` with `up`, or `value`.
type Where<'n> = (May<'n, String>, May<'n, u32>, May<'n, String>);

/// Of what a state map's table holds.
type StateKeys<'n, W> = (Where<'n>, Must<'n, BTreeMap<String, W>>);

impl FileReader<'_> {
    pub(super) fn session_map(&mut self, given: At<'_, shape::SessionMap<'_>>) -> Option<SessionFields> {
        let node = given.node;
        let shape::SessionMap {
            id,
            aliases,
            title,
            description,
            reason,
            state,
            capacity,
            parts,
            zone,
            start,
            end,
            venue,
            room,
            mailbox,
            link,
        } = self.table(given)?;
        let id = self.required(id, "where its id stands, a JSONPath").and_then(|id| self.text_of(id.node));
        let title =
            self.required(title, "where its name stands, a JSONPath").and_then(|at| self.text_of(at.node));
        let state = self
            .required(state, "a word, or a map of the LMS's words; presence says nothing")
            .and_then(|state| {
                self.states(state.node, |reader, node| {
                    let shape::SessionStateMap { at, up, value, map } =
                        reader.table(At::<shape::SessionStateMap<'_>>::new(node))?;
                    Some(((at, up, value), map))
                })
            });
        let aliases = match aliases {
            Some(aliases) => self.several(aliases.node, Self::text_source),
            None => Some(Vec::new()),
        };
        let (description, reason) = (self.may_text(description), self.may_text(reason));
        let capacity = match capacity {
            Some(capacity) => self.capacity(capacity.node).map(Some),
            None => Some(None),
        };
        let own = [start.map(|at| at.node), end.map(|at| at.node)].into_iter().flatten().next();
        if let Some(own) = own.filter(|_| parts.is_some()) {
            let why = format!("`{}` is of the parts, where there are some", own.key);
            self.wrong_key(own, why, "of which part?", Some("put it into `parts`".to_owned()));
        }
        let has_times = start.is_some() || parts.is_some();
        if has_times && zone.is_none() && !has_zone(parts) {
            let hint =
                "an IANA or Windows name: of the entry, of a setting, or { value = \"Europe/Berlin\" }";
            self.missing(node, "zone", hint);
            return None;
        }
        let span = self.span_fields(zone, start, end, venue, room, mailbox, link);
        let parts = match parts {
            Some(parts) => self.part_map(parts).map(Some),
            None => Some(None),
        };
        Some(SessionFields {
            id: id?,
            aliases: aliases?,
            title: title?,
            description: description?,
            reason: reason?,
            state: state?,
            capacity: capacity?,
            parts: parts?,
            span: span?,
        })
    }

    fn part_map(&mut self, given: At<'_, shape::PartMap<'_>>) -> Option<PartFields> {
        let shape::PartMap { from, id, title, cancelled, zone, start, end, venue, room, mailbox, link } =
            self.table(given)?;
        let from = self
            .required(from, "the dates within the entry, a JSONPath such as \"$.dates[*]\"")
            .and_then(|from| self.json_path(from));
        self.deeper(1);
        let start = self.required(start, "when it begins");
        let span = self.span_fields(zone, start, end, venue, room, mailbox, link);
        let (id, title, cancelled) = (self.may_text(id), self.may_text(title), self.may_text(cancelled));
        self.deeper(-1);
        Some(PartFields { from: from?, id: id?, title: title?, cancelled: cancelled?, span: span? })
    }

    #[allow(clippy::too_many_arguments, reason = "the keys that a session and its parts share")]
    fn span_fields(
        &mut self,
        zone: May<'_, shape::TextOf<'_>>,
        start: May<'_, shape::TimeOf<'_>>,
        end: May<'_, shape::TimeOf<'_>>,
        venue: May<'_, shape::TextOf<'_>>,
        room: May<'_, shape::TextOf<'_>>,
        mailbox: May<'_, shape::TextOf<'_>>,
        link: May<'_, shape::TextOf<'_>>,
    ) -> Option<SpanFields> {
        let texts = [zone, venue, room, mailbox, link].map(|text| self.may_text(text));
        let begins = self.may_time(start);
        let ends = self.may_time(end);
        if let (Some(node), Some(times)) = (start, &begins) {
            self.no_lengths(node.node, times, "a length is of an end");
        }
        if let (None, Some(end)) = (start, end) {
            self.wrong_key(end.node, "an end without a start", "and when does it begin?", None);
        }
        let [zone, venue, room, mailbox, link] = texts;
        Some(SpanFields {
            zone: zone?,
            start: begins?,
            end: ends?,
            venue: venue?,
            room: room?,
            mailbox: mailbox?,
            link: link?,
        })
    }

    pub(super) fn place_map(&mut self, given: At<'_, shape::PlaceMap<'_>>) -> Option<PlaceFields> {
        let node = given.node;
        let shape::PlaceMap { id, session, learner, address, name, language, state, since, is_test } =
            self.table(given)?;
        let id = self.required(id, "where its id stands, a JSONPath").and_then(|id| self.text_of(id.node));
        let learner = self
            .required(learner, "where the LMS's name for the learner stands, a JSONPath")
            .and_then(|at| self.text_of(at.node));
        let state = self
            .required(state, "a word, or a map of the LMS's words; presence says nothing")
            .and_then(|state| {
                self.states(state.node, |reader, node| {
                    let shape::RecordStateMap { at, up, value, map } =
                        reader.table(At::<shape::RecordStateMap<'_>>::new(node))?;
                    Some(((at, up, value), map))
                })
            });
        let [session_id, address, name, language, is_test] =
            [session, address, name, language, is_test].map(|text| self.may_text(text));
        let times = self.may_time(since);
        if let (Some(since), Some(times)) = (since, &times) {
            self.no_lengths(since.node, times, "a length is no time");
            if times.iter().any(|time| matches!(time.kind, TimeKind::Naive | TimeKind::Date)) {
                let why = "a record has no zone, so its times are iso, epoch_seconds or epoch_millis";
                self.wrong(since.node, why, "of which zone?", None);
            }
        }
        if session.is_none() && !self.roster_of_a_session {
            let hint = "where the session's id stands; or ask for one session by {{ session }}";
            self.missing(node, "session", hint);
            return None;
        }
        Some(PlaceFields {
            id: id?,
            session: session_id?,
            learner: learner?,
            address: address?,
            name: name?,
            language: language?,
            state: state?,
            since: times?,
            is_test: is_test?,
        })
    }

    fn no_lengths(&mut self, node: &Node, times: &TimeOf, why: &str) {
        if let Some(length) = times.iter().find(|time| time.kind.is_length()) {
            self.wrong(node, format!("{why}, and `{}` is one", length.kind.word()), "not here", None);
        }
    }

    fn may_text(&mut self, given: May<'_, shape::TextOf<'_>>) -> Option<TextOf> {
        given.map_or_else(|| Some(Vec::new()), |given| self.text_of(given.node))
    }

    fn may_time(&mut self, given: May<'_, shape::TimeOf<'_>>) -> Option<TimeOf> {
        given.map_or_else(|| Some(Vec::new()), |given| self.one_or_more(given.node, Self::time_source))
    }

    fn text_of(&mut self, node: &Node) -> Option<TextOf> {
        self.one_or_more(node, Self::text_source)
    }

    fn one_or_more<T>(
        &mut self,
        node: &Node,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        match &node.value {
            Value::List(_) => self.several(node, read),
            Value::Text(_)
            | Value::Table(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Date(_) => Some(vec![read(self, node)?]),
        }
    }

    fn several<T>(&mut self, node: &Node, read: impl Fn(&mut Self, &Node) -> Option<T>) -> Option<Vec<T>> {
        let items = self.list(At::<Vec<()>>::new(node), "a list")?;
        if items.is_empty() {
            self.wrong(node, "nothing is in it", "empty", Some("leave it out".to_owned()));
            return None;
        }
        let read: Vec<Option<T>> = items.iter().map(|item| read(self, item)).collect();
        read.into_iter().collect()
    }

    fn text_source(&mut self, node: &Node) -> Option<TextSource> {
        if matches!(node.value, Value::Text(_)) {
            let whence = Whence::Path { at: self.json_path(At::new(node))?, up: 0 };
            return Some(TextSource { whence, languages: Vec::new() });
        }
        let shape::Text { at, up, value, languages } = self.table(At::<shape::Text<'_>>::new(node))?;
        let whence = self.whence(node, (at, up, value));
        let languages = match languages {
            Some(languages) => self.scalars(languages.node),
            None => Some(Vec::new()),
        };
        Some(TextSource { whence: whence?, languages: languages? })
    }

    fn scalars(&mut self, node: &Node) -> Option<Vec<Template>> {
        let items = self.list(At::<Vec<Scalar>>::new(node), "a list of texts")?;
        let read: Vec<Option<Template>> =
            items.iter().map(|item| self.template(item, Position::Value)).collect();
        read.into_iter().collect()
    }

    fn time_source(&mut self, node: &Node) -> Option<TimeSource> {
        if matches!(node.value, Value::Text(_)) {
            let whence = Whence::Path { at: self.json_path(At::new(node))?, up: 0 };
            return Some(TimeSource { whence, kind: TimeKind::Iso, format: None });
        }
        let shape::Time { at, up, value, kind, format } = self.table(At::<shape::Time<'_>>::new(node))?;
        let whence = self.whence(node, (at, up, value));
        let kind = self.choice(kind, TimeKind::Iso)?;
        let format = match format {
            Some(format) => {
                let text = self.text(&format, "a format such as \"%d.%m.%Y %H:%M\"")?;
                if !matches!(kind, TimeKind::Naive | TimeKind::Date) {
                    let why = format!("`format` is of naive and date, and not of {}", kind.word());
                    self.wrong_key(format.node, why, "not here", None);
                } else if StrftimeItems::new(text).any(|item| item == Item::Error) {
                    self.bad_value(&format, "a format such as \"%d.%m.%Y %H:%M\"", "not a format", None);
                }
                Some(text.to_owned())
            }
            None => None,
        };
        Some(TimeSource { whence: whence?, kind, format })
    }

    fn whence(&mut self, node: &Node, (at, up, value): Where<'_>) -> Option<Whence> {
        match (at, value) {
            (Some(at), None) => {
                let most = u32::try_from(self.levels().saturating_sub(1)).unwrap_or(0);
                if let Some(up) = up.filter(|_| most == 0) {
                    let hint = "`explode` says which lists are within an entry".to_owned();
                    self.wrong_key(up.node, "there is nothing further out", "not here", Some(hint));
                    return None;
                }
                let up = self.number(up, 1..=most.max(1), 0)?;
                Some(Whence::Path { at: self.json_path(at)?, up: usize::try_from(up).unwrap_or(0) })
            }
            (None, Some(value)) => {
                if let Some(up) = up {
                    self.wrong_key(up.node, "`up` is of a path", "without effect", None);
                }
                self.template(value.node, Position::Value).map(Whence::Made)
            }
            (Some(_), Some(value)) => {
                self.wrong_key(value.node, "`at` and `value` exclude each other", "keep one", None);
                None
            }
            (None, None) => {
                self.wrong(node, "one of `at` and `value` must be given", "from where?", None);
                None
            }
        }
    }

    fn capacity(&mut self, node: &Node) -> Option<Capacity> {
        if matches!(node.value, Value::Text(_)) {
            return Some(Capacity { from: self.text_of(node)?, unlimited: Vec::new() });
        }
        let shape::CapacityAt { at, up, value, unlimited } =
            self.table(At::<shape::CapacityAt<'_>>::new(node))?;
        let whence = self.whence(node, (at, up, value));
        let unlimited = match unlimited {
            Some(unlimited) => {
                let items = self.list(unlimited, "a list such as [0, -1]")?;
                let read: Vec<Option<String>> =
                    items.iter().map(|item| self.scalar(item).map(|text| text.into_owned())).collect();
                read.into_iter().collect()
            }
            None => Some(Vec::new()),
        };
        let from = vec![TextSource { whence: whence?, languages: Vec::new() }];
        Some(Capacity { from, unlimited: unlimited? })
    }

    fn states<W: Copy + JsonSchema + DeserializeOwned + VariantArray + Into<&'static str>>(
        &mut self,
        node: &Node,
        keys: impl for<'n> Fn(&mut Self, &'n Node) -> Option<StateKeys<'n, W>>,
    ) -> Option<StateIn<W>> {
        // Never taken: a state has no default.
        let any = *W::VARIANTS.first()?;
        if matches!(node.value, Value::Text(_)) {
            return self.choice(Some(At::new(node)), any).map(StateIn::Always);
        }
        let maps = self.one_or_more(node, |reader, node| {
            let (place, map) = keys(reader, node)?;
            let whence = reader.whence(node, place);
            let map = reader.required(map, "what each of the LMS's words means")?;
            let entries = reader.entries(map.node, &[])?;
            if entries.is_empty() {
                let hint =
                    format!("its values are {}", listed(W::VARIANTS.iter().map(|word| (*word).into())));
                reader.wrong(map.node, "no word is in it", "empty", Some(hint));
            }
            let words: Vec<Option<(String, W)>> = entries
                .iter()
                .map(|entry| Some((entry.key.clone(), reader.choice(Some(At::new(entry)), any)?)))
                .collect();
            Some(StateMap { whence: whence?, words: words.into_iter().collect::<Option<_>>()? })
        })?;
        Some(StateIn::Maps(maps))
    }
}

/// Where the parts have one of their own.
fn has_zone(parts: May<'_, shape::PartMap<'_>>) -> bool {
    parts.is_some_and(|parts| parts.node.child("zone").is_some())
}
