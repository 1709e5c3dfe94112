//! What readings teach of links.

use crate::calendar::evidence::OrganizerCopy;
use crate::calendar::link::Link;
use crate::calendar::verdict::{Reading, Source, Verdict};
use crate::enrolment::enrolment::Enrolment;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::gather_evidence;
use crate::jobs::watch::resync_schedule;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::links::{Linked, is_own_copy, load, of_mailbox, rows};
use crate::ledger::sessions;
use crate::messages::LinkRef;
use crate::store::typed::{self, Read};
use crate::store::{StoreError, Table};
use chrono::{DateTime, Duration, Utc};
use std::collections::BTreeSet;

/// A link that was read, and where it is stored.
pub fn linked(read: &Read<Link>) -> Linked {
    (read.value.clone(), LinkRef { partition: read.partition.clone(), row: read.row.clone() })
}

/// The links that these items are judged by, whichever of an item's links is hinted at. One that was dropped gives way to the one
/// that a later invitation has made: what it knows of the organizer's list is from before. One whose organizer could not be read
/// gives way to one whose organizer could. Nothing is read for an item that the place's row doesn't know: of what is new, no link
/// can know more.
pub async fn current(
    app: &AppContext,
    context: &TenantContext,
    row: Option<&Enrolment>,
    place: &[Linked],
) -> Result<Vec<Linked>, StoreError> {
    let mut current = place.to_vec();
    let has_organizers = !context.tenant.watch.organizers.is_empty();
    for one in &mut current {
        let (link, key) = (&one.0, one.0.part_key());
        let knows_all = !link.dropped && (link.organizer_asked || !has_organizers);
        if knows_all || row.and_then(|row| row.part(&key)).is_none() {
            continue;
        }
        let others = of_mailbox(&app.ledger, &context.tenant.name, &link.mailbox).await?;
        let knows_more = |other: &&Read<Link>| {
            let other = &other.value;
            is_own_copy(other, &key) && !other.dropped && (link.dropped || other.organizer_asked)
        };
        if let Some(other) = others.iter().find(knows_more) {
            *one = linked(other);
        }
    }
    Ok(current)
}

/// Stores a link that is not stored yet, after the session it belongs to is listed and before its enrolment, which can be
/// derived from it. Gives what is stored now.
///
/// Where the same calendar item is linked under another id, what is known of the organizer's copy is known of this one too:
/// else it would depend on the order of hints whether a cancelled or dropped invitation can be told from a removal.
pub async fn keep(app: &AppContext, link: &Link, at: &LinkRef) -> Result<Link, StoreError> {
    if let Some(stored) = load(&app.ledger, at).await? {
        return Ok(stored);
    }
    let tables = app.ledger.tables.as_ref();
    sessions::note_session(tables, &link.tenant, &link.session, &link.enrolment(), app.ledger.clock.now()).await?;
    // A time of its own is needed only where the event has none.
    let noted = link.start.or(link.end).is_none().then(|| app.ledger.clock.now());
    let (mut link, key) = (Link { noted, ..link.clone() }, link.part_key());
    let others: Vec<Read<Link>> = typed::scan(tables, Table::Links, &at.partition, rows(), usize::MAX).await?;
    // Without an `iCalUId` nothing but session and start says that two sights are of one item.
    let nameless = |other: &Link| link.search_uid().is_none() || other.search_uid().is_none();
    let same_time = |other: &Link| other.start.is_some() && other.start == link.start && other.session == link.session;
    let is_same = |other: &Link| other.part_key() == key || (nameless(other) && same_time(other));
    let others: Vec<Link> = others.into_iter().map(|read| read.value).filter(is_same).collect();
    for other in others {
        link.organizer_event = link.organizer_event.or(other.organizer_event);
        // Whoever was dropped from the list and has a copy again is invited anew, listed or not.
        if !other.dropped {
            link.organizer_asked |= other.organizer_asked;
            link.listed_at = link.listed_at.or(other.listed_at);
            link.listed_as.extend(other.listed_as);
        }
    }
    // Before the link, so that no kill leaves a link of which nobody is told.
    if link.wants_no_answer {
        alerts::raise(&app.ledger, &link.tenant, AlertKind::NoAnswerWanted).await?;
    }
    if !typed::insert_if_absent(tables, Table::Links, &at.partition, &at.row, &link).await? {
        return Ok(load(&app.ledger, at).await?.unwrap_or(link));
    }
    resync_schedule::note(tables, &link.tenant, &link.mailbox, link.start, often(app, &link), app.ledger.clock.now())
        .await?;
    Ok(link)
}

/// How often this link's calendar is compared as a whole.
fn often(app: &AppContext, link: &Link) -> Duration {
    app.tenants.get(&link.tenant).map_or(resync_schedule::SOON, |context| context.tenant.watch.resync)
}

/// Reads the organizer's copy once for a new link, so that later the organizer's cancelling and dropping can be told from a
/// removal (rows 9 and 10 of the table). False: it can't be read now, and should be soon: until then whoever is dropped looks
/// as if they had removed it.
pub async fn read_organizers_copy(
    app: &AppContext,
    context: &TenantContext,
    link: &Link,
    at: &LinkRef,
) -> Result<bool, StoreError> {
    if link.organizer_asked || context.tenant.watch.organizers.is_empty() {
        return Ok(true);
    }
    let now = app.ledger.clock.now();
    let seen = gather_evidence::organizers_copy(context, link).await;
    let (event, listed_as) = match seen {
        OrganizerCopy::There { event, listed_as, .. } => (Some(event), listed_as),
        OrganizerCopy::Gone | OrganizerCopy::OccurrenceGone | OrganizerCopy::NotOurs | OrganizerCopy::NotAsked => {
            (None, BTreeSet::new())
        }
        // That will be so for long: the next look, or the next comparison, is soon enough.
        OrganizerCopy::Unasked => return Ok(true),
        OrganizerCopy::Unreadable => return Ok(false),
    };
    change_link(app, at, |stored| {
        let mut next = stored.clone();
        next.organizer_asked = true;
        next.organizer_event = stored.organizer_event.clone().or_else(|| event.clone());
        list(&mut next, &listed_as, now);
        next
    })
    .await?;
    Ok(true)
}

/// The learner is in the organizer's list under these addresses; under none where they are not.
fn list(link: &mut Link, listed_as: &BTreeSet<String>, now: DateTime<Utc>) {
    if !listed_as.is_empty() {
        link.listed_at.get_or_insert(now);
        link.listed_as = listed_as.clone();
        link.dropped = false;
    }
}

/// Remembers what a reading taught: newer times, the organizer's copy, and where a moved copy is now. Gives the link that names the
/// copy where it was read, and where it is stored.
pub async fn learn_from_reading(
    app: &AppContext,
    link: &Link,
    at: &LinkRef,
    reading: &Reading,
) -> Result<Linked, StoreError> {
    let now = app.ledger.clock.now();
    let (tables, told) = (app.ledger.tables.as_ref(), taught(link, reading, now));
    let (learned, there) = match &reading.event {
        Some(event) if link.event.as_ref() != Some(event) => {
            // Under a new id: from now on notifications name that one. The old link stays, for hints that still name it, and what it
            // knows of the organizer's list stays of its own time.
            let moved = Link { event: Some(event.clone()), ..told };
            let there = Link::reference(&link.tenant, &link.mailbox, event);
            let is_new = typed::insert_if_absent(tables, Table::Links, &there.partition, &there.row, &moved).await?;
            let known = if is_new { None } else { change_link(app, &there, |stored| timed(stored, reading)).await? };
            if timed(link, reading) != *link {
                change_link(app, at, |stored| timed(stored, reading)).await?;
            }
            (known.unwrap_or(moved), there)
        }
        Some(_) | None if told == *link => return Ok((told, at.clone())),
        Some(_) | None => {
            let stored = change_link(app, at, |stored| taught(stored, reading, now)).await?;
            (stored.unwrap_or_else(|| link.clone()), at.clone())
        }
    };
    if learned.start != link.start {
        resync_schedule::note(tables, &link.tenant, &link.mailbox, learned.start, often(app, link), now).await?;
    }
    Ok((learned, there))
}

/// With the times that were read.
fn timed(stored: &Link, reading: &Reading) -> Link {
    let mut next = stored.clone();
    next.start = reading.start.or(stored.start);
    next.end = reading.end.or(stored.end);
    let moved = |then: Option<DateTime<Utc>>, now: Option<DateTime<Utc>>| then.zip(now).is_some_and(|(a, b)| a != b);
    if moved(stored.start, next.start) || moved(stored.end, next.end) {
        // Where it is answered already, nobody saw it between: it came at most so long before the answer as from it to now.
        next.updated_at = reading.invited.and_then(|invited| invited.modified).or(reading.answered_at);
    }
    next
}

/// With all that was read.
fn taught(stored: &Link, reading: &Reading, now: DateTime<Utc>) -> Link {
    let mut next = timed(stored, reading);
    if let Some(event) = &reading.organizer_event {
        next.organizer_event = Some(event.clone());
        next.organizer_asked |= reading.listed;
    }
    list(&mut next, &reading.listed_as, now);
    match (reading.verdict, reading.source) {
        (Verdict::DroppedByOrganizer, _) => next.dropped = true,
        // A living copy undoes the drop: whoever has one was invited again, in the list or past it. The organizer's copy is
        // asked anew which of the two.
        (Verdict::Declined | Verdict::Attending | Verdict::Unanswered, Source::LearnerCopy) if stored.dropped => {
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
    next
}

async fn change_link<F>(app: &AppContext, at: &LinkRef, mut change: F) -> Result<Option<Link>, StoreError>
where
    F: FnMut(&Link) -> Link,
{
    typed::update(app.ledger.tables.as_ref(), Table::Links, &at.partition, &at.row, |stored: Option<&Link>| {
        let stored = stored?;
        let next = change(stored);
        (next != *stored).then_some(next)
    })
    .await
}
