//! `[auth]`: how requests are signed in.

use super::file_reader::FileReader;
use super::scope::Scope;
use super::shape;
use super::words::AuthWord;
use crate::config::nearest::listed;
use crate::config::table::{At, May};
use crate::config::tree::{Node, Value};
use crate::lms::recipe::auth::{Auth, Placement};
use crate::lms::recipe::template::{Position, Template};

impl AuthWord {
    /// The keys that belong to it, beside `kind`.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::Bearer => &["value"],
            Self::Header | Self::Query | Self::Form => &["name", "value"],
            Self::Basic => &["user", "password"],
            Self::Oauth2 => &[
                "grant",
                "method",
                "path",
                "url",
                "body",
                "client",
                "fields",
                "headers",
                "token",
                "lifetime",
                "lasts",
                "refresh_token",
                "rejected",
                "header",
                "value",
            ],
            Self::Login => &[
                "method",
                "path",
                "url",
                "form",
                "json",
                "headers",
                "token",
                "token_header",
                "cookie",
                "lifetime",
                "lasts",
                "rejected",
                "header",
                "value",
            ],
        }
    }
}

impl FileReader<'_> {
    pub(super) fn auth(&mut self, given: At<'_, shape::Auth<'_>>) -> Option<Auth> {
        let table = self.table(given)?;
        let kind = table.kind.given;
        if kind.is_none() {
            self.missing(
                given.node,
                "kind",
                "one of none, bearer, header, query, form, basic, oauth2 and login",
            );
        }
        let kind = self.choice(Some(kind?), AuthWord::None)?;
        self.only_keys_of(given.node, kind);
        self.scope = Scope::Everywhere;
        match kind {
            AuthWord::None => Some(Auth::None),
            AuthWord::Bearer => {
                let value = self.credential(given.node, table.value, Position::Header)?;
                let bearer = Template::parse(&format!("Bearer {value}"), Position::Header).ok()?;
                Some(Auth::Fixed(Placement::Header { name: "authorization".to_owned(), value: bearer }))
            }
            AuthWord::Header => {
                let name = self.auth_name(given.node, table.name);
                let name = name.and_then(|name| {
                    let text = self.text(&name, "the name of a header")?;
                    self.header_to_send(&name, text, &name.at)
                });
                let value = self.credential(given.node, table.value, Position::Header)?;
                let value = Template::parse(&value, Position::Header).ok()?;
                Some(Auth::Fixed(Placement::Header { name: name?, value }))
            }
            AuthWord::Query | AuthWord::Form => {
                let name = self.auth_name(given.node, table.name);
                let name = name.and_then(|name| self.text(&name, "the name of a field").map(str::to_owned));
                let value = self.credential(given.node, table.value, Position::Value)?;
                let value = Template::parse(&value, Position::Value).ok()?;
                Some(Auth::Fixed(if kind == AuthWord::Query {
                    Placement::Query { name: name?, value }
                } else {
                    Placement::Form { name: name?, value }
                }))
            }
            AuthWord::Basic => self.basic(given.node, table.user, table.password),
            AuthWord::Oauth2 => self.oauth2(given.node, table).map(Box::new).map(Auth::Token),
            AuthWord::Login => self.login(given.node, table).map(Box::new).map(Auth::Token),
        }
    }

    fn only_keys_of(&mut self, node: &Node, kind: AuthWord) {
        let Value::Table(children) = &node.value else { return };
        let keys = kind.keys();
        for child in children {
            let key = child.key.as_str();
            let is_known = <shape::Auth<'_> as crate::config::table::Table<'_>>::KEYS.contains(&key);
            if is_known && key != "kind" && !keys.contains(&key) {
                let hint = match keys {
                    [] => "it has no keys but kind".to_owned(),
                    keys => format!("it has {}", listed(keys.iter().copied())),
                };
                self.wrong_key(
                    child,
                    format!("`{key}` does not belong to this kind"),
                    "not here",
                    Some(hint),
                );
            }
        }
    }

    fn auth_name<'n>(&mut self, table: &Node, name: May<'n, String>) -> Option<At<'n, String>> {
        if name.is_none() {
            self.missing(table, "name", "of the header, or of the field");
        }
        name
    }

    /// A text that holds a secret; it was read as a template.
    fn credential(&mut self, table: &Node, value: May<'_, String>, position: Position) -> Option<String> {
        let Some(value) = value else {
            self.missing(table, "value", "the credential, such as \"{{ settings.token }}\"");
            return None;
        };
        let template = self.template(value.node, position)?;
        self.must_hold_a_secret(value.node, &template);
        self.scalar(value.node).map(std::borrow::Cow::into_owned)
    }

    fn basic(&mut self, table: &Node, user: May<'_, String>, password: May<'_, String>) -> Option<Auth> {
        for (key, given) in [("user", user), ("password", password)] {
            if given.is_none() {
                self.missing(table, key, "such as \"{{ settings.key }}\"; one that is empty is \"\"");
            }
        }
        let (user_node, password_node) = (user?.node, password?.node);
        let user = self.template(user_node, Position::Value);
        let password = self.template(password_node, Position::Value);
        let (user, password) = (user?, password?);
        // Some servers take the key as the user's name, and any password.
        if !self.holds_a_secret(&user) && !self.holds_a_secret(&password) {
            self.literal_secret(password_node);
            return None;
        }
        Some(Auth::Basic { user, password })
    }
}
