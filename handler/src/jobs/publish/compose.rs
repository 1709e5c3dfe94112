//! An event's words for Graph.

use crate::graph::port::{EventFields, EventText, Invited, NewEvent, PUBLISHED, REVISION, WallTime, When};
use crate::publishing::content::{AttendeeKind, Content, Field, Fingerprints};
use crate::publishing::event_key::{Audience, EventKey, Invitation};
use crate::sessions::moment::{Moment, Span};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray as _;

pub(super) fn new_event(
    key: &EventKey,
    (namespace, born): (&str, Option<DateTime<Utc>>),
    invitation: Invitation,
    content: &Content,
    wanted: &Fingerprints,
) -> NewEvent {
    let all: BTreeSet<Field> = Field::VARIANTS.iter().copied().collect();
    let mut says = fields(content, &all, wanted);
    // With it goes the text of an online meeting, too, and never again.
    (says.body, says.online) = (Some(body(content)), content.online);
    says.properties.insert(PUBLISHED.to_owned(), key.property(namespace, invitation));
    NewEvent {
        transaction: key.transaction_id(namespace, invitation, born),
        says,
        attendees: invited(content),
        is_quiet: key.audience == Audience::Calendar,
        hides_attendees: content.hides_attendees,
    }
}

/// What is to be written of these fields; never the list. With it goes what the event will have been told.
pub(super) fn fields(content: &Content, which: &BTreeSet<Field>, wanted: &Fingerprints) -> EventFields {
    let mut says = EventFields {
        properties: BTreeMap::from([(REVISION.to_owned(), wanted.revision())]),
        ..EventFields::default()
    };
    for field in which {
        match field {
            Field::When => says.when = Some(when(&content.span)),
            Field::Place => {
                let name = content.place.as_ref().map(|place| place.name.clone());
                says.location = Some(name.unwrap_or_default());
                says.room = content.place.as_ref().and_then(|place| place.mailbox.clone());
            }
            Field::Title => says.subject = Some(content.title.clone()),
            // The text has the link. That of an online meeting is Teams' own, and stands in its text.
            Field::Link if content.online => says.online = true,
            Field::Text if content.online => {}
            Field::Link | Field::Text => says.body = Some(body(content)),
            Field::Attendees => {}
        }
    }
    // What changes by itself goes along with whatever is told.
    if !content.also.is_empty() && !content.online {
        says.body = Some(body(content));
    }
    says
}

fn body(content: &Content) -> EventText {
    EventText::Html(format!("{}{}", content.text, content.also))
}

pub(super) fn invited(content: &Content) -> Vec<Invited> {
    let one = |(address, one): (&crate::ids::Address, &crate::publishing::content::Attendee)| Invited {
        address: address.clone(),
        name: one.name.clone(),
        is_resource: one.kind == AttendeeKind::Room,
    };
    content.attendees.iter().map(one).collect()
}

fn when(span: &Span) -> When {
    match span {
        Span::Timed { start, end } => When::Timed { start: wall(start), end: wall(end) },
        Span::Days { first, last: _, zone } => {
            When::Days { first: *first, until: span.day_after(), zone: *zone }
        }
    }
}

fn wall(moment: &Moment) -> WallTime {
    WallTime { wall: moment.wall, zone: moment.zone, instant: moment.instant }
}
