//! Why a unit of work failed as a whole, so that its message must come again.

use crate::graph::GraphError;
use crate::ids::TenantName;
use crate::invocation_deadline;
use crate::store::StoreError;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum JobError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A failure of Graph ends on the agenda or in a row: whoever plans what follows from it takes it out of
    /// here, by [`GraphOutcome`]. One that comes to the end of an invocation all the same has nobody who
    /// expected it.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The LMS can't be read now for the session of an event: the hint comes again.
    #[error("the LMS can't be read now")]
    LmsUnreadable,
    /// An event may be one of ours that is just being written: the hint comes again.
    #[error("an event of a session's is being written")]
    BeingWritten,
    /// A message that this build can't read: it goes to the poison queue, where it is kept.
    #[error("the message can't be read: {0}")]
    Message(String),
    #[error("tenant {0} is not configured")]
    UnknownTenant(TenantName),
    #[error("what it waited for did not come within {} s", invocation_deadline::WHOLE.as_secs())]
    OutOfTime,
}

/// Tells apart where Graph's own failure is news, and none of the work.
pub trait GraphOutcome<T> {
    fn graph(self) -> Result<Result<T, GraphError>, JobError>;
}

impl<T> GraphOutcome<T> for Result<T, JobError> {
    fn graph(self) -> Result<Result<T, GraphError>, JobError> {
        match self {
            Ok(value) => Ok(Ok(value)),
            Err(JobError::Graph(failure)) => Ok(Err(failure)),
            Err(error) => Err(error),
        }
    }
}
