//! What is decided about a place, what a person is asked, and what a person has said of it.

use crate::enrolment::lms_answer::{OrderEvidence, OrderVerdict};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub verdict: OrderVerdict,
    pub evidence: OrderEvidence,
    /// When the learner declined, by Exchange's clock.
    pub declined_at: Option<DateTime<Utc>>,
    pub decided_at: DateTime<Utc>,
    /// The session's start at the time of the decision: another one later means that the session was moved.
    pub session_start: Option<DateTime<Utc>>,
    /// The person who approved it.
    pub by: Option<String>,
    /// A person said that it may be sent after the deadline.
    #[serde(default)]
    pub late: bool,
    /// The mailbox declined by itself, as far as anybody can tell; the story says so.
    #[serde(default)]
    pub automatic: bool,
}

impl Decision {
    /// The same decline or removal at the same time of the session.
    pub fn is_of(&self, other: &Self) -> bool {
        (self.verdict, self.evidence, self.declined_at, self.session_start)
            == (other.verdict, other.evidence, other.declined_at, other.session_start)
    }

    pub fn is_strong(&self) -> bool {
        match self.verdict {
            OrderVerdict::Declined => true,
            OrderVerdict::Removed | OrderVerdict::Unseen => self.by.is_some(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Review {
    pub cause: ReviewCause,
    pub since: DateTime<Utc>,
    pub why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReviewCause {
    /// Nobody can tell why the copy is gone.
    Evidence,
    /// There is a decline, and a person must judge what it means: the session has moved, or nobody knows the
    /// learner's key.
    Decline,
    /// Several items stand for the place, and they disagree.
    Parts,
    Lms,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ignored {
    pub at: DateTime<Utc>,
    pub by: String,
    /// A decline that was answered later than this counts again.
    pub answered_at: Option<DateTime<Utc>>,
}
