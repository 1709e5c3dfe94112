//! A scripted receiver on loopback, and the connector that talks to it.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeZone as _, Utc};
use hmac::{Hmac, Mac as _};
use regrets::clock::{Clock, ManualClock};
use regrets::config::WebhookSecret;
use regrets::enrolment::lms_answer::{OrderEvidence, OrderVerdict, Reply};
use regrets::enrolment::policy::Rate;
use regrets::lms::webhook::{WebhookConnector, prepare};
use regrets::lms::{Budget, Connector as _, Order};
use sha2::Sha256;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use url::Url;

pub(crate) const KEY: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
pub(crate) const OLD_KEY: &[u8; 24] = b"an older key of 24 bytes";

pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Verified on its own, by the specification's recipe.
    pub(crate) fn is_signed_with(&self, key: &[u8]) -> bool {
        let signed =
            format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.body);
        self.header("webhook-signature").split(' ').any(|signature| {
            let mac = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
            Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(&signed).verify_slice(&mac).is_ok()
        })
    }
}

#[derive(Clone)]
pub(crate) struct Lms {
    answers: Arc<dyn Fn(&Uri) -> Response + Send + Sync>,
    seen: Arc<Mutex<Vec<Seen>>>,
    pub(crate) url: Url,
}

impl Lms {
    pub(crate) async fn answering(answers: impl Fn(&Uri) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url =
            format!("http://{}/hooks/regrets?tenant=1", listener.local_addr().unwrap()).parse().unwrap();
        let lms = Self { answers: Arc::new(answers), seen: Arc::default(), url };
        let app = Router::new().fallback(receive).with_state(lms.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        lms
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn receive(
    State(lms): State<Lms>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let answer = (lms.answers)(&uri);
    lms.seen.lock().unwrap().push(Seen { method, uri, headers, body });
    answer
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 10, 0, 0).unwrap()
}

fn secret(key: &[u8]) -> WebhookSecret {
    WebhookSecret::parse(&format!("whsec_{}", STANDARD.encode(key))).unwrap()
}

pub(crate) fn connector_with(url: &Url, keys: &[&[u8]], rate: Rate) -> WebhookConnector {
    connector_at(url, keys, rate, Arc::new(ManualClock::at(now())))
}

pub(crate) fn connector_at(url: &Url, keys: &[&[u8]], rate: Rate, clock: Arc<dyn Clock>) -> WebhookConnector {
    // Another test may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = prepare(reqwest::Client::builder()).no_proxy().build().unwrap();
    let secrets: Vec<_> = keys.iter().map(|key| secret(key)).collect();
    WebhookConnector::new(url.clone(), &secrets, rate, http, clock)
}

pub(crate) fn connector(url: &Url) -> WebhookConnector {
    connector_with(url, &[KEY], Rate { requests: 1000, per: chrono::Duration::seconds(1) })
}

pub(crate) fn order() -> Order {
    Order {
        id: "rgr_k3J9x".to_owned(),
        tenant: "contoso".into(),
        session: "4711".into(),
        learner: "ana@contoso.com".into(),
        generation: 1,
        decision: 1,
        verdict: OrderVerdict::Declined,
        evidence: OrderEvidence::OrganizerCopy,
        declined_at: Some(Utc.with_ymd_and_hms(2026, 11, 21, 9, 48, 12).unwrap()),
        decided_at: "2026-11-21T10:00:00Z".parse().unwrap(),
        session_start: Some(Utc.with_ymd_and_hms(2026, 12, 1, 8, 30, 0).unwrap()),
        attempt: 1,
        may_be_repeated: false,
    }
}

pub(crate) async fn cancel(connector: &WebhookConnector) -> Reply {
    connector.cancel(&order(), Budget::of(Duration::from_secs(90))).await
}

/// One line a reply, for snapshots.
pub(crate) fn line(reply: &Reply) -> String {
    let Reply { outcome, message, status, retry_after, pause, reach, .. } = reply;
    let status = status.map_or("-".to_owned(), |status| status.to_string());
    let wait = retry_after.map_or(String::new(), |wait| {
        format!(", {} {wait:?}", if pause.is_some() { "pause" } else { "wait" })
    });
    format!("{status} {outcome:?} {reach:?}{wait}: {}", message.as_deref().unwrap_or("-"))
}
