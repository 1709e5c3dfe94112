//! Recorded exchanges, played back over HTTP: each request must be one that was recorded, and comes in the
//! order in which such requests were.

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The host of all that is recorded.
pub(crate) const HOST: &str = "https://lms.example";

/// The situations of a folder, each with its exchanges in their order.
pub(crate) fn situations(folder: &Path) -> BTreeMap<String, Vec<Value>> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let situation = name.rsplitn(3, '-').last().unwrap().to_owned();
        let exchange = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        found.entry(situation).or_default().push(exchange);
    }
    found
}

#[derive(Clone)]
pub(crate) struct Replay {
    pub(crate) url: String,
    left: Arc<Mutex<Vec<Value>>>,
    unknown: Arc<Mutex<Vec<String>>>,
}

impl Replay {
    pub(crate) async fn start(exchanges: Vec<Value>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let replay = Self { url, left: Arc::new(Mutex::new(exchanges)), unknown: Arc::default() };
        let app = Router::new().fallback(answer).with_state(replay.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        replay
    }

    /// Requests that are not recorded, and recorded ones that never came.
    pub(crate) fn off(&self) -> Vec<String> {
        let left = self.left.lock().unwrap();
        let left = left.iter().map(|exchange| format!("never asked for: {}", exchange["request"]));
        left.chain(self.unknown.lock().unwrap().clone()).collect()
    }
}

async fn answer(State(replay): State<Replay>, method: Method, uri: Uri, body: String) -> Response {
    let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_str(&body).unwrap() };
    let url = format!("{HOST}{uri}");
    let is_same = |exchange: &Value| {
        let request = &exchange["request"];
        request["method"] == method.as_str() && request["url"] == url.as_str() && request["body"] == body
    };
    let mut left = replay.left.lock().unwrap();
    let Some(found) = left.iter().position(is_same) else {
        replay.unknown.lock().unwrap().push(format!("not recorded: {method} {url} {body}"));
        return StatusCode::IM_A_TEAPOT.into_response();
    };
    let answer = left.remove(found)["response"].take();
    let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
    let mut response = Response::builder().status(status);
    for (name, value) in answer["headers"].as_object().unwrap() {
        response = response.header(name, value.as_str().unwrap());
    }
    let text = if answer["body"].is_null() { String::new() } else { answer["body"].to_string() };
    response.body(text.replace(HOST, &replay.url).into()).unwrap()
}
