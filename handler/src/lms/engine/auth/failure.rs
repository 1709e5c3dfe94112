//! Why there is no credential.

use crate::http::token_cache::FetchFailure;
use std::fmt;
use std::time::Duration;

/// How long a refusal is repeated without asking again.
const REFUSED_FOR: Duration = Duration::from_secs(30);
/// The same for an outage, and for a failed early replacement.
const OUT_FOR: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::lms::engine) struct AuthFailure {
    pub(in crate::lms::engine) kind: FailureKind,
    /// In our words.
    pub(in crate::lms::engine) why: String,
    /// In the server's, as they came: not to be shown as they are.
    pub(in crate::lms::engine) words: Option<String>,
    pub(in crate::lms::engine) status: Option<u16>,
    pub(in crate::lms::engine) retry_after: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lms::engine) enum FailureKind {
    /// What we sign in with is not accepted.
    Rejected,
    /// The file, or a setting, does not fit the server.
    Config,
    Outage,
}

impl AuthFailure {
    pub(super) fn new(kind: FailureKind, why: impl Into<String>) -> Self {
        Self { kind, why: why.into(), words: None, status: None, retry_after: None }
    }
}

/// For the log, without the server's words.
impl fmt::Display for AuthFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl FetchFailure for AuthFailure {
    fn timed_out() -> Self {
        Self::new(FailureKind::Outage, "no token in time")
    }

    fn pause(&self) -> Duration {
        match self.kind {
            FailureKind::Outage => self.retry_after.unwrap_or(OUT_FOR),
            FailureKind::Rejected | FailureKind::Config => REFUSED_FOR,
        }
    }
}
