//! What is made of an answer: the one that is picked, values that are taken, the state of a place.

use super::file_reader::FileReader;
use super::rules::TestKeys;
use super::step_shape;
use super::texts::is_name;
use crate::config::nearest::listed;
use crate::config::table::{At, May};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::json_path::JsonPath;
use crate::lms::recipe::rule::Test;
use crate::lms::recipe::step::{Pick, StateOf, Take, TakeAt};
use crate::lms::recipe::template::Position;
use crate::lms::recipe::words::{PlaceState, StepOutcome, Verdict};
use std::collections::BTreeMap;

impl FileReader<'_> {
    pub(super) fn pick(&mut self, given: At<'_, step_shape::Pick<'_>>) -> Option<Pick> {
        let step_shape::Pick { from, r#where, rules, none, many } = self.table(given)?;
        let from = self
            .required(from, "the candidates, a JSONPath such as \"$[*]\"")
            .and_then(|from| self.json_path(from));
        let filter = match r#where {
            Some(filter) => self.filter(filter),
            None => Some(Vec::new()),
        };
        let rules = self.rules(rules);
        let none = self
            .required(none, "what it means that there is none: an outcome, a state, or continue")
            .and_then(|none| self.verdict(none));
        let many = match many {
            Some(many) => self.verdict(many),
            None => Some(Verdict::Outcome(StepOutcome::Unclear)),
        };
        Some(Pick { from: from?, filter: filter?, rules: rules?, none: none?, many: many? })
    }

    pub(super) fn filter(
        &mut self,
        given: At<'_, Vec<step_shape::Filter<'_>>>,
    ) -> Option<Vec<(JsonPath, Test)>> {
        let items = self.list(given, "a list such as [{ at = \"$.email\", is = \"{{ learner }}\" }]")?;
        let read: Vec<Option<(JsonPath, Test)>> = items
            .iter()
            .map(|item| {
                let step_shape::Filter {
                    at,
                    is,
                    is_not,
                    is_one_of,
                    is_time,
                    matches,
                    exists,
                    is_empty,
                    ignore_case,
                } = self.table(At::<step_shape::Filter<'_>>::new(item))?;
                let keys =
                    TestKeys { is, is_not, is_one_of, is_time, matches, exists, is_empty, ignore_case };
                let at =
                    self.required(at, "within the candidate, a JSONPath").and_then(|at| self.json_path(at));
                let test = self.test(item, keys);
                Some((at?, test?))
            })
            .collect();
        read.into_iter().collect()
    }

    pub(super) fn takes(
        &mut self,
        given: May<'_, BTreeMap<String, step_shape::TakeOrPath<'_>>>,
    ) -> Option<Vec<Take>> {
        let Some(given) = given else { return Some(Vec::new()) };
        let entries = self.entries(given.node, &[])?;
        let read: Vec<Option<Take>> = entries.iter().map(|entry| self.take(entry)).collect();
        read.into_iter().collect()
    }

    fn take(&mut self, entry: &Node) -> Option<Take> {
        if !is_name(&entry.key) {
            let why = "a value's name is of a-z, 0-9 and _, and begins with a letter";
            self.wrong_key(entry, why, "not a name", None);
        }
        let name = entry.key.clone();
        if matches!(entry.value, Value::Text(_)) {
            let path = self.json_path(At::new(entry))?;
            return Some(Take { name, at: TakeAt::Json(path), is_optional: false });
        }
        let step_shape::Take { at, header, text, value, optional } =
            self.table(At::<step_shape::Take<'_>>::new(entry))?;
        let is_optional = self.flag(optional, false)?;
        let given: Vec<&Node> = [at, header, text, value].iter().flatten().map(|at| at.node).collect();
        if let [_, second, ..] = given.as_slice() {
            let names = listed(given.iter().map(|node| node.key.as_str())).replace(" or ", " and ");
            self.wrong_key(second, format!("{names} exclude each other: keep one"), "the second", None);
            return None;
        }
        let at = if let Some(at) = at {
            TakeAt::Json(self.json_path(at)?)
        } else if let Some(header) = header {
            TakeAt::Header(self.header(header)?)
        } else if let Some(text) = text {
            let pattern = self.regex(text)?;
            if pattern.captures_len() != 2 {
                let why =
                    format!("the pattern has {} groups: one says what is taken", pattern.captures_len() - 1);
                let hint = "put the value into (…), and all else into (?:…)".to_owned();
                self.wrong(text.node, why, "exactly one group", Some(hint));
                return None;
            }
            TakeAt::Text(pattern)
        } else if let Some(value) = value {
            TakeAt::Value(self.template(value.node, Position::Value)?)
        } else {
            self.wrong(entry, "one of `at`, `header`, `text` and `value` must be given", "from where?", None);
            return None;
        };
        Some(Take { name, at, is_optional })
    }

    /// The outer is `None` after a problem.
    pub(super) fn state(
        &mut self,
        recipe: RecipeKind,
        given: May<'_, step_shape::StateOrMap<'_>>,
    ) -> Option<Option<StateOf>> {
        let Some(given) = given else { return Some(None) };
        if !matches!(recipe, RecipeKind::Read | RecipeKind::Verify) {
            let why = format!("a state is told by `read` and `verify`, not by `{}`", recipe.word());
            self.wrong_key(given.node, why, "not here", None);
        }
        if matches!(given.node.value, Value::Text(_)) {
            let state = self.place_state(At::new(given.node))?;
            return Some(Some(StateOf::Always(state)));
        }
        let step_shape::StateMap { at, map } = self.table(At::<step_shape::StateMap<'_>>::new(given.node))?;
        let at =
            self.required(at, "where the LMS's word stands, a JSONPath").and_then(|at| self.json_path(at));
        let map = self.required(map, "what each of the LMS's words means, such as { booked = \"held\" }")?;
        let entries = self.entries(map.node, &[])?;
        if entries.is_empty() {
            self.wrong(map.node, "no word is in it, so every place would be unclear", "empty", None);
        }
        let read: Vec<Option<(String, PlaceState)>> = entries
            .iter()
            .map(|entry| Some((entry.key.clone(), self.place_state(At::new(entry))?)))
            .collect();
        Some(Some(StateOf::Map { at: at?, map: read.into_iter().collect::<Option<_>>()? }))
    }

    pub(super) fn only_in_read(
        &mut self,
        recipe: RecipeKind,
        given: May<'_, String>,
    ) -> Option<Option<JsonPath>> {
        if let Some(given) = given
            && recipe != RecipeKind::Read
        {
            let why = format!("`{}` is of a step of `read`", given.node.key);
            self.wrong_key(given.node, why, "not here", None);
        }
        self.json_path_where_given(given)
    }
}
