//! Gathers the evidence about one link: the learner's copy, and where that is not there to be asked, the organizer's.

use crate::calendar::event::{Answer, Event, EventKind};
use crate::calendar::evidence::{Entry, Evidence, LearnerCopy, OrganizerCopy, Sight};
use crate::calendar::link::Link;
use crate::graph::GraphError;
use crate::ids::UserId;
use crate::store::StoreError;
use crate::work::desk::{Desk, Office};
use crate::work::mailbox;
use crate::work::people::{Person, is_outside};
use crate::work::reading::{self, There};
use chrono::Duration;
use std::collections::BTreeSet;

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

/// Whether the learner's mailbox may be read: only those that are watched are, whatever the app is allowed to.
async fn is_ours(office: &Office, desk: &Desk, link: &Link) -> Result<bool, StoreError> {
    if is_outside(&link.mailbox) || !desk.tenant.watch.mode.reads_learners() {
        return Ok(false);
    }
    mailbox::is_watched(office.tables.as_ref(), &desk.tenant.name, &link.mailbox).await
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
    let mut known = link.clone();
    if let Some(id) = &link.event {
        match reading::there(desk, &link.mailbox, id, link.around()).await {
            Ok(There::Shown(event)) => return LearnerCopy::There(sight(&event)),
            Ok(There::Hidden(event)) => remind(&mut known, &event),
            Ok(There::Gone) => {}
            Err(trouble) => return unreadable(&trouble),
        }
    }
    // Not under its id: moved?
    match by_uid(desk, &link.mailbox, &known).await {
        Ok(Found::Event(event)) => LearnerCopy::There(sight(&event)),
        Ok(Found::SeriesOnly | Found::Nothing) => LearnerCopy::Gone,
        Err(trouble) => unreadable(&trouble),
    }
}

/// A copy that lies in no calendar still tells by what another one is found.
fn remind(link: &mut Link, hidden: &Event) {
    link.ical_uid = link.ical_uid.take().or_else(|| hidden.ical_uid.clone());
    (link.start, link.end) = (link.start.or(hidden.start), link.end.or(hidden.end));
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
        Ok(Some(mailbox)) => mailbox,
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
        // What the organizer cancels or deletes goes to Deleted Items, too.
        Some(id) => match reading::there(desk, &mailbox, id, link.around()).await {
            Ok(There::Shown(event)) => Ok(Found::Event(event)),
            Ok(There::Hidden(_) | There::Gone) => by_uid(desk, &mailbox, link).await,
            Err(trouble) => Err(trouble),
        },
        None => by_uid(desk, &mailbox, link).await,
    };
    match found {
        Ok(Found::Event(event)) => {
            let (entry, listed_as) = entry_of(desk, &event, &person, &link.listed_as);
            let entry = match entry {
                Entry::Absent => match desk.people.has_unknown(desk.graph.as_ref(), &event).await {
                    Ok(true) => Entry::Unclear,
                    Ok(false) => Entry::Absent,
                    Err(_) => return OrganizerCopy::Unreadable,
                },
                Entry::Listed(_) | Entry::Disputed | Entry::Unclear => entry,
            };
            OrganizerCopy::There {
                entry,
                listed_as,
                is_cancelled: event.is_cancelled,
                start: event.start,
                end: event.end,
                event: event.id,
            }
        }
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
async fn by_uid(desk: &Desk, mailbox: &UserId, link: &Link) -> Result<Found, GraphError> {
    let Some(uid) = link.search_uid() else { return Ok(Found::Nothing) };
    let mut events = reading::by_ical_uid(desk, mailbox, uid).await?;
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
        let Some(instances) = reading::instances(desk, mailbox, &event.id, from, to).await? else { continue };
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

/// What the list of attendees says of the learner, by any of their addresses and by that under which they were seen in it; and
/// under which of them they are in it now.
pub fn entry_of(
    desk: &Desk,
    event: &Event,
    person: &Person,
    listed_as: &BTreeSet<String>,
) -> (Entry, BTreeSet<String>) {
    let (mut responses, mut hashes) = (Vec::new(), BTreeSet::new());
    for attendee in event.attendees.iter().filter(|attendee| !attendee.is_resource) {
        let hash = desk.people.hash(&attendee.address);
        if person.aliases.contains(&hash) || listed_as.contains(&hash) {
            responses.push(attendee.response);
            hashes.insert(hash);
        }
    }
    (Entry::together(&responses), hashes)
}
