//! `[auth]` of the kinds oauth2 and login: how a token is had, and how it is sent.

use super::file_reader::FileReader;
use super::scope::Scope;
use super::shape;
use super::words::{ClientWord, FieldsWord, GrantWord};
use crate::config::nearest::listed;
use crate::config::table::May;
use crate::config::tree::Node;
use crate::lms::recipe::auth::{Placement, TokenAt, TokenKind, TokenRequest, TokenUrl};
use crate::lms::recipe::connector::SettingKind;
use crate::lms::recipe::json_path::JsonPath;
use crate::lms::recipe::step::{Body, JsonBody};
use crate::lms::recipe::template::{Position, Template};
use chrono::TimeDelta;
use http::Method;

const LASTS: TimeDelta = TimeDelta::minutes(10);

impl FileReader<'_> {
    pub(super) fn oauth2(&mut self, node: &Node, table: shape::Auth<'_>) -> Option<TokenRequest> {
        let grant = self.choice(table.grant, GrantWord::ClientCredentials)?;
        let kind = match grant {
            GrantWord::ClientCredentials => TokenKind::ClientCredentials,
            GrantWord::RefreshToken => TokenKind::RefreshToken,
        };
        let may_refresh = grant == GrantWord::RefreshToken;
        self.scope = Scope::TokenRequest { may_refresh };
        if let Some(fields) = table.fields {
            self.no_literal_secrets(fields.node, false);
        }
        let mut fields = self.templates(table.fields, Position::Value)?;
        if may_refresh {
            self.refreshes(node, &fields);
        }
        let basic = match self.choice(table.client, ClientWord::Body)? {
            ClientWord::Body => None,
            ClientWord::Basic => {
                let mut take = |name: &str| {
                    let index = fields.iter().position(|(known, _)| known == name)?;
                    Some(fields.remove(index).1)
                };
                let (id, secret) = (take("client_id"), take("client_secret"));
                if id.is_none() || secret.is_none() {
                    let why = "client = \"basic\" sends fields.client_id and fields.client_secret";
                    self.wrong_key(node, why, "both must be given", None);
                }
                Some((id?, secret?))
            }
        };
        let has_secret = fields.iter().any(|(_, field)| self.holds_a_secret(field))
            || basic.as_ref().is_some_and(|(_, secret)| self.holds_a_secret(secret));
        if !has_secret {
            let why = "no field holds a secret: what proves who we are?";
            self.wrong_key(
                node,
                why,
                "such as fields.client_secret = \"{{ settings.client_secret }}\"",
                None,
            );
        }
        if !fields.iter().any(|(name, _)| name == "grant_type") {
            let grant = match grant {
                GrantWord::ClientCredentials => "client_credentials",
                GrantWord::RefreshToken => "refresh_token",
            };
            fields.push(("grant_type".to_owned(), Template::parse(grant, Position::Value).ok()?));
        }
        let body = match self.choice(table.body, FieldsWord::Form)? {
            FieldsWord::Form => Body::Form(fields),
            FieldsWord::Json => {
                let fields = fields.into_iter().map(|(name, value)| (name, JsonBody::Text(value)));
                Body::Json(JsonBody::Object(fields.collect()))
            }
        };
        let refresh_token = match table.refresh_token {
            Some(path) => Some(self.json_path(path)?),
            None if may_refresh => Some(JsonPath::parse("$.refresh_token").ok()?),
            None => None,
        };
        self.token_request(node, table, kind, body, basic, refresh_token)
    }

    /// The first refresh token is the tenant's.
    fn refreshes(&mut self, node: &Node, fields: &[(String, Template)]) {
        let asks = fields
            .iter()
            .any(|(_, field)| field.placeholders().any(|(name, _)| name == "auth.refresh_token"));
        if !asks {
            let why = "no field says the refresh token: fields.refresh_token = \"{{ auth.refresh_token }}\"";
            self.wrong_key(node, why, "what is refreshed?", None);
        }
        self.used_settings.insert("refresh_token".to_owned());
        let is_given = self
            .settings
            .iter()
            .any(|setting| setting.name == "refresh_token" && matches!(setting.kind, SettingKind::Secret));
        if !is_given {
            let why = "the first refresh token comes from a setting `refresh_token` of kind secret";
            self.wrong_key(node, why, "there is no such setting", None);
        }
    }

    pub(super) fn login(&mut self, node: &Node, table: shape::Auth<'_>) -> Option<TokenRequest> {
        self.scope = Scope::TokenRequest { may_refresh: false };
        let before = self.problems.len();
        for given in [table.form.map(|at| at.node), table.json.map(|at| at.node)].into_iter().flatten() {
            self.no_literal_secrets(given, false);
        }
        let body = self.body(table.form, table.json, None, None)?;
        if self.problems.len() == before && !self.body_holds_a_secret(&body) && table.headers.is_none() {
            let why = "nothing that is sent holds a secret: what proves who we are?";
            self.wrong_key(node, why, "form, json or headers", None);
        }
        self.token_request(node, table, TokenKind::Login, body, None, None)
    }

    fn body_holds_a_secret(&self, body: &Body) -> bool {
        match body {
            Body::Form(fields) => fields.iter().any(|(_, field)| self.holds_a_secret(field)),
            Body::Json(json) => self.json_holds_a_secret(json),
            Body::None | Body::GraphQl { .. } | Body::Xml(_) => false,
        }
    }

    fn json_holds_a_secret(&self, json: &JsonBody) -> bool {
        match json {
            JsonBody::Text(text) => self.holds_a_secret(text),
            JsonBody::List(items) => items.iter().any(|item| self.json_holds_a_secret(item)),
            JsonBody::Object(entries) => entries.iter().any(|(_, entry)| self.json_holds_a_secret(entry)),
            JsonBody::Null
            | JsonBody::Boolean(_)
            | JsonBody::Number(_)
            | JsonBody::AsNumber(_)
            | JsonBody::AsBoolean(_) => false,
        }
    }

    /// What both kinds have in common.
    fn token_request(
        &mut self,
        node: &Node,
        table: shape::Auth<'_>,
        kind: TokenKind,
        body: Body,
        basic: Option<(Template, Template)>,
        refresh_token: Option<JsonPath>,
    ) -> Option<TokenRequest> {
        let method = match table.method {
            Some(method) => self.method(method, &[Method::GET, Method::POST, Method::PUT]),
            None => Some(Method::POST),
        };
        let url = match (table.path, table.url) {
            (Some(path), None) => self.template(path.node, Position::Path).map(TokenUrl::Path),
            (None, Some(url)) => self.template(url.node, Position::Url).map(TokenUrl::Absolute),
            (Some(_), Some(url)) => {
                self.wrong_key(url.node, "`path` and `url` exclude each other", "keep one", None);
                None
            }
            (None, None) => {
                self.missing(node, "path", "where the token is had, below the base; or url, a whole address");
                None
            }
        };
        if let Some(headers) = table.headers {
            self.no_literal_secrets(headers.node, true);
        }
        let headers = self.headers(table.headers);
        let (token, cookie) = self.token_at(table.token, table.token_header, table.cookie, kind)?;
        let lifetime = match table.lifetime {
            Some(path) => self.json_path(path).map(Some),
            None if kind == TokenKind::Login => Some(None),
            None => Some(JsonPath::parse("$.expires_in").ok()),
        };
        let lasts = self.std_duration(table.lasts, LASTS);
        let rules = self.rules(table.rejected);
        let placement = match cookie {
            Some(name) => {
                for given in [table.header, table.value].into_iter().flatten() {
                    let why = "a cookie is sent as a cookie";
                    self.wrong_key(given.node, why, "leave it out", None);
                }
                Some(Placement::Cookie { name })
            }
            None => self.token_sent(table.header, table.value),
        };
        Some(TokenRequest {
            kind,
            method: method?,
            url: url?,
            headers: headers?,
            body,
            basic,
            token,
            lifetime: lifetime?,
            lasts: lasts?,
            refresh_token,
            rules: rules?,
            placement: placement?,
        })
    }

    /// Where the token stands in the answer; the name of the cookie, where it is one.
    fn token_at(
        &mut self,
        token: May<'_, String>,
        header: May<'_, String>,
        cookie: May<'_, String>,
        kind: TokenKind,
    ) -> Option<(TokenAt, Option<String>)> {
        let given: Vec<&Node> = [token, header, cookie].iter().flatten().map(|at| at.node).collect();
        if let [_, second, ..] = given.as_slice() {
            let names = listed(given.iter().map(|node| node.key.as_str())).replace(" or ", " and ");
            self.wrong_key(second, format!("{names} exclude each other: keep one"), "the second", None);
            return None;
        }
        if let Some(header) = header {
            return Some((TokenAt::Header(self.header(header)?), None));
        }
        if let Some(cookie) = cookie {
            let name = self.text(&cookie, "the name of a cookie")?;
            let is_token = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?={}".contains(c);
            if !name.chars().all(is_token) {
                self.bad_value(&cookie, "the name of a cookie", "not a name", None);
                return None;
            }
            return Some((TokenAt::Cookie(name.to_owned()), Some(name.to_owned())));
        }
        let path = match token {
            Some(path) => self.json_path(path)?,
            None => {
                let default = if kind == TokenKind::Login { "$.token" } else { "$.access_token" };
                JsonPath::parse(default).ok()?
            }
        };
        Some((TokenAt::Json(path), None))
    }

    fn token_sent(&mut self, header: May<'_, String>, value: May<'_, String>) -> Option<Placement> {
        let name = match header {
            Some(header) => {
                let text = self.text(&header, "the name of a header")?;
                self.header_to_send(&header, text, &header.at)?
            }
            None => "authorization".to_owned(),
        };
        self.scope = Scope::TokenSent;
        let value = match value {
            Some(value) => {
                let template = self.template(value.node, Position::Header)?;
                if !template.placeholders().any(|(name, _)| name == "auth.token") {
                    let why = "the token is not in it: write {{ auth.token }}";
                    self.wrong(value.node, why, "without a token", None);
                }
                template
            }
            None => Template::parse("Bearer {{ auth.token }}", Position::Header).ok()?,
        };
        Some(Placement::Header { name, value })
    }
}
