//! This instance's share of a connection's rate, as far as it is known here ([`super::rate_admission`]).

use crate::lms::rate_limit::Share;
use tokio::sync::Mutex;

/// This instance's share.
pub struct RateLease {
    pub(super) holder: String,
    /// Locked while it is asked for, so that what is known here is what was written last.
    pub(super) share: Mutex<Option<Share>>,
}

impl Default for RateLease {
    fn default() -> Self {
        Self { holder: uuid::Uuid::new_v4().simple().to_string(), share: Mutex::default() }
    }
}
