//! How a function fails.

use crate::custom_handler::invocation::InvocationError;

/// Bytes of text that one queue message takes: 64 KiB on the wire, less what base64 adds
/// (handler/reference/functions-queues.md#outputs).
pub const QUEUE_TEXT_LIMIT: usize = 48 * 1024;

/// Why an invocation failed: for the log on stdout. The host drops the body of a failed reply
/// (reference/functions-host.md#failed-replies).
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error(transparent)]
    Invocation(#[from] InvocationError),
    #[error("{0}")]
    Work(String),
    #[error("a message for output `{binding}` has {size} bytes; a queue takes at most {QUEUE_TEXT_LIMIT}")]
    MessageTooLarge { binding: &'static str, size: usize },
    #[error("the request has more than {limit} bytes")]
    RequestTooLarge { limit: usize },
    #[error("the function panicked: {0}")]
    Panicked(String),
}

impl Failure {
    /// An error with all that lies behind it, in one line.
    pub fn work(error: &(dyn std::error::Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |error| error.source());
        Self::Work(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    }
}
