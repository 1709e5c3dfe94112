//! Events that have no link yet: recognised, and linked.

use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::calendar::link::{Link, Series};
use crate::calendar::matching::{may_be_of_ours, recognise};
use crate::graph::port::Mailbox;
use crate::ids::{EventId, LearnerKey, SessionId, UserId, hash};
use crate::jobs::context::{Desk, Office};
use crate::jobs::observe::copy_standing::{self, Standing};
use crate::jobs::observe::judge::{Linked, judge_link};
use crate::jobs::observe::outcome::{Outcome, Stop};
use crate::jobs::observe::{gather_evidence, learn_links, read_calendar};
use crate::jobs::user_cache::{Person, is_outside};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{links, mailboxes};
use std::collections::BTreeSet;

/// A single event, or an occurrence that was named by itself, is there: link it when it is ours.
pub(super) async fn sighted(office: &Office, desk: &Desk, mailbox: &UserId, event: &Event) -> Result<Outcome, Stop> {
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

/// Who is invited by this copy, if we are to care: not the organizer's own, and not where the directory does not say what the
/// LMS knows the learner by.
pub(super) async fn learner_of(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    event: &Event,
) -> Result<Option<LearnerKey>, Stop> {
    if event.is_organizer {
        return Ok(None);
    }
    let Some(person) = desk.people.person(desk.graph.as_ref(), mailbox).await? else { return Ok(None) };
    if person.learner.is_none() {
        alerts::note(&office.ledger, &desk.tenant.name, AlertKind::LearnerWithoutKey, &hash(mailbox.as_str())).await?;
    }
    Ok(person.learner.clone())
}

/// Stores the link of a copy that is there; one that is stored already stays as it is.
pub(super) async fn keep(
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
    if link.search_uid().is_none() && links::load(&office.ledger, &at).await?.is_none() {
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
pub(super) async fn keep_master(
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
    let link = match links::load(&office.ledger, &at).await? {
        Some(link) => Some(link),
        None => link_listed(office, desk, mailbox, organizer, event).await?,
    };
    let Some(link) = link else { return Ok(Outcome::Irrelevant) };
    if !desk.tenant.watch.mode.reads_learners() || is_outside(mailbox) {
        judge_link(office, desk, &link, &at).await?;
        return Ok(Outcome::Judged);
    }
    // Released meanwhile; whoever is watched again is compared as a whole.
    if !mailboxes::is_watched(office.ledger.tables.as_ref(), &desk.tenant.name, mailbox).await? {
        return Ok(Outcome::Irrelevant);
    }
    let links = links::of_mailbox(&office.ledger, &desk.tenant.name, mailbox).await?;
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
    pub(crate) series: Option<Series>,
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
        alerts::note(&office.ledger, &desk.tenant.name, AlertKind::LearnerWithoutKey, &hash(mailbox.as_str())).await?;
        return Ok(None);
    };
    let (_, listed_as) = gather_evidence::entry_of(desk, event, person, &BTreeSet::new());
    let (session, series) = (invitation.session.clone(), invitation.series.clone());
    let link = Link {
        event: None,
        organizer_event: Some(event.id.clone()),
        organizer_asked: true,
        listed_at: Some(office.ledger.clock.now()),
        listed_as,
        ..link_of(desk, mailbox, event, series, session, learner)
    };
    let at = Link::reference_by_organizer(&desk.tenant.name, mailbox, &event.id);
    Ok(Some((learn_links::keep(office, &link, &at).await?, at)))
}
