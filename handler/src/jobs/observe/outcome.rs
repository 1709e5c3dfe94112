//! What became of one hint.

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
