//! What is asked of an LMS about one id that a complete pass has missed.

use crate::ids::SessionId;
use crate::sessions::absence::SingleRead;
use crate::sessions::place_record::RecordId;
use async_trait::async_trait;

#[async_trait]
pub trait Source: Send + Sync {
    /// Whether the LMS can be asked for one session.
    fn reads_sessions(&self) -> bool;

    /// Whether it can be asked for one record of a place.
    fn reads_records(&self) -> bool;

    /// What can't be answered, for whatever reason, is [`SingleRead::Unknown`].
    async fn session(&self, session: &SessionId) -> SingleRead;

    async fn record(&self, session: &SessionId, record: &RecordId) -> SingleRead;
}
