//! The types of `tenants/{tenant}/canary` in the management JSON.

use crate::ids::TenantName;
use crate::jobs::operate::management_json::{At, CanaryFailure};
use serde::{Deserialize, Serialize};

/// All that is known of a tenant's test declines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Canary {
    pub tenant: TenantName,
    pub session: String,
    /// When the next one begins by itself.
    pub next: At,
    pub current: Option<CanaryRun>,
    /// The newest first.
    pub past: Vec<CanaryRun>,
}

/// One test decline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CanaryRun {
    pub id: String,
    pub began: At,
    /// Who asked for it; null: its day had come.
    pub by: Option<String>,
    /// `begun`, `inviting`, `invited`, `linked`, `declining`, `declined`, `taking-away`, `giving-back`,
    /// `asking-back`, `over`.
    pub state: String,
    pub passed: bool,
    pub invited: Option<At>,
    pub linked: Option<At>,
    pub declined: Option<At>,
    pub answered: Option<At>,
    /// From the decline to the LMS's answer.
    pub seconds: Option<i64>,
    /// What the LMS answered.
    pub outcome: Option<String>,
    pub proved: bool,
    /// What the LMS answered when it was asked to give the place back.
    pub given_back: Option<String>,
    pub failed: Option<CanaryFailure>,
    /// What hinders it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What could not be taken away in the calendars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<String>,
    /// Its place, for `regrets ledger explain`.
    pub enrolment: Option<String>,
}
