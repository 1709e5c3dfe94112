//! What became of one hint, and why it could not be judged now.

use crate::graph::GraphError;
use crate::jobs::WorkError;
use crate::store::StoreError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HintOutcome {
    Irrelevant,
    Judged,
    Postponed,
}

impl HintOutcome {
    /// Judged; and once more soon where an organizer has not been met.
    pub(crate) fn judged(has_met: bool) -> Self {
        if has_met { HintOutcome::Judged } else { HintOutcome::Postponed }
    }
}

/// Why a hint could not be judged now.
pub(crate) enum Stop {
    Work(WorkError),
    Graph(GraphError),
}

impl From<WorkError> for Stop {
    fn from(error: WorkError) -> Self {
        Stop::Work(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Work(error.into())
    }
}

impl From<GraphError> for Stop {
    fn from(error: GraphError) -> Self {
        Stop::Graph(error)
    }
}
