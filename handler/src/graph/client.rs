//! [`HttpGraph`]: one tenant's Graph over HTTP.

use super::auth::cloud::{endpoints, scope};
use super::auth::consent::roles;
use super::auth::credentials::{App, Credentials, NoCredential};
use super::auth::tokens::Tokens;
use super::batch::envelope::HttpWire;
use super::batch::scheduler::Reply;
use super::batch::{BatchOptions, Batcher};
use super::error::{Failure, GraphError};
use super::request::Request;
use super::served_clock::ServedClock;
use crate::clock::{Clock, SystemClock};
use crate::graph::auth::cloud::Cloud;
use crate::graph::auth::credentials::Credential;
use crate::invocation_deadline;
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use url::{Position, Url};

/// How long a call may take, retries included, where nothing else is said. Within an invocation no longer
/// than its patience lasts.
pub const CALL_DEADLINE: Duration = invocation_deadline::WHOLE;

/// What [`HttpGraph`] needs to know of its tenant and its surroundings.
pub struct GraphOptions {
    /// Entra tenant id.
    pub directory: String,
    pub client_id: String,
    pub credential: Credential,
    pub cloud: Cloud,
    /// The login host, https.
    pub authority: Url,
    /// Graph without version; the token's scope follows it.
    pub endpoint: Url,
    /// Permissions that Entra alone can give: a token without one of them is soon replaced.
    pub needed: Vec<&'static str>,
    /// See [`crate::http::client::client`].
    pub http: reqwest::Client,
    pub clock: Arc<dyn Clock>,
    /// From a call to its answer, retries included; a call for several pages has it for each page.
    pub deadline: Duration,
    /// Makes the back-off repeatable.
    pub seed: Option<u64>,
}

impl GraphOptions {
    /// A tenant's, in its cloud; `authority` and `endpoint` are taken instead of the cloud's where they are
    /// given.
    pub fn of(
        directory: &str,
        client_id: &str,
        credential: &Credential,
        cloud: Cloud,
        (authority, endpoint): (&Option<Url>, &Option<Url>),
        http: reqwest::Client,
    ) -> Result<Self, GraphError> {
        let of_cloud = endpoints(cloud);
        let url = |given: &Option<Url>, of_cloud: &str| match given {
            Some(url) => Ok(url.clone()),
            None => Url::parse(of_cloud).map_err(|_| invalid("cloudEndpoint")),
        };
        Ok(Self {
            directory: directory.to_owned(),
            client_id: client_id.to_owned(),
            credential: credential.clone(),
            cloud,
            authority: url(authority, of_cloud.authority)?,
            endpoint: url(endpoint, of_cloud.graph)?,
            needed: Vec::new(),
            http,
            clock: Arc::new(SystemClock),
            deadline: CALL_DEADLINE,
            seed: None,
        })
    }
}

/// One tenant's Graph. Cheap to share behind an `Arc`; concurrent calls meet in the same batches.
pub struct HttpGraph {
    batcher: Batcher,
    /// Graph with version, without a trailing slash.
    root: Url,
    served: Arc<ServedClock>,
}

impl HttpGraph {
    /// Must be called within a Tokio runtime. Sends nothing yet.
    ///
    /// # Errors
    /// [`GraphError::Credential`], with the step that mends it, where the credential can't work: an authority
    /// that is not https, a certificate without its key.
    pub fn new(options: GraphOptions) -> Result<Self, GraphError> {
        let app = App {
            scope: scope(&options.endpoint),
            needed: options.needed,
            directory: options.directory,
            client_id: options.client_id,
            cloud: options.cloud,
            authority: options.authority,
            http: options.http.clone(),
            clock: Arc::clone(&options.clock),
        };
        let tokens = match &options.credential {
            Credential::Missing { what } => Tokens::new(NoCredential(what)),
            Credential::ClientSecret(_)
            | Credential::Certificate { .. }
            | Credential::ManagedIdentity { .. }
            | Credential::Federated { .. } => Tokens::new(Credentials::new(app, &options.credential)?),
        };
        let root = versioned(&options.endpoint);
        let wire = HttpWire::new(options.http, &root);
        let served = wire.served();
        let batching = BatchOptions { deadline: options.deadline, clock: options.clock, seed: options.seed };
        Ok(Self { batcher: Batcher::start(wire, tokens, batching), root, served })
    }

    /// What [`crate::graph::port::Graph::granted_permissions`] says.
    pub(super) async fn granted(&self) -> Result<Option<Vec<String>>, GraphError> {
        let token = self.batcher.fresh_token().await?;
        Ok(roles(token.expose_secret()))
    }

    /// What [`crate::graph::port::Graph::held_permissions`] says.
    pub(super) async fn held(&self) -> Result<Option<Vec<String>>, GraphError> {
        let token = self.batcher.held_token().await?;
        Ok(roles(token.expose_secret()))
    }

    /// How far Graph's clock is ahead of ours, by its last answer.
    pub(super) fn clock_ahead(&self) -> Option<TimeDelta> {
        self.served.ahead()
    }

    #[cfg(test)]
    pub(super) fn over(batcher: Batcher, endpoint: &str) -> Self {
        Self { batcher, root: versioned(&Url::parse(endpoint).unwrap()), served: Arc::default() }
    }

    /// One call whose answer has a body.
    pub(super) async fn get(&self, request: Request) -> Result<Value, GraphError> {
        parse(self.batcher.call(request).await?)
    }

    /// One call, whatever its answer holds.
    pub(super) async fn call(&self, request: Request) -> Result<Reply, GraphError> {
        self.batcher.call(request).await
    }

    /// All pages of a collection, in order; each item is read by `read`.
    pub(super) async fn pages<T: Send>(
        &self,
        request: Request,
        read: impl Fn(&Value) -> Option<T> + Send,
    ) -> Result<Vec<T>, GraphError> {
        let mut items = Vec::new();
        self.each(request, read, &mut |item| items.push(item)).await?;
        Ok(items)
    }

    /// The same without holding more than a page.
    pub(super) async fn each<T>(
        &self,
        mut request: Request,
        read: impl Fn(&Value) -> Option<T> + Send,
        take: &mut (dyn FnMut(T) + Send + '_),
    ) -> Result<(), GraphError> {
        let mut seen = HashSet::new();
        loop {
            let Some(path) = self.page(request.clone(), &read, take).await? else { return Ok(()) };
            if !seen.insert(path.clone()) {
                return Err(GraphError::looped());
            }
            request.path = path;
        }
    }

    /// One page. Gives the path of the next; `None`: it was the last.
    pub(super) async fn page<T>(
        &self,
        request: Request,
        read: &(impl Fn(&Value) -> Option<T> + Send),
        take: &mut (dyn FnMut(T) + Send + '_),
    ) -> Result<Option<String>, GraphError> {
        let page = self.get(request).await?;
        let Some(values) = page.get("value").and_then(Value::as_array) else {
            return Err(invalid("noCollection"));
        };
        for value in values {
            match read(value) {
                Some(item) => take(item),
                None => tracing::warn!("an item of a collection has no id and is passed over"),
            }
        }
        page.get("@odata.nextLink").and_then(Value::as_str).map(|next| self.relative(next)).transpose()
    }

    /// A next link as a batch wants it. One that leads anywhere but to our Graph is refused: the token would
    /// go with it.
    pub(super) fn relative(&self, link: &str) -> Result<String, GraphError> {
        let url = Url::parse(link).map_err(|_| invalid("unreadableNextLink"))?;
        if url.origin() != self.root.origin() {
            return Err(invalid("foreignNextLink"));
        }
        let whole = &url[Position::BeforePath..Position::AfterQuery];
        match whole.strip_prefix(self.root.path()) {
            Some(path) if path.starts_with('/') => Ok(path.to_owned()),
            Some(_) | None => Err(invalid("foreignNextLink")),
        }
    }
}

fn versioned(endpoint: &Url) -> Url {
    let mut root = endpoint.clone();
    root.set_path(&format!("{}/v1.0", endpoint.path().trim_end_matches('/')));
    root.set_query(None);
    root
}

/// The JSON of an answer that must have one.
pub(super) fn parse(reply: Reply) -> Result<Value, GraphError> {
    let body = reply.ok_or_else(|| invalid("emptyAnswer"))?;
    serde_json::from_str(body.get()).map_err(|_| invalid("unreadableAnswer"))
}

/// An answer that can't be understood: a defect, or a change of Graph.
pub(super) fn invalid(code: &str) -> GraphError {
    GraphError::Invalid(Failure { status: None, code: code.to_owned(), request_id: None })
}
