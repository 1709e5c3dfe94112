//! Gathers the evidence about one link: the learner's copy, and where that is not there to be asked, the
//! organizer's.

use crate::calendar::event::{Answer, Event, EventKind};
use crate::calendar::event_select::EventSelect;
use crate::calendar::evidence::{AttendeeEntry, CopyState, Evidence, LearnerCopy, OrganizerCopy};
use crate::calendar::learning::Introduction;
use crate::calendar::link::Link;
use crate::enrolment::judge_place::Gathered;
use crate::graph::GraphError;
use crate::graph::port::Mailbox;
use crate::ids::UserId;
use crate::jobs::context::TenantContext;
use crate::jobs::observe::read_calendar::{self, EventPresence};
use crate::jobs::observe::readable_mailboxes::ReadableMailboxes;
use crate::jobs::user_cache::DirectoryUser;
use crate::ledger::links::Linked;
use chrono::Duration;
use futures::future::join_all;
use std::collections::BTreeSet;

/// Reads what the copies say now of the items of one place, side by side. A failure of Graph's is none of the
/// work: what can't be read is evidence of its own kind.
pub async fn gather_all(
    context: &TenantContext,
    place: &[Linked],
    mailboxes: &ReadableMailboxes,
) -> Vec<Gathered> {
    join_all(place.iter().map(|(link, at)| async move {
        let evidence = gather(context, link, mailboxes.may_read(&link.mailbox)).await;
        let introduction = match evidence.organizer == OrganizerCopy::NotAsked {
            true => introduction(context, link).await,
            false => None,
        };
        Gathered { link: link.clone(), at: at.clone(), evidence, introduction }
    }))
    .await
}

async fn gather(context: &TenantContext, link: &Link, may_read: bool) -> Evidence {
    let learner = match may_read {
        true => learners_copy(context, link).await,
        false => LearnerCopy::NotOurs,
    };
    let organizer = match learner {
        LearnerCopy::There(_) => OrganizerCopy::NotAsked,
        // Where the learner's mailbox can't be read now, the organizer's may be.
        LearnerCopy::Gone
        | LearnerCopy::Unfindable
        | LearnerCopy::NotOurs
        | LearnerCopy::Refused
        | LearnerCopy::Unreadable => organizers_copy(context, link).await,
    };
    Evidence { learner, organizer }
}

/// Asks for the organizer's copy once for a new link, and anew for one that was dropped and has a living copy
/// again.
async fn introduction(context: &TenantContext, link: &Link) -> Option<Introduction> {
    let is_known = link.organizer_asked && !link.dropped || context.tenant.watch.organizers.is_empty();
    match is_known {
        true => None,
        false => Some(Introduction::of(organizers_copy(context, link).await)),
    }
}

fn state_of(event: &Event) -> CopyState {
    CopyState {
        event: event.id.clone(),
        response: event.response,
        is_cancelled: event.is_cancelled,
        created: event.created,
        modified: event.modified,
        start: event.start,
        end: event.end,
    }
}

async fn learners_copy(context: &TenantContext, link: &Link) -> LearnerCopy {
    let mut known = link.clone();
    if let Some(id) = &link.event {
        match read_calendar::there(context, &link.mailbox, id, link.around()).await {
            Ok(EventPresence::Shown(event)) => return LearnerCopy::There(state_of(&event)),
            Ok(EventPresence::Hidden(event)) => remind(&mut known, &event),
            Ok(EventPresence::Gone) => {}
            Err(failure) => return unreadable(&failure),
        }
    }
    // Not under its id: moved?
    match look_up(context, &link.mailbox, &known).await {
        Ok(LookUp::Event(event)) => LearnerCopy::There(state_of(&event)),
        Ok(LookUp::SeriesOnly | LookUp::Nothing) => LearnerCopy::Gone,
        Ok(LookUp::Unasked) => LearnerCopy::Unfindable,
        Err(failure) => unreadable(&failure),
    }
}

/// A copy that lies in no calendar still tells by what another one is found.
fn remind(link: &mut Link, hidden: &Event) {
    link.ical_uid = link.ical_uid.take().or_else(|| hidden.ical_uid.clone());
    (link.start, link.end) = (link.start.or(hidden.start), link.end.or(hidden.end));
}

fn unreadable(failure: &GraphError) -> LearnerCopy {
    if failure.is_not_ours() { LearnerCopy::Refused } else { LearnerCopy::Unreadable }
}

/// The organizer's copy of a link's event, from the mailbox that the link's organizer has with us, if any.
pub async fn organizers_copy(context: &TenantContext, link: &Link) -> OrganizerCopy {
    let mailbox = match organizers_mailbox(context, link).await {
        Ok(Some(mailbox)) => mailbox,
        // Who sent it is not known, so none of the readable mailboxes can be asked for it.
        Ok(None) if link.organizer.is_none() && !context.tenant.watch.organizers.is_empty() => {
            return OrganizerCopy::Unasked;
        }
        Ok(None) => return OrganizerCopy::NotOurs,
        Err(failure) => return unasked_or_unreadable(&failure),
    };
    let person = match context.users.user(context.graph.as_ref(), &link.mailbox).await {
        Ok(Some(person)) => person,
        // Without the learner's addresses their entry can't be told from others'.
        Ok(None) => return OrganizerCopy::Unasked,
        Err(failure) => return unasked_or_unreadable(&failure),
    };
    let found = match &link.organizer_event {
        // What the organizer cancels or deletes goes to Deleted Items, too. An id is looked for in the whole
        // mailbox: that it is not there is an answer, even where there is nothing else to look for it by.
        Some(id) => match read_calendar::there(context, &mailbox, id, link.around()).await {
            Ok(EventPresence::Shown(event)) => Ok(LookUp::Event(event)),
            Ok(EventPresence::Hidden(_) | EventPresence::Gone) => {
                match look_up(context, &mailbox, link).await {
                    Ok(LookUp::Unasked) => Ok(LookUp::Nothing),
                    found => found,
                }
            }
            Err(failure) => Err(failure),
        },
        None => look_up(context, &mailbox, link).await,
    };
    match found {
        Ok(LookUp::Event(event)) => {
            let (entry, listed_as) = entry_of(context, &event, &person, &link.listed_as);
            let entry = match entry {
                AttendeeEntry::Absent => {
                    match context.users.has_unknown(context.graph.as_ref(), &event).await {
                        Ok(true) => AttendeeEntry::Unclear,
                        Ok(false) => AttendeeEntry::Absent,
                        Err(_) => return OrganizerCopy::Unreadable,
                    }
                }
                AttendeeEntry::Listed(_) | AttendeeEntry::Disputed | AttendeeEntry::Unclear => entry,
            };
            OrganizerCopy::There {
                proposes: proposes(context, &event, &person, &link.listed_as),
                entry,
                listed_as,
                is_cancelled: event.is_cancelled,
                start: event.start,
                end: event.end,
                event: event.id,
            }
        }
        Ok(LookUp::SeriesOnly) => OrganizerCopy::OccurrenceGone,
        Ok(LookUp::Nothing) => OrganizerCopy::Gone,
        Ok(LookUp::Unasked) => OrganizerCopy::Unasked,
        // It had its copy once: that the mailbox is lost says nothing of what became of it.
        Err(GraphError::NoMailbox(_)) if link.organizer_event.is_some() => OrganizerCopy::Unasked,
        // A sender without a calendar.
        Err(GraphError::NoMailbox(_)) => OrganizerCopy::NotOurs,
        Err(failure) => unasked_or_unreadable(&failure),
    }
}

/// Of an organizer's mailbox that is configured: what is refused may hold an answer all the same.
fn unasked_or_unreadable(failure: &GraphError) -> OrganizerCopy {
    if matches!(failure, GraphError::Refused(_)) { OrganizerCopy::Unasked } else { OrganizerCopy::Unreadable }
}

/// What a mailbox holds of a link's calendar item.
enum LookUp {
    Event(Box<Event>),
    /// The series is there, this occurrence is not in it.
    SeriesOnly,
    Nothing,
    /// There is nothing to look for it by.
    Unasked,
}

/// The copy by what identifies it across mailboxes and calendars: its `iCalUId`; where Exchange gave it none,
/// its start and its subject. A view shows one calendar alone, so that it is not in there does not say that
/// it is nowhere.
async fn look_up(context: &TenantContext, mailbox: &UserId, link: &Link) -> Result<LookUp, GraphError> {
    if link.search_uid().is_some() {
        return by_uid(context, mailbox, link).await;
    }
    let (Some(subject), Some(start)) = (&link.subject, link.start) else { return Ok(LookUp::Unasked) };
    let select = EventSelect { subject: true, ..context.select.clone() };
    let (from, to) = (start - Duration::hours(1), start + Duration::hours(1));
    let same = |event: &Event| {
        event.start == Some(start)
            && subject_of(context, event).as_ref() == Some(subject)
            && is_of(context, event, link)
    };
    let of = Mailbox::Id(mailbox.clone());
    let Some(same) = context.graph.calendar_view(&of, from, to, &select).await?.into_iter().find(same) else {
        return Ok(LookUp::Unasked);
    };
    let found = read_calendar::event(context, mailbox, &same.id).await?;
    Ok(found.map_or(LookUp::Unasked, |event| LookUp::Event(Box::new(event))))
}

/// Sent by the link's organizer, as far as that is known.
fn is_of(context: &TenantContext, event: &Event, link: &Link) -> bool {
    let organizer = event.organizer.as_ref().map(|address| context.users.hash(address));
    link.organizer.is_none() || organizer.is_none() || link.organizer == organizer
}

/// The event's subject as a keyed hash, where it was read.
pub fn subject_of(context: &TenantContext, event: &Event) -> Option<String> {
    event
        .subject
        .as_deref()
        .map(str::trim)
        .filter(|subject| !subject.is_empty())
        .map(|text| context.users.hash_text(text))
}

/// The copy by its `iCalUId`, in whichever calendar of the mailbox; an occurrence through the masters that
/// have it, because only masters are listed (reference/graph-events.md#in-a-calendar).
async fn by_uid(context: &TenantContext, mailbox: &UserId, link: &Link) -> Result<LookUp, GraphError> {
    let Some(uid) = link.search_uid() else { return Ok(LookUp::Unasked) };
    let mut events = read_calendar::by_ical_uid(context, mailbox, uid).await?;
    // Where several copies turn up, whoever takes part in one of them takes part.
    events.sort_by_key(|event| match event.response.answer {
        Answer::Accepted | Answer::TentativelyAccepted | Answer::Organizer => 0,
        Answer::None | Answer::NotResponded => 1,
        Answer::Declined => 2,
    });
    let Some(original_start) = link.original_start else {
        let single = events.into_iter().find(|event| event.original_start.is_none());
        return Ok(single.map_or(LookUp::Nothing, |event| LookUp::Event(Box::new(event))));
    };
    let mut found = LookUp::Nothing;
    for event in events {
        if event.original_start == Some(original_start) {
            return Ok(LookUp::Event(Box::new(event)));
        }
        if event.kind != EventKind::SeriesMaster {
            continue;
        }
        // An occurrence may have been moved far from where it stood.
        let from = original_start.min(link.start.unwrap_or(original_start)) - Duration::days(1);
        let to = original_start.max(link.end.unwrap_or(original_start)) + AFTER;
        let Some(instances) = read_calendar::instances(context, mailbox, &event.id, from, to).await? else {
            continue;
        };
        match instances.into_iter().find(|instance| instance.original_start == Some(original_start)) {
            Some(instance) => return Ok(LookUp::Event(Box::new(instance))),
            None => found = LookUp::SeriesOnly,
        }
    }
    Ok(found)
}

/// How far after its place in the series an occurrence is looked for.
const AFTER: Duration = Duration::days(366);

/// The readable mailbox of the link's organizer; `None` when that organizer is not among the configured ones.
async fn organizers_mailbox(context: &TenantContext, link: &Link) -> Result<Option<UserId>, GraphError> {
    let Some(organizer) = &link.organizer else { return Ok(None) };
    for address in &context.tenant.watch.organizers {
        if context.users.hash(address) == *organizer {
            return context.users.organizer(context.graph.as_ref(), address).await;
        }
    }
    Ok(None)
}

/// What the list of attendees says of the learner, by any of their addresses and by that under which they
/// were seen in it; and under which of them they are in it now.
pub fn entry_of(
    context: &TenantContext,
    event: &Event,
    person: &DirectoryUser,
    listed_as: &BTreeSet<String>,
) -> (AttendeeEntry, BTreeSet<String>) {
    let (mut responses, mut hashes) = (Vec::new(), BTreeSet::new());
    for attendee in event.attendees.iter().filter(|attendee| !attendee.is_resource) {
        let hash = context.users.hash(&attendee.address);
        if person.aliases.contains(&hash) || listed_as.contains(&hash) {
            responses.push(attendee.response);
            hashes.insert(hash);
        }
    }
    (AttendeeEntry::together(&responses), hashes)
}

/// Whether the learner has declined and proposed another time.
fn proposes(
    context: &TenantContext,
    event: &Event,
    person: &DirectoryUser,
    listed_as: &BTreeSet<String>,
) -> bool {
    event.attendees.iter().filter(|attendee| !attendee.is_resource).any(|attendee| {
        let hash = context.users.hash(&attendee.address);
        let is_theirs = person.aliases.contains(&hash) || listed_as.contains(&hash);
        is_theirs && attendee.proposes && attendee.response.answer == Answer::Declined
    })
}
