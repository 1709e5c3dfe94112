//! The words of a connector file for what is seen and what is concluded.

pub use crate::enrolment::place_state::PlaceState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// What a step, or a whole recipe, comes to.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum StepOutcome {
    /// Only of a connector that can't read back: the write's own answer is all there is.
    Done,
    AlreadyCancelled,
    NotEnrolled,
    UnknownLearner,
    UnknownSession,
    TooLate,
    Refused,
    /// See [`PlaceState::HeldElsewhere`].
    HeldElsewhere,
    /// Giving back: there is no room.
    Full,
    /// Giving back: the session takes nobody any more.
    Closed,
    /// The credential is not accepted: the connection pauses.
    AuthBroken,
    /// The connector file or the tenant's settings don't fit this LMS.
    ConfigBroken,
    /// Nothing was done; again later.
    Retry,
    /// A write may have been carried out or not: the LMS is read before anything is sent again.
    UnknownOutcome,
    /// Only a person can make sense of it.
    Unclear,
}

impl StepOutcome {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What a rule, or a choice among candidates, says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The answer is good; on with the step.
    Ok,
    /// The recipe ends with what the place is.
    State(PlaceState),
    /// The recipe ends.
    Outcome(StepOutcome),
}
