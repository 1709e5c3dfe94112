//! Recipes and their steps.

use super::file_reader::FileReader;
use super::rules::{TestKeys, gone};
use super::scope::Scope;
use super::step_head;
use super::step_shape;
use super::words::EmptyWord;
use crate::config::table::{At, May};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::step::{Condition, Expect, PagingKind, Request, Step, Target};
use crate::lms::recipe::template::Position;
use crate::lms::recipe::words::Verdict;
use chrono::TimeDelta;
use http::Method;
use std::time::Duration;

const METHODS: &[Method] =
    &[Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD];

/// No request waits longer for its answer.
const LONGEST: TimeDelta = TimeDelta::seconds(30);
const READ: TimeDelta = TimeDelta::seconds(20);

/// The keys of a step that are about a request or its answer.
const OF_A_REQUEST: &[&str] = &[
    "method",
    "query",
    "headers",
    "form",
    "json",
    "xml",
    "graphql",
    "odata",
    "reads",
    "credential",
    "cache",
    "timeout",
    "expect",
    "empty",
    "rules",
    "paging",
    "pick",
    "take",
    "state",
    "given",
    "started",
    "keeps_course",
];

impl FileReader<'_> {
    pub(super) fn recipe(
        &mut self,
        kind: RecipeKind,
        given: May<'_, Vec<step_shape::Step<'_>>>,
    ) -> Option<Vec<Step>> {
        let Some(given) = given else { return Some(Vec::new()) };
        self.each_of(given, "steps", |reader, index, given| reader.step(kind, index, given))
    }

    fn step(
        &mut self,
        recipe: RecipeKind,
        index: usize,
        given: At<'_, step_shape::Step<'_>>,
    ) -> Option<Step> {
        let node = given.node;
        let table = self.table(given)?;
        let pages = step_head::pages(table.paging);
        self.scope = Scope::Step { recipe, index, pages, levels: 0 };
        let name = self.head_name(table.name, recipe, index);
        let about = self.head_about(table.about, "a line that says what the step is for");
        let when = self.conditions(table.when);
        if table.path.is_none() && table.url.is_none() {
            return self.end(node, table.exit, name?, about?, when?);
        }
        if let Some(exit) = table.exit {
            let hint = "say it in a step of its own, without path and url";
            self.wrong_key(
                exit.node,
                "a step that makes a request ends by its answer",
                "not here",
                Some(hint.to_owned()),
            );
        }
        let request = self.request(recipe, node, &table);
        let mut rules = self.rules(table.rules)?;
        rules.extend(self.service_rules.iter().cloned());
        rules.extend((recipe == RecipeKind::Session).then(gone));
        let pick = match table.pick {
            Some(pick) => self.pick(pick).map(Some),
            None => Some(None),
        };
        let take = self.takes(table.take);
        let state = self.state(recipe, table.state);
        let given = self.only_in_read(recipe, table.given);
        let started = self.only_in_read(recipe, table.started);
        let keeps_course = self.keeps_course(recipe, table.keeps_course);
        let (request, pick, state) = (request?, pick?, state?);
        self.pages_need_a_pick(&table, &request);
        if let (Some(pick), Some(shown)) = (&pick, table.state)
            && pick.none == Verdict::Ok
            && state.is_some()
        {
            let why = "where none is picked, `continue` goes on, and there is nothing that has a state";
            let hint = "say the state of no candidate in pick.none, such as absent".to_owned();
            self.wrong_key(shown.node, why, "of what?", Some(hint));
        }
        Some(Step {
            name: name?,
            about: about?,
            when: when?,
            request: Some(request),
            rules,
            pick,
            take: take?,
            state,
            given: given?,
            started: started?,
            exit: None,
            keeps_course: keeps_course?,
        })
    }

    /// A step without a request.
    fn end(
        &mut self,
        node: &Node,
        exit: May<'_, super::words::EndWord>,
        name: String,
        about: String,
        when: Vec<Condition>,
    ) -> Option<Step> {
        let Value::Table(children) = &node.value else { return None };
        let idle = children.iter().find(|child| OF_A_REQUEST.contains(&child.key.as_str()));
        if let Some(idle) = idle {
            let why = format!("`{}` is of a request, and this step makes none", idle.key);
            self.wrong_key(idle, why, "without effect", Some("add path, or url".to_owned()));
            return None;
        }
        let Some(exit) = exit else {
            self.missing(
                node,
                "path",
                "what is asked, below the base; or url; or exit, which ends the recipe",
            );
            return None;
        };
        let exit = self.verdict(exit)?;
        Some(Step {
            name,
            about,
            when,
            request: None,
            rules: Vec::new(),
            pick: None,
            take: Vec::new(),
            state: None,
            given: None,
            started: None,
            exit: Some(exit),
            keeps_course: false,
        })
    }

    pub(super) fn conditions(&mut self, given: May<'_, Vec<step_shape::When<'_>>>) -> Option<Vec<Condition>> {
        let Some(given) = given else { return Some(Vec::new()) };
        let items = self.list(given, "a list such as [{ value = \"{{ user.id }}\", is_empty = false }]")?;
        let read: Vec<Option<Condition>> = items
            .iter()
            .map(|item| {
                let step_shape::When {
                    value,
                    is,
                    is_not,
                    is_one_of,
                    is_time,
                    matches,
                    is_empty,
                    ignore_case,
                } = self.table(At::<step_shape::When<'_>>::new(item))?;
                let keys =
                    TestKeys { is, is_not, is_one_of, is_time, matches, exists: None, is_empty, ignore_case };
                let value = self
                    .required(value, "what is looked at, such as \"{{ settings.by }}\"")
                    .and_then(|value| self.template(value.node, Position::Value));
                let test = self.test(item, keys);
                Some(Condition { value: value?, test: test? })
            })
            .collect();
        read.into_iter().collect()
    }

    pub(super) fn request(
        &mut self,
        recipe: RecipeKind,
        node: &Node,
        table: &step_shape::Step<'_>,
    ) -> Option<Request> {
        self.names_page = false;
        for (given, is_header) in [
            (table.query.map(|at| at.node), false),
            (table.form.map(|at| at.node), false),
            (table.json.map(|at| at.node), false),
            (table.headers.map(|at| at.node), true),
        ] {
            if let Some(given) = given {
                self.no_literal_secrets(given, is_header);
            }
        }
        let method = match table.method {
            Some(method) => self.method(method, METHODS),
            None if table.graphql.is_some() => Some(Method::POST),
            None if recipe.only_reads() => Some(Method::GET),
            None => {
                self.missing(node, "method", "POST, PUT, PATCH or DELETE; or GET for a step that reads");
                None
            }
        };
        let target = match (table.path, table.url) {
            (Some(path), None) => self.template(path.node, Position::Path).map(Target::Path),
            (None, Some(url)) => self.template(url.node, Position::Url).map(Target::Url),
            (Some(_), Some(url)) => {
                self.wrong_key(url.node, "`path` and `url` exclude each other", "keep one", None);
                None
            }
            (None, None) => None,
        };
        let is_odata = self.flag(table.odata, false)?;
        let position = if is_odata { Position::OData } else { Position::Value };
        let query = self.templates(table.query, position);
        let headers = self.headers(table.headers);
        let body = self.body(table.form, table.json, table.xml, table.graphql);
        let method = method?;
        let has_body = [table.form.map(|at| at.node), table.json.map(|at| at.node)]
            .into_iter()
            .chain([table.xml.map(|at| at.node), table.graphql.map(|at| at.node)])
            .flatten()
            .next();
        if let Some(body) = has_body.filter(|_| is_safe(&method)) {
            self.wrong_key(body, format!("a {method} carries no body"), "not with this method", None);
        }
        let reads = self.reads(recipe, node, &method, table)?;
        let is_signed = self.flag(table.credential, true)?;
        let timeout = self.std_duration(table.timeout, if reads { READ } else { LONGEST });
        if let (Some(given), Some(timeout)) = (table.timeout, timeout)
            && timeout > LONGEST.to_std().unwrap_or_default()
        {
            self.bad_value(&given, "at most 30s", "too long", None);
        }
        let cache = match table.cache {
            Some(cache) => {
                if !matches!(recipe, RecipeKind::Find | RecipeKind::Lookup) {
                    let why = "only `find` and `lookup` may remember: a place is read anew each time";
                    self.wrong_key(cache.node, why, "not here", None);
                }
                self.std_duration(Some(cache), TimeDelta::hours(1)).map(Some)
            }
            None => Some(None),
        };
        let expect = self.choice(table.expect, Expect::Json)?;
        let empty = match table.empty {
            Some(empty) => self.choice(Some(empty), EmptyWord::Ok).is_some(),
            None => expect == Expect::Empty,
        };
        self.needs_json(expect, table);
        let paging = match table.paging {
            Some(paging) => self.paging(paging).map(Some),
            None => Some(None),
        };
        if let (Some(given), Some(Some(paging))) = (table.paging, &paging)
            && matches!(
                paging.kind,
                PagingKind::Page { query: None, .. } | PagingKind::Offset { query: None, .. }
            )
            && !self.names_page
        {
            let hint = "the field of the query that counts; or say {{ page.number }} or {{ page.offset }}";
            self.missing(given.node, "query", hint);
        }
        Some(Request {
            method,
            target: target?,
            query: query?,
            headers: headers?,
            body: body?,
            is_signed,
            reads,
            cache: cache?,
            timeout: timeout?,
            expect,
            empty_is_ok: empty,
            paging: paging?,
        })
    }

    pub(super) fn method(&mut self, given: At<'_, String>, known: &[Method]) -> Option<Method> {
        let expected = crate::config::nearest::listed(known.iter().map(Method::as_str));
        let text = self.text(&given, &expected)?;
        let found = known.iter().find(|method| method.as_str() == text).cloned();
        if found.is_none() {
            let near = crate::config::nearest::nearest(text, known.iter().map(Method::as_str));
            let hint = near.map(|near| format!("did you mean \"{near}\"?"));
            self.bad_value(&given, &expected, "not one of them", hint);
        }
        found
    }

    /// Whether nothing changes at the LMS. Where a recipe only reads, a method that may write needs a word.
    fn reads(
        &mut self,
        recipe: RecipeKind,
        node: &Node,
        method: &Method,
        table: &step_shape::Step<'_>,
    ) -> Option<bool> {
        let reads = self.flag(table.reads, is_safe(method))?;
        if recipe.only_reads() && !reads {
            let at = table.reads.map(|at| at.node).or_else(|| table.method.map(|at| at.node));
            let at = at.or_else(|| table.graphql.map(|at| at.node)).unwrap_or(node);
            let why = format!("`{}` only reads, and {method} may write", recipe.word());
            let hint = "say reads = true if this request changes nothing at the LMS".to_owned();
            self.wrong_key(at, why, "may write", Some(hint));
        }
        Some(reads)
    }

    /// Paths lead through JSON.
    fn needs_json(&mut self, expect: Expect, table: &step_shape::Step<'_>) {
        if matches!(expect, Expect::Json | Expect::Csv | Expect::Icalendar | Expect::Any) {
            return;
        }
        let looks =
            [table.pick.map(|at| at.node), table.given.map(|at| at.node), table.started.map(|at| at.node)];
        if let Some(looks) = looks.into_iter().flatten().next() {
            let why = format!("`{}` looks into JSON, and the answer is none", looks.key);
            self.wrong_key(looks, why, "in what?", Some("leave `expect` out, or say json".to_owned()));
        }
    }

    /// Pages are put together by their candidates.
    fn pages_need_a_pick(&mut self, table: &step_shape::Step<'_>, request: &Request) {
        let (Some(node), Some(paging)) = (table.paging, &request.paging) else { return };
        let Some(pick) = table.pick else {
            let why = "pages are put together by their candidates: `pick` says which they are";
            self.wrong_key(node.node, why, "pages of what?", None);
            return;
        };
        let counts = matches!(paging.kind, PagingKind::Page { .. } | PagingKind::Offset { .. });
        if let Some(from) = pick.node.child("from").filter(|_| counts)
            && matches!(&from.value, Value::Text(path) if path.contains('?'))
        {
            let why = "rows are counted by this path, so it must not leave any out";
            self.wrong(from, why, "a filter", Some("put the filter into pick.where".to_owned()));
        }
    }

    fn keeps_course(&mut self, recipe: RecipeKind, given: May<'_, bool>) -> Option<bool> {
        if let Some(given) = given {
            if recipe != RecipeKind::Write {
                self.wrong_key(given.node, "`keeps_course` is of a step of `write`", "not here", None);
            } else if !self.cancels_courses {
                let why = "`keeps_course` is of a connector that cancels courses (about.cancels)";
                self.wrong_key(given.node, why, "not here", None);
            }
        }
        self.flag(given, false)
    }

    pub(super) fn std_duration(
        &mut self,
        given: May<'_, crate::config::values::Duration>,
        default: TimeDelta,
    ) -> Option<Duration> {
        self.duration_above_zero(given, default)?.to_std().ok()
    }
}

fn is_safe(method: &Method) -> bool {
    *method == Method::GET || *method == Method::HEAD
}
