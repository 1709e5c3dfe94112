//! What a reading teaches of a link. Pure functions: jobs/observe/commit writes what they give.

use crate::calendar::evidence::OrganizerCopy;
use crate::calendar::link::Link;
use crate::calendar::reading::{Reading, Source, Verdict};
use crate::ids::EventId;
use crate::messages::LinkRef;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// What the organizer's mailbox said of a link that nothing was known of there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Introduction {
    /// It was asked, and this is what it had.
    Met { event: Option<EventId>, listed_as: BTreeSet<String> },
    /// It can't be asked, and that will be so for long: the next look, or the next comparison, is soon
    /// enough.
    Unasked,
    /// It can't be read now, and should be soon: until then whoever is dropped looks as if they had removed
    /// it.
    Unreadable,
}

impl Introduction {
    pub fn of(copy: OrganizerCopy) -> Self {
        match copy {
            OrganizerCopy::There { event, listed_as, .. } => {
                Introduction::Met { event: Some(event), listed_as }
            }
            OrganizerCopy::Gone
            | OrganizerCopy::OccurrenceGone
            | OrganizerCopy::NotOurs
            | OrganizerCopy::NotAsked => Introduction::Met { event: None, listed_as: BTreeSet::new() },
            OrganizerCopy::Unasked => Introduction::Unasked,
            OrganizerCopy::Unreadable => Introduction::Unreadable,
        }
    }
}

/// All that one look teaches of one link.
#[derive(Debug, Clone)]
pub struct Lesson<'a> {
    pub reading: &'a Reading,
    pub introduction: Option<&'a Introduction>,
    pub now: DateTime<Utc>,
}

impl Lesson<'_> {
    /// Where the copy is under another id than the link's: notifications name that one from now on.
    pub fn moved(&self, link: &Link) -> Option<(EventId, LinkRef)> {
        let event = self.reading.event.as_ref().filter(|event| link.event.as_ref() != Some(event))?;
        Some((event.clone(), LinkRef::of_event(&link.tenant, &link.mailbox, event)))
    }

    /// The link that names the copy where it was read, and where it is stored.
    pub fn learned(&self, link: &Link, at: &LinkRef) -> (Link, LinkRef) {
        let taught = self.taught(link);
        match self.moved(link) {
            Some((event, there)) => (Link { event: Some(event), ..taught }, there),
            None => (taught, at.clone()),
        }
    }

    /// With all that was read.
    pub fn taught(&self, stored: &Link) -> Link {
        let reading = self.reading;
        let mut next = self.timed(stored);
        if let Some(event) = &reading.organizer_event {
            next.organizer_event = Some(event.clone());
            next.organizer_asked |= reading.listed;
        }
        list(&mut next, &reading.listed_as, self.now);
        match (reading.verdict, reading.source) {
            (Verdict::DroppedByOrganizer, _) => next.dropped = true,
            // A living copy undoes the drop: whoever has one was invited again, in the list or past it. The
            // organizer's copy is asked anew which of the two.
            (Verdict::Declined | Verdict::Attending | Verdict::Unanswered, Source::LearnerCopy)
                if stored.dropped =>
            {
                (next.dropped, next.organizer_asked, next.listed_at) = (false, false, None);
                next.listed_as.clear();
            }
            (
                Verdict::Declined
                | Verdict::Attending
                | Verdict::Unanswered
                | Verdict::Ended
                | Verdict::CancelledByOrganizer
                | Verdict::Removed
                | Verdict::Unseen
                | Verdict::Unknown,
                _,
            ) => {}
        }
        self.introduced(next)
    }

    /// With the times that were read.
    pub fn timed(&self, stored: &Link) -> Link {
        let reading = self.reading;
        let mut next = stored.clone();
        next.start = reading.start.or(stored.start);
        next.end = reading.end.or(stored.end);
        let moved = |then: Option<DateTime<Utc>>, now: Option<DateTime<Utc>>| {
            then.zip(now).is_some_and(|(a, b)| a != b)
        };
        if moved(stored.start, next.start) || moved(stored.end, next.end) {
            // Where it is answered already, nobody saw it between: it came at most so long before the answer
            // as from it to now.
            next.updated_at = reading.invited.and_then(|invited| invited.modified).or(reading.answered_at);
        }
        next
    }

    /// With what the organizer's mailbox said of it, unless that is known: so that later the organizer's
    /// cancelling and dropping can be told from a removal (rows 9 and 10 of the table).
    pub fn introduced(&self, link: Link) -> Link {
        match self.introduction {
            Some(Introduction::Met { event, listed_as }) if !link.organizer_asked => {
                let organizer_event = link.organizer_event.clone().or_else(|| event.clone());
                let mut next = Link { organizer_asked: true, organizer_event, ..link };
                list(&mut next, listed_as, self.now);
                next
            }
            Some(Introduction::Met { .. } | Introduction::Unasked | Introduction::Unreadable) | None => link,
        }
    }
}

/// The learner is in the organizer's list under these addresses; under none where they are not.
fn list(link: &mut Link, listed_as: &BTreeSet<String>, now: DateTime<Utc>) {
    if !listed_as.is_empty() {
        link.listed_at.get_or_insert(now);
        link.listed_as = listed_as.clone();
        link.dropped = false;
    }
}
