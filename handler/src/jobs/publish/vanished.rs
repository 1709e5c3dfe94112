//! What is missed in an organizer's calendar, and was not taken out of it by us.
//!
//! Guarantees: one event is waited for a while, and then told of; many within an hour stop all writing into
//! that calendar, and one alert says so in the place of one for each. No place is touched by it. What is
//! missed is counted before its row says so, and the alert comes before the stop: killed in between, whoever
//! looks next does the rest. A mailbox that can't be read has lost nothing.

use crate::graph::GraphError;
use crate::graph::port::{AutomaticReplies, Mailbox};
use crate::ids::{Address, EventId, SessionId, TenantName, UserId, hash};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{Ledger, Read, organizer_calendars, source_sessions, written_events};
use crate::publishing::organizer_calendar::{Cause, OrganizerCalendar};
use crate::publishing::policy::Publisher;
use crate::publishing::written::{Act, Stand, Underway, Written};
use crate::store::StoreError;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// Sessions whose rows are read side by side.
const SIDE_BY_SIDE: usize = 8;
/// What stands in a calendar that is stopped is looked at again after so long.
pub(super) const STOPPED: TimeDelta = TimeDelta::hours(1);
/// So many calendars are named in the alert.
const NAMED: usize = 5;

/// By what an event is counted.
pub(super) fn name_of(row: &Written) -> String {
    hash(&format!("{}\n{}", row.key.session.as_str(), row.key.row()))
}

/// It is to be there: it stands, is not over, and is not being called off by us.
pub(super) fn is_expected(row: &Written, now: DateTime<Utc>) -> bool {
    let is_ended = matches!(row.act, Some(Underway { act: Act::Cancel { .. }, .. }));
    row.stand == Stand::Stands && !is_ended && row.end.is_none_or(|end| end > now)
}

/// Counts events of one calendar that are not there. Their rows say so after that, by whoever calls this.
pub(super) async fn count(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    (rows, mailbox): (&[&Written], &Mailbox),
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let Some(organizer) = rows.first().map(|row| &row.organizer) else { return Ok(()) };
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    organizer_calendars::update(ledger, tenant, organizer, |known| {
        rows.iter().fold(known.clone(), |known, row| known.missing(&name_of(row), now))
    })
    .await?;
    stop_if_many(app, context, publisher, (organizer, mailbox), now).await
}

/// Stops a calendar from which more has vanished than may be believed.
pub(super) async fn stop_if_many(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    (organizer, mailbox): (&Address, &Mailbox),
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let (ledger, tenant, limits) = (&app.ledger, &context.tenant.name, publisher.taken_away);
    let Some(row) = organizer_calendars::load(ledger, tenant, organizer).await? else { return Ok(()) };
    if !row.are_many(limits, now) {
        return Ok(());
    }
    let standing = standing(ledger, tenant, organizer, now).await?;
    if !row.are_too_many(standing, limits, now) {
        return Ok(());
    }
    let cause = cause(context, mailbox, now).await;
    let stopped = row.stop(standing, cause, now);
    tracing::warn!(%tenant, missed = row.missed(now), standing, ?cause,
        "so many events have vanished from an organizer's calendar that nothing is written there");
    tell(ledger, tenant, Some(&stopped)).await?;
    organizer_calendars::update(ledger, tenant, organizer, |known| match known.stopped {
        Some(_) => known.clone(),
        None => known.stop(standing, cause, now),
    })
    .await?;
    Ok(())
}

/// Calendars that nothing is written in.
pub(super) async fn stopped(
    app: &AppContext,
    context: &TenantContext,
) -> Result<BTreeSet<Address>, StoreError> {
    let all = organizer_calendars::all(&app.ledger, &context.tenant.name).await?;
    Ok(all.into_iter().filter(|one| one.stopped.is_some()).map(|one| one.organizer).collect())
}

/// What is known of why. Asked once, when it stops.
async fn cause(context: &TenantContext, mailbox: &Mailbox, now: DateTime<Utc>) -> Cause {
    match context.graph.automatic_replies(mailbox).await {
        Ok(AutomaticReplies::On) => Cause::Absence { until: None },
        Ok(AutomaticReplies::Until(end)) if end > now => Cause::Absence { until: Some(end) },
        Ok(AutomaticReplies::Until(_) | AutomaticReplies::Off) => Cause::Unknown,
        Err(GraphError::NoMailbox(_) | GraphError::NotFound(_)) => Cause::MailboxAway,
        // Without `MailboxSettings.Read` nobody can tell.
        Err(_) => Cause::Unknown,
    }
}

/// Events that are to stand in this calendar.
async fn standing(
    ledger: &Ledger,
    tenant: &TenantName,
    organizer: &Address,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let all = all_expected(ledger, tenant, now).await?;
    Ok(all.iter().filter(|read| read.value.organizer == *organizer).count() as u64)
}

/// Every event that is to stand, whoever organizes it.
pub(super) async fn all_expected(
    ledger: &Ledger,
    tenant: &TenantName,
    now: DateTime<Utc>,
) -> Result<Vec<Read<Written>>, StoreError> {
    let known = source_sessions::all(ledger, tenant).await?;
    let each = known
        .into_iter()
        .map(|read| async move { written_events::of_session(ledger, tenant, &read.value.session.id).await });
    let all: Vec<Vec<Read<Written>>> = stream::iter(each).buffered(SIDE_BY_SIDE).try_collect().await?;
    Ok(all.into_iter().flatten().filter(|read| is_expected(&read.value, now)).collect())
}

/// One alert about all calendars that are stopped, or can't be read. `newest`: that is about to be written.
pub(super) async fn tell(
    ledger: &Ledger,
    tenant: &TenantName,
    newest: Option<&OrganizerCalendar>,
) -> Result<(), StoreError> {
    let mut all = organizer_calendars::all(ledger, tenant).await?;
    if let Some(newest) = newest {
        all.retain(|one| one.organizer != newest.organizer);
        all.insert(0, newest.clone());
    }
    let told: Vec<String> = all.iter().filter_map(said_of).collect();
    if told.is_empty() {
        return alerts::resolve(ledger, tenant, AlertKind::OrganizerCalendar).await;
    }
    let more = match told.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" And {more} more."),
    };
    let named = told.iter().take(NAMED).cloned().collect::<Vec<_>>().join(" ");
    let step = format!("{named}{more} {}", AlertKind::OrganizerCalendar.step());
    alerts::raise_telling(ledger, tenant, AlertKind::OrganizerCalendar, told.len() as u64, &step).await
}

fn said_of(one: &OrganizerCalendar) -> Option<String> {
    let organizer = one.organizer.as_str();
    match (&one.stopped, one.away) {
        (Some(stopped), _) => Some(format!(
            "{}: {} of {} events are gone, and not by Regrets; the cause: {}.",
            organizer,
            stopped.events,
            stopped.of,
            stopped.cause.words()
        )),
        (None, Some(_)) => Some(format!("{organizer}: {}.", Cause::MailboxAway.words())),
        (None, None) => None,
    }
}

/// An organizer's calendar shows an event no more, or shows it cancelled; `event` may be none of ours.
pub(crate) async fn hinted(
    app: &AppContext,
    context: &TenantContext,
    organizer: &UserId,
    (session, event): (&SessionId, &EventId),
) -> Result<(), JobError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let Some(publish) = context.tenant.publish.as_ref().filter(|publish| publish.writes()) else {
        return Ok(());
    };
    let now = ledger.now().await?;
    let mut rows = written_events::of_session(ledger, tenant, session).await?;
    rows.retain(|read| read.value.event.as_ref() == Some(event) && is_expected(&read.value, now));
    let rows: Vec<&Read<Written>> = rows.iter().filter(|read| read.value.missing.is_none()).collect();
    missed(app, context, &publish.publisher, (&rows, organizer), now).await
}

/// Events of one calendar that are expected, and at rest, were not seen: their rows say so, and their
/// sessions are looked at when they were waited for.
pub(super) async fn missed(
    app: &AppContext,
    context: &TenantContext,
    publisher: &Publisher,
    (reads, organizer): (&[&Read<Written>], &UserId),
    now: DateTime<Utc>,
) -> Result<(), JobError> {
    let (ledger, tenant) = (&app.ledger, &context.tenant.name);
    let until = now + app.timing.pace.events.taken_away;
    for read in reads {
        source_sessions::look_by(ledger, tenant, &read.value.key.session, until).await?;
    }
    let rows: Vec<&Written> = reads.iter().map(|read| &read.value).collect();
    count(app, context, publisher, (&rows, &Mailbox::Id(organizer.clone())), now).await?;
    for read in reads {
        let next = Written { missing: Some(now), ..read.value.clone() };
        match written_events::write(ledger, tenant, Some(read), next).await {
            // Somebody is at it, and sees for themselves.
            Err(lost) if lost.is_lost_race() => {}
            written => drop(written?),
        }
    }
    Ok(())
}
