//! A person edits a published event in the organizer's calendar: that is noticed where the calendar tells of
//! it, or where the event is read back, and told of, field by field ([`crate::publishing::shown`]).
//!
//! Guarantees: what we have written ourselves costs nothing more than the reading that every change costs,
//! and no write; an edit is told once, before its row remembers it; nothing is overwritten but where the
//! configuration says that the LMS wins. Of a title and a place it is not said what they are now: a person's
//! own words are not kept; the calendar shows them.

use crate::calendar::event::{Answer, Attendee, Event};
use crate::ids::hash;
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::vanished;
use crate::ledger::alerts::AlertKind;
use crate::ledger::{Read, alert_members, source_sessions, written_events};
use crate::publishing::content::Field;
use crate::publishing::edits::{Seen, seen};
use crate::publishing::policy::Publisher;
use crate::publishing::shown::Shown;
use crate::publishing::written::Written;
use crate::store::StoreError;
use chrono::{DateTime, Utc};

/// What is known of an event that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// Exchange has written nothing into it since our own last write, whose answer said when that was, and
    /// nobody has answered it: whether an answer counts as writing is not documented.
    OurWrite,
    Unknown,
}

/// An event of ours was read in the organizer's calendar, with its title and its place.
pub(crate) async fn hinted(
    app: &AppContext,
    context: &TenantContext,
    found: &Event,
) -> Result<Since, JobError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let publish = context.tenant.publish.as_ref().filter(|publish| publish.writes());
    let (Some(publish), Some(uid)) = (publish, &found.ical_uid) else { return Ok(Since::Unknown) };
    let Some(read) = written_events::by_ical_uid(ledger, tenant, uid).await? else {
        return Ok(Since::Unknown);
    };
    if read.value.event.as_ref() != Some(&found.id) {
        return Ok(Since::Unknown);
    }
    let is_as_written = found.modified.is_some() && read.value.modified == found.modified;
    let is_answered = |one: &Attendee| match one.response.answer {
        Answer::TentativelyAccepted | Answer::Accepted | Answer::Declined => true,
        Answer::None | Answer::Organizer | Answer::NotResponded => false,
    };
    if read.value.act.is_none() && is_as_written && !found.attendees.iter().any(is_answered) {
        return Ok(Since::OurWrite);
    }
    noted(app, context, &publish.publisher, (Some(&read), &read.value), found).await?;
    Ok(Since::Unknown)
}

/// Gives the row, where it is another by what the event shows.
pub(super) async fn noted(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    (read, row): (Option<&Read<Written>>, &Written),
    found: &Event,
) -> Result<Option<Read<Written>>, JobError> {
    let Some(Seen { next, edited }) = seen(row, &Shown::of(found), publisher.edits) else { return Ok(None) };
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    for (field, undoes) in &edited {
        tell(app, context, row, (*field, *undoes), found).await?;
    }
    // Before the row, which remembers that it was seen.
    if edited.values().any(|undoes| *undoes) {
        source_sessions::note_news(ledger, tenant, &row.key.session).await?;
    }
    match written_events::write(ledger, tenant, read, next).await {
        Ok(read) => Ok(Some(read)),
        // Somebody else writes to it, and the calendar tells of that.
        Err(lost) if lost.is_lost_race() => Ok(None),
        Err(other) => Err(other.into()),
    }
}

async fn tell(
    app: &AppContext,
    context: &TenantContext,
    row: &Written,
    (field, undoes): (Field, bool),
    found: &Event,
) -> Result<(), StoreError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let name: &str = field.into();
    let session = source_sessions::load(ledger, tenant, &row.key.session).await?;
    let title = session.map(|row| format!(" ({})", row.session.title)).unwrap_or_default();
    let what = match field {
        Field::When => {
            let span = |start: Option<DateTime<Utc>>, end: Option<DateTime<Utc>>| {
                let time = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%M").to_string();
                start.zip(end).map(|(start, end)| format!("{} to {} UTC", time(start), time(end)))
            };
            let (was, is) = (span(row.start, row.end), span(found.start, found.end));
            format!("was {} and is {}", was.unwrap_or_default(), is.unwrap_or_default())
        }
        Field::Title | Field::Place | Field::Link | Field::Text | Field::Attendees => {
            "is not the LMS's any more; the calendar shows it".to_owned()
        }
    };
    let outcome = match undoes {
        true => "It is written back, this once.",
        false => "It stays as it is.",
    };
    let session = &row.key.session;
    tracing::warn!(%tenant, %session, field = name, undoes, "a person has edited a published event");
    let mark = Shown::of(found);
    let member = hash(&format!("{}\n{name}\n{}", vanished::name_of(row), mark.mark(field)));
    let step = format!(
        "Newest: session {session}{title}, the event of {}: `{name}` {what}. {outcome} {}",
        row.key.audience,
        AlertKind::EventEdited.step()
    );
    alert_members::note_telling(ledger, tenant, AlertKind::EventEdited, &member, &step).await
}
