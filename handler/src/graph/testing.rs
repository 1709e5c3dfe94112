//! For tests: a scripted server over TLS, a scripted wire, and certificates made at run time.

use super::auth::tokens::{Fetch, Fetched, Tokens};
use super::batch::envelope::{Fault, Incoming, Outgoing, Wire};
use super::batch::{BatchOptions, Batcher};
use super::classify::{About, Refusal, classify};
use super::client::{CALL_DEADLINE, HttpGraph};
use super::error::GraphError;
use crate::clock::SystemClock;
use async_trait::async_trait;
use axum::extract::Request;
use axum::response::Response;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What becomes of a refusal when a subscription was to be created, or else renewed.
pub(crate) fn refused(
    creating: bool,
    status: u16,
    code: &str,
    message: &str,
    retry_after: Option<Duration>,
) -> GraphError {
    let about = if creating { About::NewSubscription } else { About::Subscription };
    let body = json!({ "error": { "code": code, "message": message } }).to_string();
    classify(about, &Refusal { status, body: Some(&body), retry_after, ..Refusal::default() })
}

/// A request as the server saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

type Script = dyn Fn(&Seen, usize) -> Answer + Send + Sync;

/// What a server says, by the request and how many came before it.
#[derive(Clone)]
pub(crate) struct Scripted(Arc<Script>);

impl Scripted {
    pub(crate) fn by(script: impl Fn(&Seen, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self(Arc::new(script))
    }

    pub(crate) fn always(status: u16, body: &str) -> Self {
        let body = body.to_owned();
        Self::by(move |_, _| Answer { status, headers: vec![], body: body.clone() })
    }

    pub(crate) fn redirect_once(to: &str) -> Self {
        let to = to.to_owned();
        Self::by(move |seen, _| {
            let (status, headers) =
                if seen.path == to { (200, vec![]) } else { (302, vec![("location", to.clone())]) };
            Answer { status, headers, body: String::new() }
        })
    }
}

/// A server on loopback with its own authority; it ends with the test's runtime.
pub(crate) struct TlsServer {
    port: u16,
    root: CertificateDer<'static>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl TlsServer {
    pub(crate) async fn start(script: Scripted) -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let root = made.cert.der().clone();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![root.clone()], key)
            .unwrap();
        tls.alpn_protocols = vec![b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let recorded = Arc::clone(&seen);
        let app = axum::Router::new().fallback(move |request: Request| answer(request, script, recorded));
        let config = axum_server::tls_rustls::RustlsConfig::from_config(Arc::new(tls));
        let server = axum_server::from_tcp_rustls(listener, config).unwrap();
        tokio::spawn(server.serve(app.into_make_service()));
        Self { port, root, seen }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port)
    }

    pub(crate) fn root(&self) -> CertificateDer<'static> {
        self.root.clone()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(request: Request, script: Scripted, recorded: Arc<Mutex<Vec<Seen>>>) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let headers =
        head.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let seen = Seen {
        path: head.uri.to_string(),
        headers: headers.collect(),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let before = {
        let mut recorded = recorded.lock().unwrap();
        recorded.push(seen.clone());
        recorded.len() - 1
    };
    let answer = (script.0)(&seen, before);
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(answer.body.into()).unwrap()
}

/// A batch as the wire saw it.
#[derive(Debug, Clone)]
pub(crate) struct SentBatch {
    pub(crate) at: Instant,
    pub(crate) token: String,
    pub(crate) parts: Vec<Value>,
}

impl SentBatch {
    pub(crate) fn urls(&self) -> Vec<String> {
        self.parts.iter().map(|part| part["url"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) enum Step {
    Answer(u16, Vec<(&'static str, &'static str)>, String),
    Fault { sent: bool },
}

impl Step {
    /// A good batch with these answers, given as `(part id, status, headers, body)`.
    pub(crate) fn parts(parts: impl IntoIterator<Item = (String, u16, Value, Value)>) -> Self {
        let responses: Vec<Value> = parts
            .into_iter()
            .map(|(id, status, headers, body)| {
                json!({"id": id, "status": status, "headers": headers,
            "body": body})
            })
            .collect();
        Self::Answer(200, vec![], json!({"responses": responses}).to_string())
    }

    /// Each part by the same rule.
    pub(crate) fn each(batch: &SentBatch, rule: impl Fn(&str) -> (u16, Value, Value)) -> Self {
        Self::parts(batch.parts.iter().map(|part| {
            let (status, headers, body) = rule(part["url"].as_str().unwrap());
            (part["id"].as_str().unwrap().to_owned(), status, headers, body)
        }))
    }
}

type WireScript = dyn Fn(&SentBatch, usize) -> Step + Send + Sync;

/// A wire without sockets, for tests that move the time; each batch takes 100 ms. Clones share what was
/// sent.
#[derive(Clone)]
pub(crate) struct ScriptedWire {
    script: Arc<WireScript>,
    sent: Arc<Mutex<Vec<SentBatch>>>,
}

impl ScriptedWire {
    pub(crate) fn by(script: impl Fn(&SentBatch, usize) -> Step + Send + Sync + 'static) -> Self {
        Self { script: Arc::new(script), sent: Arc::default() }
    }

    pub(crate) fn sent(&self) -> Vec<SentBatch> {
        self.sent.lock().unwrap().clone()
    }
}

#[async_trait]
impl Wire for ScriptedWire {
    async fn post(&self, batch: Outgoing<'_>) -> Result<Incoming, Fault> {
        let sent = SentBatch {
            at: Instant::now(),
            token: batch.token.expose_secret().to_owned(),
            parts: batch.body["requests"].as_array().unwrap().clone(),
        };
        let before = {
            let mut all = self.sent.lock().unwrap();
            all.push(sent.clone());
            all.len() - 1
        };
        sleep(Duration::from_millis(100)).await;
        match (self.script)(&sent, before) {
            Step::Fault { sent: true } => Err(Fault::Broken),
            Step::Fault { sent: false } => Err(Fault::NotSent),
            Step::Answer(status, headers, body) => {
                let header =
                    |name| headers.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
                Ok(Incoming {
                    status,
                    retry_after: header("retry-after"),
                    request_id: header("request-id"),
                    body: body.into(),
                })
            }
        }
    }
}

/// Takes every batch and never answers.
struct Silent;

#[async_trait]
impl Wire for Silent {
    async fn post(&self, batch: Outgoing<'_>) -> Result<Incoming, Fault> {
        sleep(batch.within).await;
        Err(Fault::Broken)
    }
}

/// The real client over a Graph that never answers.
pub(crate) fn silent_graph() -> HttpGraph {
    over(Silent)
}

/// The real client over a Graph that wants to be left alone for so many seconds, each time it is asked.
pub(crate) fn throttling_graph(seconds: u32) -> HttpGraph {
    over(ScriptedWire::by(move |batch, _| {
        Step::each(batch, |_| {
            (429, json!({"Retry-After": seconds.to_string()}), json!({"error": {"code": "TooManyRequests"}}))
        })
    }))
}

fn over(wire: impl Wire) -> HttpGraph {
    let options = BatchOptions { deadline: CALL_DEADLINE, clock: Arc::new(SystemClock), seed: Some(1) };
    let batcher = Batcher::start(wire, Tokens::new(Counted::default()), options);
    HttpGraph::over(batcher, "https://graph.microsoft.com")
}

/// Tokens `t0`, `t1`, … that live for an hour.
#[derive(Default)]
pub(crate) struct Counted(AtomicUsize);

#[async_trait]
impl Fetch<GraphError> for Counted {
    async fn fetch(&self) -> Result<Fetched, GraphError> {
        let number = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(Fetched { token: format!("t{number}").into(), lives: Duration::from_secs(3600) })
    }
}

pub(crate) mod certificate {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
    use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
    use std::sync::LazyLock;

    #[derive(Clone)]
    pub(crate) struct Made {
        pub(crate) certificate: Vec<u8>,
        pub(crate) certificate_pem: String,
        pub(crate) key_pem: String,
        pub(crate) public_pem: String,
    }

    /// One for the whole run: an RSA key takes a while.
    pub(crate) fn rsa() -> Made {
        static MADE: LazyLock<Made> = LazyLock::new(|| {
            let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
            let public_pem = key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap();
            let key_pem = key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
            let pair = KeyPair::from_pkcs8_pem_and_sign_algo(&key_pem, &PKCS_RSA_SHA256).unwrap();
            made(&pair, key_pem, public_pem)
        });
        MADE.clone()
    }

    pub(crate) fn elliptic() -> Made {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let (key_pem, public_pem) = (pair.serialize_pem(), pair.public_key_pem());
        made(&pair, key_pem, public_pem)
    }

    fn made(pair: &KeyPair, key_pem: String, public_pem: String) -> Made {
        let certificate = CertificateParams::new(vec!["app".to_owned()]).unwrap().self_signed(pair).unwrap();
        Made {
            certificate: certificate.der().to_vec(),
            certificate_pem: certificate.pem(),
            key_pem,
            public_pem,
        }
    }
}
