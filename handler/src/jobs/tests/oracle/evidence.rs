//! The table of reference/judging.md#verdicts, row by row, as the oracle reads it. It knows the calendar as
//! it truly is and says what a look at it at this moment means. It shares no line with `calendar::verdict`.

use super::calendar::{Calendar, LENGTH, Time};
use crate::calendar::event::Answer;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    Ended,
    CancelledByOrganizer,
    Dropped,
    /// When it was answered.
    Declined(Option<Time>),
    /// When it was answered.
    Attending(Option<Time>),
    /// When the invitation was made and last written, by Exchange; nothing where only an older decline is
    /// taken for none.
    Unanswered(Option<(Time, Time)>),
    /// With the organizer's positive answer of the learner, where the list shows one: its time.
    Removed(Option<Time>),
    Unseen,
    /// The copy is gone, and nobody could ask the organizer while it was there: a person's to judge.
    Unasked,
    /// The copy is gone, and the organizer, who may know why, can't be asked now.
    Unexplained,
    Unknown,
}

/// What earlier looks have left in memory. The table says "known before" and "had the learner" without saying
/// when the organizer's copy is read while the learner's is there. Read here: once, at the first look at
/// which it could be, and whenever the learner's copy is not there to be asked. Whoever could not read it
/// while the learner's was there, nor saw the learner in its list, can't explain what is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Memory {
    asked: bool,
    knows_original: bool,
    seen_listed: bool,
    /// reference/judging.md#called-off.
    called_off: bool,
    /// The last look found the learner dropped from the list.
    dropped: bool,
    /// The newest acceptance that the learner's copy has shown.
    accepted: Option<Time>,
    /// The newest start that could be read.
    pub(super) start: Option<Time>,
}

/// Looks at one meeting at `now`. `began`: the beginning of the generation; `None` for the first.
pub(super) fn look(
    calendar: &Calendar,
    item: usize,
    memory: &mut Memory,
    began: Option<Time>,
    now: Time,
) -> Says {
    let says = plain_look(calendar, item, memory, began, now);
    let of = calendar.items.get(item);
    let hidden = calendar.refused || calendar.unread;
    let own = of.and_then(|item| item.copy.as_ref()).filter(|copy| !hidden && !copy.cancelled);
    let original = of.and_then(|item| item.original.as_ref()).filter(|_| calendar.asks_organizer());
    // Where the learner's is not there, the organizer's copy is one too, as long as the learner is in its
    // list.
    let is_there =
        own.is_some() || original.is_some_and(|original| !original.cancelled && original.entry.is_some());
    match says {
        Says::Ended | Says::Unexplained | Says::Unknown => says,
        Says::CancelledByOrganizer => {
            memory.called_off = true;
            says
        }
        Says::Dropped
        | Says::Declined(_)
        | Says::Attending(_)
        | Says::Unanswered(_)
        | Says::Removed(_)
        | Says::Unseen
        | Says::Unasked => {
            memory.called_off &= !is_there;
            if memory.called_off { Says::CancelledByOrganizer } else { says }
        }
    }
}

fn plain_look(calendar: &Calendar, item: usize, memory: &mut Memory, began: Option<Time>, now: Time) -> Says {
    let Some(item) = calendar.items.get(item) else { return Says::Unknown };
    let counts = |answered: Option<Time>| match began {
        None => true,
        Some(began) => answered.is_some_and(|at| at > began),
    };
    if calendar.down {
        return match memory.start {
            Some(start) if start + LENGTH <= now => Says::Ended,
            Some(_) | None => Says::Unknown,
        };
    }
    let readable = calendar.asks_organizer();
    let unread = calendar.unread && !calendar.refused;
    let copy = item.copy.as_ref().filter(|_| !calendar.refused && !unread);
    let original = item.original.as_ref().filter(|_| readable);
    if copy.is_some() || original.is_some() {
        memory.start = Some(item.start);
    }
    // A living copy undoes a drop: the list is looked at anew.
    if memory.dropped && copy.is_some_and(|copy| !copy.cancelled) && item.start + LENGTH > now {
        (memory.dropped, memory.seen_listed, memory.asked) = (false, false, false);
    }
    let (knew, had_seen) = (memory.knows_original, memory.seen_listed);
    if readable && (copy.is_none() || !memory.asked) {
        let is_listed = original.is_some_and(|original| original.entry.is_some());
        memory.asked |= copy.is_some() || is_listed;
        memory.knows_original |= original.is_some();
        if original.is_some_and(|original| original.entry.is_some()) {
            (memory.seen_listed, memory.dropped) = (true, false);
        }
    }

    // Row 1.
    if memory.start.is_some_and(|start| start + LENGTH <= now) {
        return Says::Ended;
    }
    // Rows 2 to 5; row 6 is that a moved copy is still a copy.
    if let Some(copy) = copy {
        return match copy.answer {
            _ if copy.cancelled => Says::CancelledByOrganizer,
            Answer::Declined if counts(copy.answered) => Says::Declined(copy.answered),
            Answer::Accepted | Answer::TentativelyAccepted => {
                memory.accepted = memory.accepted.max(copy.answered);
                Says::Attending(copy.answered)
            }
            Answer::Declined => Says::Unanswered(None),
            Answer::None | Answer::Organizer | Answer::NotResponded => {
                Says::Unanswered(Some((copy.created, copy.modified)))
            }
        };
    }
    if calendar.organizer_readable && !readable {
        return if calendar.refused || unread { Says::Unknown } else { Says::Unexplained };
    }
    // The organizer's copy, where the learner's is gone (or not ours to read).
    let Some(original) = original else {
        return match (readable && knew, calendar.refused || unread) {
            // Row 9: known once, and gone.
            (true, _) => Says::CancelledByOrganizer,
            // Nobody has asked while the copy was there: it may have been cancelled before.
            (false, false) if readable && !memory.asked => Says::Unasked,
            // Row 12.
            (false, false) => Says::Unseen,
            // Row 13.
            (false, true) => Says::Unknown,
        };
    };
    match original.entry {
        // Row 9.
        _ if original.cancelled => Says::CancelledByOrganizer,
        // What it says meanwhile is the ledger's to weigh, which knows for how long.
        _ if unread => Says::Unknown,
        // Older than an acceptance that was seen: it explains nothing.
        Some((Answer::Declined, answered)) if outdated(memory, answered) => match calendar.refused {
            true => Says::Attending(memory.accepted),
            false => Says::Removed(None),
        },
        // Row 7.
        Some((Answer::Declined, answered)) if counts(answered) => Says::Declined(answered),
        // Row 8, and its sibling for who has not answered; row 11 for a copy that is gone.
        Some((Answer::Accepted | Answer::TentativelyAccepted, answered)) => match calendar.refused {
            true => Says::Attending(answered),
            false => Says::Removed(answered),
        },
        Some((Answer::Declined | Answer::None | Answer::Organizer | Answer::NotResponded, _)) => {
            match calendar.refused {
                true => Says::Unanswered(None),
                false => Says::Removed(None),
            }
        }
        // Row 10.
        None if had_seen => {
            memory.dropped = true;
            Says::Dropped
        }
        None => match (calendar.refused, memory.asked) {
            (true, _) => Says::Unknown,
            // Nor whether the learner was in the list.
            (false, false) => Says::Unasked,
            (false, true) => Says::Removed(None),
        },
    }
}

/// When the decline was answered that counts now: the one that was read, unless a later one is known.
pub(super) fn latest(known: Option<Option<Time>>, read: Option<Time>) -> Option<Time> {
    match (known.flatten(), read) {
        (Some(known), Some(read)) => Some(known.max(read)),
        _ => read,
    }
}

impl Memory {
    /// The organizer could be asked while the learner's copy was there, or has listed the learner.
    pub(super) fn has_met(&self) -> bool {
        self.asked
    }

    /// A copy that is there, and not cancelled, was seen.
    pub(super) fn revive(&mut self) {
        self.called_off = false;
    }
}

fn outdated(memory: &Memory, declined: Option<Time>) -> bool {
    declined.zip(memory.accepted).is_some_and(|(declined, accepted)| accepted >= declined)
}

/// The organizer's dated answer of a learner whose mailbox alone can't be read: "after `policy.recheck` its
/// dated `declined` is strong", counted from the first look that failed. A later acceptance undoes a decline
/// at once.
pub(super) fn meanwhile(
    calendar: &Calendar,
    memory: &Memory,
    began: Option<Time>,
    decline: Option<Option<Time>>,
    is_over: bool,
) -> Option<Says> {
    let asked = calendar.unread && !calendar.refused && calendar.asks_organizer();
    let original = calendar.items.first().and_then(|item| item.original.as_ref()).filter(|_| asked)?;
    let (answer, at) = original.entry.filter(|_| !original.cancelled)?;
    match (answer, at?) {
        (Answer::Declined, at)
            if is_over && began.is_none_or(|began| at > began) && !outdated(memory, Some(at)) =>
        {
            Some(Says::Declined(Some(at)))
        }
        (Answer::Accepted | Answer::TentativelyAccepted, at)
            if decline.flatten().is_some_and(|old| at > old) =>
        {
            Some(Says::Attending(Some(at)))
        }
        _ => None,
    }
}

/// A decline is in that list that will count once the patience is over.
pub(super) fn ripens(calendar: &Calendar, began: Option<Time>) -> bool {
    let asked = calendar.unread && !calendar.refused && calendar.asks_organizer();
    let entry = calendar.items.first().and_then(|item| item.original.as_ref()).filter(|_| asked);
    let entry = entry.filter(|original| !original.cancelled).and_then(|original| original.entry);
    matches!(entry, Some((Answer::Declined, Some(at))) if began.is_none_or(|began| at > began))
}
