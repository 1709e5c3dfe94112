//! What a hint about an event in a learner's mailbox leads to: the links of the places that it touches, which
//! are judged.
//!
//! Guarantees: a hint about a linked event judges its place; one about a series judges every occurrence that
//! we know or find in it; one about an unknown event costs one reading to see whether it is ours, and one
//! about an unknown event that is gone none; one about a mailbox that is not watched reads no calendar.

use crate::calendar::event::EventKind;
use crate::calendar::link::Series;
use crate::calendar::matching::{is_from_unknown, may_be_session, may_hold_ours};
use crate::ids::{EventId, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::judge::judge_all;
use crate::jobs::observe::new_link::{learner_of, link_event, store_link, store_series_link};
use crate::jobs::observe::occurrences::{self, OCCURRENCES};
use crate::jobs::observe::outcome::HintOutcome;
use crate::jobs::observe::readable_mailboxes::ReadableMailboxes;
use crate::jobs::observe::session_lookup::recognised;
use crate::jobs::observe::{learn_links, missing_copy, organizer_event, organizer_mailboxes, read_calendar};
use crate::jobs::{JobError, alerting};
use crate::ledger::links::Linked;
use crate::ledger::{drops, links, mailboxes};
use crate::messages::{ChangeType, LinkRef};
use chrono::Duration;
use std::collections::BTreeSet;

pub(crate) async fn changed(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &EventId,
    change: ChangeType,
) -> Result<HintOutcome, JobError> {
    // Side by side: nearly every change ends after these two.
    let at = LinkRef::of_event(&context.tenant.name, mailbox, event);
    let known = mailboxes::load(&app.ledger, &context.tenant.name, mailbox);
    let (row, link) = futures::try_join!(known, links::load(&app.ledger, &at))?;
    let Some(row) = row.filter(mailboxes::MailboxRow::is_read) else {
        drops::count_dropped(&app.ledger, &context.tenant.name, &[("mailbox_not_watched", 1)]).await?;
        return Ok(HintOutcome::Irrelevant);
    };
    if organizer_mailboxes::is_organizer(context, mailbox).await? {
        match organizer_event::changed(app, context, mailbox, event).await? {
            Some(outcome) => return Ok(outcome),
            None if !context.tenant.watch.mode.reads_learners() => return Ok(HintOutcome::Irrelevant),
            None => {}
        }
    }
    let place = match link {
        Some(link) if link.is_master() => series(app, context, mailbox, event, link.series).await?,
        Some(link) => vec![(link, at)],
        None => unlinked(app, context, &row, event, change).await?,
    };
    if place.is_empty() {
        return Ok(HintOutcome::Irrelevant);
    }
    let readable = match context.tenant.watch.mode.reads_learners() {
        true => ReadableMailboxes::watched(mailbox),
        false => ReadableMailboxes::default(),
    };
    Ok(HintOutcome::judged(judge_all(app, context, place, &readable).await?))
}

/// The places that an event which is linked to none leads to.
async fn unlinked(
    app: &AppContext,
    context: &TenantContext,
    row: &mailboxes::MailboxRow,
    event: &EventId,
    change: ChangeType,
) -> Result<Vec<Linked>, JobError> {
    let mailbox = &row.user;
    match change {
        ChangeType::Created | ChangeType::Updated => {
            match read_calendar::event(context, mailbox, event).await? {
                Some(found) => {
                    if is_from_unknown(&found, &context.tenant.recognise) {
                        alerting::unknown_organizer(app, context).await?;
                    }
                    match found.kind {
                        EventKind::SeriesMaster => {
                            // Where the series names no session, its occurrences may.
                            let ours = may_be_session(&found, &context.tenant.recognise);
                            match ours || may_hold_ours(&found, &context.tenant.recognise) {
                                true => series(app, context, mailbox, event, None).await,
                                false => Ok(Vec::new()),
                            }
                        }
                        EventKind::SingleInstance | EventKind::Occurrence | EventKind::Exception => {
                            Ok(link_event(app, context, mailbox, &found).await?.into_iter().collect())
                        }
                    }
                }
                // Gone before we could look: invited and declined within moments.
                None => Ok(missing_copy::vanished(app, context, row).await?),
            }
        }
        ChangeType::Deleted => Ok(missing_copy::vanished(app, context, row).await?),
    }
}

/// The master changed, or is gone: any of its occurrences may have. Links those that are new to us, and gives
/// all.
async fn series(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    master: &EventId,
    known: Option<Series>,
) -> Result<Vec<Linked>, JobError> {
    let now = app.ledger.clock.now();
    let (from, to) = (now - Duration::days(1), now + app.timing.horizon);
    let found = match read_calendar::event(context, mailbox, master).await {
        // Its occurrences may be known all the same; the organizer's copies tell of them.
        Err(failure) if failure.is_not_ours() && known.is_some() => None,
        answer => answer?,
    };
    let uid = found.as_ref().and_then(|found| found.ical_uid.clone());
    let series = Series { master: Some(master.clone()), uid: uid.or(known.and_then(|known| known.uid)) };

    let mut place: Vec<Linked> = Vec::new();
    if let Some(found) = &found
        && let Some(learner) = learner_of(app, context, mailbox, found).await?
    {
        let session = recognised(app, context, mailbox, found).await?.session();
        let instances =
            read_calendar::instances(context, mailbox, master, from, to).await?.unwrap_or_default();
        let (ours, all) =
            occurrences::with_sessions(app, context, mailbox, instances, session.as_ref()).await?;
        occurrences::count_untold(app, context, found, all, ours.len()).await?;
        // By itself a series that names no session has no place; it leads to those of its occurrences.
        if let Some(session) = session.or_else(|| ours.first().map(|(_, session)| session.clone())) {
            store_series_link(app, context, mailbox, found, &series, session, learner.clone()).await?;
        }
        for (instance, session) in ours.into_iter().take(OCCURRENCES) {
            place.push(
                store_link(app, context, mailbox, &instance, Some(series.clone()), session, learner.clone())
                    .await?,
            );
        }
    }
    // What we know and did not find: declined, removed, moved, or cancelled one by one.
    let there: BTreeSet<String> = place.iter().map(|(link, _)| link.part_key()).collect();
    for read in links::of_mailbox(&app.ledger, &context.tenant.name, mailbox).await? {
        let link = &read.value;
        let over = link.end.is_some_and(|end| end <= now);
        if link.is_of(&series) && !link.is_master() && !over && !there.contains(&link.part_key()) {
            place.push(learn_links::linked(&read));
        }
    }
    Ok(place)
}
