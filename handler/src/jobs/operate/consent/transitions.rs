//! The table of a consent's state × what happened to it: pure, and without an empty cell.
//!
//! What is granted counts by what is seen of it, never by what somebody's browser says: a yes only makes
//! [`ConsentState::Pending`], and whoever approves without a link is noticed all the same.

use crate::ledger::consents::ConsentState as State;
use strum::VariantArray;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum ConsentEvent {
    /// A link was made.
    Asked,
    /// A browser came back by the link, and says that consent was given.
    SaidYes,
    /// The same, and says that it was refused.
    SaidNo,
    /// The newest link is older than it may be.
    LinkRanOut,
    /// It is long ago that somebody said yes.
    PatienceOver,
    /// Everything that is needed was seen.
    Complete,
    /// The same, and more than there was.
    Excess,
    /// Something is missing that was missing before, or never there.
    Lacking,
    /// Something is missing that was there.
    Lost,
}

impl ConsentEvent {
    pub const ALL: &[Self] = Self::VARIANTS;
}

/// What the state is after it.
pub fn next(state: State, event: ConsentEvent) -> State {
    use ConsentEvent as E;
    match (state, event) {
        // What is seen counts in every state.
        (_, E::Complete) => State::Granted,
        (_, E::Excess) => State::Drifted,
        (_, E::Lost) => State::Withdrawn,

        (State::NotAsked, E::Asked) => State::Asked,
        (State::NotAsked, E::SaidYes) => State::Pending,
        (State::NotAsked, E::SaidNo) => State::Refused,
        (State::NotAsked, E::LinkRanOut | E::PatienceOver | E::Lacking) => State::NotAsked,

        (State::Asked, E::SaidYes) => State::Pending,
        (State::Asked, E::SaidNo) => State::Refused,
        (State::Asked, E::LinkRanOut) => State::Expired,
        (State::Asked, E::Asked | E::PatienceOver | E::Lacking) => State::Asked,

        // Another link, or a no by another link, takes nothing back of a yes.
        (State::Pending, E::PatienceOver) => State::Expired,
        (State::Pending, E::Asked | E::SaidYes | E::SaidNo | E::LinkRanOut | E::Lacking) => State::Pending,

        // What a browser says takes nothing away.
        (State::Granted, E::Asked | E::SaidYes | E::SaidNo | E::LinkRanOut | E::PatienceOver) => {
            State::Granted
        }
        // The configuration needs more by now.
        (State::Granted, E::Lacking) => State::Drifted,

        (State::Refused, E::Asked) => State::Asked,
        (State::Refused, E::SaidYes) => State::Pending,
        (State::Refused, E::SaidNo | E::LinkRanOut | E::PatienceOver | E::Lacking) => State::Refused,

        (State::Expired, E::Asked) => State::Asked,
        (State::Expired, E::SaidYes) => State::Pending,
        (State::Expired, E::SaidNo) => State::Refused,
        (State::Expired, E::LinkRanOut | E::PatienceOver | E::Lacking) => State::Expired,

        (State::Drifted, E::Asked) => State::Asked,
        (State::Drifted, E::SaidYes) => State::Pending,
        (State::Drifted, E::SaidNo) => State::Refused,
        (State::Drifted, E::LinkRanOut | E::PatienceOver | E::Lacking) => State::Drifted,

        (State::Withdrawn, E::Asked) => State::Asked,
        (State::Withdrawn, E::SaidYes) => State::Pending,
        (State::Withdrawn, E::SaidNo) => State::Refused,
        (State::Withdrawn, E::LinkRanOut | E::PatienceOver | E::Lacking) => State::Withdrawn,
    }
}

#[cfg(test)]
#[path = "transitions_tests.rs"]
mod tests;
