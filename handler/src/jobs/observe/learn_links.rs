//! The links of a place: stored, chosen by what they know, and taught by readings
//! ([`crate::calendar::learning`]).

use crate::calendar::learning::Lesson;
use crate::calendar::link::Link;
use crate::enrolment::enrolment::Enrolment;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::watch::resync_schedule;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::links::{self, Linked, is_own_copy, load, of_mailbox};
use crate::ledger::{Read, sessions};
use crate::messages::LinkRef;
use crate::store::StoreError;
use chrono::Duration;

/// A link that was read, and where it is stored.
pub fn linked(read: &Read<Link>) -> Linked {
    (read.value.clone(), LinkRef { partition: read.partition.clone(), row: read.row.clone() })
}

/// The links that these items are judged by, whichever of an item's links is hinted at. One that was dropped
/// gives way to the one that a later invitation has made: what it knows of the organizer's list is from
/// before. One whose organizer could not be read gives way to one whose organizer could. Nothing is read for
/// an item that the place's row doesn't know: of what is new, no link can know more.
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

/// Stores a link that is not stored yet, after the session it belongs to is listed and before its enrolment,
/// which can be derived from it. Gives what is stored now.
///
/// Where the same calendar item is linked under another id, what is known of the organizer's copy is known of
/// this one too: else it would depend on the order of hints whether a cancelled or dropped invitation can be
/// told from a removal.
pub async fn keep(app: &AppContext, link: &Link, at: &LinkRef) -> Result<Link, StoreError> {
    let ledger = &app.ledger;
    if let Some(stored) = load(ledger, at).await? {
        return Ok(stored);
    }
    let now = ledger.clock.now();
    sessions::note_session(ledger, &link.tenant, &link.session, &link.enrolment(), now).await?;
    // A time of its own is needed only where the event has none.
    let noted = link.start.or(link.end).is_none().then_some(now);
    let (mut link, key) = (Link { noted, ..link.clone() }, link.part_key());
    let others = of_mailbox(ledger, &link.tenant, &link.mailbox).await?;
    // Without an `iCalUId` nothing but session and start says that two sights are of one item.
    let nameless = |other: &Link| link.search_uid().is_none() || other.search_uid().is_none();
    let same_time =
        |other: &Link| other.start.is_some() && other.start == link.start && other.session == link.session;
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
        alerts::raise(ledger, &link.tenant, AlertKind::NoAnswerWanted).await?;
    }
    if !links::insert(ledger, at, &link).await? {
        return Ok(load(ledger, at).await?.unwrap_or(link));
    }
    let often = often(app, &link);
    resync_schedule::note(ledger, &link.tenant, &link.mailbox, link.start, often, now).await?;
    Ok(link)
}

/// How often this link's calendar is compared as a whole.
fn often(app: &AppContext, link: &Link) -> Duration {
    app.tenants.get(&link.tenant).map_or(resync_schedule::SOON, |context| context.tenant.watch.resync)
}

/// Remembers what a look taught: newer times, the organizer's copy, and where a moved copy is now.
pub async fn learn(
    app: &AppContext,
    context: &TenantContext,
    link: &Link,
    at: &LinkRef,
    lesson: &Lesson<'_>,
) -> Result<(), StoreError> {
    let ledger = &app.ledger;
    let (learned, there) = lesson.learned(link, at);
    if there != *at {
        // Under a new id: from now on notifications name that one. The old link stays, for hints that still
        // name it, and what it knows of the organizer's list stays of its own time.
        if !links::insert(ledger, &there, &learned).await? {
            links::update(ledger, &there, |stored| lesson.introduced(lesson.timed(stored))).await?;
        }
        if lesson.timed(link) != *link {
            links::update(ledger, at, |stored| lesson.timed(stored)).await?;
        }
    } else if learned != *link {
        links::update(ledger, at, |stored| lesson.taught(stored)).await?;
    }
    if learned.start != link.start {
        let often = context.tenant.watch.resync;
        resync_schedule::note(ledger, &link.tenant, &link.mailbox, learned.start, often, lesson.now).await?;
    }
    Ok(())
}
