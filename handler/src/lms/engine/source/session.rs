//! An entry as a session, or as a date of one.

use super::instructors::instructors;
use super::row::{Row, RowScope, Unmapped};
use super::states;
use super::text::{address, checked, count, flag, id, link, needed, text};
use super::time::{span, zone};
use crate::ids::SessionId;
use crate::lms::recipe::reading::{ApartFields, PartFields, SessionFields, SpanFields};
use crate::lms::recipe::template::Variables;
use crate::sessions::moment::Span;
use crate::sessions::session::{Part, PartId, Session, Venue};
use std::collections::{BTreeMap, BTreeSet};

/// More dates than these has no session.
pub(super) const MOST_PARTS: usize = 500;

pub(super) fn session(
    fields: &SessionFields,
    row: &Row<'_>,
    around: &dyn Variables,
) -> Result<Session, Unmapped> {
    let scope = RowScope { row, around };
    let known = id(&fields.id, "id", &scope)?;
    rest(fields, &known, &scope).map_err(|unmapped| unmapped.of(&known))
}

fn rest(fields: &SessionFields, known: &str, scope: &RowScope<'_>) -> Result<Session, Unmapped> {
    let mut aliases = BTreeSet::new();
    for alias in &fields.aliases {
        if let Some(alias) = text(&vec![alias.clone()], "aliases", scope)? {
            aliases.insert(SessionId::new(checked(alias, "aliases")?));
        }
    }
    let parts = match &fields.parts {
        Some(list) => parts(list, &fields.span, known, scope)?,
        None => only_part(&fields.span, known, scope)?.into_iter().collect(),
    };
    let capacity = match &fields.capacity {
        Some(capacity) => count(&capacity.from, &capacity.unlimited, "capacity", scope)?,
        None => None,
    };
    Ok(Session {
        id: SessionId::new(known),
        aliases,
        state: states::of_a_session(&fields.state, scope)?,
        title: needed(&fields.title, "title", scope)?,
        description: text(&fields.description, "description", scope)?,
        reason: text(&fields.reason, "reason", scope)?,
        capacity,
        instructors: match &fields.instructors {
            Some(fields) => instructors(fields, scope)?,
            None => Vec::new(),
        },
        parts,
    })
}

/// A date that says of which session it is. What is wrong with it is told of the session.
pub(super) fn apart(
    fields: &ApartFields,
    row: &Row<'_>,
    around: &dyn Variables,
) -> Result<(SessionId, Part), Unmapped> {
    let scope = RowScope { row, around };
    let session = id(&fields.session, "session", &scope)?;
    let part = apart_of(fields, &scope).map_err(|unmapped| unmapped.of(&session))?;
    Ok((SessionId::new(session), part))
}

fn apart_of(fields: &ApartFields, scope: &RowScope<'_>) -> Result<Part, Unmapped> {
    let own_id = PartId(id(&fields.id, "id", scope)?);
    let times = (&fields.span.start, &fields.span.end);
    let Some(span) = span(times, scope, || zone(text(&fields.span.zone, "zone", scope)?))? else {
        return Err(Unmapped::new("start", "no start stands there"));
    };
    let title = text(&fields.title, "title", scope)?;
    let none = SpanFields::default();
    let mut part = part(own_id, span, title, (&fields.span, scope), (&none, scope))?;
    part.cancelled = flag(&fields.cancelled, "cancelled", scope)?.unwrap_or(false);
    Ok(part)
}

fn only_part(fields: &SpanFields, known: &str, scope: &RowScope<'_>) -> Result<Option<Part>, Unmapped> {
    let times = (&fields.start, &fields.end);
    let Some(span) = span(times, scope, || zone(text(&fields.zone, "zone", scope)?))? else {
        return Ok(None);
    };
    let none = SpanFields::default();
    part(PartId(format!("{known}#1")), span, None, (&none, scope), (fields, scope)).map(Some)
}

fn parts(
    list: &PartFields,
    of_session: &SpanFields,
    known: &str,
    scope: &RowScope<'_>,
) -> Result<Vec<Part>, Unmapped> {
    let Some(entry) = scope.row.at(0).filter(|entry| list.from.has_list(entry)) else {
        return Err(Unmapped::new("parts", format!("there is no list at `{}`", list.from.as_str())));
    };
    let found = list.from.all(entry);
    if found.len() > MOST_PARTS {
        return Err(Unmapped::new("parts", format!("{} dates: at most {MOST_PARTS}", found.len())));
    }
    let mut parts: BTreeMap<PartId, Part> = BTreeMap::new();
    for (index, entry) in found.into_iter().enumerate() {
        let row = scope.row.within(entry);
        let inner = RowScope { row: &row, around: scope.around };
        let own_id = match text(&list.id, "parts.id", &inner)? {
            Some(own) => PartId(checked(own, "parts.id")?),
            None => PartId(format!("{known}#{}", index + 1)),
        };
        let (zones, at) =
            if list.span.zone.is_empty() { (&of_session.zone, scope) } else { (&list.span.zone, &inner) };
        let times = (&list.span.start, &list.span.end);
        let Some(span) = span(times, &inner, || zone(text(zones, "zone", at)?))? else {
            return Err(Unmapped::new("parts.start", "no start stands there"));
        };
        let title = text(&list.title, "parts.title", &inner)?;
        let mut part = part(own_id.clone(), span, title, (&list.span, &inner), (of_session, scope))?;
        part.cancelled = flag(&list.cancelled, "parts.cancelled", &inner)?.unwrap_or(false);
        if parts.insert(own_id.clone(), part).is_some() {
            return Err(Unmapped::new("parts.id", format!("`{}` is there twice", own_id.0)));
        }
    }
    Ok(parts.into_values().collect())
}

/// What its own fields don't say, those of the session do.
fn part(
    id: PartId,
    span: Span,
    title: Option<String>,
    own: (&SpanFields, &RowScope<'_>),
    session: (&SpanFields, &RowScope<'_>),
) -> Result<Part, Unmapped> {
    let venue_here = match venue(own)? {
        Some(own) => Some(own),
        None => venue(session)?,
    };
    let link_here = match link(&own.0.link, "link", own.1)? {
        Some(own) => Some(own),
        None => link(&session.0.link, "link", session.1)?,
    };
    Ok(Part { id, title, span, venue: venue_here, link: link_here, cancelled: false })
}

fn venue((fields, scope): (&SpanFields, &RowScope<'_>)) -> Result<Option<Venue>, Unmapped> {
    let Some(name) = text(&fields.venue, "venue", scope)? else { return Ok(None) };
    Ok(Some(Venue {
        name,
        room: text(&fields.room, "room", scope)?,
        mailbox: address(&fields.mailbox, "mailbox", scope)?,
    }))
}
