//! The queues of a storage account, as whoever looks after the deployment sees them: whether they are there,
//! whether this identity may write to them, and how deep they are. Nothing is put into them and nothing taken
//! out.
//!
//! Making a queue that is there already changes nothing, and asks for the same right as making one that is
//! not (reference/azure-storage.md#queues): that is how the right is proved.

use super::azure_tables::identity;
use crate::http::client::{HttpOptions, client, root_cause};
use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use std::sync::Arc;
use std::time::SystemTime;
use storage_account::{Signed, StorageAccess, StorageAccount};
use url::Url;

const VERSION: &str = "2021-12-02";
/// Whoever may work on a storage account may by this name.
const SCOPE: &str = "https://storage.azure.com/.default";

/// Why a queue can't be looked at or made, in words that name no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueFailure {
    /// Our role, key or signature does not allow it.
    #[error("the queue service refuses us (HTTP {0})")]
    Refused(u16),
    #[error("there is no such queue")]
    Missing,
    #[error("{0}")]
    Away(String),
}

/// The queue service of the deployment's account.
#[async_trait]
pub trait QueueService: Send + Sync + 'static {
    /// Makes the queue, or does nothing where it is there. True when it was made.
    async fn make(&self, queue: &str) -> Result<bool, QueueFailure>;

    /// About how many messages it holds, visible or not.
    async fn depth(&self, queue: &str) -> Result<u64, QueueFailure>;
}

/// The real one.
pub struct AccountQueues {
    account: StorageAccount,
    queues: Url,
    http: reqwest::Client,
    /// It keeps its tokens.
    identity: Result<Option<Arc<dyn TokenCredential>>, String>,
}

impl AccountQueues {
    /// `None`: nobody knows where the account's queues are, or no client can be built.
    pub fn of(account: &StorageAccount) -> Option<Self> {
        let queues = account.queues.clone()?;
        let http = client(&HttpOptions::default()).ok()?;
        let identity = identity(&account.access, http.clone()).map_err(|error| error.to_string());
        Some(Self { account: account.clone(), queues, http, identity })
    }

    async fn send(
        &self,
        method: Method,
        queue: &str,
        query: &str,
    ) -> Result<reqwest::Response, QueueFailure> {
        let away = |why: String| QueueFailure::Away(why);
        let mut url = self.queues.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().push(queue);
        }
        let signature = match &self.account.access {
            StorageAccess::Signature(signature) => Some(signature.expose_secret()),
            StorageAccess::Key(_) | StorageAccess::ManagedIdentity { .. } | StorageAccess::Developer => None,
        };
        let whole: Vec<&str> =
            [Some(query), signature].into_iter().flatten().filter(|part| !part.is_empty()).collect();
        url.set_query((!whole.is_empty()).then(|| whole.join("&")).as_deref());
        let date = httpdate::fmt_http_date(SystemTime::now());
        let authorization = match &self.account.access {
            StorageAccess::Key(key) => {
                let (method, account, version) = (&method, self.account.name.as_str(), VERSION);
                let signed = Signed { method, url: &url, account, date: &date, version, body: None };
                signed.authorization(key.expose_secret())
            }
            StorageAccess::Signature(_) => None,
            StorageAccess::ManagedIdentity { .. } | StorageAccess::Developer => {
                let Some(identity) = self.identity.as_ref().map_err(|why| away(why.clone()))? else {
                    return Err(away("there is no identity for the storage account".to_owned()));
                };
                let token = identity.get_token(&[SCOPE], None).await;
                Some(format!("Bearer {}", token.map_err(|error| away(root_cause(&error)))?.token.secret()))
            }
        };
        let mut request =
            self.http.request(method, url).header("x-ms-date", &date).header("x-ms-version", VERSION);
        request = request.header(CONTENT_LENGTH, 0);
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        // No error of the client shows the query of a signature.
        request.send().await.map_err(|error| away(root_cause(&error.without_url())))
    }
}

#[async_trait]
impl QueueService for AccountQueues {
    async fn make(&self, queue: &str) -> Result<bool, QueueFailure> {
        let answer = self.send(Method::PUT, queue, "").await?;
        match answer.status() {
            StatusCode::CREATED => Ok(true),
            // It is there, with other metadata or without.
            StatusCode::NO_CONTENT | StatusCode::CONFLICT => Ok(false),
            status => Err(failure(status)),
        }
    }

    async fn depth(&self, queue: &str) -> Result<u64, QueueFailure> {
        let answer = self.send(Method::GET, queue, "comp=metadata").await?;
        if !answer.status().is_success() {
            return Err(failure(answer.status()));
        }
        let count = answer.headers().get("x-ms-approximate-messages-count");
        let count = count.and_then(|count| count.to_str().ok()?.trim().parse().ok());
        count.ok_or_else(|| {
            QueueFailure::Away("the queue service does not say how deep the queue is".to_owned())
        })
    }
}

fn failure(status: StatusCode) -> QueueFailure {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => QueueFailure::Refused(status.as_u16()),
        StatusCode::NOT_FOUND => QueueFailure::Missing,
        status => QueueFailure::Away(format!("the queue service answered {status}")),
    }
}
