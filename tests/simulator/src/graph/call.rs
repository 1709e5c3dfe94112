//! A request below the version, however it came (by itself or as a part of a batch), and its answer.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Decoded segments below the version.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// Names in lower case; repeated ones joined by commas.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) in_batch: bool,
}

/// The target could not be read as a path with a query.
#[derive(Debug)]
pub(crate) struct BadTarget;

impl Call {
    /// `target` is a path with an optional query, below the version.
    pub(crate) fn new(method: &str, target: &str) -> Result<Self, BadTarget> {
        let base = url::Url::parse("https://localhost/").map_err(|_| BadTarget)?;
        let url = base.join(target.trim_start_matches('/')).map_err(|_| BadTarget)?;
        if url.host_str() != Some("localhost") {
            return Err(BadTarget);
        }
        let decode = |segment: &str| {
            let plus_kept = segment.replace('+', "%2B");
            url::form_urlencoded::parse(plus_kept.as_bytes())
                .next()
                .map(|(text, _)| text.into_owned())
                .unwrap_or_default()
        };
        // A `&` or `=` in a segment would end it early for the form decoder.
        let guard = |segment: &str| segment.replace('&', "%26").replace('=', "%3D");
        let path = url.path_segments().into_iter().flatten().map(|segment| decode(&guard(segment)));
        Ok(Self {
            method: method.to_owned(),
            path: path.collect(),
            query: url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            headers: BTreeMap::new(),
            body: None,
            in_batch: false,
        })
    }

    pub(crate) fn option(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Option<Value>,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self { status: 200, headers: Vec::new(), body: Some(body) }
    }

    pub(crate) fn created(body: Value) -> Self {
        Self { status: 201, headers: Vec::new(), body: Some(body) }
    }

    pub(crate) fn accepted() -> Self {
        Self { status: 202, headers: Vec::new(), body: None }
    }

    pub(crate) fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: None }
    }

    /// Graph's error body.
    pub(crate) fn error(status: u16, code: &str, message: impl Into<String>) -> Self {
        let id = Uuid::new_v4();
        let date = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S").to_string();
        let inner = json!({ "date": date, "request-id": id, "client-request-id": id });
        let body = json!({ "error": { "code": code, "message": message.into(), "innerError": inner } });
        Self { status, headers: Vec::new(), body: Some(body) }
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The `Prefer` header (handler/reference/graph-events.md#ids).
#[derive(Debug, Clone, Default)]
pub(crate) struct Prefer {
    pub(crate) immutable_ids: bool,
    pub(crate) zone: Option<String>,
    pub(crate) text_body: bool,
    pub(crate) page: Option<usize>,
}

impl Prefer {
    pub(crate) fn of(call: &Call) -> Self {
        let mut prefer = Self::default();
        for wish in call.header("prefer").unwrap_or_default().split(',') {
            let (name, value) = wish.split_once('=').unwrap_or((wish, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "idtype" => prefer.immutable_ids = value == "ImmutableId",
                "outlook.timezone" => prefer.zone = Some(value.to_owned()),
                "outlook.body-content-type" => prefer.text_body = value == "text",
                "odata.maxpagesize" => prefer.page = value.parse().ok(),
                _ => {}
            }
        }
        prefer
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
