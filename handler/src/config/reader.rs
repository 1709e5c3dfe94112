//! Reads typed values out of the tree and collects everything that is wrong on the way, so that one run tells all of it.
//!
//! A reading method answers `None` only after it has noted a problem: whoever builds the configuration may give up on
//! `None` without saying anything.

use super::nearest::{listed, nearest};
use super::problem::{Problem, ProblemKind};
use super::source::Place;
use super::tree::{Node, Value};
use super::{Env, duration, keys};
use crate::config::needed::Needed;
use crate::http::loopback::is_loopback;
use crate::missing_secret::Missing;
use chrono::Duration;
use url::Url;

pub(super) struct Reader<'a> {
    pub(super) env: &'a Env,
    pub(super) problems: Vec<Problem>,
    /// Places of secrets that stand where they must not.
    pub(super) masks: Vec<Place>,
    /// App settings that the configuration refers to.
    pub(super) needed: Vec<Needed>,
    /// Secrets that can't be had, each as it is told where nobody serves. No problem of the file.
    pub(super) missing: Vec<(Missing, Problem)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(env: &'a Env) -> Self {
        Self { env, problems: Vec::new(), masks: Vec::new(), needed: Vec::new(), missing: Vec::new() }
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A secret that can't be had: told at the place that names it.
    pub(super) fn miss(&mut self, missing: Missing, at: &Place, label: &str) {
        let trouble = ProblemKind::Setting {
            name: missing.setting.clone(),
            why: format!("{}, but {} needs it", missing.why, missing.key),
        };
        let problem = Problem::new(trouble).at(at, label).hint(missing.hint.clone());
        self.missing.push((missing, problem));
    }

    pub(super) fn contradiction(&mut self, node: &Node, why: impl Into<String>) {
        let trouble = ProblemKind::Contradiction { path: node.path.clone(), why: why.into() };
        self.report(Problem::new(trouble).at(&node.at, ""));
    }

    pub(super) fn bad_value(&mut self, node: &Node, expected: &str, label: &str, hint: Option<String>) {
        let found = if keys::is_secret(&node.key) && matches!(node.value, Value::Text(_)) {
            self.masks.push(node.at.clone());
            "a text".to_owned()
        } else {
            node.found()
        };
        let trouble = ProblemKind::BadValue { path: node.path.clone(), expected: expected.to_owned(), found };
        let mut problem = Problem::new(trouble).at(&node.at, label);
        if let Some(why) = &node.not_toml {
            problem = problem.hint(format!("it was read as a plain string, because it is not valid TOML: {why}"));
        } else if let Some(hint) = hint {
            problem = problem.hint(hint);
        }
        self.report(problem);
    }

    fn missing(&mut self, table: &Node, key: &str, hint: &str) {
        let trouble = ProblemKind::Missing { key: key.to_owned(), table: table.path.clone() };
        let label = format!("`{key}` is missing here");
        self.report(Problem::new(trouble).at(&table.key_at, label).hint(hint));
    }

    /// A table that holds none but these keys. Unknown ones are noted; the table is read all the same.
    pub(super) fn table<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<&'n Node> {
        let children = self.entries(node, known)?;
        for child in children.iter().filter(|child| !known.contains(&child.key.as_str())) {
            let trouble = ProblemKind::UnknownKey { key: child.key.clone(), table: node.path.clone() };
            let near = nearest(&child.key, known.iter().copied());
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", listed(known.iter().copied())),
            };
            let is_reference =
                matches!(&child.value, Value::Table(parts) if parts.iter().all(|part| part.key == "env"));
            if !is_reference && (keys::is_secret(&child.key) || near.is_some_and(keys::is_secret)) {
                self.masks.push(child.at.clone());
            }
            self.report(Problem::new(trouble).at(&child.key_at, "not known here").hint(hint));
        }
        Some(node)
    }

    /// The entries of a table whose keys are names of the user's own.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<&'n [Node]> {
        match &node.value {
            Value::Table(children) => Some(children),
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::List(_) => {
                let hint = (!known.is_empty()).then(|| format!("a table of {}", listed(known.iter().copied())));
                self.bad_value(node, "a table", "not a table", hint);
                None
            }
        }
    }

    pub(super) fn required<'n>(&mut self, table: &'n Node, key: &str, hint: &str) -> Option<&'n Node> {
        let child = table.child(key);
        if child.is_none() {
            self.missing(table, key, hint);
        }
        child
    }

    /// The one entry of a table in which exactly one must be given.
    pub(super) fn only_one<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<&'n Node> {
        let table = self.table(node, known)?;
        let given: Vec<&Node> = known.iter().filter_map(|key| table.child(key)).collect();
        match given.as_slice() {
            [one] => Some(one),
            [] => {
                // An unknown key was named already: saying that nothing is given would be noise.
                if matches!(&node.value, Value::Table(children) if children.is_empty()) {
                    self.contradiction(node, format!("one of {} must be given", listed(known.iter().copied())));
                }
                None
            }
            more => {
                let names = listed(more.iter().map(|node| node.key.as_str())).replace(" or ", " and ");
                let why = format!("{names} exclude each other: keep one");
                match more.iter().find(|given| given.key_at.source() > 0) {
                    Some(added) => {
                        let trouble = ProblemKind::Contradiction { path: node.path.clone(), why };
                        let problem = Problem::new(trouble).at(&added.key_at, "added to what the file says");
                        self.report(problem.hint(format!("override `{}` as a whole", node.path)));
                    }
                    None => self.contradiction(node, why),
                }
                None
            }
        }
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        match &node.value {
            Value::Text(text) if !text.trim().is_empty() => Some(text.trim()),
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::List(_)
            | Value::Table(_) => {
                self.bad_value(node, expected, "", None);
                None
            }
        }
    }

    /// The texts of a list, with their nodes.
    pub(super) fn texts<'n>(&mut self, node: &'n Node, expected: &str) -> Option<Vec<(&'n Node, &'n str)>> {
        match &node.value {
            Value::List(items) => items.iter().map(|item| Some((item, self.text(item, expected)?))).collect(),
            Value::Text(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::Boolean(_)
            | Value::Date(_)
            | Value::Table(_) => {
                self.bad_value(node, &format!("a list, each item {expected}"), "not a list", None);
                None
            }
        }
    }

    /// An Entra object id, tenant id or application id, in lower case.
    pub(super) fn guid(&mut self, node: &Node, what: &str, hint: &str) -> Option<String> {
        let expected = format!("{what}, a GUID such as 11111111-2222-3333-4444-555555555555");
        let text = self.text(node, &expected)?;
        if !is_guid(text) {
            self.bad_value(node, &expected, "not a GUID", Some(hint.to_owned()));
            return None;
        }
        Some(text.to_ascii_lowercase())
    }

    pub(super) fn choice<T: Copy>(&mut self, node: Option<&Node>, options: &[(&str, T)], default: T) -> Option<T> {
        let Some(node) = node else { return Some(default) };
        let names = || options.iter().map(|(name, _)| *name);
        let expected = listed(names());
        let text = self.text(node, &expected)?;
        let chosen = options.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if chosen.is_none() {
            let hint = nearest(text, names()).map(|near| format!("did you mean \"{near}\"?"));
            self.bad_value(node, &expected, "not one of them", hint);
        }
        chosen
    }

    pub(super) fn duration(&mut self, node: Option<&Node>, default: Duration) -> Option<Duration> {
        const EXPECTED: &str = "a duration such as \"1h 30m\"";
        let Some(node) = node else { return Some(default) };
        if let Value::Integer(Some(number)) = node.value {
            self.bad_value(node, EXPECTED, "a number without a unit", Some(format!("seconds are \"{number}s\"")));
            return None;
        }
        let text = self.text(node, EXPECTED)?;
        match duration::parse(text) {
            Ok(duration) => Some(duration),
            Err(error) => {
                self.bad_value(node, EXPECTED, &error.to_string(), None);
                None
            }
        }
    }

    /// As [`Reader::duration`], but nothing would happen, or everything at once, if it were zero.
    pub(super) fn duration_above_zero(&mut self, node: Option<&Node>, default: Duration) -> Option<Duration> {
        let duration = self.duration(node, default)?;
        if let Some(node) = node.filter(|_| duration.is_zero()) {
            self.bad_value(node, "a duration longer than zero", "", None);
            return None;
        }
        Some(duration)
    }

    /// A whole number from 1.
    pub(super) fn count(&mut self, node: Option<&Node>, default: u32) -> Option<u32> {
        let Some(node) = node else { return Some(default) };
        if let Value::Integer(Some(number)) = node.value
            && let Ok(number) = u32::try_from(number)
            && number > 0
        {
            return Some(number);
        }
        self.bad_value(node, "a whole number from 1", "", None);
        None
    }

    /// An https URL; plain http is taken for this machine's loopback addresses only.
    pub(super) fn url(&mut self, node: &Node) -> Option<Url> {
        const EXPECTED: &str = "an https URL";
        let text = self.text(node, EXPECTED)?;
        match check_url(text) {
            Ok(url) => Some(url),
            Err(why) => {
                if why.is_secret() {
                    self.masks.push(node.at.clone());
                    let trouble = ProblemKind::LiteralSecret { path: node.path.clone() };
                    self.report(Problem::new(trouble).at(&node.at, why.to_string()));
                } else {
                    self.bad_value(node, EXPECTED, &why.to_string(), None);
                }
                None
            }
        }
    }
}

pub(super) fn is_guid(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

/// Why a URL can't be called.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum UrlError {
    #[error("{0}")]
    Invalid(#[from] url::ParseError),
    #[error("it must begin with https:// (http:// is taken for localhost only)")]
    NotHttps,
    #[error("it must not carry a user name or a password")]
    Credentials,
    #[error("it must not carry a fragment (#…)")]
    Fragment,
}

impl UrlError {
    fn is_secret(&self) -> bool {
        *self == Self::Credentials
    }
}

pub(super) fn check_url(text: &str) -> Result<Url, UrlError> {
    let url = Url::parse(text)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    if url.fragment().is_some() {
        return Err(UrlError::Fragment);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(UrlError::NotHttps),
    }
}
