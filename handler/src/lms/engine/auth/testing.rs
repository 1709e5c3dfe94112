//! For tests: files that sign in with a token, and a server that replaces refresh tokens.

use super::token_store::TokenStore;
use crate::clock::ManualClock;
use crate::enrolment::lms_answer::Place as Shown;
use crate::lms::Connector as _;
use crate::lms::engine::connector::Engine;
use crate::lms::engine::settings::SettingValue;
use crate::lms::engine::testing::{
    Answer, Lms, Seen, Server, budget, file, http, now, order, path, rate, settings, text,
};
use crate::lms::recipe::auth::{Auth, Placement, TokenAt, TokenKind, TokenRequest, TokenUrl};
use crate::lms::recipe::connector::ConnectorFile;
use crate::lms::recipe::step::Body;
use crate::lms::recipe::template::{Position, Template};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) fn header(value: &str) -> Placement {
    let value = Template::parse(value, Position::Header).unwrap();
    Placement::Header { name: "Authorization".to_owned(), value }
}

pub(crate) fn token_request(kind: TokenKind, fields: &[(&str, &str)]) -> TokenRequest {
    TokenRequest {
        kind,
        method: http::Method::POST,
        url: TokenUrl::Path(Template::parse("/token", Position::Path).unwrap()),
        headers: Vec::new(),
        body: Body::Form(fields.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect()),
        basic: None,
        token: TokenAt::Json(path("$.access_token")),
        lifetime: Some(path("$.expires_in")),
        lasts: Duration::from_secs(3600),
        refresh_token: None,
        rules: Vec::new(),
        placement: header("Bearer {{ auth.token }}"),
    }
}

pub(crate) fn signing_in(token: TokenRequest) -> ConnectorFile {
    let mut file = file();
    file.auth = Auth::Token(Box::new(token));
    file
}

/// Replaces each refresh token that it takes: `r0` by `r1`, and so on. One that was replaced before is
/// theft, and from then on none is taken any more; unless it is lenient with the last one.
#[derive(Default)]
struct Issuer {
    sent: Vec<String>,
    issued: usize,
    is_lenient: bool,
    is_revoked: bool,
}

impl Issuer {
    fn answer(&mut self, body: &str) -> Answer {
        let token = body.trim_start_matches("refresh_token=").to_owned();
        let number: Option<usize> = token.strip_prefix('r').and_then(|number| number.parse().ok());
        self.sent.push(token);
        let is_last = number.is_some_and(|number| number + 1 == self.issued) && self.is_lenient;
        self.is_revoked |= number.is_some_and(|number| number < self.issued) && !is_last;
        if self.is_revoked || number.is_none_or(|number| number > self.issued) {
            return Answer::json(400, r#"{"error": "invalid_grant"}"#);
        }
        self.issued = number.unwrap_or_default() + 1;
        let replaced = self.issued;
        Answer::json(
            200,
            format!(
                r#"{{"access_token": "a{replaced}", "refresh_token": "r{replaced}", "expires_in": 600}}"#
            ),
        )
    }
}

/// An LMS whose tokens are had for refresh tokens.
pub(crate) struct RotatingLms {
    server: Server,
    issuer: Arc<Mutex<Issuer>>,
}

impl RotatingLms {
    pub(crate) async fn start() -> Self {
        let (issuer, lms) = (Arc::new(Mutex::new(Issuer::default())), Lms::showing("held"));
        let issues = Arc::clone(&issuer);
        let server = Server::start(move |seen: &Seen| match seen.target.as_str() {
            "/token" => issues.lock().unwrap().answer(&seen.body),
            _ => lms.answer(seen),
        })
        .await;
        Self { server, issuer }
    }

    /// Takes the token that it has just replaced once more.
    pub(crate) fn be_lenient(&self) {
        self.issuer.lock().unwrap().is_lenient = true;
    }

    /// Refresh tokens that it was sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.issuer.lock().unwrap().sent.clone()
    }

    /// An instance's connection of this tenant.
    pub(crate) fn connection(&self, tenant: &str, configured: &str, store: Arc<dyn TokenStore>) -> Engine {
        let token = TokenRequest {
            refresh_token: Some(path("$.refresh_token")),
            ..token_request(TokenKind::RefreshToken, &[("refresh_token", "{{ auth.refresh_token }}")])
        };
        let mut settings = settings(&self.server.url());
        settings.values.insert("refresh_token".to_owned(), SettingValue::Secret(configured.into()));
        let (file, clock) = (Arc::new(signing_in(token)), Arc::new(ManualClock::at(now())));
        Engine::with_token_store(file, tenant.into(), settings, rate(), http(), clock, store).unwrap()
    }
}

pub(crate) async fn place(engine: &Engine) -> Shown {
    let order = order();
    engine.place(&order.session, &order.learner, budget()).await
}
