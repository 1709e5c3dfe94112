//! Where a value of an entry stands, and how it is written.

use super::file_reader::FileReader;
use super::reading_shape as shape;
use super::step_shape;
use super::values::Scalar;
use crate::config::nearest::listed;
use crate::config::table::{At, May, Must};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::reading::{
    Capacity, StateIn, StateMap, TextOf, TextSource, TimeKind, TimeOf, TimeSource, Whence,
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
pub(super) type StateKeys<'n, W> =
    (Where<'n>, Must<'n, BTreeMap<String, W>>, May<'n, Vec<step_shape::When<'n>>>);

impl FileReader<'_> {
    pub(super) fn no_lengths(&mut self, node: &Node, times: &TimeOf, why: &str) {
        if let Some(length) = times.iter().find(|time| time.kind.is_length()) {
            self.wrong(node, format!("{why}, and `{}` is one", length.kind.word()), "not here", None);
        }
    }

    pub(super) fn may_text(&mut self, given: May<'_, shape::TextOf<'_>>) -> Option<TextOf> {
        given.map_or_else(|| Some(Vec::new()), |given| self.text_of(given.node))
    }

    pub(super) fn may_time(&mut self, given: May<'_, shape::TimeOf<'_>>) -> Option<TimeOf> {
        given.map_or_else(|| Some(Vec::new()), |given| self.one_or_more(given.node, Self::time_source))
    }

    pub(super) fn text_of(&mut self, node: &Node) -> Option<TextOf> {
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

    pub(super) fn several<T>(
        &mut self,
        node: &Node,
        read: impl Fn(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let items = self.list(At::<Vec<()>>::new(node), "a list")?;
        if items.is_empty() {
            self.wrong(node, "nothing is in it", "empty", Some("leave it out".to_owned()));
            return None;
        }
        let read: Vec<Option<T>> = items.iter().map(|item| read(self, item)).collect();
        read.into_iter().collect()
    }

    pub(super) fn text_source(&mut self, node: &Node) -> Option<TextSource> {
        if matches!(node.value, Value::Text(_)) {
            let whence = Whence::Path { at: self.json_path(At::new(node))?, up: 0 };
            return Some(TextSource { whence, languages: Vec::new(), when: Vec::new() });
        }
        let shape::Text { at, up, value, languages, when } = self.table(At::<shape::Text<'_>>::new(node))?;
        let whence = self.whence(node, (at, up, value));
        let languages = match languages {
            Some(languages) => self.scalars(languages.node),
            None => Some(Vec::new()),
        };
        let when = self.conditions(when);
        Some(TextSource { whence: whence?, languages: languages?, when: when? })
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

    pub(super) fn capacity(&mut self, node: &Node) -> Option<Capacity> {
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
        let from = vec![TextSource { whence: whence?, languages: Vec::new(), when: Vec::new() }];
        Some(Capacity { from, unlimited: unlimited? })
    }

    pub(super) fn states<W: Copy + JsonSchema + DeserializeOwned + VariantArray + Into<&'static str>>(
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
            let (place, map, when) = keys(reader, node)?;
            let whence = reader.whence(node, place);
            let when = reader.conditions(when);
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
            let words = words.into_iter().collect::<Option<_>>();
            Some(StateMap { whence: whence?, words: words?, when: when? })
        })?;
        Some(StateIn::Maps(maps))
    }
}
