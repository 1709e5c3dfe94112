//! A server on this machine that answers as a recording says, request by request.

use super::case::{Exchange, HOST};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::net::TcpListener;
use url::form_urlencoded;

/// Of a request.
const MOST: usize = 1024 * 1024;

#[derive(Default)]
pub(super) struct Played {
    next: usize,
    /// What was asked otherwise than recorded, in words.
    pub(super) differences: Vec<String>,
}

struct Replay {
    exchanges: Vec<Exchange>,
    base: String,
    played: Arc<Mutex<Played>>,
}

/// Serves until it is dropped: where, and what it has seen.
pub(super) async fn serve(
    exchanges: Vec<Exchange>,
) -> std::io::Result<(String, Arc<Mutex<Played>>, tokio::task::JoinHandle<()>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let base = format!("http://{}", listener.local_addr()?);
    let played = Arc::new(Mutex::new(Played::default()));
    let replay = Arc::new(Replay { exchanges, base: base.clone(), played: Arc::clone(&played) });
    let router = Router::new().fallback(answer).with_state(replay);
    let task = tokio::spawn(async move {
        // It ends with the task.
        let _ = axum::serve(listener, router).await;
    });
    Ok((base, played, task))
}

async fn answer(State(replay): State<Arc<Replay>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST).await.unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let asked = Asked {
        method: parts.method.to_string(),
        url: format!("{HOST}{path}"),
        body: String::from_utf8_lossy(&body).replace(&replay.base, HOST),
    };
    let mut played = replay.played.lock();
    let number = played.next + 1;
    let Some(exchange) = replay.exchanges.get(played.next) else {
        played
            .differences
            .push(format!("request {number} is not in the recording: {} {}", asked.method, asked.url));
        return refused();
    };
    played.next += 1;
    if let Some(difference) = asked.differs(exchange) {
        played.differences.push(format!("request {number}: {difference}"));
        return refused();
    }
    drop(played);
    let recorded = &exchange.response;
    let mut response = Response::new(Body::from(recorded.body.replace(HOST, &replay.base)));
    *response.status_mut() = StatusCode::from_u16(recorded.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in &recorded.headers {
        let value = HeaderValue::from_str(&value.replace(HOST, &replay.base));
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// A difference is a finding of the test, whatever the connector makes of this answer.
fn refused() -> Response<Body> {
    let mut response = Response::new(Body::from("not in the recording"));
    *response.status_mut() = StatusCode::NOT_IMPLEMENTED;
    response
}

impl Played {
    /// Recorded requests that nobody made.
    pub(super) fn left(&self, all: usize) -> usize {
        all.saturating_sub(self.next)
    }
}

struct Asked {
    method: String,
    url: String,
    body: String,
}

impl Asked {
    fn differs(&self, exchange: &Exchange) -> Option<String> {
        let recorded = &exchange.request;
        let told = |what: &str, expected: &str, was: &str| {
            Some(format!("{what}: the recording has {expected}, the connector asks {was}"))
        };
        if self.method != recorded.method {
            return told("method", &recorded.method, &self.method);
        }
        if sorted(&self.url) != sorted(&recorded.url) {
            return told("address", &recorded.url, &self.url);
        }
        if !same_body(&self.body, &recorded.body) {
            return told("body", &recorded.body, &self.body);
        }
        None
    }
}

/// Address and query in an order of their own.
fn sorted(url: &str) -> (String, Vec<(String, String)>) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    (path.to_owned(), pairs(query))
}

fn pairs(form: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    pairs.sort();
    pairs
}

fn same_body(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    match (json(one), json(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) if one.contains('=') => pairs(one) == pairs(other),
        _ => false,
    }
}
