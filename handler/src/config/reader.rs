//! Reads typed values out of the tree and collects everything that is wrong on the way, so that one run tells
//! all of it.
//!
//! A reading method answers `None` only after it has noted a problem: whoever builds the configuration may
//! give up on `None` without saying anything.

use super::Env;
use super::beside::{self, Beside, Files};
use super::nearest::{listed, nearest};
use super::problem::{Problem, ProblemKind};
use super::redact::names_a_secret;
use super::source::{Place, Source};
use super::table::{At, Must, Table};
use super::tree::{Node, Value};
use crate::config::needed::Needed;
use crate::http::loopback::is_loopback;
use crate::lms::recipe::connector::ConnectorFile;
use crate::missing_secret::Missing;
use std::collections::BTreeMap;
use std::sync::Arc;
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
    /// Where files are that the configuration names.
    pub(super) beside: &'a Beside,
    /// The texts that problems point into; connector files are added.
    pub(super) sources: Vec<Source>,
    /// By the name that a tenant gives; `None` for one that was complained of.
    pub(super) connector_files: BTreeMap<String, Option<Arc<ConnectorFile>>>,
    pub(super) read_files: Files,
}

impl<'a> Reader<'a> {
    pub(super) fn new(env: &'a Env) -> Self {
        Self {
            env,
            problems: Vec::new(),
            masks: Vec::new(),
            needed: Vec::new(),
            missing: Vec::new(),
            beside: &beside::NOTHING,
            sources: Vec::new(),
            connector_files: BTreeMap::new(),
            read_files: Files::new(),
        }
    }

    /// Of a configuration of these sources.
    pub(super) fn of(env: &'a Env, beside: &'a Beside, sources: Vec<Source>) -> Self {
        Self { beside, sources, ..Self::new(env) }
    }

    pub(super) fn report(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// A secret that can't be had: told at the place that names it.
    pub(super) fn miss(&mut self, missing: Missing, at: &Place, label: &str) {
        let kind = ProblemKind::Setting {
            name: missing.setting.clone(),
            why: format!("{} ({} needs it)", missing.why, missing.key),
        };
        let problem = Problem::new(kind).at(at, label).hint(missing.hint.clone());
        self.missing.push((missing, problem));
    }

    pub(super) fn contradiction(&mut self, node: &Node, why: impl Into<String>) {
        let kind = ProblemKind::Contradiction { path: node.path.clone(), why: why.into() };
        self.report(Problem::new(kind).at(&node.at, ""));
    }

    pub(super) fn bad_value(&mut self, node: &Node, expected: &str, label: &str, hint: Option<String>) {
        let found = if names_a_secret(&node.key) && matches!(node.value, Value::Text(_)) {
            self.masks.push(node.at.clone());
            "a text".to_owned()
        } else {
            node.found()
        };
        let kind = ProblemKind::BadValue { path: node.path.clone(), expected: expected.to_owned(), found };
        let mut problem = Problem::new(kind).at(&node.at, label);
        if let Some(why) = &node.not_toml {
            problem =
                problem.hint(format!("it was read as a plain string, because it is not valid TOML: {why}"));
        } else if let Some(hint) = hint {
            problem = problem.hint(hint);
        }
        self.report(problem);
    }

    pub(super) fn missing(&mut self, table: &Node, key: &str, hint: &str) {
        let kind = ProblemKind::Missing { key: key.to_owned(), table: table.path.clone() };
        let label = format!("`{key}` is missing here");
        self.report(Problem::new(kind).at(&table.key_at, label).hint(hint));
    }

    /// A table that holds none but its keys. Unknown ones are noted; the table is read all the same.
    pub(super) fn table<'n, T: Table<'n>>(&mut self, given: At<'n, T>) -> Option<T> {
        let (node, known) = (given.node, T::KEYS);
        self.entries(node, known)?;
        self.only_known(node, known);
        Some(T::of(node))
    }

    /// Notes the keys of a table that are none of these.
    pub(super) fn only_known(&mut self, node: &Node, known: &[&str]) {
        let Value::Table(children) = &node.value else { return };
        for child in children.iter().filter(|child| !known.contains(&child.key.as_str())) {
            let kind = ProblemKind::UnknownKey { key: child.key.clone(), table: node.path.clone() };
            let near = nearest(&child.key, known.iter().copied());
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", listed(known.iter().copied())),
            };
            let is_reference =
                matches!(&child.value, Value::Table(parts) if parts.iter().all(|part| part.key == "env"));
            if !is_reference && (names_a_secret(&child.key) || near.is_some_and(names_a_secret)) {
                self.masks.push(child.at.clone());
            }
            self.report(Problem::new(kind).at(&child.key_at, "not known here").hint(hint));
        }
    }

    /// The entries of a table whose keys are names of the user's own.
    pub(super) fn entries<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<&'n [Node]> {
        if let Value::Table(children) = &node.value {
            return Some(children);
        }
        let hint = (!known.is_empty()).then(|| format!("a table of {}", listed(known.iter().copied())));
        self.bad_value(node, "a table", "not a table", hint);
        None
    }

    pub(super) fn required<'n, K>(&mut self, key: Must<'n, K>, hint: &str) -> Option<At<'n, K>> {
        if key.given.is_none() {
            self.missing(key.table, key.key, hint);
        }
        key.given
    }

    /// A table in which exactly one must be given.
    pub(super) fn only_one<'n, T: Table<'n>>(&mut self, given: At<'n, T>) -> Option<T> {
        let table = self.table(given)?;
        let (node, known) = (given.node, T::KEYS);
        let given: Vec<&Node> = known.iter().filter_map(|key| node.child(key)).collect();
        match given.as_slice() {
            [_] => Some(table),
            [] => {
                // An unknown key was named already: saying that nothing is given would be noise.
                if matches!(&node.value, Value::Table(children) if children.is_empty()) {
                    self.contradiction(
                        node,
                        format!("one of {} must be given", listed(known.iter().copied())),
                    );
                }
                None
            }
            more => {
                let names = listed(more.iter().map(|node| node.key.as_str())).replace(" or ", " and ");
                let why = format!("{names} exclude each other: keep one");
                match more.iter().find(|given| given.key_at.source() > 0) {
                    Some(added) => {
                        let kind = ProblemKind::Contradiction { path: node.path.clone(), why };
                        let problem = Problem::new(kind).at(&added.key_at, "added to what the file says");
                        self.report(problem.hint(format!("override `{}` as a whole", node.path)));
                    }
                    None => self.contradiction(node, why),
                }
                None
            }
        }
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n str> {
        if let Value::Text(text) = &node.value
            && !text.trim().is_empty()
        {
            return Some(text.trim());
        }
        self.bad_value(node, expected, "", None);
        None
    }

    /// The texts of a list, with their nodes.
    pub(super) fn texts<'n>(
        &mut self,
        given: At<'n, Vec<String>>,
        expected: &str,
    ) -> Option<Vec<(&'n Node, &'n str)>> {
        if let Value::List(items) = &given.node.value {
            return items.iter().map(|item| Some((item, self.text(item, expected)?))).collect();
        }
        self.bad_value(&given, &format!("a list, each item {expected}"), "not a list", None);
        None
    }

    /// An https URL; plain http is taken for this machine's loopback addresses only.
    pub(super) fn url(&mut self, given: At<'_, String>) -> Option<Url> {
        const EXPECTED: &str = "an https URL";
        let text = self.text(&given, EXPECTED)?;
        match check_url(text) {
            Ok(url) => Some(url),
            Err(why) => {
                if why.is_secret() {
                    self.masks.push(given.at.clone());
                    let kind = ProblemKind::LiteralSecret { path: given.path.clone() };
                    self.report(Problem::new(kind).at(&given.at, why.to_string()));
                } else {
                    self.bad_value(&given, EXPECTED, &why.to_string(), None);
                }
                None
            }
        }
    }
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
