//! A recording: what was asked of a connector, what went to the LMS and came back, and what it came to.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What stands for the LMS's address in a recording.
pub(super) const HOST: &str = "https://lms.example";
/// What stands for every secret.
pub(super) const TOKEN: &str = "TOKEN";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    pub(super) about: String,
    pub(super) session: String,
    pub(super) learner: String,
    /// RFC 3339.
    pub(super) decided_at: String,
    /// The idempotency key.
    pub(super) order_id: String,
    #[serde(default)]
    pub(super) may_be_repeated: bool,
    #[serde(default)]
    pub(super) allow_course_unenrol: bool,
    /// Without secrets and addresses.
    #[serde(default)]
    pub(super) settings: BTreeMap<String, String>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) expect: Expect,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) request: RecordedRequest,
    pub(super) response: RecordedResponse,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordedRequest {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordedResponse {
    /// 0: the connection broke, and there was no answer.
    pub(super) status: u16,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expect {
    pub(super) outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
}
