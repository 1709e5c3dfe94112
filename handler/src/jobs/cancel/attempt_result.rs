//! What an attempt came to, for the log line.

use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::Reply;

/// What an attempt came to, for the log line.
#[derive(Debug, Clone, PartialEq)]
pub enum Attempt {
    /// The wake-up was not needed any more.
    Stale,
    /// Put back: valve closed, or the calendar could not be read.
    PutBack,
    /// The evidence, read again, withdrew it; or the deadline has come; or mode `observe`.
    Settled,
    /// The LMS was asked.
    Asked(Reply),
    /// Somebody else was faster.
    Lost,
}

impl Attempt {
    /// In a word, to ask the log by: the LMS's outcome where it was asked.
    pub fn outcome(&self) -> &'static str {
        match self {
            Attempt::Stale => "stale",
            Attempt::PutBack => "put-back",
            Attempt::Settled => "settled",
            Attempt::Asked(reply) => OutcomeKind::Lms(reply.outcome).word(),
            Attempt::Lost => "lost",
        }
    }

    pub fn word(&self) -> String {
        match self {
            Attempt::Stale => "nothing to do any more".to_owned(),
            Attempt::PutBack => "put back".to_owned(),
            Attempt::Settled => "settled without the LMS".to_owned(),
            Attempt::Asked(reply) => format!("asked the LMS: {}", OutcomeKind::Lms(reply.outcome).word()),
            Attempt::Lost => "somebody else was faster".to_owned(),
        }
    }
}
