//! Recorded exchanges, played back: each request must be one that was recorded, in the order in which
//! such requests were.
//!
//! A recording is a folder of files `<situation>-<number>-<what>.json`, each with one request and its
//! answer (`{ "request": { "method", "url", "headers", "body" }, "response": { "status", "headers",
//! "body" } }`), with the host `https://lms.example` and invented people.

use crate::call::{Answer, Call, segments};
use crate::server::Product;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use url::Url;

pub const HOST: &str = "https://lms.example";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    pub request: RecordedRequest,
    pub response: RecordedAnswer,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedRequest {
    pub method: String,
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A text as it is; anything else is JSON.
    #[serde(default)]
    pub body: Value,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedAnswer {
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default)]
    pub body: Value,
}

/// Why a recording can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("{path}: {why}")]
    Unreadable { path: String, why: String },
}

/// The situations of a folder, each with its exchanges in their order.
pub fn situations(folder: &Path) -> Result<BTreeMap<String, Vec<Exchange>>, ReplayError> {
    let fail = |path: &Path, why: String| ReplayError::Unreadable { path: path.display().to_string(), why };
    let entries = std::fs::read_dir(folder).map_err(|error| fail(folder, error.to_string()))?;
    let mut files: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.sort();
    let mut found: BTreeMap<String, Vec<Exchange>> = BTreeMap::new();
    for path in files.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let text = std::fs::read_to_string(path).map_err(|error| fail(path, error.to_string()))?;
        let exchange = serde_json::from_str(&text).map_err(|error| fail(path, error.to_string()))?;
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let parts: Vec<&str> = name.split('-').collect();
        let number = parts.iter().position(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let number = number.ok_or_else(|| fail(path, "no number in its name".to_owned()))?;
        found.entry(parts[..number].join("-")).or_default().push(exchange);
    }
    Ok(found)
}

#[derive(Debug)]
pub struct Replay {
    left: Vec<Exchange>,
    in_order: bool,
    /// Requests that nobody has recorded.
    pub unknown: Vec<String>,
}

impl Replay {
    pub fn new(exchanges: Vec<Exchange>) -> Self {
        Self { left: exchanges, in_order: false, unknown: Vec::new() }
    }

    /// Each request must be the next one.
    pub fn in_order(exchanges: Vec<Exchange>) -> Self {
        Self { in_order: true, ..Self::new(exchanges) }
    }

    /// Recorded, and never asked for.
    pub fn left(&self) -> Vec<String> {
        self.left
            .iter()
            .map(|exchange| format!("{} {}", exchange.request.method, exchange.request.url))
            .collect()
    }
}

impl Product for Replay {
    fn answer(&mut self, call: &Call, _: &mut Vec<String>) -> Answer {
        let found = self.left.iter().position(|exchange| is_same(&exchange.request, call));
        let Some(found) = found.filter(|found| !self.in_order || *found == 0) else {
            let query: Vec<String> =
                call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            self.unknown.push(format!("{} {}?{} {}", call.method, call.path, query.join("&"), call.body));
            return Answer::text(599, "text/plain", "nobody has recorded this request");
        };
        let exchange = self.left.remove(found);
        let host = format!("http://{}", call.header("host"));
        let here = |text: &str| text.replace(HOST, &host);
        let body = match &exchange.response.body {
            Value::String(text) => here(text),
            Value::Null => String::new(),
            json @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                here(&json.to_string())
            }
        };
        let headers = exchange.response.headers.iter();
        let headers = headers.map(|(name, value)| (name.to_lowercase(), here(value))).collect();
        Answer { status: exchange.response.status, headers, body }
    }

    fn writes(&self, _: &Call) -> bool {
        false
    }
}

/// Method, path, query and body are the same; of headers those that the recording names.
fn is_same(recorded: &RecordedRequest, call: &Call) -> bool {
    let Ok(url) = Url::parse(&recorded.url) else { return false };
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort();
        pairs
    };
    let query = sorted(url.query_pairs().into_owned().collect()) == sorted(call.query.clone());
    let headers = recorded.headers.iter().all(|(name, value)| call.header(name) == value);
    recorded.method == call.method.as_str()
        && segments(url.path()) == call.segments()
        && query
        && headers
        && has_body(recorded, call)
}

fn has_body(recorded: &RecordedRequest, call: &Call) -> bool {
    let as_form = |text: &str| {
        let mut pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        pairs.sort();
        pairs
    };
    match &recorded.body {
        Value::Null => call.body.is_empty(),
        Value::String(text) if !call.form().is_empty() => as_form(text) == as_form(&call.body),
        Value::String(text) => *text == call.body,
        json @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            *json == call.json()
        }
    }
}
