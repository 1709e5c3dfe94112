//! Fetches a token: OAuth 2 with client credentials or a refresh token (RFC 6749, 4.4 and 6), or a login.
//! Such a request counts in the connection's rate as any other.
//!
//! The exchange goes on when nobody waits for it any more: a refresh token that the server has replaced and
//! that nobody wrote down would be lost ([`super::refresh`]).

use super::failure::{AuthFailure, FailureKind};
use super::refresh::{Exchange, ExchangeFailure, Exchanged, Refresh};
use super::told::Told;
use crate::clock::Clock;
use crate::http::token_cache::{Fetch, Fetched};
use crate::ids::TenantName;
use crate::lms::engine::answer::Answer;
use crate::lms::engine::classify::judge;
use crate::lms::engine::hosts::Hosts;
use crate::lms::engine::request::build;
use crate::lms::engine::settings::Settings;
use crate::lms::engine::traffic::Traffic;
use crate::lms::engine::variables::AuthScope;
use crate::lms::exchange::{self, Ended, Limits};
use crate::lms::recipe::auth::{TokenAt, TokenRequest};
use crate::lms::recipe::json_path;
use crate::lms::recipe::step::Request;
use crate::lms::recipe::template::Template;
use crate::lms::recipe::words::{StepOutcome, Verdict};
use async_trait::async_trait;
use http::header::SET_COOKIE;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Bytes of an answer that are read.
const MOST: usize = 64 * 1024;
/// How long it waits for room in the connection's rate.
const ROOM: Duration = Duration::from_secs(8);
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
    pub(super) traffic: Arc<Traffic>,
    /// Where the token is had for a refresh token.
    pub(super) refresh: Option<Refresh>,
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

#[async_trait]
impl Exchange for Inner {
    async fn exchange(&self, token: &SecretString) -> Result<Exchanged, ExchangeFailure> {
        self.ask(Some(token)).await
    }
}

impl Inner {
    async fn fetch(&self) -> Result<Fetched, AuthFailure> {
        match &self.refresh {
            Some(refresh) => refresh.fetch(self).await,
            None => self.ask(None).await.map(|got| got.fetched).map_err(|failed| failed.failure),
        }
    }

    async fn ask(&self, refresh_token: Option<&SecretString>) -> Result<Exchanged, ExchangeFailure> {
        let scope = AuthScope {
            tenant: &self.tenant,
            settings: &self.settings,
            token: None,
            refresh_token: refresh_token.map(|token| token.expose_secret()),
        };
        let failed = |kind, why| ExchangeFailure { failure: AuthFailure::new(kind, why), is_lost: false };
        let config = |why: String| failed(FailureKind::Config, format!("the token request: {why}"));
        let mut unsigned = build(&self.request, &self.hosts, &self.constant, &scope)
            .map_err(|error| config(error.to_string()))?;
        if let Some((user, password)) = &self.token.basic {
            let header = super::basic(user, password, &scope).map_err(|error| config(error.to_string()))?;
            unsigned.authorize(&header).map_err(|error| config(error.to_string()))?;
        }
        let told = Told::new(&self.traffic, refresh_token);
        let Some(start) = self.traffic.pace.reserve(Instant::now() + ROOM) else {
            let why = "no token: the connection's rate leaves no room to ask for one".to_owned();
            return Err(failed(FailureKind::Outage, why));
        };
        sleep_until(start).await;
        let ends = Instant::now() + self.request.timeout;
        let limits =
            Limits { ends, most: MOST, may_write: true, setting: "the address of the token request" };
        let outgoing = unsigned.send();
        told.request(&outgoing);
        let ended = exchange::run(&self.http, outgoing, limits).await;
        match &ended {
            Ended::Answered(_) => {}
            Ended::Redirected { why, .. }
            | Ended::NotReached(why)
            | Ended::Lost(why)
            | Ended::Impossible(why) => told.nothing(why),
        }
        let answer = match ended {
            Ended::Answered(answer) => Answer::read(answer),
            Ended::Redirected { status, why, .. } => {
                let mut failed = config(why);
                failed.failure.status = Some(status.as_u16());
                return Err(failed);
            }
            Ended::NotReached(why) => return Err(failed(FailureKind::Outage, format!("no token: {why}"))),
            Ended::Lost(why) => {
                let failed = failed(FailureKind::Outage, format!("no token: {why}"));
                return Err(ExchangeFailure { is_lost: true, ..failed });
            }
            Ended::Impossible(why) => return Err(config(why)),
        };
        // Refused, it was not carried out; of anything else that gives no token nobody knows.
        let is_lost = !(400..500).contains(&answer.status);
        let read = self.read(&answer, &scope);
        told.answer(&answer, read.as_ref().err().map(|failure| failure.why.as_str()));
        read.map_err(|mut failure| {
            // Some servers repeat what they don't take.
            let sent = refresh_token.map(|token| token.expose_secret()).filter(|token| !token.is_empty());
            if let (Some(words), Some(sent)) = (&mut failure.words, sent) {
                *words = words.replace(sent, "***");
            }
            ExchangeFailure { failure, is_lost }
        })
    }

    fn read(&self, answer: &Answer, scope: &AuthScope<'_>) -> Result<Exchanged, AuthFailure> {
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
        let replaced = self.token.refresh_token.as_ref().and_then(text).filter(|token| !token.is_empty());
        let replaced = replaced.map(|token| SecretString::from(token.into_owned()));
        let seconds = self.token.lifetime.as_ref().and_then(text).and_then(|text| text.trim().parse().ok());
        let lives = seconds
            .filter(|seconds: &f64| *seconds > 0.0)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or(self.token.lasts)
            .min(LONGEST_LIFE);
        Ok(Exchanged { fetched: Fetched { token: token.into(), lives }, replaced })
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
