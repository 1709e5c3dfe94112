//! A function as the host calls it, and how it fails.

use crate::custom_handler::failure::Failure;
use crate::custom_handler::invocation::Invocation;
use crate::custom_handler::outputs::Outputs;
use crate::custom_handler::receive::REQUEST_LIMIT;
use async_trait::async_trait;

/// One function of the app. It may be called again for the same cause (retries, duplicates), concurrently,
/// and its future may be dropped at any await when the host goes away: like a kill, that must lose nothing.
#[async_trait]
pub trait Function: Send + Sync + 'static {
    /// Does the work. Outputs take effect only when this gives `Ok`; the host writes them before it settles
    /// the trigger.
    ///
    /// # Errors
    /// A [`crate::custom_handler::failure::Failure`] fails the invocation: a queue message comes again, an
    /// HTTP client gets a bare 500.
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
