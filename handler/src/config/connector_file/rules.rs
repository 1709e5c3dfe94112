//! Rules: what an answer means. And the tests that they, conditions and filters are made of.

use super::file_reader::FileReader;
use super::{step_shape, values};
use crate::config::nearest::{listed, nearest};
use crate::config::table::{At, May};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::rule::{Rule, RuleTest, StatusRange, Test};
use crate::lms::recipe::template::Position;
use crate::lms::recipe::words::{StepOutcome, Verdict};
use std::collections::BTreeMap;

/// Of one set, or of one step.
const MOST: usize = 200;

/// The keys of a test, wherever one stands.
pub(super) struct TestKeys<'n> {
    pub(super) is: May<'n, values::Scalar>,
    pub(super) is_not: May<'n, values::Scalar>,
    pub(super) is_one_of: May<'n, Vec<values::Scalar>>,
    pub(super) is_time: May<'n, String>,
    pub(super) matches: May<'n, String>,
    pub(super) exists: May<'n, bool>,
    pub(super) is_empty: May<'n, bool>,
    pub(super) ignore_case: May<'n, bool>,
}

impl<'n> TestKeys<'n> {
    fn given(&self) -> Vec<&'n Node> {
        let nodes = [
            self.is.map(|at| at.node),
            self.is_not.map(|at| at.node),
            self.is_one_of.map(|at| at.node),
            self.is_time.map(|at| at.node),
            self.matches.map(|at| at.node),
            self.exists.map(|at| at.node),
            self.is_empty.map(|at| at.node),
        ];
        nodes.into_iter().flatten().collect()
    }
}

/// One session is asked for, and the LMS knows none such.
pub(super) fn gone() -> Rule {
    Rule {
        status: vec![StatusRange { first: 404, last: 404 }, StatusRange { first: 410, last: 410 }],
        content_type: None,
        tests: Vec::new(),
        then: Verdict::Outcome(StepOutcome::UnknownSession),
        message: None,
        retry_after: None,
    }
}

impl FileReader<'_> {
    /// `[[rules.<name>]]`
    pub(super) fn read_rule_sets(&mut self, given: May<'_, BTreeMap<String, Vec<step_shape::Rule<'_>>>>) {
        let Some(given) = given else { return };
        let Some(entries) = self.entries(given.node, &[]) else { return };
        for entry in entries {
            if !super::texts::is_name(&entry.key) {
                let why = "the name of a set is of a-z, 0-9 and _, and begins with a letter";
                self.wrong_key(entry, why, "not a name", None);
            }
            let items =
                self.list(At::<Vec<step_shape::Rule<'_>>>::new(entry), "a list of rules").unwrap_or_default();
            self.not_too_many(entry, items.len());
            let mut rules = Vec::new();
            for item in items.iter().take(MOST) {
                self.is_reached(item, &rules);
                rules.extend(self.rule(At::new(item)));
            }
            self.rule_sets.insert(entry.key.clone(), rules);
        }
    }

    fn not_too_many(&mut self, node: &Node, count: usize) {
        if count > MOST {
            self.wrong_key(node, format!("{count} rules: more than {MOST}"), "too many", None);
        }
    }

    /// Names of sets, or rules.
    pub(super) fn rules(&mut self, given: May<'_, Vec<step_shape::RuleOrName<'_>>>) -> Option<Vec<Rule>> {
        const EXPECTED: &str = "a list of rules, or of names of sets";
        let Some(given) = given else { return Some(Vec::new()) };
        let items = self.list(given, EXPECTED)?;
        self.not_too_many(given.node, items.len());
        let mut rules = Vec::new();
        let mut all_are_good = true;
        for item in items.iter().take(MOST) {
            self.is_reached(item, &rules);
            match &item.value {
                Value::Text(name) => match self.rule_sets.get(name.trim()) {
                    Some(set) => {
                        rules.extend(set.iter().cloned());
                        self.used_sets.insert(name.trim().to_owned());
                    }
                    None => {
                        self.unknown_set(item, name);
                        all_are_good = false;
                    }
                },
                Value::Table(_)
                | Value::List(_)
                | Value::Integer(_)
                | Value::Float(_)
                | Value::Boolean(_)
                | Value::Date(_) => {
                    let rule = self.rule(At::new(item));
                    all_are_good &= rule.is_some();
                    rules.extend(rule);
                }
            }
        }
        all_are_good.then_some(rules)
    }

    fn unknown_set(&mut self, node: &Node, name: &str) {
        let known: Vec<&str> = self.rule_sets.keys().map(String::as_str).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if known.is_empty() => "write it as [[rules.<name>]]".to_owned(),
            None => format!("there are {}", listed(known)),
        };
        let why = format!("there is no set of rules `{}`", name.trim().escape_debug());
        self.wrong(node, why, "not known", Some(hint));
    }

    /// A rule behind one that always matches never counts.
    fn is_reached(&mut self, node: &Node, before: &[Rule]) {
        let matches_all =
            |rule: &Rule| rule.status.is_empty() && rule.content_type.is_none() && rule.tests.is_empty();
        if before.last().is_some_and(matches_all) {
            let why = "this never counts: the rule before it matches every answer";
            self.wrong(node, why, "never reached", None);
        }
    }

    fn rule(&mut self, given: At<'_, step_shape::Rule<'_>>) -> Option<Rule> {
        let step_shape::Rule {
            status,
            content_type,
            header,
            at,
            text,
            is,
            is_not,
            is_one_of,
            is_time,
            matches,
            exists,
            is_empty,
            ignore_case,
            then,
            message,
            retry_after,
        } = self.table(given)?;
        let keys = TestKeys { is, is_not, is_one_of, is_time, matches, exists, is_empty, ignore_case };
        let status = match status {
            Some(status) => self.status(status),
            None => Some(Vec::new()),
        };
        let content_type = match content_type {
            Some(given) => self.text(&given, "a media type").map(|text| Some(text.to_lowercase())),
            None => Some(None),
        };
        let mut tests = Vec::new();
        match (at, header) {
            (Some(at), None) => {
                let path = self.json_path(at);
                let test = self.test(given.node, keys);
                tests.push(path.zip(test).map(|(path, test)| RuleTest::At(path, test)));
            }
            (None, Some(header)) => {
                let name = self.header(header);
                let test = self.test(given.node, keys);
                tests.push(name.zip(test).map(|(name, test)| RuleTest::Header(name, test)));
            }
            (Some(_), Some(header)) => {
                self.wrong_key(header.node, "`at` and `header` exclude each other", "keep one", None);
                tests.push(None);
            }
            (None, None) => {
                if let Some(test) = keys.given().first() {
                    let why = format!("`{}` tests nothing: `at` or `header` says what", test.key);
                    self.wrong_key(test, why, "of what?", None);
                }
            }
        }
        if let Some(text) = text {
            tests.push(self.regex(text).map(RuleTest::Text));
        }
        let message = self.json_path_where_given(message);
        let retry_after = self.json_path_where_given(retry_after);
        let then = self
            .required(then, "what follows: ok, a state or an outcome")
            .and_then(|then| self.verdict(then));
        Some(Rule {
            status: status?,
            content_type: content_type?,
            tests: tests.into_iter().collect::<Option<Vec<RuleTest>>>()?,
            then: then?,
            message: message?,
            retry_after: retry_after?,
        })
    }

    fn status(&mut self, given: At<'_, Vec<values::Scalar>>) -> Option<Vec<StatusRange>> {
        const EXPECTED: &str = "a list of numbers from 100 to 599, or \"2xx\"";
        let items = self.list(given, EXPECTED)?;
        if items.is_empty() {
            self.wrong(given.node, "no status is named: leave it out for any", "empty", None);
        }
        let read: Vec<Option<StatusRange>> = items
            .iter()
            .map(|item| {
                let range = status_range(&item.value);
                if range.is_none() {
                    self.bad_value(item, "a number from 100 to 599, or \"2xx\"", "", None);
                }
                range
            })
            .collect();
        read.into_iter().collect()
    }

    /// Exactly one test.
    pub(super) fn test(&mut self, table: &Node, keys: TestKeys<'_>) -> Option<Test> {
        let given = keys.given();
        let one = match given.as_slice() {
            [one] => *one,
            [] => {
                let known = "is, is_not, is_one_of, is_time, matches, exists and is_empty";
                self.wrong(table, format!("a test is missing: one of {known}"), "is what?", None);
                return None;
            }
            [_, second, ..] => {
                let names = listed(given.iter().map(|node| node.key.as_str())).replace(" or ", " and ");
                self.wrong_key(second, format!("{names} exclude each other: keep one"), "the second", None);
                return None;
            }
        };
        let ignore_case = self.flag(keys.ignore_case, false)?;
        if let Some(ignore) =
            keys.ignore_case.filter(|_| ["exists", "is_empty", "is_time"].contains(&one.key.as_str()))
        {
            self.wrong_key(ignore.node, "nothing is compared here", "without effect", None);
        }
        if let Some(is) = keys.is {
            return Some(Test::Is { value: self.template(is.node, Position::Value)?, ignore_case });
        }
        if let Some(is_not) = keys.is_not {
            return Some(Test::IsNot { value: self.template(is_not.node, Position::Value)?, ignore_case });
        }
        if let Some(list) = keys.is_one_of {
            let items = self.list(list, "a list of texts")?;
            if items.is_empty() {
                self.wrong(list.node, "the list is empty, so nothing is one of them", "empty", None);
            }
            let read: Vec<_> = items.iter().map(|item| self.template(item, Position::Value)).collect();
            return Some(Test::IsOneOf {
                values: read.into_iter().collect::<Option<Vec<_>>>()?,
                ignore_case,
            });
        }
        if let Some(time) = keys.is_time {
            return self.template(time.node, Position::Value).map(Test::IsTime);
        }
        if let Some(pattern) = keys.matches {
            if let Some(ignore) = keys.ignore_case.filter(|_| ignore_case) {
                let hint = "begin the pattern with (?i)".to_owned();
                self.wrong_key(
                    ignore.node,
                    "a pattern says itself how letters count",
                    "not here",
                    Some(hint),
                );
            }
            return self.regex(pattern).map(Test::Matches);
        }
        if keys.exists.is_some() {
            return self.flag(keys.exists, true).map(Test::Exists);
        }
        self.flag(keys.is_empty, true).map(Test::IsEmpty)
    }
}

fn status_range(value: &Value) -> Option<StatusRange> {
    if let Value::Integer(Some(number)) = value {
        let number = u16::try_from(*number).ok().filter(|number| (100..=599).contains(number))?;
        return Some(StatusRange { first: number, last: number });
    }
    let Value::Text(text) = value else { return None };
    let hundreds: u16 = text.strip_suffix("xx")?.parse().ok()?;
    let range = StatusRange { first: hundreds * 100, last: hundreds * 100 + 99 };
    (text.len() == 3 && (1..=5).contains(&hundreds)).then_some(range)
}
