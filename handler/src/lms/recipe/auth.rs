//! How requests are signed in.

use super::json_path::JsonPath;
use super::rule::Rule;
use super::step::Body;
use super::template::Template;
use std::time::Duration;

#[derive(Debug, Clone)]
pub enum Auth {
    None,
    /// The same in every request.
    Fixed(Placement),
    Basic {
        user: Template,
        password: Template,
    },
    /// A token that is fetched, shared by all workers, and fetched anew before it ends.
    Token(Box<TokenRequest>),
}

/// Where a credential stands in a request.
#[derive(Debug, Clone)]
pub enum Placement {
    Header {
        name: String,
        value: Template,
    },
    Query {
        name: String,
        value: Template,
    },
    Form {
        name: String,
        value: Template,
    },
    /// `name=value` in `Cookie`; the value is the token.
    Cookie {
        name: String,
    },
}

#[derive(Debug, Clone)]
pub struct TokenRequest {
    pub kind: TokenKind,
    pub method: http::Method,
    /// Below the base, or absolute.
    pub url: TokenUrl,
    pub headers: Vec<(String, Template)>,
    pub body: Body,
    /// User and password in `Authorization: Basic`, where the server wants the client so.
    pub basic: Option<(Template, Template)>,
    pub token: TokenAt,
    /// Seconds that the token lives, in the answer.
    pub lifetime: Option<JsonPath>,
    /// Where the answer names none.
    pub lasts: Duration,
    /// A refresh token that replaces the one that was used. `{{ auth.refresh_token }}` is the newest one; the
    /// first is the tenant's setting `refresh_token`.
    pub refresh_token: Option<JsonPath>,
    /// Before the default: 400 and 401 are a rejected credential.
    pub rules: Vec<Rule>,
    pub placement: Placement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    ClientCredentials,
    RefreshToken,
    Login,
}

#[derive(Debug, Clone)]
pub enum TokenUrl {
    Path(Template),
    Absolute(Template),
}

#[derive(Debug, Clone)]
pub enum TokenAt {
    Json(JsonPath),
    Header(String),
    Cookie(String),
}
