//! What an attempt came to, for the log line.

use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::{Reply, Restored};

/// What an attempt came to, for the log line.
#[derive(Debug, Clone, PartialEq)]
pub enum AttemptResult {
    /// The wake-up was not needed any more.
    Stale,
    /// Put back: valve closed, or the calendar could not be read.
    PutBack,
    /// The evidence, read again, withdrew it; or the deadline has come; or mode `observe`.
    Settled,
    /// The LMS was asked.
    Asked(Reply),
    /// The LMS was asked to give the place back.
    GaveBack(Restored),
    /// Somebody else was faster.
    Lost,
}

impl AttemptResult {
    /// In a word, to ask the log by: the LMS's outcome where it was asked.
    pub fn outcome(&self) -> &'static str {
        match self {
            AttemptResult::Stale => "stale",
            AttemptResult::PutBack => "put-back",
            AttemptResult::Settled => "settled",
            AttemptResult::Asked(reply) => OutcomeKind::Lms(reply.outcome).word(),
            AttemptResult::GaveBack(reply) => reply.outcome.word(),
            AttemptResult::Lost => "lost",
        }
    }

    pub fn word(&self) -> String {
        match self {
            AttemptResult::Stale => "nothing to do any more".to_owned(),
            AttemptResult::PutBack => "put back".to_owned(),
            AttemptResult::Settled => "settled without the LMS".to_owned(),
            AttemptResult::Asked(reply) => {
                format!("asked the LMS: {}", OutcomeKind::Lms(reply.outcome).word())
            }
            AttemptResult::GaveBack(reply) => {
                format!("asked the LMS to give the place back: {}", reply.outcome.word())
            }
            AttemptResult::Lost => "somebody else was faster".to_owned(),
        }
    }
}
