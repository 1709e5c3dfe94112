//! Whether a request can change something at the LMS.

use crate::lms::recipe::step::Request;
use crate::lms::recipe::words::StepOutcome;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Reads,
    Writes,
}

impl Effect {
    pub(super) fn of(request: &Request) -> Self {
        // Not by the method: there are interfaces that post everything, and some that write by a GET.
        if request.reads { Self::Reads } else { Self::Writes }
    }

    /// What an answer comes to that is not what was promised.
    pub(super) fn not_as_promised(self) -> StepOutcome {
        match self {
            Self::Reads => StepOutcome::Retry,
            Self::Writes => StepOutcome::UnknownOutcome,
        }
    }
}
