//! What a hint about an event leads to: the link it belongs to, or a new one.
//!
//! Guarantees: a hint about a linked event judges its place; one about a series judges every occurrence that we know or find
//! in it; one about an unknown event costs one reading to see whether it is ours, and one about an unknown event that is gone
//! none; one about a mailbox that is not watched reads no calendar.

use crate::calendar::event::{Event, EventKind};
use crate::jobs::observe::new_link::{keep, keep_master, learner_of, sighted};
use crate::jobs::observe::occurrences::{self, OCCURRENCES};
use crate::jobs::observe::organizer_mailboxes;

use crate::calendar::link::{Link, Series};
use crate::calendar::matching::{is_from_unknown, may_hold_ours, recognise};
use crate::graph::GraphError;
use crate::ids::{EventId, SessionId, UserId};
use crate::jobs::alerting;
use crate::jobs::context::{Desk, Office};
use crate::jobs::observe::judge::{Linked, judge_all, judge_link};
use crate::jobs::observe::learn_links;
use crate::jobs::observe::outcome::{Outcome, Stop};
use crate::jobs::observe::{missing_copy, organizer_event, read_calendar};
use crate::ledger::drops;

use crate::ledger::{links, mailboxes};
use crate::messages::ChangeType;
use chrono::Duration;
use std::collections::BTreeSet;

pub(crate) async fn changed(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    event: &EventId,
    change: ChangeType,
) -> Result<Outcome, Stop> {
    // Side by side: nearly every change ends after these two.
    let at = Link::reference(&desk.tenant.name, mailbox, event);
    let known = mailboxes::load(office.ledger.tables.as_ref(), &desk.tenant.name, mailbox);
    let (row, link) = futures::try_join!(known, links::load(&office.ledger, &at))?;
    let Some(row) = row.filter(mailboxes::MailboxRow::is_read) else {
        drops::count_dropped(&office.ledger, &desk.tenant.name, &[("mailbox_not_watched", 1)]).await?;
        return Ok(Outcome::Irrelevant);
    };
    if organizer_mailboxes::is_organizer(desk, mailbox).await? {
        match organizer_event::changed(office, desk, mailbox, event).await? {
            Some(outcome) => return Ok(outcome),
            None if !desk.tenant.watch.mode.reads_learners() => return Ok(Outcome::Irrelevant),
            None => {}
        }
    }
    if let Some(link) = link {
        if link.is_master() {
            return series(office, desk, mailbox, event, link.series).await;
        }
        return Ok(Outcome::judged(judge_link(office, desk, &link, &at).await?.has_met));
    }
    match change {
        ChangeType::Created | ChangeType::Updated => match read_calendar::event(desk, mailbox, event).await? {
            Some(found) => {
                if is_from_unknown(&found, &desk.tenant.recognise) {
                    alerting::unknown_organizer(office, desk).await?;
                }
                match found.kind {
                    EventKind::SeriesMaster => {
                        // Where the series names no session, its occurrences may.
                        let ours = recognise(&found, &desk.tenant.recognise).is_some();
                        match ours || may_hold_ours(&found, &desk.tenant.recognise) {
                            true => series(office, desk, mailbox, event, None).await,
                            false => Ok(Outcome::Irrelevant),
                        }
                    }
                    EventKind::SingleInstance | EventKind::Occurrence | EventKind::Exception => {
                        sighted(office, desk, mailbox, &found).await
                    }
                }
            }
            // Gone before we could look: invited and declined within moments.
            None => missing_copy::vanished(office, desk, mailbox, &row).await,
        },
        ChangeType::Deleted => missing_copy::vanished(office, desk, mailbox, &row).await,
    }
}

/// The master changed, or is gone: any of its occurrences may have. Links those that are new to us, and judges all.
async fn series(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    master: &EventId,
    known: Option<Series>,
) -> Result<Outcome, Stop> {
    let now = office.ledger.clock.now();
    let (from, to) = (now - Duration::days(1), now + office.timing.horizon);
    let found = match read_calendar::event(desk, mailbox, master).await {
        // Its occurrences may be known all the same; the organizer's copies tell of them.
        Err(GraphError::NoMailbox(_) | GraphError::Refused(_)) if known.is_some() => None,
        answer => answer?,
    };
    let uid = found.as_ref().and_then(|found| found.ical_uid.clone());
    let series = Series { master: Some(master.clone()), uid: uid.or(known.and_then(|known| known.uid)) };

    let mut place: Vec<Linked> = Vec::new();
    if let Some(found) = &found
        && let Some(learner) = learner_of(office, desk, mailbox, found).await?
    {
        let session = recognise(found, &desk.tenant.recognise);
        let instances = read_calendar::instances(desk, mailbox, master, from, to).await?.unwrap_or_default();
        let all = instances.len();
        let whose = |instance: Event| {
            let session = recognise(&instance, &desk.tenant.recognise).or_else(|| session.clone())?;
            Some((instance, session))
        };
        let mut ours: Vec<(Event, SessionId)> = instances.into_iter().filter_map(whose).collect();
        ours.sort_by_key(|(instance, _)| instance.start);
        occurrences::count_untold(office, desk, found, all, ours.len()).await?;
        // By itself a series that names no session has no place; it leads to those of its occurrences.
        if let Some(session) = session.or_else(|| ours.first().map(|(_, session)| session.clone())) {
            keep_master(office, desk, mailbox, found, &series, session, learner.clone()).await?;
        }
        for (instance, session) in ours.into_iter().take(OCCURRENCES) {
            place.push(keep(office, desk, mailbox, &instance, Some(series.clone()), session, learner.clone()).await?);
        }
    }
    // What we know and did not find: declined, removed, moved, or cancelled one by one.
    let there: BTreeSet<String> = place.iter().map(|(link, _)| link.part_key()).collect();
    for read in links::of_mailbox(&office.ledger, &desk.tenant.name, mailbox).await? {
        let link = &read.value;
        let over = link.end.is_some_and(|end| end <= now);
        if link.is_of(&series) && !link.is_master() && !over && !there.contains(&link.part_key()) {
            place.push(learn_links::linked(&read));
        }
    }
    if place.is_empty() {
        return Ok(Outcome::Irrelevant);
    }
    Ok(Outcome::judged(judge_all(office, desk, place).await?))
}
