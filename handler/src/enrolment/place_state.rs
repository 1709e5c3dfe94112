//! What an LMS that can be read shows of a place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A place as the LMS shows it.
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
pub enum PlaceState {
    /// The learner has the place.
    Held,
    /// In the line for one.
    Waitlisted,
    /// Asked for, not yet granted.
    Requested,
    /// There was one; it is cancelled, or so suspended that it counts for nothing.
    Cancelled,
    /// There is none.
    Absent,
    /// The session has begun, or the learner has been there.
    Attended,
    /// Held in a way that can't be ended here: a cohort, a rule, another enrolment method.
    HeldElsewhere,
}

impl PlaceState {
    pub const ALL: &[Self] = Self::VARIANTS;

    pub fn word(self) -> &'static str {
        self.into()
    }

    /// Whether a cancellation has something to cancel.
    pub fn is_to_cancel(self) -> bool {
        match self {
            Self::Held | Self::Waitlisted | Self::Requested => true,
            Self::Cancelled | Self::Absent | Self::Attended | Self::HeldElsewhere => false,
        }
    }

    /// Whether nothing is left of the place.
    pub fn is_gone(self) -> bool {
        match self {
            Self::Cancelled | Self::Absent => true,
            Self::Held | Self::Waitlisted | Self::Requested | Self::Attended | Self::HeldElsewhere => false,
        }
    }
}
