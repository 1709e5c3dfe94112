//! Whose mailbox settings are not for us to read, as it was found out last.

use crate::ids::UserId;
use moka::future::Cache;

/// Who was refused is asked again after so long: rights are given, and scopes change.
const REFUSED: std::time::Duration = std::time::Duration::from_secs(60 * 60);

/// Whose settings are not for us to read, as it was found out last.
pub struct MailboxSettingsCache {
    pub(crate) refused: Cache<UserId, ()>,
}

impl Default for MailboxSettingsCache {
    fn default() -> Self {
        Self { refused: Cache::builder().max_capacity(20_000).time_to_live(REFUSED).build() }
    }
}
