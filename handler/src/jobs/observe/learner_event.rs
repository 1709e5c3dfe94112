//! What a hint about an event leads to: the link it belongs to, or a new one.
//!
//! Guarantees: a hint about a linked event judges its place; one about a series judges every occurrence that we know or find
//! in it; one about an unknown event costs one reading to see whether it is ours, and one about an unknown event that is gone
//! none; one about a mailbox that is not watched reads no calendar.

use crate::calendar::event::{Event, EventKind};
use crate::calendar::event_select::EventSelect;
use crate::calendar::link::{Link, Series};
use crate::calendar::matching::{is_from_unknown, may_be_of_ours, may_hold_ours, recognise};
use crate::graph::{GraphError, Mailbox};
use crate::ids::{EventId, LearnerKey, SessionId, UserId, hash};
use crate::jobs::alerting;
use crate::jobs::context::{Desk, Office};
use crate::jobs::observe::hints::{Outcome, Stop};
use crate::jobs::observe::judge::{Linked, judge_all, judge_link};
use crate::jobs::observe::{copy_standing, learn_links};
use crate::jobs::observe::{gather_evidence, missing_copy, organizer_event, read_calendar};
use crate::ledger::drops;

use crate::jobs::observe::copy_standing::Standing;
use crate::jobs::user_cache::{Person, is_outside};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{links, mailboxes};
use crate::messages::{ChangeType, LinkRef};
use chrono::Duration;
use std::collections::BTreeSet;

/// Occurrences of one series that are followed at a time, the next ones first: a row of the ledger has its limits. Later ones
/// are taken up by resyncs, as the first ones pass.
pub(crate) const OCCURRENCES: usize = 50;

pub(crate) async fn changed(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    event: &EventId,
    change: ChangeType,
) -> Result<Outcome, Stop> {
    // Side by side: nearly every change ends after these two.
    let at = Link::reference(&desk.tenant.name, mailbox, event);
    let known = mailboxes::load(office.tables.as_ref(), &desk.tenant.name, mailbox);
    let (row, link) = futures::try_join!(known, links::load(office, &at))?;
    let Some(row) = row.filter(mailboxes::MailboxRow::is_read) else {
        drops::count_dropped(office, &desk.tenant.name, &[("mailbox_not_watched", 1)]).await?;
        return Ok(Outcome::Irrelevant);
    };
    if organizer_event::is_organizer(desk, mailbox).await? {
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

/// A single event, or an occurrence that was named by itself, is there: link it when it is ours.
async fn sighted(office: &Office, desk: &Desk, mailbox: &UserId, event: &Event) -> Result<Outcome, Stop> {
    let Some(session) = session_of(desk, mailbox, event).await? else { return Ok(Outcome::Irrelevant) };
    let Some(learner) = learner_of(office, desk, mailbox, event).await? else { return Ok(Outcome::Irrelevant) };
    let series = match &event.series_master {
        Some(master) => {
            let found = read_calendar::event(desk, mailbox, master).await?;
            let series = Series { master: Some(master.clone()), uid: found.and_then(|found| found.ical_uid) };
            keep_master(office, desk, mailbox, event, &series, session.clone(), learner.clone()).await?;
            Some(series)
        }
        None => None,
    };
    let (link, at) = keep(office, desk, mailbox, event, series, session, learner).await?;
    // The sight that made the link may be old by now; what is decided is decided on a reading that follows the ledger's.
    Ok(Outcome::judged(judge_link(office, desk, &link, &at).await?.has_met))
}

/// The master changed, or is gone: any of its occurrences may have. Links those that are new to us, and judges all.
async fn series(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    master: &EventId,
    known: Option<Series>,
) -> Result<Outcome, Stop> {
    let now = office.clock.now();
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
        organizer_event::count_untold(office, desk, found, all, ours.len()).await?;
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
    for read in links::of_mailbox(office, desk, mailbox).await? {
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

/// Who is invited by this copy, if we are to care: not the organizer's own, and not where the directory does not say what the
/// LMS knows the learner by.
async fn learner_of(office: &Office, desk: &Desk, mailbox: &UserId, event: &Event) -> Result<Option<LearnerKey>, Stop> {
    if event.is_organizer {
        return Ok(None);
    }
    let Some(person) = desk.people.person(desk.graph.as_ref(), mailbox).await? else { return Ok(None) };
    if person.learner.is_none() {
        alerts::note(office, &desk.tenant.name, AlertKind::LearnerWithoutKey, &hash(mailbox.as_str())).await?;
    }
    Ok(person.learner.clone())
}

/// Stores the link of a copy that is there; one that is stored already stays as it is.
async fn keep(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    event: &Event,
    series: Option<Series>,
    session: SessionId,
    learner: LearnerKey,
) -> Result<Linked, Stop> {
    let mut link = link_of(desk, mailbox, event, series, session, learner);
    let at = Link::reference(&desk.tenant.name, mailbox, &event.id);
    if link.search_uid().is_none() && links::load(office, &at).await?.is_none() {
        link.subject = subject(desk, mailbox, event).await?;
    }
    Ok((learn_links::keep(office, &link, &at).await?, at))
}

/// By what an event without an `iCalUId` is found again: its subject, as a keyed hash, read for this where nothing else needs it.
async fn subject(desk: &Desk, mailbox: &UserId, event: &Event) -> Result<Option<String>, Stop> {
    if event.subject.is_some() {
        return Ok(gather_evidence::subject_of(desk, event));
    }
    let select = EventSelect { subject: true, ..EventSelect::default() };
    let found = desk.graph.event(&Mailbox::Id(mailbox.clone()), &event.id, &select).await?;
    Ok(found.and_then(|found| gather_evidence::subject_of(desk, &found)))
}

/// Stores the way from the series to its occurrences, by which notifications find them.
async fn keep_master(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    event: &Event,
    series: &Series,
    session: SessionId,
    learner: LearnerKey,
) -> Result<(), Stop> {
    let Some(master) = &series.master else { return Ok(()) };
    let mut link = link_of(desk, mailbox, event, Some(series.clone()), session, learner);
    (link.event, link.ical_uid, link.original_start) = (Some(master.clone()), series.uid.clone(), None);
    learn_links::keep(office, &link, &Link::reference(&desk.tenant.name, mailbox, master)).await?;
    Ok(())
}

fn link_of(
    desk: &Desk,
    mailbox: &UserId,
    event: &Event,
    series: Option<Series>,
    session: SessionId,
    learner: LearnerKey,
) -> Link {
    Link {
        tenant: desk.tenant.name.clone(),
        mailbox: mailbox.clone(),
        event: Some(event.id.clone()),
        ical_uid: event.ical_uid.clone(),
        original_start: event.original_start,
        series,
        organizer: event.organizer.as_ref().map(|address| desk.people.hash(address)),
        organizer_event: None,
        organizer_asked: false,
        listed_at: None,
        listed_as: BTreeSet::new(),
        dropped: false,
        session,
        learner,
        outside: is_outside(mailbox) && !desk.people.is_keyed_by_mail(),
        invited_at: event.created,
        updated_at: None,
        subject: None,
        wants_no_answer: event.response_requested == Some(false),
        start: event.start,
        end: event.end,
        noted: None,
    }
}

/// The session that an event stands for by its own words; or by those of its series, where it is an occurrence that was given
/// others.
pub(crate) async fn session_of(desk: &Desk, mailbox: &UserId, event: &Event) -> Result<Option<SessionId>, Stop> {
    let rules = &desk.tenant.recognise;
    let own = recognise(event, rules);
    let Some(master) = event.series_master.as_ref().filter(|_| own.is_none() && may_be_of_ours(event, rules)) else {
        return Ok(own);
    };
    let found = read_calendar::event(desk, mailbox, master).await?;
    Ok(found.and_then(|found| recognise(&found, rules)))
}

/// The learner is in the list of an organizer's event, and their own copy was not known when they came into it. Where it is
/// known by now, there is nothing to do.
pub(crate) async fn invited(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    organizer: &UserId,
    event: &EventId,
) -> Result<Outcome, Stop> {
    let at = Link::reference_by_organizer(&desk.tenant.name, mailbox, event);
    let link = match links::load(office, &at).await? {
        Some(link) => Some(link),
        None => link_listed(office, desk, mailbox, organizer, event).await?,
    };
    let Some(link) = link else { return Ok(Outcome::Irrelevant) };
    if !desk.tenant.watch.mode.reads_learners() || is_outside(mailbox) {
        judge_link(office, desk, &link, &at).await?;
        return Ok(Outcome::Judged);
    }
    // Released meanwhile; whoever is watched again is compared as a whole.
    if !mailboxes::is_watched(office.tables.as_ref(), &desk.tenant.name, mailbox).await? {
        return Ok(Outcome::Irrelevant);
    }
    let links = links::of_mailbox(office, desk, mailbox).await?;
    let judged = match links::of_own_copy(&links, &link.part_key()) {
        Some(own) if copy_standing::standing(office, &own.value).await? == Standing::There => {
            return Ok(Outcome::Irrelevant);
        }
        Some(own) => {
            let (own, at) = learn_links::linked(own);
            judge_link(office, desk, &own, &at).await?
        }
        None => judge_link(office, desk, &link, &at).await?,
    };
    Ok(Outcome::judged(judged.has_met))
}

/// The link of somebody in an organizer's list that was not stored with it, or has gone.
async fn link_listed(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    organizer: &UserId,
    event: &EventId,
) -> Result<Option<Link>, Stop> {
    let Some(found) = read_calendar::event(desk, organizer, event).await? else { return Ok(None) };
    let Some(session) = session_of(desk, organizer, &found).await? else { return Ok(None) };
    let Some(person) = desk.people.person(desk.graph.as_ref(), mailbox).await? else { return Ok(None) };
    let (entry, _) = gather_evidence::entry_of(desk, &found, &person, &BTreeSet::new());
    if !entry.is_listed() {
        return Ok(None);
    }
    let invitation = Invitation::of(desk, organizer, &session, &found).await?;
    Ok(meet(office, desk, mailbox, &found, &invitation, &person).await?.map(|(link, _)| link))
}

/// An organizer's event, as far as a link of somebody in its list needs it.
pub(crate) struct Invitation<'a> {
    pub(crate) organizer: &'a UserId,
    session: &'a SessionId,
    /// Set for an occurrence of a series.
    series: Option<Series>,
}

impl<'a> Invitation<'a> {
    pub(crate) async fn of(
        desk: &Desk,
        organizer: &'a UserId,
        session: &'a SessionId,
        event: &Event,
    ) -> Result<Self, Stop> {
        let series = match &event.series_master {
            Some(master) => {
                let found = read_calendar::event(desk, organizer, master).await?;
                Some(Series { master: None, uid: found.and_then(|found| found.ical_uid) })
            }
            None => None,
        };
        Ok(Self { organizer, session, series })
    }
}

/// Somebody is new to the list of an organizer's event. `None` where nobody knows what the LMS knows them by.
pub(crate) async fn meet(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    event: &Event,
    invitation: &Invitation<'_>,
    person: &Person,
) -> Result<Option<Linked>, Stop> {
    let Some(learner) = person.learner.clone() else {
        alerts::note(office, &desk.tenant.name, AlertKind::LearnerWithoutKey, &hash(mailbox.as_str())).await?;
        return Ok(None);
    };
    let (_, listed_as) = gather_evidence::entry_of(desk, event, person, &BTreeSet::new());
    let (session, series) = (invitation.session.clone(), invitation.series.clone());
    let link = Link {
        event: None,
        organizer_event: Some(event.id.clone()),
        organizer_asked: true,
        listed_at: Some(office.clock.now()),
        listed_as,
        ..link_of(desk, mailbox, event, series, session, learner)
    };
    let at = Link::reference_by_organizer(&desk.tenant.name, mailbox, &event.id);
    Ok(Some((learn_links::keep(office, &link, &at).await?, at)))
}

/// Judges a link that was made from an organizer's copy; by the link of the learner's own copy, where there is one.
pub(crate) async fn judge_known(office: &Office, desk: &Desk, at: &LinkRef) -> Result<(), Stop> {
    let Some(link) = links::load(office, at).await? else { return Ok(()) };
    if desk.tenant.watch.mode.reads_learners() {
        let links = links::of_mailbox(office, desk, &link.mailbox).await?;
        if let Some(own) = links::of_own_copy(&links, &link.part_key()) {
            let (own, at) = learn_links::linked(own);
            judge_link(office, desk, &own, &at).await?;
            return Ok(());
        }
    }
    judge_link(office, desk, &link, at).await?;
    Ok(())
}
