//! Which connector a tenant names: `webhook`, one that is shipped, or a file beside `regrets.toml`.

use super::connector_file;
use super::nearest::{listed, nearest};
use super::problem::{Problem, ProblemKind};
use super::reader::Reader;
use super::source::Source;
use super::table::{At, May};
use super::tree::Node;
use crate::lms::presets;
use crate::lms::recipe::connector::ConnectorFile;
use std::sync::Arc;

const WEBHOOK: &str = "webhook";

const EXPECTED: &str = "`webhook`, the name of a connector, or a file such as \"./my-lms.toml\"";

/// The connector of one tenant.
#[derive(Debug, Clone)]
pub(super) enum Chosen {
    Webhook,
    File(Arc<ConnectorFile>),
    /// It was complained of.
    Unknown,
}

impl Chosen {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Webhook => WEBHOOK,
            Self::File(file) => &file.name,
            Self::Unknown => "",
        }
    }

    /// Whether it can find a session by its event; `None` where nobody knows.
    pub(super) fn can_look_up(&self) -> Option<bool> {
        match self {
            Self::Webhook => Some(false),
            Self::File(file) => Some(!file.recipes.lookup.is_empty()),
            Self::Unknown => None,
        }
    }
}

impl Reader<'_> {
    pub(super) fn connector(&mut self, connector: May<'_, String>) -> Chosen {
        let Some(connector) = connector else { return Chosen::Webhook };
        let Some(name) = self.text(&connector, EXPECTED) else { return Chosen::Unknown };
        if name == WEBHOOK {
            return Chosen::Webhook;
        }
        // Several tenants may name one file: it is read, and complained of, once.
        let known = match self.connector_files.get(name) {
            Some(known) => known.clone(),
            None => {
                let read = self.read_connector(&connector, name);
                self.connector_files.insert(name.to_owned(), read.clone());
                read
            }
        };
        known.map_or(Chosen::Unknown, Chosen::File)
    }

    fn read_connector(&mut self, connector: &Node, name: &str) -> Option<Arc<ConnectorFile>> {
        let (shown, text) = if is_path(name) {
            self.read_beside(connector, name, "the connector file")?
        } else if let Some(text) = presets::text(name) {
            (format!("connector {name}"), text.to_owned())
        } else {
            self.unknown_connector(connector, name);
            return None;
        };
        let source = self.sources.len();
        self.sources.push(Source::connector(&shown, &text));
        let found = connector_file::read_source(source, &text);
        let is_good = found.problems.is_empty();
        self.problems.extend(found.problems);
        self.masks.extend(found.masks);
        found.file.filter(|_| is_good).map(Arc::new)
    }

    /// A file beside this one: how it is called, and what is in it.
    pub(super) fn read_beside(&mut self, node: &Node, name: &str, what: &str) -> Option<(String, String)> {
        let (shown, text) = self.beside.read(name);
        self.read_files.insert(name.to_owned(), text.as_ref().ok().cloned());
        match text {
            Ok(text) => Some((shown, text)),
            Err(errors) => {
                let why: Vec<String> =
                    errors.problems().iter().map(|problem| problem.kind.to_string()).collect();
                let why = format!("{what} can't be read: {}", why.join("; "));
                let kind = ProblemKind::Contradiction { path: node.path.clone(), why };
                let hint = "its path is seen from the folder of this file";
                self.report(Problem::new(kind).at(&node.at, "named here").hint(hint));
                None
            }
        }
    }

    fn unknown_connector(&mut self, connector: &Node, name: &str) {
        let known: Vec<&str> = std::iter::once(WEBHOOK).chain(presets::names()).collect();
        let hint = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "a file of your own has a / in its path, such as \"./my-lms.toml\"".to_owned(),
        };
        let known = listed(known).replace(" or ", " and ");
        let why = format!("the connector {} is not known; this build holds {known}", connector.found());
        let kind = ProblemKind::Contradiction { path: connector.path.clone(), why };
        self.report(Problem::new(kind).at(&connector.at, "not known").hint(hint));
    }

    /// What every connector file has beside its own settings.
    pub(super) fn is_accepted(
        &mut self,
        node: &Node,
        file: &ConnectorFile,
        accepts_draft: bool,
        allows: bool,
    ) {
        use crate::lms::recipe::connector::Status;
        if file.about.status == Status::Draft && !accepts_draft {
            let why = format!(
                "the connector `{}` is a draft: it was written from public descriptions, and nobody has seen \
                 it work",
                file.name
            );
            let hint = "try it on a session of your own, then say accept_draft = true";
            self.refuse(node, why, hint);
        }
        if file.takes_membership() && !allows {
            let why =
                format!("the connector `{}` can only take away membership of the whole course", file.name);
            let hint = "where that is what a decline shall mean, say allow_course_unenrol = true";
            self.refuse(node, why, hint);
        }
    }

    fn refuse(&mut self, at: &Node, why: String, hint: &str) {
        let kind = ProblemKind::Contradiction { path: at.path.clone(), why };
        self.report(Problem::new(kind).at(&at.at, "refused").hint(hint));
    }

    /// Hosts that absolute addresses may lead to, in small letters.
    pub(super) fn hosts(&mut self, given: May<'_, Vec<String>>) -> Option<Vec<String>> {
        const EXPECTED: &str = "a host such as \"files.contoso.com\", or one with a port";
        let Some(given) = given else { return Some(Vec::new()) };
        let texts = self.texts(At::new(given.node), EXPECTED)?;
        let before = self.problems.len();
        let mut hosts = Vec::new();
        for (node, text) in texts {
            let url = url::Url::parse(&format!("https://{text}")).ok();
            let host = url.as_ref().and_then(url::Url::host_str);
            let is_host = url.as_ref().is_some_and(|url| {
                url.path() == "/"
                    && url.query().is_none()
                    && url.fragment().is_none()
                    && url.username().is_empty()
            });
            match (host, is_host) {
                (Some(host), true) if !text.ends_with('/') => {
                    let port = url.as_ref().and_then(url::Url::port);
                    hosts.push(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")));
                }
                _ => self.bad_value(node, EXPECTED, "not a host", None),
            }
        }
        (self.problems.len() == before).then_some(hosts)
    }
}

fn is_path(name: &str) -> bool {
    name.contains(['/', '\\']) || name.ends_with(".toml")
}
