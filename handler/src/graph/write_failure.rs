//! What follows from a failed write of an event (reference/graph-publishing.md#idempotency).
//!
//! Guarantee: whatever may have been done is never told as not done.

use super::error::{Failure, GraphError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteFailure {
    /// An event of this transaction is there already: a find.
    Duplicate,
    /// There is no such event.
    NotThere,
    /// Somebody wrote another version meanwhile; nothing was done.
    Changed,
    /// Certainly not done.
    NotDone,
    /// It may have been done.
    Unknown,
}

impl GraphError {
    pub fn of_write(&self) -> WriteFailure {
        match self {
            Self::Conflict(failure) | Self::Invalid(failure) if is_duplicate(failure) => {
                WriteFailure::Duplicate
            }
            Self::NotFound(_) => WriteFailure::NotThere,
            // Two writers met in the store; some were told so whose event stood.
            Self::Conflict(_) => WriteFailure::Unknown,
            Self::Invalid(failure) => match failure.status {
                Some(412) => WriteFailure::Changed,
                Some(_) => WriteFailure::NotDone,
                // An answer that can't be read.
                None => WriteFailure::Unknown,
            },
            Self::Throttled { failure, after: _ } => match failure.status {
                // A 503 comes from anywhere on the way, with or without a word on when to come again.
                Some(429 | 509) => WriteFailure::NotDone,
                Some(_) | None => WriteFailure::Unknown,
            },
            Self::Unavailable(failure) if self.is_unknown_outcome() || failure.status == Some(503) => {
                WriteFailure::Unknown
            }
            Self::Unavailable(_)
            | Self::NoMailbox(_)
            | Self::Refused(_)
            | Self::Unauthorized(_)
            | Self::Credential { .. }
            | Self::Quota(_)
            | Self::TooLong { .. }
            | Self::Validation(_) => WriteFailure::NotDone,
        }
    }
}

fn is_duplicate(failure: &Failure) -> bool {
    failure.code.eq_ignore_ascii_case("ErrorDuplicateTransactionId")
}

#[cfg(test)]
#[path = "write_failure_tests.rs"]
mod tests;
