//! What a test is acted with.

use crate::graph::GraphError;
use crate::graph::port::NewEvent;
use crate::ids::{EventId, ICalUid, UserId};
use async_trait::async_trait;
use thiserror::Error;

/// The one that is acted.
#[derive(Debug, Clone, Copy)]
pub struct Test<'a> {
    /// Names it: whatever was made for it is found again by it.
    pub id: &'a str,
    pub organizer: &'a UserId,
    pub learner: &'a UserId,
}

/// An event that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub event: EventId,
    pub ical_uid: Option<ICalUid>,
}

/// A copy in the test learner's calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    pub event: EventId,
    pub is_declined: bool,
}

/// Why something could not be acted, or be seen. Names no person and holds no address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KitError {
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// What a kit over HTTP did. `is_final`: a person must see to it, and it does not come by waiting.
    #[error("the kit {said}")]
    Kit { said: String, is_final: bool },
}

impl KitError {
    /// Asking again soon is in vain.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Graph(failure) => failure.is_never_readable(),
            Self::Kit { is_final, said: _ } => *is_final,
        }
    }
}

/// Acts as people do in Outlook. What was done may be asked for again.
#[async_trait]
pub trait Kit: Send + Sync + 'static {
    /// The event of this test, unless it was not made yet.
    async fn made(&self, test: Test<'_>) -> Result<Option<Made>, KitError>;

    /// Sends the invitation.
    async fn invite(&self, test: Test<'_>, wanted: &NewEvent) -> Result<Made, KitError>;

    /// The copy that came of it; `None`: it is not there, or not any more.
    async fn copy(&self, test: Test<'_>, uid: &ICalUid) -> Result<Option<Copy>, KitError>;

    /// Declines. False: the copy is not there any more.
    async fn decline(&self, test: Test<'_>, copy: &EventId) -> Result<bool, KitError>;

    /// The organizer calls it off.
    async fn call_off(&self, test: Test<'_>, event: &EventId) -> Result<(), KitError>;

    /// What is left in the test learner's calendar goes.
    async fn tidy(&self, test: Test<'_>, copy: &EventId) -> Result<(), KitError>;
}
