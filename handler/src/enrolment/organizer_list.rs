//! What the organizer's list is worth while it is all that there is to read.
//!
//! Guarantees: a decline in it that is older than an acceptance which was seen decides nothing; while the
//! learner's mailbox can't be read, a dated decline counts once that has been so for `policy.recheck`, and a
//! later acceptance at once.

use crate::calendar::event::{Answer, Response};
use crate::calendar::reading::{LearnerSide, Reading, Source, Verdict};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::part::Part;
use crate::enrolment::policy::Policy;
use chrono::{DateTime, Duration, Utc};

/// After this, somebody is told that nothing can be read about a part.
pub const TOLD_AFTER: Duration = Duration::hours(6);

/// The reading as it counts, by what is known of the row's part under this key.
pub fn counted(
    row: Option<&Enrolment>,
    key: &str,
    reading: Reading,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Reading {
    let part = row.and_then(|row| row.part(key));
    let accepted_at = part.and_then(|part| part.accepted_at);
    let unknown_since = part.and_then(|part| part.unknown_since);
    let declined_at = part.and_then(|part| part.decline.as_ref()).map(|decline| decline.answered_at);

    let outdated = |declined: DateTime<Utc>| accepted_at.is_some_and(|accepted| accepted >= declined);
    if reading.verdict == Verdict::Declined && reading.source == Source::OrganizerCopy {
        if !reading.answered_at.is_some_and(outdated) {
            return reading;
        }
        let (verdict, source, row, answered_at) = match reading.side {
            LearnerSide::Gone => (Verdict::Removed, Source::Removal, 11, None),
            LearnerSide::Unfindable => (Verdict::Unknown, Source::Removal, 13, None),
            // Without a copy to be asked, the acceptance that was seen in it is the newest answer.
            LearnerSide::There | LearnerSide::NotOurs | LearnerSide::Refused | LearnerSide::Unreadable => {
                (Verdict::Attending, Source::OrganizerCopy, 8, accepted_at)
            }
        };
        return Reading { verdict, source, row, answered_at, ..reading };
    }
    let Some(Response { answer, at: Some(at) }) =
        reading.meanwhile.filter(|_| reading.verdict == Verdict::Unknown)
    else {
        return reading;
    };
    let counts = |verdict, row| Reading {
        verdict,
        row,
        source: Source::OrganizerCopy,
        answered_at: Some(at),
        ..reading.clone()
    };
    match answer {
        Answer::Declined if !outdated(at) && unknown_since.unwrap_or(now) + policy.recheck <= now => {
            counts(Verdict::Declined, 7)
        }
        // A decline without a time can't be told to be older.
        Answer::Accepted | Answer::TentativelyAccepted
            if declined_at.flatten().is_some_and(|declined| at > declined) =>
        {
            counts(Verdict::Attending, 8)
        }
        Answer::Declined
        | Answer::Accepted
        | Answer::TentativelyAccepted
        | Answer::None
        | Answer::Organizer
        | Answer::NotResponded => reading,
    }
}

/// The learner's side says nothing, and may later: it is looked at again.
pub(super) fn is_unknown(reading: &Reading) -> bool {
    match reading.verdict {
        Verdict::Unknown => !reading.is_unasked(),
        Verdict::Ended | Verdict::CancelledByOrganizer => false,
        Verdict::DroppedByOrganizer
        | Verdict::Declined
        | Verdict::Attending
        | Verdict::Unanswered
        | Verdict::Removed
        | Verdict::Unseen => reading.side == LearnerSide::Unreadable,
    }
}

/// When a dated decline of the organizer's list will count, if nothing else can be read until then.
pub(super) fn ripens(
    part: &Part,
    reading: &Reading,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let declined = reading.meanwhile.is_some_and(|says| says.answer == Answer::Declined);
    declined.then(|| part.unknown_since.unwrap_or(now) + policy.recheck)
}

/// Nothing could be read about a part for so long that somebody is told.
pub fn is_long_unknown(row: &Enrolment, now: DateTime<Utc>) -> bool {
    row.parts
        .iter()
        .any(|part| part.look.is_some() && part.unknown_since.is_some_and(|since| since + TOLD_AFTER <= now))
}
