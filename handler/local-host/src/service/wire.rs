//! One request to the queue service: signed, sent, and sent again a few times where the service or the way to
//! it fails.
//!
//! Guarantees that no key and no signature is in an error, and that an error names the place and what to look
//! at.

use super::answer;
use crate::backoff::Backoff;
use crate::error::{LocalError, Result};
use crate::http::root_cause;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use std::time::{Duration, SystemTime};
use storage_account::Signed;
use url::Url;

/// Known to every Azurite of the last years.
const VERSION: &str = "2021-12-02";
const XML: &str = "application/xml";
const TRIES: usize = 4;
const FIRST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_millis(1_500);

/// Whose queues these are.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) name: String,
    /// Without a slash at the end of its path.
    pub(crate) queues: Url,
    pub(crate) access: Access,
}

#[derive(Debug, Clone)]
pub(crate) enum Access {
    /// In base64.
    Key(SecretString),
    /// The query of a shared access signature.
    Signature(SecretString),
}

impl Account {
    /// In words that tell one account from another.
    pub(crate) fn place(&self) -> String {
        self.queues.as_str().trim_end_matches('/').to_owned()
    }
}

pub(super) struct Call {
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<String>,
}

impl Call {
    pub(super) fn new(method: Method, path: &[&str]) -> Self {
        let path = path.iter().map(|&part| part.to_owned()).collect();
        Self { method, path, query: Vec::new(), body: None }
    }

    pub(super) fn query(mut self, name: &'static str, value: &str) -> Self {
        self.query.push((name, value.to_owned()));
        self
    }

    pub(super) fn body(mut self, body: String) -> Self {
        self.body = Some(body);
        self
    }
}

pub(super) struct Reply {
    pub(super) status: u16,
    /// `x-ms-error-code`; empty where there is none.
    pub(super) code: String,
    headers: HeaderMap,
    pub(super) body: String,
    /// Which try this answers, from 1.
    pub(super) tries: usize,
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// The way to one account.
pub(crate) struct Wire {
    http: reqwest::Client,
    account: Account,
}

impl Wire {
    pub(crate) fn new(account: Account, http: reqwest::Client) -> Self {
        Self { http, account }
    }

    pub(super) fn failure(&self, problem: String) -> LocalError {
        LocalError::Service { place: self.account.place(), problem }
    }

    /// For an answer that nothing here foresees.
    pub(super) fn unexpected(&self, what: &str, reply: &Reply) -> LocalError {
        self.failure(format!("{what} was answered with {} {}", reply.status, reply.code))
    }

    pub(super) fn read<T: DeserializeOwned>(&self, reply: &Reply) -> Result<T> {
        answer::read(&reply.body).map_err(|why| self.failure(why))
    }

    /// Any answer but that of a service that fails or refuses us.
    pub(super) async fn call(&self, call: &Call) -> Result<Reply> {
        let mut backoff = Backoff::new(FIRST_REST, LONGEST_REST, 4);
        let mut tries = 0;
        loop {
            tries += 1;
            let failure = match self.once(call, tries).await {
                Ok(reply) if is_passing(reply.status) => {
                    self.failure(format!("it fails with {} {}", reply.status, reply.code))
                }
                Ok(reply) if matches!(reply.status, 401 | 403) => return Err(self.refused(&reply)),
                Ok(reply) => return Ok(reply),
                Err(error) => self.unreachable(&error),
            };
            if tries == TRIES {
                return Err(failure);
            }
            tokio::time::sleep(backoff.rest()).await;
            backoff.was_taken();
        }
    }

    async fn once(&self, call: &Call, tries: usize) -> std::result::Result<Reply, reqwest::Error> {
        let url = self.url(call);
        let date = httpdate::fmt_http_date(SystemTime::now());
        let mut request = self
            .http
            .request(call.method.clone(), url.clone())
            .header("x-ms-date", &date)
            .header("x-ms-version", VERSION);
        if let Access::Key(key) = &self.account.access {
            let body = call.body.as_ref().map(|body| (body.len(), XML));
            let (account, version) = (&self.account.name, VERSION);
            let signed = Signed { method: &call.method, url: &url, account, date: &date, version, body };
            // Without it the service says what it misses.
            if let Some(authorization) = signed.authorization(key.expose_secret()) {
                request = request.header(AUTHORIZATION, authorization);
            }
        }
        request = match &call.body {
            Some(body) => request.header(CONTENT_TYPE, XML).body(body.clone()),
            None if call.method == Method::PUT => request.header(CONTENT_LENGTH, 0),
            None => request,
        };
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let code =
            headers.get("x-ms-error-code").and_then(|code| code.to_str().ok()).unwrap_or_default().to_owned();
        Ok(Reply { status, code, headers, body: response.text().await?, tries })
    }

    fn url(&self, call: &Call) -> Url {
        let mut url = self.account.queues.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&call.path);
        }
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        if let Access::Signature(signature) = &self.account.access {
            let query = [url.query(), Some(signature.expose_secret())];
            url.set_query(Some(&query.into_iter().flatten().collect::<Vec<_>>().join("&")));
        }
        url
    }

    fn refused(&self, reply: &Reply) -> LocalError {
        let what = match &self.account.access {
            Access::Key(_) => "AccountKey",
            Access::Signature(_) => "SharedAccessSignature",
        };
        self.failure(format!(
            "it does not take the {what} of account {} ({} {}): look at the connection string that --storage \
             gives, and at this machine's clock",
            self.account.name, reply.status, reply.code
        ))
    }

    fn unreachable(&self, error: &reqwest::Error) -> LocalError {
        let is_here = matches!(self.account.queues.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let hint = if is_here { "; is Azurite running, and on these ports?" } else { "" };
        self.failure(format!("no answer: {}{hint}", root_cause(error)))
    }
}

/// Worth another try.
fn is_passing(status: u16) -> bool {
    let too_many = StatusCode::TOO_MANY_REQUESTS.as_u16();
    (500..600).contains(&status) || status == too_many || status == StatusCode::REQUEST_TIMEOUT.as_u16()
}

/// The most that one request may ask for.
pub(crate) const MOST: u32 = 32;
