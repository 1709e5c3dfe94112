//! Secrets never stand in a connector file: whoever shares it would share them.

use super::file_reader::FileReader;
use crate::config::problem::{Problem, ProblemKind};
use crate::config::source::Place;
use crate::config::tree::{Node, Value};
use crate::lms::recipe::connector::SettingKind;
use crate::lms::recipe::template::Template;

const HINT: &str = "make it a setting of kind secret and write {{ settings.<name> }}; \
                    if this file was shared, change the secret";

/// Keys of `[auth]` that say how, not what.
const NOT_SECRET: [&str; 17] = [
    "kind",
    "name",
    "grant",
    "method",
    "path",
    "url",
    "body",
    "client",
    "token",
    "token_header",
    "cookie",
    "lifetime",
    "lasts",
    "refresh_token",
    "header",
    "scope",
    "grant_type",
];

impl FileReader<'_> {
    pub(super) fn literal_secret(&mut self, node: &Node) {
        self.masks.push(node.at.clone());
        let trouble = ProblemKind::LiteralSecret { path: node.path.clone() };
        self.report(Problem::new(trouble).at(&node.at, "a literal").hint(HINT));
    }

    /// A credential: it comes from a setting of kind secret, or from the LMS's own answer.
    pub(super) fn must_hold_a_secret(&mut self, node: &Node, template: &Template) {
        if self.holds_a_secret(template) {
            return;
        }
        if template.constant().is_some() {
            self.literal_secret(node);
        } else {
            self.masks.push(node.at.clone());
            let why = "a credential comes from a setting of kind secret, and none is in it";
            self.wrong(node, why, "no secret", None);
        }
    }

    pub(super) fn holds_a_secret(&self, template: &Template) -> bool {
        template.placeholders().any(|(name, _)| {
            name.starts_with("auth.")
                // What is unknown is told as such.
                || !name.starts_with("settings.")
                || self.setting_named(name).is_none_or(|kind| matches!(kind, SettingKind::Secret))
        })
    }

    fn setting_named(&self, placeholder: &str) -> Option<&SettingKind> {
        let name = placeholder.strip_prefix("settings.")?;
        self.settings.iter().find(|setting| setting.name == name).map(|setting| &setting.kind)
    }

    /// Of headers, fields and JSON: a text without a placeholder under a name that means a secret.
    pub(super) fn no_literal_secrets(&mut self, node: &Node, is_header: bool) {
        match &node.value {
            Value::Table(entries) => {
                for entry in entries {
                    self.no_literal_secrets(entry, is_header);
                }
            }
            Value::List(items) => {
                for item in items {
                    self.no_literal_secrets(item, is_header);
                }
            }
            Value::Text(text)
                if !text.trim().is_empty()
                    && !text.contains("{{")
                    && means_a_secret(&node.key, is_header) =>
            {
                self.literal_secret(node);
            }
            Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Date(_) => {}
        }
    }
}

/// Places of texts that may be secrets, whatever else is wrong around them.
pub(super) fn masks(root: &Node) -> Vec<Place> {
    let mut places = Vec::new();
    for entry in children(root) {
        collect(entry, entry.key == "auth", &mut places);
    }
    places
}

fn collect(node: &Node, is_auth: bool, places: &mut Vec<Place>) {
    match &node.value {
        Value::Text(text) => {
            let may_be = if is_auth {
                !NOT_SECRET.contains(&node.key.as_str())
            } else {
                means_a_secret(&node.key, true)
            };
            if may_be && !text.contains("{{") && !text.starts_with('$') {
                places.push(node.at.clone());
            }
        }
        Value::List(_) | Value::Table(_) => {
            // Rules hold no credentials.
            let is_auth = is_auth && node.key != "rejected";
            for child in children(node) {
                collect(child, is_auth, places);
            }
        }
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Date(_) => {}
    }
}

fn children(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(children) | Value::Table(children) => children,
        Value::Text(_) | Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Date(_) => &[],
    }
}

fn means_a_secret(key: &str, is_header: bool) -> bool {
    let key = key.to_lowercase().replace(['-', '_'], "");
    let ends = ["token", "password", "passwd", "secret", "apikey", "accesskey", "whsec"];
    ends.iter().any(|end| key.ends_with(end)) || (is_header && key == "authorization")
}
