//! What a person's word would do to what waits for them: said before they give it.

use crate::enrolment::decision::ReviewCause;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::policy::{Policy, PolicyMode};
use crate::enrolment::transitions::State;
use chrono::{DateTime, Utc};

/// Approve and ignore, each in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choices {
    pub approve: &'static str,
    pub ignore: &'static str,
    /// Afterwards nothing is cancelled any more; `None` where nobody knows the session's start.
    pub until: Option<DateTime<Utc>>,
}

/// `None` when nobody is asked. Of a place that was taken back after its cancellation only `ignore` makes
/// sense.
pub fn choices(row: &Enrolment, policy: &Policy) -> Option<Choices> {
    let until = row.deadline(policy.deadline);
    match row.state {
        State::Review => {
            let cause = row.attempt.review.as_ref().map(|review| review.cause);
            let approve = match (policy.mode, cause) {
                (PolicyMode::Observe, _) => {
                    "is written down as a cancellation that would have been sent; in mode observe the LMS is \
                     not asked"
                }
                (PolicyMode::Act, Some(ReviewCause::Lms)) => {
                    "has the LMS asked once more to cancel the place, within a minute"
                }
                (
                    PolicyMode::Act,
                    Some(ReviewCause::Evidence | ReviewCause::Decline | ReviewCause::Parts) | None,
                ) => "has the LMS asked to cancel the place, within a minute and without another grace",
            };
            let ignore = match cause {
                Some(ReviewCause::Lms) => {
                    "leaves the LMS as it is; what was seen so far is not asked about again"
                }
                Some(ReviewCause::Evidence | ReviewCause::Decline | ReviewCause::Parts) | None => {
                    "keeps the place; what was seen so far is not asked about again, a later decline counts"
                }
            };
            Some(Choices { approve, ignore, until })
        }
        State::Watched if row.taken_back.is_some() => Some(Choices {
            approve: "is refused: nothing is pending",
            ignore: "says that somebody has seen to it: gave the place back in the LMS, or told the learner",
            until: None,
        }),
        State::Watched | State::Waiting | State::Running | State::Done | State::Expired => None,
    }
}
