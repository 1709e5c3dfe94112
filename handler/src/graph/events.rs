//! Reading events: one by its id, some by their `iCalUId`, a calendar between two times.

use super::classify::About;
use super::client::{HttpGraph, invalid};
use super::delta::is_lost;
use super::error::GraphError;
use super::event_json::event;
use super::json::{flag, text};
use super::request::{Lane, Request, encode, literal, mailbox_path};
use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::graph::port::{Calendars, Mailbox, Since, ViewPage, Viewed};
use crate::ids::{Address, EventId, ICalUid};
use chrono::{DateTime, SecondsFormat, Utc};
use futures::future::try_join_all;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What recognition and evidence read (reference/graph-events.md#two-copies).
const SELECT: &str = "id,iCalUId,isCancelled,isOrganizer,type,seriesMasterId,originalStart,organizer,responseStatus,\
                      start,end,isAllDay,originalStartTimeZone,originalEndTimeZone,attendees,responseRequested,createdDateTime,lastModifiedDateTime";
/// Events on a page. Each may hold 500 attendees, so not the maximum.
pub(crate) const PAGE: u32 = 100;
/// The same, where nothing but ids is read.
pub(crate) const IDS: u32 = 1_000;
/// Of a year, each with fewer days than a page has events.
const PARTS: i32 = 4;

pub(super) async fn one(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    id: &EventId,
    select: &EventSelect,
) -> Result<Option<Event>, GraphError> {
    let path = format!("{}/events/{}?{}", mailbox_path(mailbox), encode(id.as_str()), selection(select));
    match graph.get(request(mailbox, About::Event, path, select)).await {
        Ok(found) => event(&found, select.timezone).map(Some).ok_or_else(|| invalid("eventWithoutId")),
        Err(GraphError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Looks in the default calendar, and where it is not there in each other one: a moved event is not a removed
/// one (reference/judging.md#verdicts).
pub(super) async fn by_ical_uid(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    uid: &ICalUid,
    select: &EventSelect,
) -> Result<Vec<Event>, GraphError> {
    let filter = format!("$filter={}", encode(&format!("iCalUId eq {}", literal(uid.as_str()))));
    let read = |value: &Value| event(value, select.timezone);
    let within = |calendar: &str| {
        let path = format!("{}{calendar}/events?{filter}&{}", mailbox_path(mailbox), selection(select));
        request(mailbox, About::Calendar, path, select)
    };
    let found = graph.pages(within(""), read).await?;
    if !found.is_empty() {
        return Ok(found);
    }
    let others = other_calendars(graph, mailbox).await?;
    let looks = others.iter().map(|calendar| {
        let look = graph.pages(within(&format!("/calendars/{}", encode(&calendar.id))), read);
        async move { or_none(look.await) }
    });
    Ok(try_join_all(looks).await?.into_iter().flatten().collect())
}

/// The mailbox's own calendars but for the default one.
async fn other_calendars(graph: &HttpGraph, mailbox: &Mailbox) -> Result<Vec<Calendar>, GraphError> {
    let path = format!("{}/calendars?$select=id,isDefaultCalendar,owner&$top={PAGE}", mailbox_path(mailbox));
    let listing = request(mailbox, About::Calendar, path, &EventSelect::default());
    let calendars = graph.pages(listing, |calendar| {
        Some(Calendar {
            id: text(calendar, "id")?,
            is_default: flag(calendar, "isDefaultCalendar") == Some(true),
            owner: calendar
                .get("owner")
                .and_then(|owner| text(owner, "address"))
                .map(|text| Address::new(&text)),
        })
    });
    let mut calendars = calendars.await?;
    let owner =
        calendars.iter().find(|calendar| calendar.is_default).and_then(|calendar| calendar.owner.clone());
    // Calendars that colleagues share hold their copies of the same meeting, with their answers.
    let own = |calendar: &Calendar| owner.is_none() || calendar.owner.is_none() || calendar.owner == owner;
    calendars.retain(|calendar| !calendar.is_default && own(calendar));
    Ok(calendars)
}

/// The calendar itself may have gone away meanwhile, and what was in it.
fn or_none<T>(found: Result<Vec<T>, GraphError>) -> Result<Vec<T>, GraphError> {
    match found {
        Err(GraphError::NotFound(_)) => Ok(Vec::new()),
        other => other,
    }
}

/// Reads nothing but ids: the event itself is read by its own.
pub(super) async fn shows(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    id: &EventId,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
    calendars: Calendars,
) -> Result<bool, GraphError> {
    let within = |calendar: &str| {
        let path =
            format!("{}{calendar}/calendarView?{}&$select=id", mailbox_path(mailbox), window(from, to, PAGE));
        let request = request(mailbox, About::Calendar, path, &EventSelect::default());
        graph.pages(request, |event| Some(text(event, "id")? == id.as_str()))
    };
    match calendars {
        Calendars::Default => Ok(within("").await?.contains(&true)),
        Calendars::Others => {
            let others = other_calendars(graph, mailbox).await?;
            let looks = others.iter().map(|calendar| {
                let look = within(&format!("/calendars/{}", encode(&calendar.id)));
                async move { or_none(look.await) }
            });
            Ok(try_join_all(looks).await?.iter().any(|found| found.contains(&true)))
        }
    }
}

/// Ids alone, so that a page may hold as many as Graph gives.
pub(super) async fn shown(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    (from, to): (DateTime<Utc>, DateTime<Utc>),
) -> Result<BTreeSet<EventId>, GraphError> {
    let window = window(from, to, IDS);
    let path = format!("{}/calendarView?{window}&$select=id,isCancelled", mailbox_path(mailbox));
    let request = request(mailbox, About::Calendar, path, &EventSelect::default());
    let read = |event: &Value| {
        let id = EventId::new(text(event, "id")?);
        Some((id, flag(event, "isCancelled") == Some(true)))
    };
    let found = graph.pages(request, read).await?;
    Ok(found.into_iter().filter(|(_, is_cancelled)| !is_cancelled).map(|(id, _)| id).collect())
}

struct Calendar {
    id: String,
    is_default: bool,
    owner: Option<Address>,
}

/// The occurrences of a series between two times. `None`: there is no such master. Nearly always they go on
/// one page. Where they don't, the time is cut into parts that are asked for side by side: a daily series
/// takes as long as two pages then, so that an invocation comes to its end with it, however slowly they come.
pub(super) async fn instances(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    master: &EventId,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    select: &EventSelect,
) -> Result<Option<Vec<Event>>, GraphError> {
    let within = |from, to| {
        let path = format!(
            "{}/events/{}/instances?{}&{}",
            mailbox_path(mailbox),
            encode(master.as_str()),
            window(from, to, PAGE),
            selection(select)
        );
        request(mailbox, About::Event, path, select)
    };
    let mut first = Vec::new();
    let read = |value: &Value| event(value, select.timezone);
    match graph.page(within(from, to), &read, &mut |instance| first.push(instance)).await {
        Ok(None) => return Ok(Some(first)),
        Ok(Some(_)) => {}
        Err(GraphError::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    }
    let bound = |n: i32| from + (to - from) / PARTS * n;
    let parts = (0..PARTS).map(|n| {
        let end = if n + 1 == PARTS { to } else { bound(n + 1) };
        graph.pages(within(bound(n), end), read)
    });
    let mut found = BTreeMap::new();
    for instance in try_join_all(parts).await?.into_iter().flatten() {
        // One that lies in two parts is told twice.
        found.insert(instance.id.clone(), instance);
    }
    Ok(Some(found.into_values().collect()))
}

pub(super) async fn view(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    select: &EventSelect,
) -> Result<Vec<Event>, GraphError> {
    let path =
        format!("{}/calendarView?{}&{}", mailbox_path(mailbox), window(from, to, PAGE), selection(select));
    graph.pages(request(mailbox, About::Calendar, path, select), |value| event(value, select.timezone)).await
}

/// One page of it. What Graph does not take of a link that it gave is lost, and no failure.
pub(super) async fn page(
    graph: &HttpGraph,
    mailbox: &Mailbox,
    since: &Since,
    select: &EventSelect,
) -> Result<Viewed, GraphError> {
    let path = match since {
        Since::Window { from, to } => {
            format!(
                "{}/calendarView?{}&{}",
                mailbox_path(mailbox),
                window(*from, *to, PAGE),
                selection(select)
            )
        }
        Since::Link(link) => link.clone(),
    };
    let mut events = Vec::new();
    let read = |value: &Value| event(value, select.timezone);
    let asked = request(mailbox, About::Calendar, path, select);
    let next = match graph.page(asked, &read, &mut |event| events.push(event)).await {
        Ok(next) => next,
        Err(error) if matches!(since, Since::Link(_)) && is_lost(&error) => return Ok(Viewed::Lost),
        Err(error) => return Err(error),
    };
    if matches!((since, &next), (Since::Link(asked), Some(next)) if asked == next) {
        return Err(GraphError::looped());
    }
    Ok(Viewed::Page(ViewPage { events, next }))
}

fn window(from: DateTime<Utc>, to: DateTime<Utc>, page: u32) -> String {
    let time = |time: DateTime<Utc>| encode(&time.to_rfc3339_opts(SecondsFormat::Secs, true));
    format!("startDateTime={}&endDateTime={}&$top={page}", time(from), time(to))
}

fn request(mailbox: &Mailbox, about: About, path: String, select: &EventSelect) -> Request {
    Request { as_text: select.body, ..Request::new("GET", path, about, Lane::from(mailbox)) }
}

pub(super) fn selection(select: &EventSelect) -> String {
    let mut query = format!("$select={SELECT}");
    if select.subject {
        query.push_str(",subject");
    }
    if select.place {
        query.push_str(",location");
    }
    if select.body {
        query.push_str(",body");
    }
    if !select.extended.is_empty() {
        let wanted: Vec<String> = select.extended.iter().map(|id| format!("id eq {}", literal(id))).collect();
        let filter = encode(&wanted.join(" or "));
        query.push_str(&format!("&$expand=singleValueExtendedProperties($filter={filter})"));
    }
    query
}
