//! Events that have no link yet: recognised, and linked.

use crate::calendar::event::Event;
use crate::calendar::event_select::EventSelect;
use crate::calendar::link::{Link, Series};
use crate::calendar::matching::{is_of_named, may_be_of_ours, may_be_published};
use crate::graph::port::Mailbox;
use crate::ids::{EventId, LearnerKey, SessionId, UserId, hash};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::judge::judge_link;
use crate::jobs::observe::known_copy::{self, KnownCopy};
use crate::jobs::observe::lookup_cache::Recognised;
use crate::jobs::observe::outcome::HintOutcome;
use crate::jobs::observe::session_lookup::recognised;
use crate::jobs::observe::{gather_evidence, learn_links, read_calendar};
use crate::jobs::user_cache::{DirectoryUser, is_outside};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::links::Linked;
use crate::ledger::{links, mailboxes, source_places, written_events};
use crate::messages::LinkRef;
use std::collections::BTreeSet;

/// A single event, or an occurrence that was named by itself, is there: links it when it is ours. The sight
/// that makes the link may be old by now; what is decided is decided on a reading that follows the ledger's.
pub(super) async fn link_event(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Option<Linked>, JobError> {
    let meaning = meaning(app, context, mailbox, event).await?;
    let Some(session) = meaning.learners() else { return Ok(None) };
    let Some(learner) = learner_of(app, context, mailbox, event).await? else { return Ok(None) };
    if !holds_place(app, context, &meaning, &learner).await? {
        return Ok(None);
    }
    let series = match &event.series_master {
        Some(master) => {
            let found = read_calendar::event(context, mailbox, master).await?;
            let series = Series { master: Some(master.clone()), uid: found.and_then(|found| found.ical_uid) };
            store_series_link(app, context, mailbox, event, &series, session.clone(), learner.clone())
                .await?;
            Some(series)
        }
        None => None,
    };
    Ok(Some(store_link(app, context, mailbox, event, series, session, learner).await?))
}

/// Who is invited by this copy, if we are to care: not the organizer's own, and not where the directory does
/// not say what the LMS knows the learner by.
pub(super) async fn learner_of(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Option<LearnerKey>, JobError> {
    if event.is_organizer {
        return Ok(None);
    }
    let Some(person) = context.users.user(context.graph.as_ref(), mailbox).await? else { return Ok(None) };
    if person.learner.is_none() {
        alerts::note(
            &app.ledger,
            &context.tenant.name,
            AlertKind::LearnerWithoutKey,
            &hash(mailbox.as_str()),
        )
        .await?;
    }
    Ok(person.learner.clone())
}

/// Stores the link of a copy that is there; one that is stored already stays as it is.
pub(crate) async fn store_link(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
    series: Option<Series>,
    session: SessionId,
    learner: LearnerKey,
) -> Result<Linked, JobError> {
    let mut link = link_of(context, mailbox, event, series, session, learner);
    let at = LinkRef::of_event(&context.tenant.name, mailbox, &event.id);
    if link.search_uid().is_none() && links::load(&app.ledger, &at).await?.is_none() {
        link.subject = subject(context, mailbox, event).await?;
    }
    Ok((learn_links::keep(app, &link, &at).await?, at))
}

/// By what an event without an `iCalUId` is found again: its subject, as a keyed hash, read for this where
/// nothing else needs it.
async fn subject(
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Option<String>, JobError> {
    if event.subject.is_some() {
        return Ok(gather_evidence::subject_of(context, event));
    }
    let select = EventSelect { subject: true, ..EventSelect::default() };
    let found = context.graph.event(&Mailbox::Id(mailbox.clone()), &event.id, &select).await?;
    Ok(found.and_then(|found| gather_evidence::subject_of(context, &found)))
}

/// Stores the way from the series to its occurrences, by which notifications find them.
pub(super) async fn store_series_link(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
    series: &Series,
    session: SessionId,
    learner: LearnerKey,
) -> Result<(), JobError> {
    let Some(master) = &series.master else { return Ok(()) };
    let mut link = link_of(context, mailbox, event, Some(series.clone()), session, learner);
    (link.event, link.ical_uid, link.original_start) = (Some(master.clone()), series.uid.clone(), None);
    learn_links::keep(app, &link, &LinkRef::of_event(&context.tenant.name, mailbox, master)).await?;
    Ok(())
}

fn link_of(
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
    series: Option<Series>,
    session: SessionId,
    learner: LearnerKey,
) -> Link {
    Link {
        tenant: context.tenant.name.clone(),
        mailbox: mailbox.clone(),
        event: Some(event.id.clone()),
        ical_uid: event.ical_uid.clone(),
        original_start: event.original_start,
        series,
        organizer: event.organizer.as_ref().map(|address| context.users.hash(address)),
        organizer_event: None,
        organizer_asked: false,
        listed_at: None,
        listed_as: BTreeSet::new(),
        dropped: false,
        session,
        learner,
        outside: is_outside(mailbox) && !context.users.is_keyed_by_mail(),
        invited_at: event.created,
        updated_at: None,
        subject: None,
        wants_no_answer: event.response_requested == Some(false),
        start: event.start,
        end: event.end,
        noted: None,
    }
}

/// The session of which an event is an invitation for learners, by its own words; or by those of its series,
/// where it is an occurrence that was given others.
pub(crate) async fn session_of(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Option<SessionId>, JobError> {
    Ok(meaning(app, context, mailbox, event).await?.learners())
}

/// Whom an event concerns.
pub(crate) enum Meaning {
    /// Whoever is invited holds a place in this session, or so it seems.
    Learners(SessionId),
    /// We have written it for learners and instructors: a learner is who has, or had, a place by the LMS's
    /// word.
    All(SessionId),
    /// We have written it for the session's instructors: nobody's answer to it says anything of a place.
    Instructors(SessionId),
    None,
}

impl Meaning {
    /// The session in which somebody who is invited holds a place.
    pub(crate) fn learners(&self) -> Option<SessionId> {
        match self {
            Self::Learners(session) | Self::All(session) => Some(session.clone()),
            Self::Instructors(_) | Self::None => None,
        }
    }
}

/// Whether somebody who is invited is a learner by that.
pub(crate) async fn holds_place(
    app: &AppContext,
    context: &TenantContext,
    meaning: &Meaning,
    learner: &LearnerKey,
) -> Result<bool, JobError> {
    match meaning {
        Meaning::Learners(_) => Ok(true),
        Meaning::All(session) => {
            let known = source_places::load(&app.ledger, &context.tenant.name, session, learner).await?;
            Ok(known.is_some())
        }
        Meaning::Instructors(_) | Meaning::None => Ok(false),
    }
}

pub(crate) async fn meaning(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Meaning, JobError> {
    let rules = &context.tenant.recognise;
    let may_be_ours = match context.tenant.publish {
        // Its words may name the session: a session's own event has them, too.
        Some(_) => is_of_named(event, rules),
        None => may_be_published(event, rules),
    };
    // What we have published ourselves needs no words to be known by.
    if let Some(uid) = event.ical_uid.as_ref().filter(|_| may_be_ours)
        && let Some(found) = written_events::published_as(&app.ledger, &context.tenant.name, uid).await?
    {
        return Ok(match (found.is_for_all, found.is_of_instructors) {
            (true, _) => Meaning::All(found.session),
            (false, true) => Meaning::Instructors(found.session),
            (false, false) => Meaning::Learners(found.session),
        });
    }
    let named = named(app, context, mailbox, event).await?;
    if let Some(session) = named.as_ref().filter(|_| may_be_ours && context.tenant.publish.is_some()) {
        let own = written_events::own_of_session(&app.ledger, &context.tenant.name, session).await?;
        if own.iter().any(|read| read.value.is_being_made()) {
            return Err(JobError::BeingWritten);
        }
    }
    Ok(named.map_or(Meaning::None, Meaning::Learners))
}

async fn named(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
) -> Result<Option<SessionId>, JobError> {
    let rules = &context.tenant.recognise;
    let own = recognised(app, context, mailbox, event).await?;
    let is_unnamed = own == Recognised::No;
    let Some(master) = event.series_master.as_ref().filter(|_| is_unnamed && may_be_of_ours(event, rules))
    else {
        return Ok(own.session());
    };
    let Some(found) = read_calendar::event(context, mailbox, master).await? else { return Ok(None) };
    Ok(recognised(app, context, mailbox, &found).await?.session())
}

/// The learner is in the list of an organizer's event, and their own copy was not known when they came into
/// it. Where it is known by now, there is nothing to do.
pub(crate) async fn link_invitation(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    organizer: &UserId,
    event: &EventId,
) -> Result<HintOutcome, JobError> {
    let at = LinkRef::by_organizer(&context.tenant.name, mailbox, event);
    let link = match links::load(&app.ledger, &at).await? {
        Some(link) => Some(link),
        None => link_listed(app, context, mailbox, organizer, event).await?,
    };
    let Some(link) = link else { return Ok(HintOutcome::Irrelevant) };
    if !context.tenant.watch.mode.reads_learners() || is_outside(mailbox) {
        judge_link(app, context, &link, &at).await?;
        return Ok(HintOutcome::Judged);
    }
    // Released meanwhile; whoever is watched again is compared as a whole.
    if !mailboxes::is_watched(&app.ledger, &context.tenant.name, mailbox).await? {
        return Ok(HintOutcome::Irrelevant);
    }
    let links = links::of_mailbox(&app.ledger, &context.tenant.name, mailbox).await?;
    let judged = match links::of_own_copy(&links, &link.part_key()) {
        Some(own) if known_copy::load(app, &own.value).await? == KnownCopy::There => {
            return Ok(HintOutcome::Irrelevant);
        }
        Some(own) => {
            let (own, at) = learn_links::linked(own);
            judge_link(app, context, &own, &at).await?
        }
        None => judge_link(app, context, &link, &at).await?,
    };
    Ok(HintOutcome::judged(!judged.is_unmet()))
}

/// The link of somebody in an organizer's list that was not stored with it, or has gone.
async fn link_listed(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    organizer: &UserId,
    event: &EventId,
) -> Result<Option<Link>, JobError> {
    let Some(found) = read_calendar::event(context, organizer, event).await? else { return Ok(None) };
    let Some(session) = session_of(app, context, organizer, &found).await? else { return Ok(None) };
    let Some(person) = context.users.user(context.graph.as_ref(), mailbox).await? else { return Ok(None) };
    let (entry, _) = gather_evidence::entry_of(context, &found, &person, &BTreeSet::new());
    if !entry.is_listed() {
        return Ok(None);
    }
    let invitation = Invitation::of(context, organizer, &session, &found).await?;
    Ok(link_attendee(app, context, mailbox, &found, &invitation, &person).await?.map(|(link, _)| link))
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
        context: &TenantContext,
        organizer: &'a UserId,
        session: &'a SessionId,
        event: &Event,
    ) -> Result<Self, JobError> {
        let series = match &event.series_master {
            Some(master) => {
                let found = read_calendar::event(context, organizer, master).await?;
                Some(Series { master: None, uid: found.and_then(|found| found.ical_uid) })
            }
            None => None,
        };
        Ok(Self { organizer, session, series })
    }
}

/// Somebody is new to the list of an organizer's event. `None` where nobody knows what the LMS knows them by.
pub(crate) async fn link_attendee(
    app: &AppContext,
    context: &TenantContext,
    mailbox: &UserId,
    event: &Event,
    invitation: &Invitation<'_>,
    person: &DirectoryUser,
) -> Result<Option<Linked>, JobError> {
    let Some(learner) = person.learner.clone() else {
        alerts::note(
            &app.ledger,
            &context.tenant.name,
            AlertKind::LearnerWithoutKey,
            &hash(mailbox.as_str()),
        )
        .await?;
        return Ok(None);
    };
    let (_, listed_as) = gather_evidence::entry_of(context, event, person, &BTreeSet::new());
    let (session, series) = (invitation.session.clone(), invitation.series.clone());
    let link = Link {
        event: None,
        organizer_event: Some(event.id.clone()),
        organizer_asked: true,
        listed_at: Some(app.ledger.clock.now()),
        listed_as,
        ..link_of(context, mailbox, event, series, session, learner)
    };
    let at = LinkRef::by_organizer(&context.tenant.name, mailbox, &event.id);
    Ok(Some((learn_links::keep(app, &link, &at).await?, at)))
}
