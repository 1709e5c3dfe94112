//! A copy that is gone, and of which nobody could be asked why.
//!
//! Guarantee: what was seen to be gone in time, and could not be judged until the deadline, because the
//! organizer or the calendar can't be read, ends with a person: it is neither taken for a wish to give the
//! place up, nor forgotten.

use crate::calendar::reading::{LearnerSide, Reading, Strength};
use crate::enrolment::part::Part;
use crate::enrolment::policy::Policy;
use chrono::{DateTime, Utc};

/// Since when, after this reading; the part as it was before it, save its `weak_since`.
pub(super) fn after(
    part: &Part,
    reading: &Reading,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match reading.strength() {
        Strength::Strong => None,
        _ if part.decline.is_some() => None,
        Strength::Weak if part.has_settled(policy.settle, now) => None,
        Strength::Weak => part.unexplained_since.or(part.weak_since),
        Strength::None => match reading.side {
            // A removal that has settled was judged.
            LearnerSide::Gone | LearnerSide::Unfindable if part.weak_since.is_none() => {
                Some(part.unexplained_since.unwrap_or(now))
            }
            LearnerSide::There
            | LearnerSide::Gone
            | LearnerSide::Unfindable
            | LearnerSide::NotOurs
            | LearnerSide::Refused
            | LearnerSide::Unreadable => part.unexplained_since,
        },
    }
}

/// When a person is asked, if nothing can be read until then; `None` where nobody need be: it went when it
/// was too late already.
pub(super) fn ripens(part: &Part, policy: &Policy) -> Option<DateTime<Utc>> {
    let since = part.unexplained_since?;
    match part.start.map(|start| start - policy.deadline) {
        Some(deadline) => (since < deadline).then_some(deadline),
        // Nobody knows until when that could be waited for.
        None => Some(since + policy.settle.max(policy.recheck)),
    }
}

/// Nobody could be asked, and it is time to ask a person.
pub(super) fn is_persons(part: &Part, policy: &Policy, now: DateTime<Utc>) -> bool {
    let says_nothing = part.unknown_since.is_some() || part.weak_since.is_none();
    says_nothing && ripens(part, policy).is_some_and(|at| at <= now)
}
