//! A tenant's connection to its LMS, as who holds a complete pass against the ledger asks it.

use crate::ids::SessionId;
use crate::jobs::publish::source::Source;
use crate::lms::{self, Budget};
use crate::sessions::absence::SingleRead;
use crate::sessions::place_record::RecordId;
use async_trait::async_trait;

pub(super) struct LmsSource<'a> {
    pub(super) lms: &'a dyn lms::Source,
    pub(super) budget: Budget,
}

#[async_trait]
impl Source for LmsSource<'_> {
    fn reads_sessions(&self) -> bool {
        self.lms.has_single_read()
    }

    /// A second complete pass has to miss it.
    fn reads_records(&self) -> bool {
        false
    }

    async fn session(&self, session: &SessionId) -> SingleRead {
        self.lms.is_there(session, self.budget).await
    }

    async fn record(&self, _session: &SessionId, _record: &RecordId) -> SingleRead {
        SingleRead::Unknown
    }
}
