//! A Graph for a hundred thousand mailboxes and more: loopback HTTP over TLS with minimal work behind it.
//! Nothing is kept of a mailbox but what counts: which of its requests are under way.
//!
//! It answers tokens, creations, renewals and deletions of subscriptions, single events, empty calendars and
//! the listing of users, in `$batch`es and by themselves; each request after the same latency. It counts
//! requests, parts and, by the documented limits (handler/reference/graph-limits.md#subscriptions), whatever
//! a client breaks: writes of subscriptions within 20 seconds, and requests at once on a mailbox. It notifies
//! nobody, and refuses nothing but what it does not know.

use crate::{StartError, tls};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Method, StatusCode, Uri};
use axum::routing::{get, post};
use axum::{Json, Router};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Writes of subscriptions that the service takes within [`WINDOW`].
const WRITES: usize = 1_000;
const WINDOW: Duration = Duration::from_secs(20);
/// Requests at once on one mailbox.
const AT_ONCE: usize = 4;
const PAGE: usize = 999;

#[derive(Debug, Clone, Copy)]
pub struct CheapOptions {
    pub mailboxes: usize,
    /// From a request to its answer.
    pub latency: Duration,
    /// Simulated seconds in a real one: the window of the write limit is so much shorter.
    pub speed: f64,
}

/// What was asked since the last look.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct CheapCounts {
    /// HTTP requests to Graph; those for tokens are not counted.
    pub requests: usize,
    pub parts: usize,
    pub created: usize,
    pub renewed: usize,
    pub deleted: usize,
    /// Pages of users.
    pub pages: usize,
    /// Events and calendars.
    pub reads: usize,
    /// Writes beyond the limit of their window, and requests beyond the limit of their mailbox.
    pub limit_breaches: usize,
    pub most_writes_in_window: usize,
    pub most_batches_at_once: usize,
}

#[derive(Default)]
struct Ledger {
    counts: CheapCounts,
    writes: VecDeque<Instant>,
    mailboxes: HashMap<String, usize>,
    batches: usize,
}

struct Shared {
    options: CheapOptions,
    endpoint: String,
    ledger: Mutex<Ledger>,
}

/// Runs on a thread of its own until dropped.
pub struct Cheap {
    shared: Arc<Shared>,
    ca_pem: String,
    stop: CancellationToken,
}

impl Cheap {
    pub fn start(options: CheapOptions) -> Result<Self, StartError> {
        let identity = tls::identity()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))?;
        let endpoint = format!("https://localhost:{}", listener.local_addr()?.port());
        let shared = Arc::new(Shared { options, endpoint, ledger: Mutex::default() });
        let router = Router::new()
            .route("/{tenant}/oauth2/v2.0/token", post(token))
            .route("/v1.0/$batch", post(batch))
            .route("/v1.0/counts", get(counts))
            .fallback(single)
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&shared));
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        std::thread::Builder::new().name("cheap-graph".to_owned()).spawn(move || {
            let serve = crate::serve::serve(listener, Some(identity.acceptor), router, || false, stopped);
            runtime.block_on(serve);
        })?;
        Ok(Self { shared, ca_pem: identity.ca_pem, stop })
    }

    /// Graph without a version, and the login host.
    pub fn url(&self) -> &str {
        &self.shared.endpoint
    }

    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// What was counted since the last call.
    pub fn take_counts(&self) -> CheapCounts {
        self.shared.ledger(|ledger| std::mem::take(&mut ledger.counts))
    }
}

impl Drop for Cheap {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The object id of the n-th user.
pub fn user_id(n: usize) -> String {
    format!("3f2c1a70-1111-4a4a-9b9b-{n:012}")
}

impl Shared {
    fn ledger<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        work(&mut self.ledger.lock())
    }
}

impl Ledger {
    fn wrote(&mut self, window: Duration) {
        let now = Instant::now();
        while self.writes.front().is_some_and(|first| now.duration_since(*first) >= window) {
            self.writes.pop_front();
        }
        self.writes.push_back(now);
        self.counts.most_writes_in_window = self.counts.most_writes_in_window.max(self.writes.len());
        self.counts.limit_breaches += usize::from(self.writes.len() > WRITES);
    }
}

async fn token() -> Json<Value> {
    Json(json!({ "token_type": "Bearer", "expires_in": 86_399, "access_token": "cheap" }))
}

/// What was counted since the last call.
async fn counts(State(shared): State<Arc<Shared>>) -> Json<CheapCounts> {
    Json(shared.ledger(|ledger| std::mem::take(&mut ledger.counts)))
}

/// A request by itself is answered as one of a batch.
async fn single(State(shared): State<Arc<Shared>>, method: Method, uri: Uri) -> (StatusCode, String) {
    let url = uri.path_and_query().map_or("", |url| url.as_str());
    let url = url.strip_prefix("/v1.0").unwrap_or(url);
    shared.ledger(|ledger| ledger.counts.requests += 1);
    tokio::time::sleep(shared.options.latency).await;
    let part = Part { id: "1", method: method.as_str(), url, body: None };
    match answer(&shared, &part) {
        Ok((status, body)) => (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), body),
        Err(error) => (StatusCode::BAD_REQUEST, error.to_string()),
    }
}

#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow)]
    requests: Vec<Part<'a>>,
}

#[derive(Deserialize)]
struct Part<'a> {
    id: &'a str,
    method: &'a str,
    url: &'a str,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Wish<'a> {
    resource: Option<&'a str>,
    #[serde(rename = "expirationDateTime")]
    expires: &'a str,
}

async fn batch(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<String, (StatusCode, String)> {
    let malformed = |error: serde_json::Error| (StatusCode::BAD_REQUEST, error.to_string());
    let batch: Batch<'_> = serde_json::from_slice(&body).map_err(malformed)?;
    let mailboxes: Vec<&str> = batch.requests.iter().filter_map(|part| mailbox_of(part.url)).collect();
    shared.ledger(|ledger| {
        ledger.counts.requests += 1;
        ledger.counts.parts += batch.requests.len();
        ledger.batches += 1;
        ledger.counts.most_batches_at_once = ledger.counts.most_batches_at_once.max(ledger.batches);
        for mailbox in &mailboxes {
            let under_way = ledger.mailboxes.entry((*mailbox).to_owned()).or_default();
            *under_way += 1;
            ledger.counts.limit_breaches += usize::from(*under_way > AT_ONCE);
        }
    });
    let mut answers = String::from(r#"{"responses":["#);
    for (n, part) in batch.requests.iter().enumerate() {
        let (status, body) = answer(&shared, part).map_err(malformed)?;
        let comma = if n == 0 { "" } else { "," };
        // Writing into a string can't fail.
        let _ = write!(answers, r#"{comma}{{"id":"{}","status":{status},"body":{body}}}"#, part.id);
    }
    answers.push_str("]}");
    tokio::time::sleep(shared.options.latency).await;
    shared.ledger(|ledger| {
        ledger.batches -= 1;
        for mailbox in &mailboxes {
            if let Some(under_way) = ledger.mailboxes.get_mut(*mailbox) {
                *under_way -= 1;
                if *under_way == 0 {
                    ledger.mailboxes.remove(*mailbox);
                }
            }
        }
    });
    Ok(answers)
}

fn mailbox_of(url: &str) -> Option<&str> {
    let (user, _) = url.strip_prefix("/users/")?.split_once('/')?;
    Some(user)
}

/// Status and body of one part.
fn answer(shared: &Shared, part: &Part<'_>) -> Result<(u16, String), serde_json::Error> {
    let window = WINDOW.div_f64(shared.options.speed);
    let wish = || part.body.map(|body| serde_json::from_str::<Wish<'_>>(body.get())).transpose();
    let path = part.url.split_once('?').map_or(part.url, |(path, _)| path);
    if let Some(id) = path.strip_prefix("/subscriptions/") {
        let is_renewal = part.method == "PATCH";
        shared.ledger(|ledger| {
            ledger.wrote(window);
            if is_renewal { ledger.counts.renewed += 1 } else { ledger.counts.deleted += 1 }
        });
        return Ok(match wish()? {
            Some(wish) if is_renewal => (200, subscription(id, &wish)),
            Some(_) | None => (204, "null".to_owned()),
        });
    }
    if path == "/subscriptions" && part.method == "POST" {
        shared.ledger(|ledger| {
            ledger.wrote(window);
            ledger.counts.created += 1;
        });
        let Some(wish) = wish()? else { return Ok(unknown(part)) };
        let user = wish.resource.and_then(|resource| resource.split('/').nth(1)).unwrap_or_default();
        return Ok((201, subscription(&format!("f37536ac-{}", user.get(9..).unwrap_or_default()), &wish)));
    }
    if path == "/users" {
        shared.ledger(|ledger| ledger.counts.pages += 1);
        return Ok((200, users(shared, part.url)));
    }
    if ["/calendarView", "/events"].iter().any(|list| path.ends_with(list)) {
        shared.ledger(|ledger| ledger.counts.reads += 1);
        return Ok((200, r#"{"value":[]}"#.to_owned()));
    }
    // Nobody has an address that was not listed.
    if path.strip_prefix("/users/").is_some_and(|one| !one.contains('/')) {
        return Ok((404, json!({ "error": { "code": "Request_ResourceNotFound" } }).to_string()));
    }
    if let Some((_, id)) = path.split_once("/events/") {
        shared.ledger(|ledger| ledger.counts.reads += 1);
        return Ok((200, lunch(id)));
    }
    Ok(unknown(part))
}

fn unknown(part: &Part<'_>) -> (u16, String) {
    let message = format!("{} {} is not served", part.method, part.url);
    (400, json!({ "error": { "code": "BadRequest", "message": message } }).to_string())
}

fn subscription(id: &str, wish: &Wish<'_>) -> String {
    format!(
        r#"{{"id":"{id}","resource":"{}","expirationDateTime":"{}"}}"#,
        wish.resource.unwrap_or_default(),
        wish.expires
    )
}

/// An event that is nobody's training.
fn lunch(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","iCalUId":"040000008200E00074C5B7101A82E008{id}","type":"singleInstance","isCancelled":false,"isOrganizer":false,
"organizer":{{"emailAddress":{{"name":"Colleague","address":"colleague@contoso.com"}}}},
"responseStatus":{{"response":"accepted","time":"2026-11-20T10:00:00Z"}},
"start":{{"dateTime":"2026-11-30T12:00:00.0000000","timeZone":"UTC"}},"end":{{"dateTime":"2026-11-30T13:00:00.0000000","timeZone":"UTC"}}}}"#
    )
}

fn users(shared: &Shared, url: &str) -> String {
    let token = url.split_once("$skiptoken=").map(|(_, rest)| rest.split('&').next().unwrap_or(rest));
    let from: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let to = (from + PAGE).min(shared.options.mailboxes);
    let mut page = String::with_capacity(512 * PAGE);
    page.push_str(r#"{"value":["#);
    for n in from..to {
        let comma = if n == from { "" } else { "," };
        let id = user_id(n);
        // Writing into a string can't fail.
        let _ = write!(
            page,
            r#"{comma}{{"id":"{id}","mail":"Person.{n}@contoso.com","userPrincipalName":"person.{n}@contoso.com","proxyAddresses":["SMTP:Person.{n}@contoso.com","smtp:p{n}@contoso.onmicrosoft.com","X500:/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn={n}"],"employeeId":"E-{n}","accountEnabled":true,"userType":"Member","onPremisesExtensionAttributes":{{"extensionAttribute1":null,"extensionAttribute2":null,"extensionAttribute3":null}}}}"#
        );
    }
    page.push(']');
    if to < shared.options.mailboxes {
        let _ = write!(
            page,
            r#","@odata.nextLink":"{}/v1.0/users?$top={PAGE}&$skiptoken={to}""#,
            shared.endpoint
        );
    }
    page.push('}');
    page
}
