//! How requests are signed in: always the same, or with a token that all workers share.
//!
//! - [`token_source`] fetches tokens; [`refresh`] has refresh tokens replaced, [`token_store`] keeps them.
//! - [`credential`]: what is put into a request. [`told`]: what is shown of how it was had.

pub(super) mod credential;
pub(super) mod failure;
mod refresh;
mod token_source;
pub mod token_store;
mod told;

use super::hosts::Hosts;
use super::request::RequestError;
use super::settings::Settings;
use super::traffic::Traffic;
use super::variables::AuthScope;
use crate::clock::Clock;
use crate::http::token_cache::TokenCache;
use crate::ids::TenantName;
use crate::lms::recipe::auth::{Auth, Placement, TokenAt, TokenKind, TokenRequest, TokenUrl};
use crate::lms::recipe::connector::ConnectorFile;
use crate::lms::recipe::step::{Expect, Request, Target};
use crate::lms::recipe::template::{RenderError, Template, Variables};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use credential::{Credential, Place};
use failure::{AuthFailure, FailureKind};
use http::header::AUTHORIZATION;
use refresh::Refresh;
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use std::time::Duration;
use token_source::{Inner, TokenSource};
use token_store::{Lineage, TokenStore};

/// How long a request for a token may take; the cache's patience is a little longer.
const TIMEOUT: Duration = Duration::from_secs(14);
/// A token is replaced in the last tenth of its life, and at least so long before its end.
const EARLY: Duration = Duration::from_secs(30);

pub(super) enum SignIn {
    Always(Credential),
    Token(Box<Token>),
}

pub(super) struct Token {
    cache: TokenCache<AuthFailure>,
    place: Arc<Place>,
    /// What stands there, with the token in it; `None`: the token.
    value: Option<Template>,
    tenant: TenantName,
    settings: Arc<Settings>,
}

/// What a token source needs beside its request.
pub(super) struct Surroundings {
    pub(super) tenant: TenantName,
    pub(super) settings: Arc<Settings>,
    pub(super) http: reqwest::Client,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) store: Arc<dyn TokenStore>,
    pub(super) traffic: Arc<Traffic>,
}

impl SignIn {
    pub(super) fn new(
        file: &ConnectorFile,
        base: &url::Url,
        around: Surroundings,
    ) -> Result<Self, RequestError> {
        let tenant = around.tenant.clone();
        let settings = Arc::clone(&around.settings);
        let scope = AuthScope { tenant: &tenant, settings: &settings, token: None, refresh_token: None };
        Ok(match &file.auth {
            Auth::None => Self::Always(Credential::default()),
            Auth::Fixed(placement) => {
                let value = value(placement).map(|value| value.render(&scope)).transpose()?;
                Self::Always(Credential::fixed(placement.into(), value.unwrap_or_default()))
            }
            Auth::Basic { user, password } => {
                let place = Place::Header(AUTHORIZATION.to_string());
                Self::Always(Credential::fixed(place, basic(user, password, &scope)?))
            }
            Auth::Token(token) => Self::Token(Box::new(Token {
                place: Arc::new((&token.placement).into()),
                value: value(&token.placement).cloned(),
                cache: TokenCache::replacing_early(source(file, token, base, around)?, |lives| {
                    (lives / 10).max(EARLY)
                }),
                tenant: tenant.clone(),
                settings: Arc::clone(&settings),
            })),
        })
    }

    pub(super) async fn credential(&self) -> Result<Credential, AuthFailure> {
        match self {
            Self::Always(credential) => Ok(credential.clone()),
            Self::Token(signs) => {
                let Token { cache, place, value, tenant, settings } = signs.as_ref();
                let token = cache.get().await?;
                let scope =
                    AuthScope { tenant, settings, token: Some(token.expose_secret()), refresh_token: None };
                let value = match value {
                    Some(value) => value.render(&scope).map_err(|error| {
                        AuthFailure::new(FailureKind::Config, format!("how the token is sent: {error}"))
                    })?,
                    None => token.expose_secret().to_owned(),
                };
                Ok(Credential { placed: Some((Arc::clone(place), value.into())), token: Some(token) })
            }
        }
    }

    /// Forgets a token that was not accepted. `true`: there is, or will be, another one to try.
    pub(super) async fn give_up(&self, refused: &Credential) -> bool {
        match (self, &refused.token) {
            (Self::Token(signs), Some(token)) => signs.cache.give_up(token).await,
            (Self::Always(_), _) | (Self::Token(_), None) => false,
        }
    }
}

fn value(placement: &Placement) -> Option<&Template> {
    match placement {
        Placement::Header { value, .. } | Placement::Query { value, .. } | Placement::Form { value, .. } => {
            Some(value)
        }
        Placement::Cookie { .. } => None,
    }
}

/// RFC 7617.
fn basic(user: &Template, password: &Template, scope: &dyn Variables) -> Result<String, RenderError> {
    let pair = format!("{}:{}", user.render(scope)?, password.render(scope)?);
    Ok(format!("Basic {}", STANDARD.encode(pair)))
}

fn source(
    file: &ConnectorFile,
    token: &TokenRequest,
    base: &url::Url,
    around: Surroundings,
) -> Result<TokenSource, RequestError> {
    let scope =
        AuthScope { tenant: &around.tenant, settings: &around.settings, token: None, refresh_token: None };
    let mut hosts = Hosts::new(base.clone(), file, &around.settings);
    let target = match &token.url {
        TokenUrl::Path(path) => Target::Path(path.clone()),
        TokenUrl::Absolute(url) => {
            // Only the author and the tenant have a say in it, and no answer.
            hosts.trust(&url.render(&scope)?)?;
            Target::Url(url.clone())
        }
    };
    let is_json = matches!(token.token, TokenAt::Json(_));
    let request = Request {
        method: token.method.clone(),
        target,
        query: Vec::new(),
        headers: token.headers.clone(),
        body: token.body.clone(),
        is_signed: false,
        reads: true,
        cache: None,
        timeout: TIMEOUT,
        expect: if is_json { Expect::Json } else { Expect::Any },
        empty_is_ok: !is_json,
        paging: None,
    };
    let refresh = match token.kind {
        TokenKind::ClientCredentials | TokenKind::Login => None,
        TokenKind::RefreshToken => {
            let configured = around.settings.exposed("refresh_token").unwrap_or_default();
            let lineage = Lineage::of(&around.tenant, &file.name, configured);
            Some(Refresh::new(around.store, lineage, configured.into()))
        }
    };
    Ok(TokenSource(Arc::new(Inner {
        request,
        constant: file.service.headers.clone(),
        hosts,
        tenant: around.tenant,
        settings: around.settings,
        http: around.http,
        clock: around.clock,
        traffic: around.traffic,
        refresh,
        token: token.clone(),
    })))
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
