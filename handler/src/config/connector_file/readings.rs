//! Readings: the request as of any step, then the list and what becomes of its entries.

use super::file_reader::FileReader;
use super::reading_shape;
use super::scope::{Pages, Scope};
use super::step_head;
use super::step_shape;
use crate::config::nearest::{listed, nearest};
use crate::config::table::{At, May};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::json_path::JsonPath;
use crate::lms::recipe::reading::{Gives, Reading};
use crate::lms::recipe::step::{PagingKind, Request, Step, TakeAt};

/// Lists within each other.
const DEEPEST: usize = 4;

impl FileReader<'_> {
    pub(super) fn readings(
        &mut self,
        kind: RecipeKind,
        given: May<'_, Vec<reading_shape::Reading<'_>>>,
    ) -> Option<Vec<Reading>> {
        let Some(given) = given else { return Some(Vec::new()) };
        let read =
            self.each_of(given, "readings", |reader, index, given| reader.reading(kind, index, given))?;
        if !read.iter().any(|one| matches!(one.gives, Gives::Session(_) | Gives::Place(_))) {
            let key = key_of(kind);
            let hint = format!("add `{key}.id = …` and what else is known of an entry");
            self.wrong_key(given.node, format!("no reading gives a {key}"), "what is read?", Some(hint));
        }
        Some(read)
    }

    fn reading(
        &mut self,
        recipe: RecipeKind,
        index: usize,
        given: At<'_, reading_shape::Reading<'_>>,
    ) -> Option<Reading> {
        let node = given.node;
        let table = self.table(given)?;
        let request = as_a_step(&table);
        let pages = step_head::pages(request.paging);
        let explode = self.explode(table.explode);
        self.scope = Scope::Step { recipe, index, pages, levels: 0 };
        let name = self.head_name(table.name, recipe, index);
        let about = self.head_about(table.about, "a line that says what it is for");
        let each = self.each(recipe, index, table.each);
        let batch = self.batch(&table);
        let finds_each = self.flag(table.finds_each, false);
        let never_empty = self.flag(table.never_empty, false);
        let when = self.conditions(table.when);
        if table.path.is_none() && table.url.is_none() {
            self.missing(node, "path", "what is asked, below the base; or url");
        }
        let asked = self.request(recipe, node, &request);
        let mut rules = self.rules(table.rules)?;
        rules.extend(self.service_rules.iter().cloned());
        let records = self
            .required(table.records, "the entries, a JSONPath such as \"$.results[*]\"")
            .and_then(|records| self.json_path(records));
        if let (Some(Some(paging)), Some(records)) =
            (asked.as_ref().map(|asked| asked.paging.as_ref()), table.records.given)
        {
            self.rows_are_counted(&paging.kind, records);
        }
        let total = self.json_path_where_given(table.total);
        let explode = explode?;
        let left_out = self.json_path_where_given(table.left_out);
        self.scope = Scope::Step { recipe, index, pages: Pages::Otherwise, levels: explode.len() + 1 };
        let filter = match table.r#where {
            Some(filter) => self.filter(filter),
            None => Some(Vec::new()),
        };
        let take = self.takes(table.take)?;
        if let Some(given) = table.take
            && take.iter().any(|take| matches!(take.at, TakeAt::Header(_) | TakeAt::Text(_)))
        {
            let why = "an entry has neither headers nor a text";
            self.wrong_key(given.node, why, "at, or value", None);
        }
        let gives = self.gives(recipe, node, &table);
        Some(Reading {
            step: step(name?, about?, when?, asked?, rules, take),
            each: each?,
            batch: batch?,
            finds_each: finds_each?,
            never_empty: never_empty?,
            records: records?,
            explode,
            filter: filter?,
            total: total?,
            left_out: left_out?,
            gives: gives?,
        })
    }

    /// The outer is `None` after a problem.
    fn batch(&mut self, table: &reading_shape::Reading<'_>) -> Option<Option<usize>> {
        let Some(given) = table.batch else {
            if let Some(finds_each) = table.finds_each {
                self.wrong_key(finds_each.node, "`finds_each` is of a batch", "without effect", None);
            }
            return Some(None);
        };
        if table.each.is_none() {
            let hint = Some("say each = \"…\", the reading whose entries are asked for together".to_owned());
            self.wrong_key(given.node, "a batch of what?", "without `each`", hint);
        }
        let size = self.number(Some(given), 2..=1000, 2)?;
        Some(usize::try_from(size).ok())
    }

    fn explode(&mut self, given: May<'_, Vec<String>>) -> Option<Vec<JsonPath>> {
        let Some(given) = given else { return Some(Vec::new()) };
        let items = self.list(given, "a list of JSONPaths such as [\"$.dates[*]\"]")?;
        if items.len() > DEEPEST {
            let why = format!("{} lists within each other: at most {DEEPEST}", items.len());
            self.wrong(given.node, why, "too deep", None);
            return None;
        }
        let read: Vec<Option<JsonPath>> = items.iter().map(|item| self.json_path(At::new(item))).collect();
        read.into_iter().collect()
    }

    /// The outer is `None` after a problem.
    fn each(&mut self, recipe: RecipeKind, index: usize, given: May<'_, String>) -> Option<Option<String>> {
        let Some(given) = given else { return Some(None) };
        let name = self.text(&given, "the name of a reading before this one")?.to_owned();
        let before = self.steps.iter().filter(|step| step.recipe == recipe && step.index < index);
        let parents: Vec<String> =
            before.filter(|step| !step.values.is_empty()).map(|step| step.name.clone()).collect();
        if parents.contains(&name) {
            return Some(Some(name));
        }
        let why = format!("no reading `{}` before this one takes values", name.escape_debug());
        let hint = match nearest(&name, parents.iter().map(String::as_str)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if parents.is_empty() => "give the one that lists them a `take`".to_owned(),
            None => format!("there are {}", listed(parents.iter().map(String::as_str))),
        };
        self.wrong(given.node, why, "not known", Some(hint));
        None
    }

    /// Rows tell where a page ends, so that none may be left out.
    fn rows_are_counted(&mut self, paging: &PagingKind, records: At<'_, String>) {
        let counts = matches!(paging, PagingKind::Page { .. } | PagingKind::Offset { .. });
        if counts && matches!(&records.node.value, Value::Text(path) if path.contains('?')) {
            let why = "rows are counted by this path, so it must not leave any out";
            self.wrong(records.node, why, "a filter", Some("put the filter into `where`".to_owned()));
        }
    }

    fn gives(
        &mut self,
        recipe: RecipeKind,
        node: &Node,
        table: &reading_shape::Reading<'_>,
    ) -> Option<Gives> {
        let is_roster = recipe == RecipeKind::Roster;
        let others = match is_roster {
            true => [table.session.map(|at| at.node), table.part.map(|at| at.node)],
            false => [table.place.map(|at| at.node), None],
        };
        if let Some(other) = others.into_iter().flatten().next() {
            let why = format!("`{}` is of a reading of another kind", other.key);
            let hint = format!("entries of `{}` are told in `{}`", recipe.word(), key_of(recipe));
            self.wrong_key(other, why, "not here", Some(hint));
            return None;
        }
        match (table.session, table.part, table.place, table.take) {
            (Some(map), None, None, _) => self.session_map(map).map(|map| Gives::Session(Box::new(map))),
            (None, Some(map), None, None) => self.apart_map(map).map(|map| Gives::Part(Box::new(map))),
            (None, None, Some(map), None) => self.place_map(map).map(|map| Gives::Place(Box::new(map))),
            (None, None, None, Some(_)) => Some(Gives::Parents),
            (Some(_), Some(part), ..) => {
                let why = "an entry is a session, or a date of one: keep one";
                self.wrong_key(part.node, why, "the second", None);
                None
            }
            (.., Some(take)) => {
                let why = "an entry is either taken for other readings, or told: keep one";
                self.wrong_key(take.node, why, "the second", None);
                None
            }
            (.., None) => {
                let hint = "what becomes of an entry; or `take`, for readings that are made once for each";
                self.missing(node, key_of(recipe), hint);
                None
            }
        }
    }
}

/// What an entry of the recipe becomes.
fn key_of(recipe: RecipeKind) -> &'static str {
    if recipe == RecipeKind::Roster { "place" } else { "session" }
}

/// What it has in common with any step.
fn as_a_step<'n>(table: &reading_shape::Reading<'n>) -> step_shape::Step<'n> {
    step_shape::Step {
        name: table.name,
        about: table.about,
        when: table.when,
        method: table.method,
        path: table.path,
        url: table.url,
        query: table.query,
        headers: table.headers,
        form: table.form,
        json: table.json,
        xml: table.xml,
        graphql: table.graphql,
        odata: table.odata,
        reads: table.reads,
        credential: table.credential,
        cache: None,
        timeout: table.timeout,
        expect: table.expect,
        empty: table.empty,
        rules: table.rules,
        paging: table.paging,
        pick: None,
        take: None,
        state: None,
        given: None,
        started: None,
        exit: None,
        keeps_course: None,
    }
}

fn step(
    name: String,
    about: String,
    when: Vec<crate::lms::recipe::step::Condition>,
    request: Request,
    rules: Vec<crate::lms::recipe::rule::Rule>,
    take: Vec<crate::lms::recipe::step::Take>,
) -> Step {
    Step {
        name,
        about,
        when,
        request: Some(request),
        rules,
        pick: None,
        take,
        state: None,
        given: None,
        started: None,
        exit: None,
        keeps_course: false,
    }
}
