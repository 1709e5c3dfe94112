//! What the organizer has cancelled stays cancelled, item by item, until a copy is there again that is not.
//!
//! A learner who tidies a cancelled copy away leaves the same picture as one who removes a living one. What
//! was seen before tells them apart.

use crate::calendar::reading::{Reading, Source, Verdict};
use crate::enrolment::part::Part;

/// The reading as it counts for an item that the organizer has cancelled; `None` where it counts as it was
/// read.
pub(super) fn still(part: &Part, reading: &Reading) -> Option<Reading> {
    if !part.is_called_off() || shows_living_copy(reading) {
        return None;
    }
    match reading.verdict {
        Verdict::Ended | Verdict::CancelledByOrganizer => None,
        // That nobody could be asked about a copy that is gone says no more than that it is gone.
        Verdict::Unknown if !reading.is_unasked() => None,
        Verdict::DroppedByOrganizer
        | Verdict::Declined
        | Verdict::Attending
        | Verdict::Unanswered
        | Verdict::Removed
        | Verdict::Unseen
        | Verdict::Unknown => Some(Reading {
            verdict: Verdict::CancelledByOrganizer,
            source: part.reading.as_ref().map_or(Source::OrganizerCopy, |seen| seen.source),
            answered_at: None,
            invited: None,
            ..reading.clone()
        }),
    }
}

/// The learner's copy is there, or the organizer's is, with the learner in its list; and it is not cancelled.
fn shows_living_copy(reading: &Reading) -> bool {
    let is_listed = reading.organizer_event.is_some() && reading.listed;
    reading.verdict != Verdict::CancelledByOrganizer && (reading.source == Source::LearnerCopy || is_listed)
}

/// Whether the item counts as cancelled after this reading, as [`still`] gave it.
pub(super) fn after(part: &Part, reading: &Reading) -> bool {
    match reading.verdict {
        Verdict::CancelledByOrganizer => true,
        Verdict::Ended => part.is_called_off(),
        Verdict::Unknown => part.is_called_off() && !reading.is_unasked(),
        Verdict::DroppedByOrganizer
        | Verdict::Declined
        | Verdict::Attending
        | Verdict::Unanswered
        | Verdict::Removed
        | Verdict::Unseen => false,
    }
}
