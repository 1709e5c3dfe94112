//! The last requests that Graph got, and what it answered: for tests that hold them against the OpenAPI
//! description.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use uuid::Uuid;

/// One request, or one part of a batch. The `Authorization` header is left out.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    pub at: DateTime<Utc>,
    pub tenant: Option<Uuid>,
    /// It came as a part of a `$batch`.
    pub in_batch: bool,
    pub method: String,
    /// Decoded segments below the version, e.g. `["users", "…", "events"]`.
    pub path: Vec<String>,
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Option<Value>,
    pub status: u16,
    pub answer: Option<Value>,
}

#[derive(Debug)]
pub(crate) struct Recorder {
    most: usize,
    kept: VecDeque<Recorded>,
}

impl Recorder {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, kept: VecDeque::new() }
    }

    pub(crate) fn keep(&mut self, recorded: Recorded) {
        if self.kept.len() >= self.most {
            self.kept.pop_front();
        }
        if self.most > 0 {
            self.kept.push_back(recorded);
        }
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.kept.iter().cloned().collect()
    }
}
