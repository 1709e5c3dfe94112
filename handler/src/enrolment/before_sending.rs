//! What may still keep a waiting cancellation from the LMS.

use crate::clock::whole_millis;
use crate::enrolment::deadline::needs_a_look;
use crate::enrolment::decision::ReviewCause;
use crate::enrolment::enrolment::{Enrolment, SELF};
use crate::enrolment::policy::Policy;
use crate::enrolment::transitions::{Action, Event, State, cell};
use crate::ids::Address;
use chrono::{DateTime, Duration, Utc};

/// The look just before the LMS found that nobody but a person may have this place cancelled. `None` when the
/// row stands otherwise by now, or a person has said so already.
pub fn to_person(row: &Enrolment, why: &str, now: DateTime<Utc>) -> Option<Enrolment> {
    // No LMS can be told a name of Exchange's own, whoever approves it.
    let can_be_told = !Address::new(row.learner.as_str()).is_exchange_name();
    let is_approved = can_be_told && row.decision.as_ref().is_some_and(|decision| decision.by.is_some());
    if is_approved || cell(row.stand(), Event::ForPerson) != Action::Review {
        return None;
    }
    let now = whole_millis(now);
    let mut next = row.clone();
    next.ask_person(ReviewCause::Decline, why, now);
    next.tell(now, SELF, format!("{why} A person is asked."));
    Some(next)
}

/// The mailbox declined by itself, and the policy has the place cancelled all the same; that is told once.
pub fn automatic(row: &Enrolment, why: &str, now: DateTime<Utc>) -> Option<Enrolment> {
    let mut next = row.clone();
    let decision = next.decision.as_mut().filter(|decision| !decision.automatic)?;
    decision.automatic = true;
    next.tell(whole_millis(now), SELF, format!("{why} The policy has the place cancelled all the same."));
    Some(next)
}

/// The valve is closed: back on the agenda until `until`; no attempt is counted and nothing is told, because
/// it may happen every few minutes for days.
pub fn put_back(row: &Enrolment, until: DateTime<Utc>) -> Option<Enrolment> {
    if cell(row.stand(), Event::ValveClosed) != Action::Release || row.state != State::Waiting {
        return None;
    }
    let mut next = row.clone();
    next.attempt.due = Some(whole_millis(until));
    Some(next)
}

/// The evidence could not be read again just before the LMS call. Within the policy's patience the row goes
/// back on the agenda; after it (`None`), the stored evidence counts.
pub fn be_patient(row: &Enrolment, policy: &Policy, now: DateTime<Utc>) -> Option<Enrolment> {
    let now = whole_millis(now);
    let mut next = row.clone();
    // From the first look that failed, whichever reason it had.
    let first =
        row.parts.iter().filter_map(|part| part.unknown_since).chain(row.attempt.unreadable_since).min();
    let since = first.unwrap_or(now).min(now);
    if row.attempt.unreadable_since.is_none() {
        next.tell(now, SELF, "The calendar can't be read again before the LMS is asked; waiting for it.");
    }
    next.attempt.unreadable_since = Some(since);
    let waited = now - since;
    // A removal waits for a fresh look, however long: at its deadline it goes to a person.
    let has_deadline = row.deadline(policy.deadline).is_some_and(|deadline| deadline > now);
    let ends =
        if needs_a_look(row) && has_deadline { DateTime::<Utc>::MAX_UTC } else { since + policy.recheck };
    if now >= ends || cell(row.stand(), Event::ValveClosed) != Action::Release || row.state != State::Waiting
    {
        return None;
    }
    // As long again as it took so far, at least half a minute: 30 s, 30 s, 1 min, 2 min, …
    let wait = waited.clamp(Duration::seconds(30), Duration::hours(1).max(policy.recheck));
    let due = (now + wait).min(ends);
    next.attempt.due = Some(whole_millis(match row.deadline(policy.deadline) {
        Some(deadline) if deadline > now => due.min(deadline),
        Some(_) | None => due,
    }));
    Some(next)
}

/// The evidence was read again.
pub fn readable_again(row: &Enrolment) -> Option<Enrolment> {
    row.attempt.unreadable_since?;
    let mut next = row.clone();
    next.attempt.unreadable_since = None;
    Some(next)
}
