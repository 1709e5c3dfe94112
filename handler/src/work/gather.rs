//! Gathers the evidence about one link: the learner's copy, and where that is not there to be asked, the organizer's.

use crate::calendar::event::{Event, Response};
use crate::calendar::evidence::{Evidence, LearnerCopy, OrganizerCopy, Sight};
use crate::calendar::link::Link;
use crate::graph::{GraphError, Mailbox};
use crate::ids::UserId;
use crate::work::desk::Desk;
use crate::work::people::Person;

/// Reads what the copies say now. Never fails: what can't be read is evidence of its own kind.
pub async fn gather(desk: &Desk, link: &Link) -> Evidence {
    let learner = learners_copy(desk, link).await;
    let organizer = match learner {
        LearnerCopy::There(_) | LearnerCopy::Unreadable => OrganizerCopy::NotAsked,
        LearnerCopy::Gone | LearnerCopy::NotOurs => organizers_copy(desk, link).await,
    };
    Evidence { learner, organizer }
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
    // Not under its id: moved? The place of the other calendars, and of a master's instances.
    let Some(uid) = &link.ical_uid else { return LearnerCopy::Gone };
    match desk.graph.events_by_ical_uid(&mailbox, uid, &desk.select).await {
        Ok(events) => match events.into_iter().find(|event| event.original_start == link.original_start) {
            Some(event) => LearnerCopy::There(sight(&event)),
            None => LearnerCopy::Gone,
        },
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
            Ok(Some(event)) => Ok(Some(event)),
            Ok(None) => by_uid(desk, &mailbox, link).await,
            Err(trouble) => Err(trouble),
        },
        None => by_uid(desk, &mailbox, link).await,
    };
    match found {
        Ok(Some(event)) => OrganizerCopy::There {
            entry: entry_of(desk, &event, &person),
            is_cancelled: event.is_cancelled,
            start: event.start,
            end: event.end,
            event: event.id,
        },
        Ok(None) => OrganizerCopy::Gone,
        Err(GraphError::NoMailbox(_) | GraphError::Refused(_)) => OrganizerCopy::NotOurs,
        Err(_) => OrganizerCopy::Unreadable,
    }
}

async fn by_uid(desk: &Desk, mailbox: &Mailbox, link: &Link) -> Result<Option<Event>, GraphError> {
    let Some(uid) = &link.ical_uid else { return Ok(None) };
    let events = desk.graph.events_by_ical_uid(mailbox, uid, &desk.select).await?;
    Ok(events.into_iter().find(|event| event.original_start == link.original_start))
}

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
