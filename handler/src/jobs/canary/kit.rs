//! How a test is acted: who invites, and who declines in the test learner's name.

use crate::graph::GraphError;
use crate::graph::port::NewEvent;
use crate::ids::{EventId, ICalUid, UserId};
use async_trait::async_trait;

/// An event that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) event: EventId,
    pub(super) ical_uid: Option<ICalUid>,
}

/// A copy in the test learner's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    pub(super) event: EventId,
    pub(super) is_declined: bool,
}

/// Acts as people do in Outlook. What was done may be asked for again.
#[async_trait]
pub(super) trait Kit: Send + Sync {
    /// The event of this test, unless it was not made yet.
    async fn made(&self, organizer: &UserId, id: &str) -> Result<Option<Made>, GraphError>;

    /// Sends the invitation.
    async fn invite(&self, organizer: &UserId, wanted: &NewEvent) -> Result<Made, GraphError>;

    /// The copy that came of it; `None`: it is not there, or not any more.
    async fn copy(&self, learner: &UserId, uid: &ICalUid) -> Result<Option<Copy>, GraphError>;

    /// Declines. False: the copy is not there any more.
    async fn decline(&self, learner: &UserId, copy: &EventId) -> Result<bool, GraphError>;

    /// The organizer calls it off.
    async fn call_off(&self, organizer: &UserId, event: &EventId) -> Result<(), GraphError>;

    /// What is left in the test learner's calendar goes.
    async fn tidy(&self, learner: &UserId, copy: &EventId) -> Result<(), GraphError>;
}
