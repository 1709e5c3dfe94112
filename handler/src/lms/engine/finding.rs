//! What a recipe came to.

use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::words::{PlaceState, StepOutcome, Verdict};
use chrono::{DateTime, Utc};
use std::time::Duration;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All its steps went well, and none said what the place is.
    Through,
    State(PlaceState),
    Outcome(StepOutcome),
    /// Given up for want of time or of room in the rate, before its next request.
    NoRoom,
}

impl From<Verdict> for End {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Ok => Self::Through,
            Verdict::State(state) => Self::State(state),
            Verdict::Outcome(outcome) => Self::Outcome(outcome),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Finding {
    pub(super) end: End,
    /// `find.user`: where it ended; empty where it went through.
    pub(super) at: String,
    /// In our words.
    pub(super) why: Option<String>,
    /// In the LMS's, as they came: not to be shown as they are.
    pub(super) words: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) retry_after: Option<Duration>,
    /// When the place was given.
    pub(super) given: Option<DateTime<Utc>>,
    /// The session has begun.
    pub(super) started: bool,
    /// Several candidates fitted.
    pub(super) many: bool,
}

impl Finding {
    pub(super) fn new(end: impl Into<End>) -> Self {
        Self {
            end: end.into(),
            at: String::new(),
            why: None,
            words: None,
            status: None,
            retry_after: None,
            given: None,
            started: false,
            many: false,
        }
    }

    pub(super) fn because(end: impl Into<End>, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..Self::new(end) }
    }

    pub(super) fn at(mut self, recipe: RecipeKind, step: &str) -> Self {
        self.at = format!("{}.{step}", recipe.word());
        self
    }

    pub(super) fn outcome(outcome: StepOutcome, why: impl Into<String>) -> Self {
        Self::because(End::Outcome(outcome), why)
    }

    /// What it says of the place, whether it was read or a rule has said it.
    pub(super) fn state(&self) -> Option<PlaceState> {
        match self.end {
            End::State(state) => Some(state),
            End::Outcome(StepOutcome::NotEnrolled) => Some(PlaceState::Absent),
            End::Outcome(StepOutcome::AlreadyCancelled) => Some(PlaceState::Cancelled),
            End::Outcome(StepOutcome::HeldElsewhere) => Some(PlaceState::HeldElsewhere),
            End::Through | End::Outcome(_) | End::NoRoom => None,
        }
    }

    /// There is nobody or nothing of the kind, as far as could be seen.
    pub(super) fn finds_nothing(&self) -> bool {
        match self.end {
            End::State(state) => state.is_gone(),
            End::Outcome(outcome) => matches!(
                outcome,
                StepOutcome::NotEnrolled
                    | StepOutcome::AlreadyCancelled
                    | StepOutcome::UnknownLearner
                    | StepOutcome::UnknownSession
                    | StepOutcome::ConfigBroken
            ),
            End::Through | End::NoRoom => false,
        }
    }
}
