//! A function as the host calls it, and how it fails.

use crate::custom_handler::invocation::{Invocation, InvocationError};
use crate::custom_handler::outputs::{Outputs, QUEUE_TEXT_LIMIT};
use crate::custom_handler::receive::REQUEST_LIMIT;
use async_trait::async_trait;

/// One function of the app. It may be called again for the same cause (retries, duplicates), concurrently, and its future
/// may be dropped at any await when the host goes away: like a kill, that must lose nothing.
#[async_trait]
pub trait Function: Send + Sync + 'static {
    /// Does the work. Outputs take effect only when this gives `Ok`; the host writes them before it settles the trigger.
    ///
    /// # Errors
    /// A [`Failure`] fails the invocation: a queue message comes again, an HTTP client gets a bare 500.
    async fn invoke(&self, invocation: Invocation) -> Result<Outputs, Failure>;

    /// Bytes of wrapped request that this function cares to hold. More is read and thrown away, up to
    /// [`REQUEST_LIMIT`], and answered by [`Function::too_large`].
    fn request_limit(&self) -> usize {
        REQUEST_LIMIT
    }

    /// The answer to an invocation over [`Function::request_limit`].
    ///
    /// # Errors
    /// By default the invocation fails.
    fn too_large(&self) -> Result<Outputs, Failure> {
        Err(Failure::RequestTooLarge { limit: self.request_limit() })
    }
}

/// Why an invocation failed: for the log on stdout. The host drops the body of a failed reply (contract sheet 2.5).
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
