//! Fetches a token: OAuth 2 with client credentials or a refresh token (RFC 6749, 4.4 and 6), or a login.
//!
//! - A refresh token that the server replaces is stored before the access token is used. The exchange goes on
//!   when nobody waits for it any more: a replaced token that nobody wrote down would be lost.
//! - A rejected refresh token is only believed after the stored one was read again and is the same: another
//!   instance may have had it replaced a moment ago.

use super::failure::{AuthFailure, FailureKind};
use super::token_store::{StoredToken, TokenStore};
use crate::clock::Clock;
use crate::http::token_cache::{Fetch, Fetched};
use crate::ids::{TenantName, hash};
use crate::lms::engine::answer::Answer;
use crate::lms::engine::classify::judge;
use crate::lms::engine::hosts::Hosts;
use crate::lms::engine::request::build;
use crate::lms::engine::settings::Settings;
use crate::lms::engine::variables::AuthScope;
use crate::lms::exchange::{self, Ended, Limits};
use crate::lms::recipe::auth::{TokenAt, TokenKind, TokenRequest};
use crate::lms::recipe::json_path;
use crate::lms::recipe::step::Request;
use crate::lms::recipe::template::Template;
use crate::lms::recipe::words::{StepOutcome, Verdict};
use async_trait::async_trait;
use http::header::SET_COOKIE;
use parking_lot::Mutex;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Bytes of an answer that are read.
const MOST: usize = 64 * 1024;
/// How long another instance has to write down what it got for the token that we were refused with.
const ROTATION: Duration = Duration::from_secs(2);
/// A bound keeps times from overflowing.
const LONGEST_LIFE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

pub(in crate::lms::engine) struct TokenSource(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) token: TokenRequest,
    /// The same, as a step's request.
    pub(super) request: Request,
    pub(super) constant: Vec<(String, Template)>,
    pub(super) hosts: Hosts,
    pub(super) tenant: TenantName,
    pub(super) settings: Arc<Settings>,
    pub(super) http: reqwest::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) store: Arc<dyn TokenStore>,
    /// A refresh token that could not be stored yet.
    pub(super) unstored: Mutex<Option<StoredToken>>,
}

#[async_trait]
impl Fetch<AuthFailure> for TokenSource {
    async fn fetch(&self) -> Result<Fetched, AuthFailure> {
        let inner = Arc::clone(&self.0);
        let fetching = tokio::spawn(async move { inner.fetch().await });
        match fetching.await {
            Ok(fetched) => fetched,
            Err(_) => Err(AuthFailure::new(FailureKind::Outage, "the request for a token broke off")),
        }
    }
}

impl Inner {
    async fn fetch(&self) -> Result<Fetched, AuthFailure> {
        match self.token.kind {
            TokenKind::ClientCredentials | TokenKind::Login => self.ask(None).await,
            TokenKind::RefreshToken => {
                let first = self.refresh_token().await?;
                match self.ask(Some(&first)).await {
                    Err(error) if error.kind == FailureKind::Rejected => {
                        self.ask_with_another(&first, error).await
                    }
                    fetched => fetched,
                }
            }
        }
    }

    async fn ask_with_another(
        &self,
        refused: &SecretString,
        error: AuthFailure,
    ) -> Result<Fetched, AuthFailure> {
        // What could not be stored is refused, too: what is stored counts.
        *self.unstored.lock() = None;
        for wait in [Duration::ZERO, ROTATION] {
            sleep(wait).await;
            let stored = self.refresh_token().await?;
            if stored.expose_secret() != refused.expose_secret() {
                return self.ask(Some(&stored)).await;
            }
        }
        Err(error)
    }

    /// The one that is in force: the stored one, if it descends from what is configured.
    async fn refresh_token(&self) -> Result<SecretString, AuthFailure> {
        let configured = self.settings.exposed("refresh_token").unwrap_or_default();
        let origin = hash(configured);
        if let Some(unstored) = self.unstored.lock().clone() {
            return Ok(unstored.token);
        }
        let stored = self.store.get(&self.tenant).await;
        let stored = stored.map_err(|error| AuthFailure::new(FailureKind::Outage, error.to_string()))?;
        Ok(stored.filter(|stored| stored.origin == origin).map_or_else(|| configured.into(), |s| s.token))
    }

    async fn keep(&self, token: &str) {
        let origin = hash(self.settings.exposed("refresh_token").unwrap_or_default());
        let stored = StoredToken { token: token.into(), origin };
        match self.store.put(&self.tenant, &stored).await {
            Ok(()) => *self.unstored.lock() = None,
            Err(error) => {
                let tenant = &self.tenant;
                tracing::error!(%tenant, %error, "a replaced refresh token could not be stored");
                *self.unstored.lock() = Some(stored);
            }
        }
    }

    async fn ask(&self, refresh_token: Option<&SecretString>) -> Result<Fetched, AuthFailure> {
        let scope = AuthScope {
            tenant: &self.tenant,
            settings: &self.settings,
            token: None,
            refresh_token: refresh_token.map(|token| token.expose_secret()),
        };
        let config = |why: String| AuthFailure::new(FailureKind::Config, format!("the token request: {why}"));
        let mut unsigned = build(&self.request, &self.hosts, &self.constant, &scope)
            .map_err(|error| config(error.to_string()))?;
        if let Some((user, password)) = &self.token.basic {
            let header = super::basic(user, password, &scope).map_err(|error| config(error.to_string()))?;
            unsigned.authorize(&header).map_err(|error| config(error.to_string()))?;
        }
        let ends = Instant::now() + self.request.timeout;
        let limits =
            Limits { ends, most: MOST, may_write: true, setting: "the address of the token request" };
        let answer = match exchange::run(&self.http, unsigned.send(), limits).await {
            Ended::Answered(answer) => Answer::read(answer),
            Ended::Redirected { status, why, .. } => {
                return Err(AuthFailure { status: Some(status.as_u16()), ..config(why) });
            }
            Ended::NotReached(why) | Ended::Lost(why) => {
                return Err(AuthFailure::new(FailureKind::Outage, format!("no token: {why}")));
            }
            Ended::Impossible(why) => return Err(config(why)),
        };
        self.read(&answer, &scope).await
    }

    async fn read(&self, answer: &Answer, scope: &AuthScope<'_>) -> Result<Fetched, AuthFailure> {
        let judged = judge(answer, &self.request, &self.token.rules, scope, self.clock.now())
            .map_err(|error| AuthFailure::new(FailureKind::Config, error.to_string()))?;
        let failed = |kind, why: &str| AuthFailure {
            kind,
            why: why.to_owned(),
            words: judged.words.clone(),
            status: Some(answer.status),
            retry_after: judged.retry_after,
        };
        match judged.verdict {
            Verdict::Ok => {}
            Verdict::Outcome(StepOutcome::AuthBroken) => {
                return Err(failed(FailureKind::Rejected, "the LMS does not accept what we sign in with"));
            }
            // No rule said otherwise of it.
            Verdict::Outcome(StepOutcome::Unclear) if answer.status == 400 => {
                return Err(failed(FailureKind::Rejected, "the LMS does not accept what we sign in with"));
            }
            Verdict::Outcome(StepOutcome::Retry | StepOutcome::UnknownOutcome) => {
                return Err(failed(FailureKind::Outage, "no token now"));
            }
            Verdict::Outcome(_) | Verdict::State(_) => {
                return Err(failed(FailureKind::Config, "the token request is not answered as it should be"));
            }
        }
        let Some(token) = self.token_in(answer) else {
            return Err(failed(FailureKind::Config, "the answer to the token request holds no token"));
        };
        let text = |path| json_path::text(json_path::JsonPath::one(path, answer.json.as_ref()?)?);
        if let Some(path) = &self.token.refresh_token
            && let Some(refresh_token) = text(path).filter(|token| !token.is_empty())
            && scope.refresh_token != Some(refresh_token.as_ref())
        {
            self.keep(&refresh_token).await;
        }
        let seconds = self.token.lifetime.as_ref().and_then(text).and_then(|text| text.trim().parse().ok());
        let lives = seconds
            .filter(|seconds: &f64| *seconds > 0.0)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or(self.token.lasts)
            .min(LONGEST_LIFE);
        Ok(Fetched { token: token.into(), lives })
    }

    fn token_in(&self, answer: &Answer) -> Option<String> {
        let token = match &self.token.token {
            TokenAt::Json(path) => json_path::text(path.one(answer.json.as_ref()?)?)?.into_owned(),
            TokenAt::Header(name) => answer.header(name)?.into_owned(),
            TokenAt::Cookie(wanted) => {
                let cookies = answer.headers.get_all(SET_COOKIE).iter().filter_map(|text| text.to_str().ok());
                let pairs = cookies.filter_map(|cookie| cookie.split(';').next()?.split_once('='));
                pairs.rev().find(|(name, _)| name.trim() == wanted)?.1.trim().to_owned()
            }
        };
        (!token.is_empty()).then_some(token)
    }
}
