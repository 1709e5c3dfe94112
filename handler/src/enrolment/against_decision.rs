//! What a reading says against the decision that a row stands on.
//!
//! Guarantees: a decline that a person was asked about, or has ignored, is not asked about again; an answer
//! that is older than the decline undoes nothing.

use crate::calendar::reading::Reading;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Part;
use crate::enrolment::transitions::StateColumn;
use chrono::{DateTime, Utc};

/// The invitation waits for an answer at another time than the one that was declined. What a person approved
/// is approved for the time that it had then.
pub(super) fn is_moved(row: &Enrolment, part: &Part, reading: &Reading) -> bool {
    // A place that is wanted back is one at the time that was accepted.
    if row.stand() == StateColumn::BackWanted {
        let then = row.attempt.give_back.as_ref().and_then(|wanted| wanted.session_start);
        return matches!((then, row.start), (Some(then), Some(now)) if then != now);
    }
    let Some(decision) = &row.decision else { return false };
    let then = match (row.parts.as_slice(), &part.decline, &decision.by) {
        ([_], _, _) => decision.session_start,
        (_, Some(decline), None) => decline.start,
        (_, Some(_) | None, _) => None,
    };
    matches!((then, reading.start), (Some(then), Some(now)) if then != now)
}

/// A positive answer that was given after the decline that a pending cancellation stands on.
pub(super) fn answered_since(row: &Enrolment, positive: Option<DateTime<Utc>>) -> bool {
    let stands = matches!(row.stand(), StateColumn::WaitingStrong | StateColumn::ReviewStrong);
    let declined_at = row.decision.as_ref().and_then(|decision| decision.declined_at);
    stands && matches!((declined_at, positive), (Some(declined), Some(positive)) if positive > declined)
}

/// A decline that a person has ignored, or that is the very one which waits for a person: because the session
/// was moved, or because it came again and the LMS shows the place. What was seen of it by then is what the
/// person was asked about.
pub(super) fn old_news(row: &Enrolment, answered_at: Option<DateTime<Utc>>) -> bool {
    if let Some(ignored) = &row.ignored {
        let since = ignored.answered_at.unwrap_or(ignored.at);
        return answered_at.is_none_or(|at| at <= since);
    }
    match (row.stand(), &row.decision) {
        (StateColumn::ReviewStrong, Some(decision)) => {
            // A removal has no such time: then what the person was asked about counts.
            let asked =
                decision.declined_at.or_else(|| row.attempt.review.as_ref().map(|review| review.since));
            let known = asked.max(row.parts.iter().filter_map(Part::last_repeated).max());
            answered_at.is_none_or(|at| known.is_some_and(|known| at <= known))
        }
        _ => false,
    }
}
