//! Gathers the evidence about one link: the learner's copy, and where that is not there to be asked, the organizer's.

use crate::calendar::event::{Answer, Event, EventKind, Response};
use crate::calendar::evidence::{Evidence, LearnerCopy, OrganizerCopy, Sight};
use crate::calendar::link::Link;
use crate::config::WatchMode;
use crate::graph::{GraphError, Mailbox};
use crate::ids::UserId;
use crate::store::StoreError;
use crate::work::desk::{Desk, Office};
use crate::work::mailbox;
use crate::work::people::{Person, is_outside};
use chrono::Duration;

/// Reads what the copies say now. Trouble with Graph is no failure: what can't be read is evidence of its own kind.
///
/// # Errors
/// The ledger can't say whether the learner's mailbox is one that is watched.
pub async fn gather(office: &Office, desk: &Desk, link: &Link) -> Result<Evidence, StoreError> {
    let learner = match is_ours(office, desk, link).await? {
        true => learners_copy(desk, link).await,
        false => LearnerCopy::NotOurs,
    };
    let organizer = match learner {
        LearnerCopy::There(_) | LearnerCopy::Unreadable => OrganizerCopy::NotAsked,
        LearnerCopy::Gone | LearnerCopy::NotOurs => organizers_copy(desk, link).await,
    };
    Ok(Evidence { learner, organizer })
}

/// Whether the learner's mailbox may be read: only those that `watch.mailboxes` names are, whatever the app is allowed to.
async fn is_ours(office: &Office, desk: &Desk, link: &Link) -> Result<bool, StoreError> {
    if is_outside(&link.mailbox) {
        return Ok(false);
    }
    match desk.tenant.watch.mode {
        WatchMode::Organizer => Ok(false),
        WatchMode::Attendees => Ok(true),
        WatchMode::Both if link.event.is_some() => Ok(true),
        WatchMode::Both => Ok(mailbox::load(office.tables.as_ref(), &desk.tenant.name, &link.mailbox).await?.is_some()),
    }
}

fn sight(event: &Event) -> Sight {
    Sight {
        event: event.id.clone(),
        response: event.response,
        is_cancelled: event.is_cancelled,
        created: event.created,
        modified: event.modified,
        start: event.start,
        end: event.end,
    }
}

async fn learners_copy(desk: &Desk, link: &Link) -> LearnerCopy {
    let mailbox = Mailbox::Id(link.mailbox.clone());
    if let Some(id) = &link.event {
        match desk.graph.event(&mailbox, id, &desk.select).await {
            Ok(Some(event)) => return LearnerCopy::There(sight(&event)),
            Ok(None) => {}
            Err(trouble) => return unreadable(&trouble),
        }
    }
    // Not under its id: moved?
    match by_uid(desk, &mailbox, link).await {
        Ok(Found::Event(event)) => LearnerCopy::There(sight(&event)),
        Ok(Found::SeriesOnly | Found::Nothing) => LearnerCopy::Gone,
        Err(trouble) => unreadable(&trouble),
    }
}

fn unreadable(trouble: &GraphError) -> LearnerCopy {
    match trouble {
        GraphError::NoMailbox(_) | GraphError::Refused(_) => LearnerCopy::NotOurs,
        GraphError::NotFound(_)
        | GraphError::Unauthorized(_)
        | GraphError::Credential { .. }
        | GraphError::Quota(_)
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Throttled { .. }
        | GraphError::Unavailable(_)
        | GraphError::Invalid(_) => LearnerCopy::Unreadable,
    }
}

/// The organizer's copy of a link's event, from the mailbox that the link's organizer has with us, if any.
pub async fn organizers_copy(desk: &Desk, link: &Link) -> OrganizerCopy {
    let mailbox = match organizers_mailbox(desk, link).await {
        Ok(Some(mailbox)) => Mailbox::Id(mailbox),
        Ok(None) => return OrganizerCopy::NotOurs,
        Err(_) => return OrganizerCopy::Unreadable,
    };
    let person = match desk.people.person(desk.graph.as_ref(), &link.mailbox).await {
        Ok(Some(person)) => person,
        // Without the learner's addresses their entry can't be told from others'.
        Ok(None) => return OrganizerCopy::NotOurs,
        Err(_) => return OrganizerCopy::Unreadable,
    };
    let found = match &link.organizer_event {
        Some(id) => match desk.graph.event(&mailbox, id, &desk.select).await {
            Ok(Some(event)) => Ok(Found::Event(Box::new(event))),
            Ok(None) => by_uid(desk, &mailbox, link).await,
            Err(trouble) => Err(trouble),
        },
        None => by_uid(desk, &mailbox, link).await,
    };
    match found {
        Ok(Found::Event(event)) => OrganizerCopy::There {
            entry: entry_of(desk, &event, &person),
            is_cancelled: event.is_cancelled,
            start: event.start,
            end: event.end,
            event: event.id,
        },
        Ok(Found::SeriesOnly) => OrganizerCopy::OccurrenceGone,
        Ok(Found::Nothing) => OrganizerCopy::Gone,
        Err(GraphError::NoMailbox(_) | GraphError::Refused(_)) => OrganizerCopy::NotOurs,
        Err(_) => OrganizerCopy::Unreadable,
    }
}

/// What a mailbox holds of a link's calendar item.
enum Found {
    Event(Box<Event>),
    /// The series is there, this occurrence is not in it.
    SeriesOnly,
    Nothing,
}

/// The copy by its `iCalUId`, in whichever calendar of the mailbox; an occurrence through the masters that have it, because
/// only masters are listed (facts sheet, section 6).
async fn by_uid(desk: &Desk, mailbox: &Mailbox, link: &Link) -> Result<Found, GraphError> {
    let Some(uid) = link.search_uid() else { return Ok(Found::Nothing) };
    let mut events = desk.graph.events_by_ical_uid(mailbox, uid, &desk.select).await?;
    // Where several copies turn up, whoever takes part in one of them takes part.
    events.sort_by_key(|event| match event.response.answer {
        Answer::Accepted | Answer::TentativelyAccepted | Answer::Organizer => 0,
        Answer::None | Answer::NotResponded => 1,
        Answer::Declined => 2,
    });
    let Some(original_start) = link.original_start else {
        let single = events.into_iter().find(|event| event.original_start.is_none());
        return Ok(single.map_or(Found::Nothing, |event| Found::Event(Box::new(event))));
    };
    let mut found = Found::Nothing;
    for event in events {
        if event.original_start == Some(original_start) {
            return Ok(Found::Event(Box::new(event)));
        }
        if event.kind != EventKind::SeriesMaster {
            continue;
        }
        // An occurrence may have been moved far from where it stood.
        let from = original_start.min(link.start.unwrap_or(original_start)) - Duration::days(1);
        let to = original_start.max(link.end.unwrap_or(original_start)) + AFTER;
        let Some(instances) = desk.graph.instances(mailbox, &event.id, from, to, &desk.select).await? else { continue };
        match instances.into_iter().find(|instance| instance.original_start == Some(original_start)) {
            Some(instance) => return Ok(Found::Event(Box::new(instance))),
            None => found = Found::SeriesOnly,
        }
    }
    Ok(found)
}

/// How far after its place in the series an occurrence is looked for.
const AFTER: Duration = Duration::days(366);

/// The readable mailbox of the link's organizer; `None` when that organizer is not among the configured ones.
async fn organizers_mailbox(desk: &Desk, link: &Link) -> Result<Option<UserId>, GraphError> {
    let Some(organizer) = &link.organizer else { return Ok(None) };
    for address in &desk.tenant.watch.organizers {
        if desk.people.hash(address) == *organizer {
            return desk.people.organizer(desk.graph.as_ref(), address).await;
        }
    }
    Ok(None)
}

/// The learner's entry in a list of attendees, by any of their addresses.
pub fn entry_of(desk: &Desk, event: &Event, person: &Person) -> Option<Response> {
    event
        .attendees
        .iter()
        .filter(|attendee| !attendee.is_resource)
        .find(|attendee| person.aliases.contains(&desk.people.hash(&attendee.address)))
        .map(|attendee| attendee.response)
}
