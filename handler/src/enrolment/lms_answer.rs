//! What an LMS is told and what it may answer; matched in full wherever it is used.

use crate::enrolment::place_state::PlaceState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use strum::{IntoStaticStr, VariantArray};

/// What was seen
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum OrderVerdict {
    /// The learner declined
    Declined,
    /// The learner's copy of the appointment is gone, and the organizer's copy shows no decline
    Removed,
    /// The learner's copy is gone, and there is no organizer's copy to ask
    Unseen,
}

impl OrderVerdict {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The word for people and for the management JSON.
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// Where it was seen
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OrderEvidence {
    /// In the learner's own copy of the appointment
    LearnerCopy,
    /// In the organizer's copy
    OrganizerCopy,
    /// Nowhere: the learner's copy is gone
    Removal,
}

/// What became of an attempt, with the LMS's own words where it gave some (a quotation of at most 200
/// characters, without secrets and people).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply<O = LmsOutcome> {
    pub outcome: O,
    pub message: Option<String>,
    /// HTTP status, where there was one.
    pub status: Option<u16>,
    /// The answer's `Retry-After`, or a delay in its body: this order is not asked again before.
    pub retry_after: Option<Duration>,
    /// The whole connection pauses for so long. Whoever answers says so, by a status, a header or a body:
    /// most delays bind the one order, for a receiver that fails over one order must not hold back all the
    /// others.
    pub pause: Option<Duration>,
    pub reach: Reach,
    /// What the LMS showed of the place before anything was written; `None` where it was not, or can't be,
    /// read.
    pub before: Option<PlaceState>,
    /// What it showed last, after that.
    pub after: Option<PlaceState>,
}

impl<O> Reply<O> {
    /// Without anything that the LMS said or showed.
    pub fn new(outcome: O, reach: Reach) -> Self {
        Self {
            outcome,
            message: None,
            status: None,
            retry_after: None,
            pause: None,
            reach,
            before: None,
            after: None,
        }
    }
}

impl Reply {
    /// The address answers, but not as a receiver does: a sign-in page, a proxy's text, half an answer.
    pub fn is_no_answer(&self) -> bool {
        self.outcome == LmsOutcome::Outage && self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// How far an attempt came: what may have happened at the LMS, and what may be held against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Given up before anything was tried, for want of time in the budget or of room in the connection's
    /// rate. Only with [`LmsOutcome::Outage`]. No attempt: neither the count of attempts nor the breaker may
    /// take notice of it.
    NotTried,
    /// Nothing that could change anything left this machine: no connection came about, the request could not
    /// be made, or the LMS was only read. An attempt; the LMS can't have done anything.
    NotReached,
    /// The LMS may have the order, whether or not its answer was seen: a next attempt may be a repetition.
    Sent,
}

/// Whether the LMS shows a place of the learner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Given,
    Gone,
    /// It could not be read now.
    Unknown,
}

/// The answers (reference/lms-contract.md#answers); matched in full wherever they are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LmsOutcome {
    /// The place is gone, by this attempt.
    Done,
    /// Taken, not yet done: to be asked again by the next attempt.
    Accepted,
    AlreadyCancelled,
    NotEnrolled,
    UnknownLearner,
    UnknownSession,
    TooLate,
    Refused,
    /// The learner is still held in a way that can't be ended here: a cohort, a rule, a second position,
    /// another enrolment method. Neither done nor tried again.
    HeldElsewhere,
    /// The LMS shows a place that was given after the decision; it was left alone. Only from connectors that
    /// can read back.
    Superseded,
    /// Down, slow, throttling, half-deployed: again later. Counts for the breaker.
    Outage,
    /// 401, 403: the credential is not accepted. Closes the valve.
    CredentialBroken,
    /// 410: the endpoint is gone for good. Closes the valve.
    EndpointGone,
    /// An answer that only a person can make sense of.
    Unclear,
    /// A redirect that is not followed, 400, or another status that has no meaning here, and no outcome with
    /// it. One of them goes to a person; several in a row, for different enrolments, are an outage
    /// ([`crate::enrolment::valve`]).
    Unexpected,
}

/// What became of giving a place back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum RestoreOutcome {
    /// Seen to be held again, by this attempt or one before it.
    GivenBack,
    /// There was no place left; the learner is in the line for one.
    Waitlisted,
    /// Asked for; somebody at the LMS grants it.
    Requested,
    /// The learner had the place before anything was written.
    AlreadyHeld,
    /// No place is left, or others wait for one: nobody is passed over.
    Full,
    /// The session takes nobody any more.
    Closed,
    Refused,
    UnknownLearner,
    UnknownSession,
    /// As [`LmsOutcome::Outage`]: the LMS is read before anything is sent again.
    Outage,
    CredentialBroken,
    Unclear,
}

impl RestoreOutcome {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// An attempt to give a place back.
pub type Restored = Reply<RestoreOutcome>;
