//! Every reading of a calendar on behalf of a use case.
//!
//! Guarantees: an organizer whom Exchange shows under a name of its own directory is named by the address
//! that the configuration has for them; and what counts as there is shown by a calendar, not only readable by
//! its id.

use crate::calendar::event::{Event, EventKind};
use crate::calendar::event_select::EventSelect;
use crate::calendar::link::around;
use crate::config::Publish;
use crate::graph::GraphError;
use crate::graph::port::{Calendars, Mailbox, Since, ViewPage, Viewed};
use crate::ids::{EventId, ICalUid, UserId};
use crate::jobs::context::TenantContext;
use chrono::{DateTime, Utc};

pub async fn event(
    context: &TenantContext,
    mailbox: &UserId,
    id: &EventId,
) -> Result<Option<Event>, GraphError> {
    match context.graph.event(&Mailbox::Id(mailbox.clone()), id, &context.select).await? {
        Some(found) => named(context, found).await.map(Some),
        None => Ok(None),
    }
}

/// The same in an organizer's calendar: with its title and its place, where sessions are published, so that a
/// person's edit of them is seen.
pub async fn event_as_shown(
    context: &TenantContext,
    organizer: &UserId,
    id: &EventId,
) -> Result<Option<Event>, GraphError> {
    let publishes = context.tenant.publish.as_ref().is_some_and(Publish::writes);
    let select = match publishes {
        true => &EventSelect { subject: true, place: true, ..context.select.clone() },
        false => &context.select,
    };
    match context.graph.event(&Mailbox::Id(organizer.clone()), id, select).await? {
        Some(found) => named(context, found).await.map(Some),
        None => Ok(None),
    }
}

pub async fn by_ical_uid(
    context: &TenantContext,
    mailbox: &UserId,
    uid: &ICalUid,
) -> Result<Vec<Event>, GraphError> {
    let found = context.graph.events_by_ical_uid(&Mailbox::Id(mailbox.clone()), uid, &context.select).await?;
    all_named(context, found).await
}

/// A page of what a calendar shows.
pub async fn page(context: &TenantContext, mailbox: &UserId, since: &Since) -> Result<Viewed, GraphError> {
    match context.graph.calendar_page(&Mailbox::Id(mailbox.clone()), since, &context.select).await? {
        Viewed::Page(ViewPage { events, next }) => {
            Ok(Viewed::Page(ViewPage { events: all_named(context, events).await?, next }))
        }
        Viewed::Lost => Ok(Viewed::Lost),
    }
}

/// `None`: the mailbox answered, and there is no such master.
pub async fn instances(
    context: &TenantContext,
    mailbox: &UserId,
    master: &EventId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> Result<Option<Vec<Event>>, GraphError> {
    match context.graph.instances(&Mailbox::Id(mailbox.clone()), master, from, to, &context.select).await? {
        Some(found) => all_named(context, found).await.map(Some),
        None => Ok(None),
    }
}

/// What becomes of asking for an event by its id.
pub enum EventPresence {
    Shown(Box<Event>),
    /// It answers, and no calendar shows it: in Deleted Items, or held.
    Hidden(Box<Event>),
    Gone,
}

/// An event that is known to us. `expected`: between which times the calendar should show it; both are asked
/// side by side, as parts of one batch. Where it was moved to another time or another calendar, that is asked
/// for afterwards.
pub async fn there(
    context: &TenantContext,
    mailbox: &UserId,
    id: &EventId,
    expected: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<EventPresence, GraphError> {
    let of = Mailbox::Id(mailbox.clone());
    let shows = async {
        match expected {
            Some((from, to)) => context.graph.shows(&of, id, from, to, Calendars::Default).await,
            None => Ok(false),
        }
    };
    let (found, is_shown) = futures::join!(event(context, mailbox, id), shows);
    let Some(found) = found? else { return Ok(EventPresence::Gone) };
    Ok(match is_shown? || is_elsewhere(context, &of, &found, expected).await? {
        true => EventPresence::Shown(Box::new(found)),
        false => EventPresence::Hidden(Box::new(found)),
    })
}

/// Whether a calendar of this mailbox shows an event that it was just read from.
pub async fn is_shown(context: &TenantContext, mailbox: &UserId, found: &Event) -> Result<bool, GraphError> {
    let of = Mailbox::Id(mailbox.clone());
    match (found.kind, &found.ical_uid) {
        // A view shows a series' occurrences; the series itself is listed.
        (EventKind::SeriesMaster, Some(uid)) => {
            Ok(by_ical_uid(context, mailbox, uid).await?.iter().any(|other| other.id == found.id))
        }
        (EventKind::SeriesMaster, None) => Ok(true),
        (EventKind::SingleInstance | EventKind::Occurrence | EventKind::Exception, _) => {
            is_elsewhere(context, &of, found, None).await
        }
    }
}

/// At its own time, where that is another than was asked for; and then in another calendar than the default
/// one.
async fn is_elsewhere(
    context: &TenantContext,
    of: &Mailbox,
    found: &Event,
    asked: Option<(DateTime<Utc>, DateTime<Utc>)>,
) -> Result<bool, GraphError> {
    let Some((from, to)) = around(found.start, found.end) else { return Ok(false) };
    let start = found.start.unwrap_or(from);
    let is_asked = asked.is_some_and(|(from, to)| from < start && start < to);
    if !is_asked && context.graph.shows(of, &found.id, from, to, Calendars::Default).await? {
        return Ok(true);
    }
    context.graph.shows(of, &found.id, from, to, Calendars::Others).await
}

async fn all_named(context: &TenantContext, found: Vec<Event>) -> Result<Vec<Event>, GraphError> {
    let mut all = Vec::with_capacity(found.len());
    for event in found {
        all.push(named(context, event).await?);
    }
    Ok(all)
}

/// The event, with a configured address in the place of an Exchange name of the same organizer. Nearly always
/// it costs nothing.
async fn named(context: &TenantContext, mut event: Event) -> Result<Event, GraphError> {
    let Some(name) = event.organizer.as_ref().filter(|name| !name.is_smtp()) else { return Ok(event) };
    let configured = context.tenant.recognise.organizer.iter().chain(&context.tenant.watch.organizers);
    if let Some(address) = context.users.among(context.graph.as_ref(), name, configured).await? {
        event.organizer = Some(address.clone());
    }
    Ok(event)
}
