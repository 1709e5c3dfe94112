//! Gathers the evidence about one link: the learner's copy, and where that is not there to be asked, the organizer's.

use crate::calendar::event::{Answer, Event, EventKind};
use crate::calendar::event_select::EventSelect;
use crate::calendar::evidence::{Entry, Evidence, LearnerCopy, OrganizerCopy, Sight};
use crate::calendar::link::Link;
use crate::graph::GraphError;
use crate::graph::port::Mailbox;
use crate::ids::UserId;
use crate::jobs::context::{Desk, Office};
use crate::jobs::observe::read_calendar::{self, There};
use crate::jobs::user_cache::{Person, is_outside};
use crate::ledger::mailboxes;
use crate::store::StoreError;
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
        LearnerCopy::There(_) => OrganizerCopy::NotAsked,
        // Where the learner's mailbox can't be read now, the organizer's may be.
        LearnerCopy::Gone
        | LearnerCopy::Unfindable
        | LearnerCopy::NotOurs
        | LearnerCopy::Refused
        | LearnerCopy::Unreadable => organizers_copy(desk, link).await,
    };
    Ok(Evidence { learner, organizer })
}

/// Whether the learner's mailbox may be read: only those that are watched are, whatever the app is allowed to.
async fn is_ours(office: &Office, desk: &Desk, link: &Link) -> Result<bool, StoreError> {
    if is_outside(&link.mailbox) || !desk.tenant.watch.mode.reads_learners() {
        return Ok(false);
    }
    mailboxes::is_watched(office.ledger.tables.as_ref(), &desk.tenant.name, &link.mailbox).await
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
        match read_calendar::there(desk, &link.mailbox, id, link.around()).await {
            Ok(There::Shown(event)) => return LearnerCopy::There(sight(&event)),
            Ok(There::Hidden(event)) => remind(&mut known, &event),
            Ok(There::Gone) => {}
            Err(trouble) => return unreadable(&trouble),
        }
    }
    // Not under its id: moved?
    match look_up(desk, &link.mailbox, &known).await {
        Ok(Found::Event(event)) => LearnerCopy::There(sight(&event)),
        Ok(Found::SeriesOnly | Found::Nothing) => LearnerCopy::Gone,
        Ok(Found::Unasked) => LearnerCopy::Unfindable,
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
        GraphError::NoMailbox(_) | GraphError::Refused(_) => LearnerCopy::Refused,
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
        // Who sent it is not known, so none of the readable mailboxes can be asked for it.
        Ok(None) if link.organizer.is_none() && !desk.tenant.watch.organizers.is_empty() => {
            return OrganizerCopy::Unasked;
        }
        Ok(None) => return OrganizerCopy::NotOurs,
        Err(trouble) => return unasked_or_unreadable(&trouble),
    };
    let person = match desk.people.person(desk.graph.as_ref(), &link.mailbox).await {
        Ok(Some(person)) => person,
        // Without the learner's addresses their entry can't be told from others'.
        Ok(None) => return OrganizerCopy::Unasked,
        Err(trouble) => return unasked_or_unreadable(&trouble),
    };
    let found = match &link.organizer_event {
        // What the organizer cancels or deletes goes to Deleted Items, too. An id is looked for in the whole mailbox: that it is
        // not there is an answer, even where there is nothing else to look for it by.
        Some(id) => match read_calendar::there(desk, &mailbox, id, link.around()).await {
            Ok(There::Shown(event)) => Ok(Found::Event(event)),
            Ok(There::Hidden(_) | There::Gone) => match look_up(desk, &mailbox, link).await {
                Ok(Found::Unasked) => Ok(Found::Nothing),
                found => found,
            },
            Err(trouble) => Err(trouble),
        },
        None => look_up(desk, &mailbox, link).await,
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
                proposes: proposes(desk, &event, &person, &link.listed_as),
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
        Ok(Found::Unasked) => OrganizerCopy::Unasked,
        // A sender without a calendar.
        Err(GraphError::NoMailbox(_)) => OrganizerCopy::NotOurs,
        Err(trouble) => unasked_or_unreadable(&trouble),
    }
}

/// Of an organizer's mailbox that is configured: what is refused may hold an answer all the same.
fn unasked_or_unreadable(trouble: &GraphError) -> OrganizerCopy {
    match trouble {
        GraphError::Refused(_) => OrganizerCopy::Unasked,
        GraphError::NoMailbox(_)
        | GraphError::NotFound(_)
        | GraphError::Unauthorized(_)
        | GraphError::Credential { .. }
        | GraphError::Quota(_)
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Throttled { .. }
        | GraphError::Unavailable(_)
        | GraphError::Invalid(_) => OrganizerCopy::Unreadable,
    }
}

/// What a mailbox holds of a link's calendar item.
enum Found {
    Event(Box<Event>),
    /// The series is there, this occurrence is not in it.
    SeriesOnly,
    Nothing,
    /// There is nothing to look for it by.
    Unasked,
}

/// The copy by what identifies it across mailboxes and calendars: its `iCalUId`; where Exchange gave it none, its start and
/// its subject. A view shows one calendar alone, so that it is not in there does not say that it is nowhere.
async fn look_up(desk: &Desk, mailbox: &UserId, link: &Link) -> Result<Found, GraphError> {
    if link.search_uid().is_some() {
        return by_uid(desk, mailbox, link).await;
    }
    let (Some(subject), Some(start)) = (&link.subject, link.start) else { return Ok(Found::Unasked) };
    let select = EventSelect { subject: true, ..desk.select.clone() };
    let (from, to) = (start - Duration::hours(1), start + Duration::hours(1));
    let same = |event: &Event| {
        event.start == Some(start) && subject_of(desk, event).as_ref() == Some(subject) && is_of(desk, event, link)
    };
    let of = Mailbox::Id(mailbox.clone());
    let Some(same) = desk.graph.calendar_view(&of, from, to, &select).await?.into_iter().find(same) else {
        return Ok(Found::Unasked);
    };
    let found = read_calendar::event(desk, mailbox, &same.id).await?;
    Ok(found.map_or(Found::Unasked, |event| Found::Event(Box::new(event))))
}

/// Sent by the link's organizer, as far as that is known.
fn is_of(desk: &Desk, event: &Event, link: &Link) -> bool {
    let organizer = event.organizer.as_ref().map(|address| desk.people.hash(address));
    link.organizer.is_none() || organizer.is_none() || link.organizer == organizer
}

/// The event's subject as a keyed hash, where it was read.
pub fn subject_of(desk: &Desk, event: &Event) -> Option<String> {
    event
        .subject
        .as_deref()
        .map(str::trim)
        .filter(|subject| !subject.is_empty())
        .map(|text| desk.people.hash_text(text))
}

/// The copy by its `iCalUId`, in whichever calendar of the mailbox; an occurrence through the masters that have it, because
/// only masters are listed (facts sheet, section 6).
async fn by_uid(desk: &Desk, mailbox: &UserId, link: &Link) -> Result<Found, GraphError> {
    let Some(uid) = link.search_uid() else { return Ok(Found::Unasked) };
    let mut events = read_calendar::by_ical_uid(desk, mailbox, uid).await?;
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
        let Some(instances) = read_calendar::instances(desk, mailbox, &event.id, from, to).await? else { continue };
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

/// Whether the learner has declined and proposed another time.
fn proposes(desk: &Desk, event: &Event, person: &Person, listed_as: &BTreeSet<String>) -> bool {
    event.attendees.iter().filter(|attendee| !attendee.is_resource).any(|attendee| {
        let hash = desk.people.hash(&attendee.address);
        let is_theirs = person.aliases.contains(&hash) || listed_as.contains(&hash);
        is_theirs && attendee.proposes && attendee.response.answer == Answer::Declined
    })
}

/// Whether the organizer's copy shows that the learner declined and proposed another time. What can't be read shows nothing.
pub async fn declined_with_proposal(desk: &Desk, link: &Link) -> bool {
    match organizers_copy(desk, link).await {
        OrganizerCopy::There { proposes, .. } => proposes,
        OrganizerCopy::Gone
        | OrganizerCopy::OccurrenceGone
        | OrganizerCopy::NotOurs
        | OrganizerCopy::Unasked
        | OrganizerCopy::Unreadable
        | OrganizerCopy::NotAsked => false,
    }
}
