//! A container of Azure Storage's blobs, as far as somebody reads from it: ETags, `If-None-Match`, MD5, and
//! whatever status it is told to answer with (handler/reference/azure-storage.md#blobs).

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures::{StreamExt as _, stream};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Shared by whoever has a clone of it; ends with the process.
#[derive(Debug, Clone)]
pub struct Blobs {
    url: String,
    state: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    /// By path: which write it was, and what was written.
    blobs: BTreeMap<String, (u64, String)>,
    writes: u64,
    /// Answered to everything instead.
    status: Option<u16>,
    /// So many bytes of a blob are sent.
    cut: Option<usize>,
    /// Blobs that were sent whole, and questions that were answered with 304.
    sent: (usize, usize),
}

impl Blobs {
    pub async fn start() -> std::io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/config", listener.local_addr()?);
        let blobs = Self { url, state: Arc::default() };
        let app = Router::new().fallback(get).with_state(blobs.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(blobs)
    }

    /// Where a blob is, with a signature that nobody may show.
    pub fn url(&self, name: &str) -> String {
        format!("{}/{name}?sv=2021-12-02&sr=c&sig=s3cretsignature", self.url)
    }

    pub fn put(&self, name: &str, text: &str) {
        let mut state = self.state.lock();
        state.writes += 1;
        let write = state.writes;
        state.blobs.insert(format!("/config/{name}"), (write, text.to_owned()));
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.state.lock().blobs.get(&format!("/config/{name}")).map(|(_, text)| text.clone())
    }

    pub fn remove(&self, name: &str) {
        self.state.lock().blobs.remove(&format!("/config/{name}"));
    }

    /// Everything is answered with this status from now on; `None`: as usual again.
    pub fn answer_with(&self, status: Option<u16>) {
        self.state.lock().status = status;
    }

    /// Only so many bytes of a blob are sent from now on.
    pub fn cut(&self, bytes: Option<usize>) {
        self.state.lock().cut = bytes;
    }

    /// Blobs that were sent whole, and questions that were answered with 304.
    pub fn sent(&self) -> (usize, usize) {
        self.state.lock().sent
    }
}

async fn get(State(blobs): State<Blobs>, uri: Uri, headers: HeaderMap) -> Response {
    let mut state = blobs.state.lock();
    if let Some(status) = state.status.and_then(|status| StatusCode::from_u16(status).ok()) {
        return status.into_response();
    }
    let Some((write, text)) = state.blobs.get(uri.path()).cloned() else {
        return (StatusCode::NOT_FOUND, [("x-ms-error-code", "BlobNotFound")]).into_response();
    };
    let etag = format!("\"0x8D{write:012X}\"");
    if headers.get("if-none-match").is_some_and(|before| before == etag.as_str()) {
        state.sent.1 += 1;
        return (StatusCode::NOT_MODIFIED, [("etag", etag)]).into_response();
    }
    if let Some(bytes) = state.cut {
        // The connection ends before what was announced has come.
        let some: Vec<u8> = text.bytes().take(bytes).collect();
        // What was sent leaves the machine first.
        let cut = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Err(std::io::Error::other("cut"))
        };
        let body = stream::iter([Ok(some)]).chain(stream::once(cut));
        let length = text.len().to_string();
        return ([("etag", etag), ("content-length", length)], axum::body::Body::from_stream(body))
            .into_response();
    }
    state.sent.0 += 1;
    ([("etag", etag)], text).into_response()
}
