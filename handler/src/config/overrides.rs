//! App settings that override the file: `REGRETS__TENANT__CONTOSO__POLICY__GRACE=5m`
//! (reference/rules.md#configuration).
//!
//! Names are taken without regard to case. A value is read as TOML, or as a plain string where that fails; it
//! replaces the whole value at its path. Unknown paths become nodes like any other, so that they are refused
//! like unknown keys.

use super::Env;
use super::problem::{Problem, ProblemKind};
use super::source::{Place, Source};
use super::tree::{self, Node, Value};
use toml::de::DeValue;

const PREFIX: &str = "REGRETS__";

/// Lays the overrides over the tree, the shorter paths first, and adds a source for each.
pub(super) fn apply(root: &mut Node, env: &Env, sources: &mut Vec<Source>) -> Vec<Problem> {
    let mut overrides: Vec<Override<'_>> =
        env.iter().filter_map(|(name, value)| Override::of(name, value)).collect();
    overrides.sort_by_cached_key(Override::keys);

    let slip = "would override nothing: its name begins with REGRETS and one underscore";
    let mut problems: Vec<Problem> =
        env.keys().filter(|name| lacks_an_underscore(name)).map(|name| malformed(name, slip)).collect();
    let mut last: Option<(Vec<String>, &str)> = None;
    for item in overrides {
        let keys = item.keys();
        if let Some((_, other)) = last.as_ref().filter(|(path, _)| *path == keys) {
            problems.push(Problem::new(ProblemKind::Setting {
                name: item.name.to_owned(),
                why: format!("and {other} override the same setting: keep one of them"),
            }));
            continue;
        }
        let source = sources.len();
        sources.push(Source::setting(item.name, item.value));
        if let Err(problem) = item.lay_over(root, source) {
            problems.push(*problem);
        }
        last = Some((keys, item.name));
    }
    problems
}

/// The names of the app settings that override something of the file.
pub fn overriding(env: &Env) -> Vec<&str> {
    env.iter()
        .filter(|(name, value)| Override::of(name, value).is_some())
        .map(|(name, _)| name.as_str())
        .collect()
}

/// `REGRETS_TENANT__CONTOSO__…`: meant as an override, and silently none.
fn lacks_an_underscore(name: &str) -> bool {
    let rest = name
        .split_at_checked(8)
        .filter(|(head, _)| head.eq_ignore_ascii_case("REGRETS_"))
        .map(|(_, rest)| rest);
    rest.is_some_and(|rest| !rest.starts_with('_') && rest.contains("__"))
}

fn malformed(name: &str, why: &str) -> Problem {
    Problem::new(ProblemKind::Setting { name: name.to_owned(), why: why.to_owned() })
        .hint("two underscores go between the parts, as in REGRETS__TENANT__CONTOSO__POLICY__GRACE")
}

struct Override<'a> {
    name: &'a str,
    value: &'a str,
    /// Keys in lower case, each with its place in the name.
    segments: Vec<(String, std::ops::Range<usize>)>,
}

impl<'a> Override<'a> {
    fn of(name: &'a str, value: &'a str) -> Option<Self> {
        let (head, rest) = name.split_at_checked(PREFIX.len())?;
        if !head.eq_ignore_ascii_case(PREFIX) {
            return None;
        }
        let mut start = PREFIX.len();
        let mut segments = Vec::new();
        for part in rest.split("__") {
            segments.push((part.to_ascii_lowercase(), start..start + part.len()));
            start += part.len() + 2;
        }
        Some(Self { name, value, segments })
    }

    fn keys(&self) -> Vec<String> {
        self.segments.iter().map(|(key, _)| key.clone()).collect()
    }

    fn lay_over(&self, root: &mut Node, source: usize) -> Result<(), Box<Problem>> {
        let mut here = root;
        let mut rest = self.segments.iter().peekable();
        while let Some((key, span)) = rest.next() {
            let key_at = Place::new(source, span.clone());
            let path = tree::join(&here.path, key);
            let is_list = matches!(here.value, Value::List(_));
            let above = here.path.clone();
            let Value::Table(children) = &mut here.value else {
                let problem =
                    Problem::new(ProblemKind::UnknownKey { key: key.clone(), table: above.clone() })
                        .at(&key_at, format!("`{above}` holds no settings of its own"));
                let hint = "override the whole list: …=[\"a\", \"b\"]";
                return Err(Box::new(if is_list { problem.hint(hint) } else { problem }));
            };
            if key.is_empty() {
                return Err(Box::new(malformed(self.name, "has an empty part in its name")));
            }
            let index = children.iter().position(|child| child.key == *key);
            let is_last = rest.peek().is_none();
            let index = match index {
                Some(index) => index,
                None => {
                    let value = Value::Table(Vec::new());
                    let at = key_at.clone();
                    children.push(Node {
                        key: key.clone(),
                        path: path.clone(),
                        key_at: key_at.clone(),
                        at,
                        value,
                        not_toml: None,
                    });
                    children.len() - 1
                }
            };
            let Some(child) = children.get_mut(index) else { return Ok(()) };
            if is_last {
                *child = self.node(key, path, key_at, source);
                return Ok(());
            }
            here = child;
        }
        Ok(())
    }

    fn node(&self, key: &str, path: String, key_at: Place, source: usize) -> Node {
        let shift = self.name.len() + 1;
        match DeValue::parse(self.value) {
            Ok(value) => tree::node(&value, key, path, key_at, source, shift),
            Err(error) => Node {
                key: key.to_owned(),
                path,
                key_at,
                at: Place::new(source, shift..shift + self.value.len()),
                value: Value::Text(self.value.to_owned()),
                not_toml: self
                    .value
                    .trim_start()
                    .starts_with(['{', '[', '"', '\''])
                    .then(|| error.message().to_owned()),
            },
        }
    }
}
