//! A plain client of the simulator, and an endpoint that Graph can notify.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use simulator::world::act::Invite;
use simulator::{CLIENT_SECRET, Options, Simulator, TenantSeed, World};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub(crate) const ANA: &str = "ana@contoso.com";
pub(crate) const LEARNING: &str = "learning@contoso.com";
pub(crate) const IMMUTABLE: (&str, &str) = ("Prefer", "IdType=\"ImmutableId\"");

/// Somebody with a token of Contoso's app.
pub(crate) struct Caller {
    pub(crate) simulator: Simulator,
    http: reqwest::Client,
    token: String,
}

/// Quick and without duplicates.
pub(crate) fn plain() -> Options {
    Options { speed: 10_000.0, notification_copies: 1..=1, ..Options::default() }
}

pub(crate) fn tomorrow() -> DateTime<Utc> {
    Utc::now() + Duration::days(1)
}

/// Learning invites Ana to session 4711.
pub(crate) fn training() -> Invite {
    Invite::new("4711", LEARNING, &[ANA], tomorrow(), tomorrow() + Duration::hours(2))
}

impl Caller {
    pub(crate) async fn open(options: Options) -> Self {
        let simulator = Simulator::start(options).await.unwrap();
        let http = simulator.http();
        let mut caller = Self { simulator, http, token: String::new() };
        let (status, body) = caller.ask_token(&[]).await;
        assert_eq!(status, 200, "{body}");
        caller.token = body["access_token"].as_str().unwrap().to_owned();
        caller
    }

    pub(crate) fn world(&self) -> &World {
        self.simulator.world()
    }

    /// A token request by secret; `other` replaces or (with an empty value) removes fields.
    pub(crate) async fn ask_token(&self, other: &[(&str, &str)]) -> (u16, Value) {
        let tenant = TenantSeed::contoso();
        let mut form = BTreeMap::from([
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", tenant.client_id.to_string()),
            ("client_secret", CLIENT_SECRET.to_owned()),
            ("scope", format!("{}/.default", self.simulator.graph_url())),
            ("tenant", tenant.id.to_string()),
        ]);
        for (name, value) in other {
            form.insert(name, (*value).to_owned());
        }
        form.retain(|_, value| !value.is_empty());
        let tenant = form.remove("tenant").unwrap();
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.simulator.authority_url());
        let answer = self.http.post(url).form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub(crate) async fn refresh(&mut self) {
        self.refresh_as(&[]).await;
    }

    pub(crate) async fn refresh_as(&mut self, other: &[(&str, &str)]) {
        let (_, body) = self.ask_token(other).await;
        self.token = body["access_token"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let target = target.strip_prefix(&format!("{}/v1.0/", self.simulator.graph_url())).unwrap_or(target);
        let url = format!("{}/v1.0/{target}", self.simulator.graph_url());
        let mut request = self.http.request(method.parse().unwrap(), url).bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let text = answer.text().await.unwrap();
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[IMMUTABLE], None).await
    }

    pub(crate) async fn post(&self, target: &str, body: Value) -> Answer {
        self.send("POST", target, &[IMMUTABLE], Some(body)).await
    }

    pub(crate) async fn patch(&self, target: &str, body: Value) -> Answer {
        self.send("PATCH", target, &[IMMUTABLE], Some(body)).await
    }

    /// The parts' answers by id.
    pub(crate) async fn batch(&self, requests: Value) -> BTreeMap<String, Value> {
        let answer = self.post("$batch", json!({ "requests": requests })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let parts = answer.body["responses"].as_array().unwrap().clone();
        parts.into_iter().map(|part| (part["id"].as_str().unwrap().to_owned(), part)).collect()
    }

    pub(crate) fn id(&self, address: &str) -> String {
        self.world().user_id(address).unwrap().to_string()
    }

    /// A subscription on Ana's mailbox, as the project creates them; `other` replaces fields.
    pub(crate) fn wish(&self, url: &str, other: Value) -> Value {
        let mut wish = json!({
            "changeType": "created,updated,deleted",
            "resource": format!("users/{}/events", self.id(ANA)),
            "notificationUrl": url,
            "lifecycleNotificationUrl": url,
            "expirationDateTime": (Utc::now() + Duration::minutes(4_200)).to_rfc3339(),
            "clientState": "state",
            "latestSupportedTlsVersion": "v1_2",
        });
        wish.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
        wish
    }

    pub(crate) async fn subscribe(&self, url: &str) -> String {
        let answer = self.post("subscriptions", self.wish(url, json!({}))).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// Status and `error.code`.
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status, self.body["error"]["code"].as_str().unwrap_or("no error"))
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }
}

/// An endpoint that echoes handshakes and keeps what it is told.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    shared: Arc<Shared>,
    posts: UnboundedReceiver<Value>,
}

struct Shared {
    /// What a notification is answered with.
    status: AtomicU16,
    handshakes: AtomicUsize,
    hangs: AtomicBool,
    /// Answers handshakes with something else.
    distort: fn(String) -> Response,
    told: UnboundedSender<Value>,
}

/// The only right answer to a handshake.
pub(crate) fn echo(token: String) -> Response {
    ([("content-type", "text/plain")], token).into_response()
}

impl Endpoint {
    pub(crate) async fn open() -> Self {
        Self::with(echo).await
    }

    pub(crate) async fn with(distort: fn(String) -> Response) -> Self {
        let (told, posts) = unbounded_channel();
        let (status, handshakes) = (AtomicU16::new(202), AtomicUsize::new(0));
        let shared = Arc::new(Shared { status, handshakes, hangs: AtomicBool::new(false), distort, told });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().route("/hook", post(hook)).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared, posts }
    }

    pub(crate) fn answer_with(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    /// Takes posts and never answers.
    pub(crate) fn hang(&self, hangs: bool) {
        self.shared.hangs.store(hangs, Ordering::SeqCst);
    }

    pub(crate) fn handshakes(&self) -> usize {
        self.shared.handshakes.load(Ordering::SeqCst)
    }

    /// The next post, taken or refused.
    pub(crate) async fn next(&mut self) -> Value {
        let wait = std::time::Duration::from_secs(20);
        tokio::time::timeout(wait, self.posts.recv()).await.expect("no notification came").unwrap()
    }

    /// All items that came so far.
    pub(crate) fn items(&mut self) -> Vec<Value> {
        let posts = std::iter::from_fn(|| self.posts.try_recv().ok());
        posts.flat_map(|post| post["value"].as_array().unwrap().clone()).collect()
    }
}

async fn hook(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<BTreeMap<String, String>>,
    body: Bytes,
) -> Response {
    if let Some(token) = query.get("validationToken") {
        shared.handshakes.fetch_add(1, Ordering::SeqCst);
        return (shared.distort)(token.clone());
    }
    shared.told.send(serde_json::from_slice(&body).unwrap()).unwrap();
    if shared.hangs.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    StatusCode::from_u16(shared.status.load(Ordering::SeqCst)).unwrap().into_response()
}
