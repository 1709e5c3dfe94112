//! What a reading of the calendar does to an enrolment.
//!
//! Guarantees: the same reading again changes nothing; a weak verdict is never decided at first sight but
//! looked at again after a fifteenth, a third and the whole of `policy.settle`; an unreadable mailbox changes
//! nothing but the next look.

use crate::calendar::link::Link;
use crate::calendar::reading::{Reading, Source, Strength, Verdict};
use crate::clock::whole_millis;
use crate::enrolment::against_decision::{answered_since, is_moved, old_news};
use crate::enrolment::apply_event::{apply_event, only_a_person};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::generation::{begin, count_repeated, fresh, is_repeated};
use crate::enrolment::part::{Declined, Part, PartReading};
use crate::enrolment::place_verdict::{self, Basis, PlaceVerdict};
use crate::enrolment::policy::{Policy, WeakPolicy};
use crate::enrolment::settle_schedule::looks;
use crate::enrolment::transitions::{Action, Event, State, cell};
use crate::enrolment::{backoff, organizer_cancelled, organizer_list, unexplained};
use crate::messages::LinkRef;
use chrono::{DateTime, Duration, Utc};

/// The row after this reading of one of its links; `None` when nothing changes.
pub fn apply_reading(
    row: &Enrolment,
    link: &Link,
    at: &LinkRef,
    reading: &Reading,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<Enrolment> {
    let now = whole_millis(now);
    let reading = &organizer_list::counted(Some(row), &link.part_key(), reading.clone(), policy, now);
    let mut next = row.clone();
    let index = part_of(&mut next, link, at);

    let mut newer = next.parts.get(index).and_then(|part| fresh(&next, part, reading));
    if let Some(fresh) = newer
        && cell(next.stand(), fresh.event()) == Action::Begin
    {
        next = begin(&next, fresh, &link.part_key(), policy, now);
        newer = None;
    }

    if newer.is_none() {
        count_repeated(&mut next, index, reading, now);
    }
    let known = next.parts.get(index)?.clone();
    let same = known.decline.as_ref().filter(|_| is_repeated(&next, &known, reading));
    let same = same.map(|decline| Reading { answered_at: decline.answered_at, ..reading.clone() });
    let repeated_at = same.as_ref().and(reading.answered_at);
    let reading = same.as_ref().unwrap_or(reading);

    let began = next.generation_began;
    let part = next.parts.get_mut(index)?;
    let called_off = organizer_cancelled::still(part, reading);
    let reading = called_off.as_ref().unwrap_or(reading);
    let before = part.reading.clone();
    if is_stale(part, reading) {
        (part.look, part.unreadable, part.unknown_since) = (None, 0, None);
        return (next != *row).then_some(next);
    }
    take(part, reading, began, policy, now);
    if let Some(decline) = &mut part.decline {
        decline.repeated_at = decline.repeated_at.max(repeated_at);
    }
    let news = part.reading != before;
    let part = part.clone();
    times(&mut next);

    if let Some((event, basis)) = event_for(&mut next, &part, reading, policy, now) {
        let event = newer.map_or(event, |fresh| fresh.upgrade(event));
        apply_event(&mut next, event, &basis, reading, policy, news, now);
    }
    (next != *row).then_some(next)
}

/// Where the part stands that this link was seen by; a new one when the calendar item is new to us. Out of
/// range when there is no more room for one.
fn part_of(row: &mut Enrolment, link: &Link, at: &LinkRef) -> usize {
    let key = link.part_key();
    match row.parts.iter().position(|part| part.key == key) {
        Some(index) => {
            // A link that was made from the organizer's copy gives way to one that names the learner's.
            if let Some(part) = row.parts.get_mut(index)
                && part.link.is_by_organizer()
            {
                part.link = at.clone();
            }
            index
        }
        None => {
            if row.parts.len() >= PARTS {
                row.parts
                    .retain(|part| !part.reading.as_ref().is_some_and(|seen| seen.verdict == Verdict::Ended));
            }
            if row.parts.len() < PARTS {
                row.parts.push(Part::new(link, at));
                row.parts.len() - 1
            } else {
                tracing::warn!(parts = PARTS, "an item of a place with too many items is not followed");
                PARTS
            }
        }
    }
}

/// Items of one place that a row holds: a property of the table has its limit of 32 Ki characters.
const PARTS: usize = 64;

/// A positive answer in the organizer's list that is older than the decline we know of: its mail was
/// overtaken, or never followed. Only a later one undoes a decline.
fn is_stale(part: &Part, reading: &Reading) -> bool {
    let from_list = reading.verdict == Verdict::Attending && reading.source == Source::OrganizerCopy;
    from_list
        && part.decline.as_ref().is_some_and(|decline| match (decline.answered_at, reading.answered_at) {
            (Some(declined), Some(positive)) => positive <= declined,
            (_, None) => true,
            (None, Some(_)) => false,
        })
}

/// The copy is gone, but the organizer's list shows a positive answer that is later than the decline.
fn is_undone(decline: &Declined, reading: &Reading) -> bool {
    matches!((decline.answered_at, reading.answered_at), (Some(declined),
    Some(positive)) if positive > declined)
}

/// Remembers the reading in the part and plans the next look.
fn take(
    part: &mut Part,
    reading: &Reading,
    began: Option<DateTime<Utc>>,
    policy: &Policy,
    now: DateTime<Utc>,
) {
    // Where nothing could be read, the link's times only repeat what is known.
    if reading.verdict.strength() == Strength::Strong || reading.organizer_event.is_some() {
        part.start = reading.start.or(part.start);
        part.end = reading.end.or(part.end);
    }
    if let Some(invited) =
        reading.invited.filter(|_| reading.verdict == Verdict::Unanswered && !part.is_there())
    {
        part.back = invited.modified;
    }
    part.past &= !Part::is_news(reading, began);
    if part.past {
        (part.look, part.unknown_since, part.unreadable) = (None, None, 0);
        return;
    }
    part.called_off = organizer_cancelled::after(part, reading);
    part.open |= matches!(reading.verdict, Verdict::Attending | Verdict::Unanswered);
    if reading.verdict == Verdict::Attending && reading.source == Source::LearnerCopy {
        part.accepted_at = part.accepted_at.max(reading.answered_at);
    }
    let is_unknown = organizer_list::is_unknown(reading);
    if is_unknown {
        look_again(part, reading, policy, now);
    } else {
        (part.unknown_since, part.unreadable) = (None, 0);
    }
    match reading.strength() {
        Strength::Strong => {
            part.decline = match reading.verdict {
                Verdict::Declined => Some(latest(
                    part.decline.take(),
                    Declined {
                        source: reading.source,
                        answered_at: reading.answered_at,
                        start: reading.start,
                        repeated_at: None,
                    },
                )),
                Verdict::Attending | Verdict::CancelledByOrganizer | Verdict::Ended => None,
                Verdict::Unanswered
                | Verdict::DroppedByOrganizer
                | Verdict::Removed
                | Verdict::Unseen
                | Verdict::Unknown => part.decline.take(),
            };
            part.reading = Some(PartReading::of(reading));
            part.weak_since = None;
            if !is_unknown {
                part.look = None;
            }
        }
        Strength::Weak => {
            let since = *part.weak_since.get_or_insert(now);
            if part.decline.as_ref().is_some_and(|decline| is_undone(decline, reading)) {
                let seen = PartReading {
                    verdict: Verdict::Attending,
                    source: Source::OrganizerCopy,
                    ..PartReading::of(reading)
                };
                (part.decline, part.reading) = (None, Some(seen));
            } else if part.decline.is_none() {
                part.reading = Some(PartReading::of(reading));
            }
            part.look = looks(since, policy.settle).into_iter().find(|look| *look > now);
        }
        Strength::None => {}
    }
    part.unexplained_since = unexplained::after(part, reading, policy, now);
    if is_unknown && let Some(at) = unexplained::ripens(part, policy).map(whole_millis).filter(|at| *at > now)
    {
        part.look = Some(part.look.map_or(at, |look| look.min(at)));
    }
}

/// Plans the next look at what could not be read. Hints that come before it don't count as looks, so that
/// repeating them changes nothing.
fn look_again(part: &mut Part, reading: &Reading, policy: &Policy, now: DateTime<Utc>) {
    if reading.lasting {
        // Whoever is watched again is compared. This is in case that nobody is told.
        let look = whole_millis(now + LASTING);
        (part.unknown_since, part.unreadable) = (None, 0);
        // It will not settle.
        part.weak_since = part.weak_since.filter(|_| part.unexplained_since.is_none());
        part.look =
            Some(part.look.filter(|planned| *planned > now).map_or(look, |planned| planned.min(look)));
        return;
    }
    let since = *part.unknown_since.get_or_insert(now);
    let soon = now + backoff::unreadable(u32::MAX);
    if part.look.is_some_and(|look| look > now && look <= soon) {
        return;
    }
    let next = whole_millis(now + backoff::unreadable(part.unreadable));
    let ripens = organizer_list::ripens(part, reading, policy, since).filter(|at| *at > now);
    part.look = Some(ripens.map_or(next, |at| whole_millis(at).min(next)));
    part.unreadable = part.unreadable.saturating_add(1);
}

/// How often it is looked at what is not ours to read.
const LASTING: Duration = Duration::hours(24);

/// The organizer's list may still show an older decline than the copy showed, when the later one was never
/// mailed.
fn latest(known: Option<Declined>, read: Declined) -> Declined {
    match known {
        Some(known) if known.answered_at.zip(read.answered_at).is_some_and(|(known, read)| known > read) => {
            known
        }
        Some(known) => Declined { repeated_at: known.repeated_at, ..read },
        None => read,
    }
}

/// The session lasts from its first part to its last; parts that the organizer cancelled, or that were given
/// up before the place was given anew, are none any more.
fn times(row: &mut Enrolment) {
    let is_none = |part: &Part| part.is_called_off() || part.past;
    let all = row.parts.iter().all(is_none);
    let parts = || row.parts.iter().filter(|part| all || !is_none(part));
    let (start, end) =
        (parts().filter_map(|part| part.start).min(), parts().filter_map(|part| part.end).max());
    (row.start, row.end) = (start.or(row.start), end.or(row.end));
}

/// What the place is now, as an event of the table; `None` when nothing follows yet.
fn event_for(
    row: &mut Enrolment,
    part: &Part,
    reading: &Reading,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Option<(Event, Basis)> {
    if reading.verdict == Verdict::Unanswered && is_moved(row, part, reading) {
        return Some((Event::UnansweredMoved, Basis::of(reading)));
    }
    let whole = match row.parts.as_slice() {
        [one] if unexplained::is_persons(one, policy, now) => {
            PlaceVerdict::Verdict(place_verdict::unexplained_basis())
        }
        // A reading that says nothing new of a single item moves nothing.
        [_] if reading.strength() == Strength::None => PlaceVerdict::Nothing,
        [_] => PlaceVerdict::Verdict(Basis::of(reading)),
        _ => place_verdict::of(row, policy, now),
    };
    match whole {
        PlaceVerdict::Nothing => {
            row.split_since = None;
            None
        }
        PlaceVerdict::Verdict(basis) | PlaceVerdict::Split(basis)
            if is_unexplained(row, &basis, policy, now) =>
        {
            row.split_since = None;
            row.ignored.is_none().then_some((Event::UnaskedInTime, basis))
        }
        PlaceVerdict::Split(basis) => split(row, basis, policy, now),
        PlaceVerdict::Verdict(basis) => {
            row.split_since = None;
            let settled = row.parts.len() > 1 || part.has_settled(policy.settle, now);
            event(row, &basis, settled, policy).map(|event| (event, basis))
        }
    }
}

fn is_unexplained(row: &Enrolment, basis: &Basis, policy: &Policy, now: DateTime<Utc>) -> bool {
    *basis == place_verdict::unexplained_basis()
        && row.parts.iter().any(|part| unexplained::is_persons(part, policy, now))
}

/// That parts disagree is decided at once where a cancellation is pending, since it must not be sent; else it
/// is looked at again for as long as a removal: a learner who clears a series is halfway through it for a
/// moment.
fn split(row: &mut Enrolment, basis: Basis, policy: &Policy, now: DateTime<Utc>) -> Option<(Event, Basis)> {
    let approved = row.decision.as_ref().is_some_and(|decision| decision.by.is_some());
    if approved || old_news(row, basis.answered_at) {
        return None;
    }
    let since = *row.split_since.get_or_insert(now);
    if row.state == State::Watched
        && let Some(look) = looks(since, policy.settle).into_iter().find(|look| *look > now)
    {
        for part in &mut row.parts {
            part.look = Some(part.look.map_or(look, |planned| planned.min(look)));
        }
        return None;
    }
    Some((Event::Split, basis))
}

fn event(row: &Enrolment, basis: &Basis, settled: bool, policy: &Policy) -> Option<Event> {
    let for_person = only_a_person(row, policy).is_some();
    let weak = |wanted: WeakPolicy| match wanted {
        WeakPolicy::Cancel if for_person => WeakPolicy::Review,
        WeakPolicy::Cancel | WeakPolicy::Review | WeakPolicy::Ignore => wanted,
    };
    match basis.verdict {
        Verdict::Declined if old_news(row, basis.answered_at) => None,
        // Whom the LMS can't be told by its own key, a person has to find there.
        Verdict::Declined if for_person => Some(Event::Removed(WeakPolicy::Review)),
        Verdict::Declined => Some(Event::Declined),
        // The organizer knows of a positive answer that is later than the decline: that undoes it, whatever
        // the removal means.
        Verdict::Removed if answered_since(row, basis.answered_at) => Some(Event::Attending),
        Verdict::Removed if settled && row.ignored.is_none() => Some(Event::Removed(match basis.source {
            // Whether they declined, the list says both ways.
            Source::Disagreement => WeakPolicy::Review,
            Source::LearnerCopy | Source::OrganizerCopy | Source::Removal | Source::Nothing => {
                weak(policy.removed)
            }
        })),
        Verdict::Unseen if settled && row.ignored.is_none() => Some(Event::Unseen(weak(policy.unseen))),
        // Nobody could be asked: whatever the policies say, that is a person's to judge.
        Verdict::Unknown if basis.source == Source::Removal && settled && row.ignored.is_none() => {
            Some(Event::Unasked)
        }
        Verdict::Removed | Verdict::Unseen | Verdict::Unknown => None,
        Verdict::Attending => Some(Event::Attending),
        Verdict::Unanswered => Some(Event::Unanswered),
        Verdict::CancelledByOrganizer => Some(Event::CancelledByOrganizer),
        Verdict::DroppedByOrganizer => Some(Event::DroppedByOrganizer),
        Verdict::Ended => Some(Event::Ended),
    }
}

#[cfg(test)]
#[path = "apply_reading_tests.rs"]
pub(crate) mod tests;
