//! The client library's way to the network: our HTTP client, and what the library has wrong put right on the
//! way.
//!
//! - An answer that says a batch failed is handed on as a failure ([`super::batch`]); the library takes it
//!   for a success.
//! - The library looks for the error's code where other services have it. Tables have it in `odata.error`, so
//!   it is moved.
//! - The library calls a write that was done a failed one when its answer lacks a header that nobody needs;
//!   such headers are put in.
//! - A refusal is never handed on as XML: the library would read it with a parser of years ago, and tables
//!   answer in JSON.
//! - The library writes a space of a query as `+`, which services read in two ways; `%20` is read in one.
//! - The library's own retries repeat what may have been done already; here only what was surely not done is
//!   repeated ([`super::patience`]), and the library is told not to.
//!
//! Every answer also tells the service's time.

use super::batch;
use super::clock::ServiceClock;
use super::patience::{Patience, Tried, again};
use crate::clock::Clock;
use crate::http::client::root_cause;
use crate::http::retry_after;
use crate::invocation_deadline;
use crate::store::rules::BATCH_BYTES;
use async_trait::async_trait;
use azure_core_before_1::error::{Error, ErrorKind};
use azure_core_before_1::headers::Headers;
use azure_core_before_1::{Body, BytesStream, HttpClient, Request, Response, StatusCode};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

const ERROR_CODE: &str = "x-ms-error-code";

/// What the library insists on finding in an answer, and what it may find where nothing was sent.
const EXPECTED: [(&str, &str); 5] = [
    ("server", "unknown"),
    ("x-ms-version", "unknown"),
    ("x-ms-request-id", "00000000-0000-0000-0000-000000000000"),
    ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("preference-applied", "return-no-content"),
];

pub(super) struct OverReqwest {
    pub(super) http: reqwest::Client,
    pub(super) patience: Patience,
    pub(super) here: Arc<dyn Clock>,
    pub(super) service: Arc<ServiceClock>,
}

impl fmt::Debug for OverReqwest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OverReqwest").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// An answer with its body.
struct Answer {
    status: u16,
    headers: Headers,
    body: Bytes,
}

/// No answer. Says which host, and never the URL: it holds keys, and may hold a signature.
struct Silence {
    connected: bool,
    why: String,
}

#[async_trait]
impl HttpClient for OverReqwest {
    async fn execute_request(&self, request: &Request) -> azure_core_before_1::Result<Response> {
        let Body::Bytes(body) = request.body() else {
            return Err(Error::message(ErrorKind::Other, "requests for tables have no streamed body"));
        };
        if is_batch(request) && body.len() > BATCH_BYTES {
            return response(too_large(body.len()));
        }
        let (began, repeatable) = (Instant::now(), is_repeatable(request));
        let mut tries = 0;
        loop {
            let outcome = self.in_time(request, body.clone()).await.map(|answer| told(request, answer));
            tries += 1;
            let (tried, asked) = match &outcome {
                Ok(answer) => {
                    (Tried::Answered { status: answer.status, code: code(answer) }, self.asked(answer))
                }
                Err(Silence { connected: false, .. }) => (Tried::NotConnected, None),
                Err(Silence { connected: true, .. }) => (Tried::NoAnswer, None),
            };
            let is_worth_it = again(tried, repeatable);
            let wait = self.patience.wait(tries, began.elapsed(), asked).filter(|_| is_worth_it);
            let ends = invocation_deadline::ends();
            if let Some(wait) = wait.filter(|wait| ends.is_none_or(|ends| Instant::now() + *wait < ends)) {
                tracing::debug!(?tried, ?wait, "the tables' service is asked again");
                sleep(wait).await;
                continue;
            }
            return match outcome {
                Ok(answer) => {
                    if !is_worth_it {
                        invocation_deadline::answered();
                    }
                    response(answer)
                }
                Err(silence) => Err(Error::message(ErrorKind::Io, silence.why)),
            };
        }
    }
}

impl OverReqwest {
    /// How long the service asks us to stay away; whether that is too long is for [`Patience`] to say.
    fn asked(&self, answer: &Answer) -> Option<Duration> {
        let header = answer.headers.get_optional_str(&"retry-after".into())?;
        retry_after::parse(header, self.here.now(), Duration::MAX)
    }

    /// One try, given up when the invocation's time is over. What was sent by then may have been done.
    async fn in_time(&self, request: &Request, body: Bytes) -> Result<Answer, Silence> {
        let Some(ends) = invocation_deadline::ends() else { return self.once(request, body).await };
        let over = || Silence { connected: true, why: "no answer within this invocation's time".to_owned() };
        timeout_at(ends, self.once(request, body)).await.unwrap_or_else(|_| Err(over()))
    }

    async fn once(&self, request: &Request, body: Bytes) -> Result<Answer, Silence> {
        let host = request.url().host_str().unwrap_or_default().to_owned();
        let silent = |error: reqwest::Error| Silence {
            connected: !error.is_connect(),
            why: format!("no answer from {host}: {}", root_cause(&error.without_url())),
        };
        let method = reqwest::Method::from_bytes(request.method().as_ref().as_bytes())
            .map_err(|error| Silence { connected: true, why: error.to_string() })?;
        let mut url = request.url().clone();
        if let Some(query) = url.query().map(|query| query.replace('+', "%20")) {
            url.set_query(Some(&query));
        }
        let mut outgoing = self.http.request(method, url).body(body);
        for (name, value) in request.headers().iter() {
            let mut value = HeaderValue::from_str(value.as_str())
                .map_err(|error| Silence { connected: true, why: error.to_string() })?;
            value.set_sensitive(name.as_str() == "authorization");
            outgoing = outgoing.header(name.as_str(), value);
        }
        let sent = self.here.now();
        let incoming = outgoing.send().await.map_err(silent)?;
        if let Some(date) = incoming.headers().get("date").and_then(|date| parse_date(date.to_str().ok()?)) {
            self.service.note(date, sent, self.here.now());
        }
        let status = incoming.status().as_u16();
        let mut headers = Headers::new();
        for (name, value) in incoming.headers() {
            if let Ok(value) = value.to_str() {
                headers.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        let body = incoming.bytes().await.map_err(silent)?;
        Ok(Answer { status, headers, body })
    }
}

fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    httpdate::parse_http_date(text).ok().map(DateTime::from)
}

fn is_batch(request: &Request) -> bool {
    request.url().path().ends_with("/$batch")
}

/// Reads; the creation of a table, which may be there; and the deletion of whatever is there, if anything.
fn is_repeatable(request: &Request) -> bool {
    match request.method().as_ref() {
        "GET" => true,
        "POST" => request.url().path().ends_with("/Tables"),
        "DELETE" => request.headers().get_optional_str(&"if-match".into()) == Some("*"),
        _ => false,
    }
}

/// The answer as the library understands it.
fn told(request: &Request, mut answer: Answer) -> Answer {
    if is_batch(request)
        && answer.is_success()
        && let Some(part) = std::str::from_utf8(&answer.body).ok().and_then(batch::failed)
    {
        // A status that can't be read is nobody's success.
        answer = Answer {
            status: if part.status == 0 { 502 } else { part.status },
            headers: answer.headers,
            body: Bytes::copy_from_slice(part.body.as_bytes()),
        };
    }
    if answer.is_success() {
        for (name, value) in EXPECTED {
            if answer.headers.get_optional_str(&name.into()).is_none() {
                answer.headers.insert(name, value);
            }
        }
    } else {
        move_the_code(&mut answer);
    }
    answer
}

/// `{"odata.error": {"code": …, "message": {"value": …}}}` becomes `{"error": {"code": …, "message": …}}`.
/// Whatever else it is, the library is told that it is JSON, so that it opens nothing else.
fn move_the_code(answer: &mut Answer) {
    answer.headers.insert("content-type", "application/json");
    let parsed: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let Some(error) = parsed.as_ref().and_then(|body| body.get("odata.error")) else { return };
    let text = |pointer: &str| error.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let first_line = text("/message/value").lines().next().unwrap_or_default();
    let body = json!({ "error": { "code": text("/code"), "message": first_line } });
    if answer.headers.get_optional_str(&ERROR_CODE.into()).is_none() {
        answer.headers.insert(ERROR_CODE, text("/code").to_owned());
    }
    answer.body = Bytes::from(body.to_string());
}

fn code(answer: &Answer) -> Option<&str> {
    answer.headers.get_optional_str(&ERROR_CODE.into())
}

/// The service counts bytes on the wire, which [`crate::store::rules`] can only estimate.
fn too_large(bytes: usize) -> Answer {
    let message = format!("a batch has at most {BATCH_BYTES} bytes; this has {bytes} on the wire");
    let body = json!({ "error": { "code": "RequestBodyTooLarge", "message": message } });
    let mut headers = Headers::new();
    headers.insert(ERROR_CODE, "RequestBodyTooLarge");
    Answer { status: 413, headers, body: Bytes::from(body.to_string()) }
}

impl Answer {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

fn response(answer: Answer) -> azure_core_before_1::Result<Response> {
    // The library knows only some of the numbers. One that it doesn't know is no success.
    let status = StatusCode::try_from(answer.status).unwrap_or(StatusCode::BadGateway);
    Ok(Response::new(status, answer.headers, Box::pin(BytesStream::new(answer.body))))
}
