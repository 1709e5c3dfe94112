//! The sentences of the story, and those that tell a person what they may do: plain, and without personal
//! data. A line of the story is true when it is read later: it says what was seen and done then, and what was
//! not known.

use crate::calendar::reading::{Reading, Source, Verdict};
use crate::enrolment::place_state::PlaceState;
use crate::enrolment::transitions::Event;
use crate::enrolment::valve::{Passage, Valve, ValveState};
use chrono::{DateTime, Utc};

/// Why a person is asked.
pub(super) fn review_reason(event: Event) -> &'static str {
    match event {
        Event::UnansweredMoved => "The session was moved since the learner declined.",
        Event::Removed(_) => "The learner's copy is gone, and the organizer's shows no decline.",
        Event::Unseen(_) => "The learner's copy is gone, and there is no organizer's copy to ask.",
        Event::Unasked => {
            "The learner's copy is not where it was, and nothing is known by which it, or the organizer's, \
             could be looked for."
        }
        Event::UnaskedInTime => {
            "The learner's copy is gone, and before the deadline nobody could be asked why. The removal may \
             still be approved \
             as late."
        }
        Event::Split => "Several items stand for this place, and the learner declined only some of them.",
        Event::GivenAnew => {
            "The decline came again, and the LMS shows a place although that was cancelled before."
        }
        Event::Declined
        | Event::DeclinedAnew
        | Event::Attending
        | Event::AttendingAnew
        | Event::Unanswered
        | Event::InvitedAnew
        | Event::CancelledByOrganizer
        | Event::DroppedByOrganizer
        | Event::ForPerson
        | Event::Ended
        | Event::DeadlinePassed
        | Event::Due
        | Event::ClaimRunOut
        | Event::WasAnOutage
        | Event::Lms(_)
        | Event::Restored(_)
        | Event::Approve
        | Event::Ignore
        | Event::Retry
        | Event::ValveClosed => "A person must decide.",
    }
}

/// What the LMS showed of the place: before anything was written, and after. Begins with a blank.
pub(super) fn shown(before: Option<PlaceState>, after: Option<PlaceState>) -> String {
    match (before, after) {
        (Some(before), Some(after)) => {
            format!(" The LMS showed the place as {} before and as {} after.", place(before), place(after))
        }
        (Some(only), None) => format!(" The LMS showed the place as {}.", place(only)),
        (None, Some(only)) => format!(" The LMS showed the place as {} after.", place(only)),
        (None, None) => String::new(),
    }
}

fn place(state: PlaceState) -> &'static str {
    match state {
        PlaceState::Held => "held",
        PlaceState::Waitlisted => "on the wait list",
        PlaceState::Requested => "asked for",
        PlaceState::Cancelled => "cancelled",
        PlaceState::Absent => "not there",
        PlaceState::Attended => "attended",
        PlaceState::HeldElsewhere => "held another way",
    }
}

/// One plain sentence about a reading.
pub(super) fn sentence(reading: &Reading) -> String {
    let when = |at: Option<DateTime<Utc>>| at.map(|at| format!(" at {}", minute(at))).unwrap_or_default();
    match (reading.verdict, reading.source) {
        (Verdict::Declined, Source::OrganizerCopy) => {
            format!("The organizer's copy shows that the learner declined{}.", when(reading.answered_at))
        }
        (Verdict::Declined, _) => format!("The learner's copy shows a decline{}.", when(reading.answered_at)),
        (Verdict::Removed, Source::Disagreement) => {
            "The organizer's list names the learner more than once, with answers that disagree.".to_owned()
        }
        (Verdict::Removed, _) => {
            "The learner's copy stays gone; the organizer's shows no decline.".to_owned()
        }
        (Verdict::Unseen, _) => {
            "The learner's copy stays gone; there is no organizer's copy to ask.".to_owned()
        }
        (Verdict::Attending, _) => format!("The learner has accepted{}.", when(reading.answered_at)),
        (Verdict::Unanswered, Source::OrganizerCopy) => {
            "The organizer's copy shows no answer of the learner.".to_owned()
        }
        (Verdict::Unanswered, _) => {
            "The invitation is back in the learner's calendar, not answered.".to_owned()
        }
        (Verdict::CancelledByOrganizer, _) => "The organizer has cancelled the session.".to_owned(),
        (Verdict::DroppedByOrganizer, _) => "The organizer has taken the learner off the list.".to_owned(),
        (Verdict::Ended, _) => "The session has ended.".to_owned(),
        (Verdict::Unknown, Source::Removal) => {
            "The learner's copy is not where it was, and nobody can be asked why.".to_owned()
        }
        (Verdict::Unknown, _) => "Nothing could be read.".to_owned(),
    }
}

pub(crate) fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What holds back what is sent now; `None` while it may go. `held`: the brake holds back this learner alone.
pub fn behind(valve: &Valve, held: bool, now: DateTime<Utc>) -> Option<String> {
    let since = minute(valve.since);
    let opens = "it waits until a person opens it";
    match (valve.passage(now), valve.state) {
        (Passage::Free, _) if held => Some(
            "the brake holds back what is decided for this learner: it waits until a person opens the valve"
                .to_owned(),
        ),
        (Passage::Free, _) => None,
        (_, ValveState::Stopped) => Some(format!("the valve is stopped since {since}: {opens}")),
        (_, ValveState::Braked) => Some(format!("the brake has closed the valve at {since}: {opens}")),
        (_, ValveState::CredentialBroken) => Some(format!(
            "the LMS does not accept our credential since {since}, and the valve is closed: {opens}"
        )),
        (_, ValveState::EndpointGone) => {
            Some(format!("the LMS's endpoint is gone since {since}, and the valve is closed: {opens}"))
        }
        (_, ValveState::BreakerOpen) => {
            Some(format!("the LMS does not answer since {since}: it waits until the LMS is back"))
        }
        (_, ValveState::Open) => {
            valve.pause_until.map(|until| format!("the LMS wants a pause until {}", minute(until)))
        }
    }
}

#[cfg(test)]
#[path = "wording_tests.rs"]
mod tests;
