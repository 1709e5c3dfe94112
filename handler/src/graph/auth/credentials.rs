//! From a tenant's `credential` to tokens: secret, certificate, managed identity, federated
//! (reference/entra.md#tokens).
//!
//! azure_identity keeps each token until it ends and can't be told to forget one that Graph refuses; so a
//! credential is built anew for each token, and [`super::tokens`] does the keeping.

use super::assertion::{CertificateAssertion, IdentityAssertion};
use super::cloud::exchange_audience;
use super::consent::roles;
use super::entra_errors;
use super::tokens::{Fetch, Fetched};
use crate::clock::Clock;
use crate::graph::auth::cloud::Cloud;
use crate::graph::error::GraphError;
use crate::http::azure_transport::transport;
use async_trait::async_trait;
use azure_core::cloud::CustomConfiguration;
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::{ClientOptions, RetryOptions};
use azure_core::time::OffsetDateTime;
use azure_identity::{
    ClientAssertionCredential, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, ManagedIdentityCredential, ManagedIdentityCredentialOptions,
    UserAssignedId,
};
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const IDENTITY_HINT: &str = "The managed identity gives no token: switch it on for this app, or assign the \
                             one that `client_id` names";

/// Real tokens live an hour or a day; a bound keeps times from overflowing.
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// A token without what is needed is used no longer than this.
const LACKING_LIFE: Duration = Duration::from_secs(10 * 60);

/// Who asks for a token, where, and for what.
pub(crate) struct App {
    pub(crate) directory: String,
    pub(crate) client_id: String,
    pub(crate) cloud: Cloud,
    /// The login host; https, because azure_identity takes no other.
    pub(crate) authority: Url,
    pub(crate) scope: String,
    /// Permissions that a token should hold; one that does not is soon replaced.
    pub(crate) needed: Vec<&'static str>,
    pub(crate) http: reqwest::Client,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Fetches tokens for one app in one tenant.
pub(crate) struct Credentials {
    app: App,
    how: How,
}

enum How {
    Secret(SecretString),
    Certificate(CertificateAssertion),
    Identity(Option<String>),
    Federated(Option<String>),
}

impl Credentials {
    /// Refuses what can't work: an authority that is not https, a certificate without its key.
    pub(crate) fn new(app: App, credential: &Credential) -> Result<Self, GraphError> {
        let how = match credential {
            Credential::ClientSecret(secret) => How::Secret(secret.clone()),
            Credential::Certificate { pem } => {
                let audience = token_endpoint(&app);
                How::Certificate(CertificateAssertion::new(
                    pem,
                    &app.client_id,
                    &audience,
                    Arc::clone(&app.clock),
                )?)
            }
            Credential::ManagedIdentity { client_id } => How::Identity(client_id.clone()),
            Credential::Federated { client_id } => How::Federated(client_id.clone()),
            Credential::Missing { what } => return Err(missing(what)),
        };
        let credentials = Self { app, how };
        // Built once for nothing, so that what azure_identity would refuse later is refused at start.
        credentials.build().map_err(|error| credentials.classified(&error))?;
        Ok(credentials)
    }

    fn build(&self) -> azure_core::Result<Arc<dyn TokenCredential>> {
        match &self.how {
            How::Secret(secret) => {
                let options = ClientSecretCredentialOptions { client_options: self.options() };
                let secret = Secret::new(secret.expose_secret().to_owned());
                let client_id = self.app.client_id.clone();
                Ok(ClientSecretCredential::new(&self.app.directory, client_id, secret, Some(options))?)
            }
            How::Certificate(assertion) => {
                let options = ClientAssertionCredentialOptions { client_options: self.options() };
                let (directory, client_id) = (self.app.directory.clone(), self.app.client_id.clone());
                Ok(ClientAssertionCredential::new(directory, client_id, assertion.clone(), Some(options))?)
            }
            How::Identity(client_id) => self.identity(client_id.as_deref()),
            How::Federated(client_id) => {
                let assertion = IdentityAssertion {
                    identity: self.identity(client_id.as_deref())?,
                    scope: format!("{}/.default", exchange_audience(self.app.cloud)),
                };
                let options = ClientAssertionCredentialOptions { client_options: self.options() };
                let (directory, client_id) = (self.app.directory.clone(), self.app.client_id.clone());
                Ok(ClientAssertionCredential::new(directory, client_id, assertion, Some(options))?)
            }
        }
    }

    fn identity(&self, client_id: Option<&str>) -> azure_core::Result<Arc<dyn TokenCredential>> {
        let options = ManagedIdentityCredentialOptions {
            user_assigned_id: client_id.map(|id| UserAssignedId::ClientId(id.to_owned())),
            client_options: self.options(),
        };
        Ok(ManagedIdentityCredential::new(Some(options))?)
    }

    fn options(&self) -> ClientOptions {
        let mut cloud = CustomConfiguration::default();
        cloud.authority_host = self.app.authority.to_string();
        ClientOptions {
            transport: Some(transport(self.app.http.clone())),
            // Calls to Graph retry until their deadline, and take the token's failures along: one place that
            // retries.
            retry: RetryOptions::none(),
            cloud: Some(Arc::new(cloud.into())),
            ..ClientOptions::default()
        }
    }

    fn classified(&self, error: &azure_core::Error) -> GraphError {
        let otherwise = match &self.how {
            How::Secret(_) | How::Certificate(_) => entra_errors::LOOK_UP,
            How::Identity(_) | How::Federated(_) => IDENTITY_HINT,
        };
        entra_errors::classify(error, otherwise, self.app.clock.now())
    }
}

/// Of a tenant whose credential can't be had: each call fails, and nobody is asked.
pub(crate) struct NoCredential(pub(crate) &'static str);

#[async_trait]
impl Fetch<GraphError> for NoCredential {
    async fn fetch(&self) -> Result<Fetched, GraphError> {
        Err(missing(self.0))
    }
}

fn missing(what: &str) -> GraphError {
    entra_errors::credential(
        None,
        format!("token/missing: {what}"),
        None,
        "The tenant is closed, as its alert says",
    )
}

/// The assertion's `aud`: where it is posted to.
fn token_endpoint(app: &App) -> String {
    let authority = app.authority.as_str().trim_end_matches('/');
    format!("{authority}/{}/oauth2/v2.0/token", app.directory)
}

#[async_trait]
impl Fetch<GraphError> for Credentials {
    async fn fetch(&self) -> Result<Fetched, GraphError> {
        let credential = self.build().map_err(|error| self.classified(&error))?;
        let token =
            credential.get_token(&[&self.app.scope], None).await.map_err(|error| self.classified(&error))?;
        // By the clock that azure_identity added the token's life to.
        let left = (token.expires_on - OffsetDateTime::now_utc()).whole_seconds();
        let lives = Duration::from_secs(u64::try_from(left).unwrap_or(0)).min(LONGEST_LIFE);
        let token = token.token.secret();
        if token.is_empty() || lives.is_zero() {
            return Err(entra_errors::unreadable());
        }
        let lives = if lacks(&self.app.needed, token) { lives.min(LACKING_LIFE) } else { lives };
        Ok(Fetched { token: SecretString::from(token.to_owned()), lives })
    }
}

/// What was granted a moment ago is in new tokens only, and each instance holds its own.
fn lacks(needed: &[&str], token: &str) -> bool {
    roles(token).is_some_and(|roles| needed.iter().any(|name| !roles.iter().any(|role| role == name)))
}

#[derive(Debug, Clone)]
pub enum Credential {
    /// It can't be had now; `what` it would be.
    Missing {
        what: &'static str,
    },
    ClientSecret(SecretString),
    /// PEM: certificate and private key.
    Certificate {
        pem: SecretString,
    },
    ManagedIdentity {
        client_id: Option<String>,
    },
    /// A managed identity's token for `api://AzureADTokenExchange` is the assertion.
    Federated {
        client_id: Option<String>,
    },
}
