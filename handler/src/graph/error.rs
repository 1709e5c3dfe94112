//! What may go wrong with Graph, by what must be done about it.

use std::time::Duration;
use thiserror::Error;

/// Why a thing could not be read or done; without personal data, so that it can be logged and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// HTTP status of the answer (or of the part of a batch); `None` when none came.
    pub status: Option<u16>,
    /// `error.code`, or Entra's `error`.
    pub code: String,
    /// Graph's `request-id`, for a support ticket.
    pub request_id: Option<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.status {
            Some(status) => write!(f, "{status} {}", self.code)?,
            None => f.write_str(&self.code)?,
        }
        match &self.request_id {
            Some(id) => write!(f, " (request-id {id})"),
            None => Ok(()),
        }
    }
}

/// Each variant is one named reaction (reference/graph-limits.md#errors, reference/entra.md#token-errors).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GraphError {
    /// The thing itself (event, user, subscription) is not there.
    #[error("not found: {0}")]
    NotFound(Failure),
    /// No Exchange Online mailbox: unlicensed, guest, on premises, soft-deleted. Re-check daily.
    #[error("the mailbox is not in Exchange Online: {0}")]
    NoMailbox(Failure),
    /// The mailbox is outside the app's scope, or a permission is missing. Re-check daily.
    #[error("access to the mailbox is refused: {0}")]
    Refused(Failure),
    /// The token was not taken even after a new one was got.
    #[error("the token is not accepted: {0}")]
    Unauthorized(Failure),
    /// Entra gave no token: a wrong or expired secret, no consent, app disabled. `hint` is the mending step.
    #[error("no token from Entra: {trouble}. {hint}")]
    Credential { trouble: Failure, hint: String },
    /// Too many subscriptions on this mailbox.
    #[error("subscription quota reached: {0}")]
    Quota(Failure),
    /// A subscription of the same kind exists already.
    #[error("conflict: {0}")]
    Conflict(Failure),
    /// The service's maximum lifetime of a subscription is shorter than what was asked for.
    #[error("a subscription may live {minutes} minutes at most")]
    TooLong { minutes: u32 },
    /// Graph could not validate our own endpoint (it was not reachable, slow, or answered wrongly).
    #[error("Graph could not validate the notification URL: {0}")]
    Validation(Failure),
    /// Throttled beyond the call's deadline; wait at least this long.
    #[error("throttled: {trouble}")]
    Throttled { trouble: Failure, after: Option<Duration> },
    /// Outage, mailbox moving, time-out, network; worth another try later.
    #[error("Graph is not available: {0}")]
    Unavailable(Failure),
    /// Graph says that our request is wrong, or its answer can't be understood: a defect, or a change of Graph.
    #[error("Graph refused the request: {0}")]
    Invalid(Failure),
}

impl GraphError {
    /// A next link that leads to where one was before.
    pub(crate) fn looped() -> Self {
        Self::Invalid(Failure { status: None, code: "nextLinkLoop".to_owned(), request_id: None })
    }
}
