//! For tests: a scripted server on loopback that can end a connection at any byte, and a made-up LMS.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as the server saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// So many bytes of it are sent before the connection ends.
    cut: Option<usize>,
}

impl Answer {
    pub(crate) fn json(status: u16, body: impl ToString) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub(crate) fn page(status: u16) -> Self {
        Self::new(status, "text/html; charset=utf-8", "<!doctype html><p>Please sign in".to_owned())
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), cut: None }
    }

    fn new(status: u16, media_type: &str, body: String) -> Self {
        Self::empty(status).with("content-type", media_type).bytes(body.into_bytes())
    }

    pub(crate) fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = body;
        self
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The request is taken and nothing, or not all, comes back.
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    pub(crate) fn wire(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Said\r\nconnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if self.status != 204 {
            head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        }
        let mut wire = (head + "\r\n").into_bytes();
        wire.extend(&self.body);
        wire
    }
}

type Script = dyn Fn(&Seen) -> Answer + Send + Sync;

/// It ends with the test's runtime.
pub(crate) struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn start(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let script: Arc<Script> = Arc::new(script);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let recorded = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&recorded)));
            }
        });
        Self { port, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// `GET /users?mail=…`, …
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
    }
}

async fn serve(mut stream: TcpStream, script: Arc<Script>, recorded: Arc<Mutex<Vec<Seen>>>) {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    let seen = loop {
        let count = stream.read(&mut chunk).await.unwrap_or(0);
        read.extend_from_slice(&chunk[..count]);
        if let Some(seen) = parse(&read) {
            break seen;
        }
        if count == 0 {
            return;
        }
    };
    recorded.lock().unwrap().push(seen.clone());
    let answer = script(&seen);
    let wire = answer.wire();
    let sent = &wire[..answer.cut.unwrap_or(wire.len()).min(wire.len())];
    _ = stream.write_all(sent).await;
    _ = stream.shutdown().await;
}

fn parse(read: &[u8]) -> Option<Seen> {
    let end = read.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |text| text.parse().unwrap());
    let body = read.get(end + 4..end + 4 + length)?;
    Some(Seen { method, target, headers, body: String::from_utf8_lossy(body).into_owned() })
}

/// What the made-up LMS knows.
pub(crate) struct Lms {
    pub(crate) state: Mutex<String>,
    pub(crate) given: Mutex<Option<String>>,
    pub(crate) writes: Mutex<Vec<String>>,
}

impl Lms {
    pub(crate) fn showing(state: &str) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(state.to_owned()),
            given: Mutex::default(),
            writes: Mutex::default(),
        })
    }

    pub(crate) fn state(&self) -> String {
        self.state.lock().unwrap().clone()
    }

    pub(crate) fn writes(&self) -> usize {
        self.writes.lock().unwrap().len()
    }

    /// As it should be.
    pub(crate) fn answer(&self, seen: &Seen) -> Answer {
        let place = || {
            let given = self.given.lock().unwrap().clone();
            serde_json::json!({ "status": self.state(), "given": given, "started": false })
        };
        match seen.target.split(['?', '/']).nth(1) {
            Some("users") => Answer::json(
                200,
                r#"[{"id": 6, "mail": "other@contoso.com"}, {"id": 7, "mail": "Ana@contoso.com"}]"#,
            ),
            Some("places") if self.state() == "absent" => Answer::json(404, r#"{"error": "no such place"}"#),
            Some("places") => Answer::json(200, place()),
            Some("cancel") => {
                self.writes.lock().unwrap().push(seen.body.clone());
                *self.state.lock().unwrap() = "cancelled".to_owned();
                Answer::json(200, r#"{"ok": true}"#)
            }
            _ => Answer::json(500, "{}"),
        }
    }
}
