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
    #[error("no token from Entra: {failure}. {hint}")]
    Credential { failure: Failure, hint: String },
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
    #[error("throttled: {failure}")]
    Throttled { failure: Failure, after: Option<Duration> },
    /// Outage, mailbox moving, time-out, network; worth another try later.
    #[error("Graph is not available: {0}")]
    Unavailable(Failure),
    /// Graph says that our request is wrong, or its answer can't be understood: a defect, or a change of
    /// Graph.
    #[error("Graph refused the request: {0}")]
    Invalid(Failure),
}

/// What a mailbox that can't be watched stands as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxFailure {
    NoMailbox,
    Refused,
    Quota,
    /// It says nothing about the mailbox, or nothing that lasts.
    Passing,
}

/// What a person must mend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mending<'a> {
    Credential {
        hint: &'a str,
    },
    Unauthorized,
    /// A defect, or a change of Graph.
    Invalid,
}

/// Variants that no predicate tells apart.
enum Class<'a> {
    Missing,
    NoMailbox,
    Refused,
    NoToken(Mending<'a>),
    Quota,
    /// Of a subscription that was asked for.
    Unfit,
    Away,
    Defect,
}

/// What follows from an error is asked here: nobody else names more than two variants.
impl GraphError {
    /// A next link that leads to where one was before.
    pub(crate) fn looped() -> Self {
        Self::Invalid(Failure { status: None, code: "nextLinkLoop".to_owned(), request_id: None })
    }

    /// What a Graph without this question says.
    pub(crate) fn not_asked() -> Self {
        Self::Refused(Failure { status: None, code: "notAsked".to_owned(), request_id: None })
    }

    fn class(&self) -> Class<'_> {
        match self {
            Self::NotFound(_) => Class::Missing,
            Self::NoMailbox(_) => Class::NoMailbox,
            Self::Refused(_) => Class::Refused,
            Self::Unauthorized(_) => Class::NoToken(Mending::Unauthorized),
            Self::Credential { failure: _, hint } => Class::NoToken(Mending::Credential { hint }),
            Self::Quota(_) => Class::Quota,
            Self::Conflict(_) | Self::TooLong { .. } | Self::Validation(_) => Class::Unfit,
            Self::Throttled { .. } | Self::Unavailable(_) => Class::Away,
            Self::Invalid(_) => Class::Defect,
        }
    }

    /// The mailbox is none that we may read: what happens there is not ours to know.
    pub fn is_not_ours(&self) -> bool {
        matches!(self.class(), Class::NoMailbox | Class::Refused)
    }

    /// What was asked for is not there for us, and asking again soon is in vain.
    pub fn is_never_readable(&self) -> bool {
        matches!(self.class(), Class::Missing | Class::NoMailbox | Class::Refused)
    }

    /// What was asked for may have been done all the same: an answer was lost, or a server failed over it.
    pub fn is_unknown_outcome(&self) -> bool {
        match self {
            Self::Unavailable(failure) => {
                failure.code != "noConnection"
                    && !failure.code.starts_with("token/")
                    && failure.status != Some(503)
            }
            Self::NotFound(_)
            | Self::NoMailbox(_)
            | Self::Refused(_)
            | Self::Unauthorized(_)
            | Self::Credential { .. }
            | Self::Quota(_)
            | Self::Conflict(_)
            | Self::TooLong { .. }
            | Self::Validation(_)
            | Self::Throttled { .. }
            | Self::Invalid(_) => false,
        }
    }

    /// Graph can't be reached, or has no time for us.
    pub fn is_away(&self) -> bool {
        matches!(self.class(), Class::Away)
    }

    /// The answer is about what was asked, whoever asks and whenever: asked again, it is the same.
    pub fn is_lasting(&self) -> bool {
        match self.class() {
            Class::Missing | Class::NoMailbox | Class::Quota | Class::Unfit | Class::Defect => true,
            Class::Refused | Class::NoToken(_) | Class::Away => false,
        }
    }

    /// The least time to wait, where Graph has named one.
    pub fn wait(&self) -> Option<Duration> {
        if let Self::Throttled { failure: _, after } = self { *after } else { None }
    }

    pub fn mailbox(&self) -> MailboxFailure {
        match self.class() {
            Class::NoMailbox => MailboxFailure::NoMailbox,
            Class::Refused => MailboxFailure::Refused,
            Class::Quota => MailboxFailure::Quota,
            Class::Missing | Class::NoToken(_) | Class::Unfit | Class::Away | Class::Defect => {
                MailboxFailure::Passing
            }
        }
    }

    /// `None`: it passes, or is no defect.
    pub fn mending(&self) -> Option<Mending<'_>> {
        match self.class() {
            Class::NoToken(mending) => Some(mending),
            Class::Defect => Some(Mending::Invalid),
            Class::Missing
            | Class::NoMailbox
            | Class::Refused
            | Class::Quota
            | Class::Unfit
            | Class::Away => None,
        }
    }

    /// What Graph or Entra said; `None` where it was only how long a subscription may live.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::NotFound(failure)
            | Self::NoMailbox(failure)
            | Self::Refused(failure)
            | Self::Unauthorized(failure)
            | Self::Credential { failure, hint: _ }
            | Self::Quota(failure)
            | Self::Conflict(failure)
            | Self::Validation(failure)
            | Self::Throttled { failure, after: _ }
            | Self::Unavailable(failure)
            | Self::Invalid(failure) => Some(failure),
            Self::TooLong { minutes: _ } => None,
        }
    }

    /// The same said of a whole batch: it is about no mailbox and no thing.
    pub(super) fn of_whole_batch(self) -> Self {
        match self {
            // Not a mailbox that is refused but the app.
            Self::Refused(failure) => Self::Unauthorized(failure),
            Self::NotFound(failure)
            | Self::NoMailbox(failure)
            | Self::Conflict(failure)
            | Self::Quota(failure)
            | Self::Validation(failure) => Self::Invalid(failure),
            Self::Unauthorized(_)
            | Self::Credential { .. }
            | Self::TooLong { .. }
            | Self::Throttled { .. }
            | Self::Unavailable(_)
            | Self::Invalid(_) => self,
        }
    }
}

#[cfg(test)]
#[path = "error_tests.rs"]
mod tests;
