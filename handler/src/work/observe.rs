//! From a hint to the ledger. A hint is never a fact, only a reason to look.
//!
//! Guarantees: any order and repetition of hints ends in the same ledger; an irrelevant change costs no write, one point read
//! and one part of a batch; a hint that can't be judged because Graph does not answer stands on the agenda until it can.

use crate::calendar::event::Event;
use crate::calendar::evidence::OrganizerCopy;
use crate::calendar::link::Link;
use crate::calendar::recognise::recognise;
use crate::calendar::verdict::{Reading, Verdict, judge};
use crate::cancellation::agenda::{Entry, What, entries};
use crate::cancellation::enrolment::{Enrolment, whole_millis};
use crate::cancellation::{retry, see};
use crate::graph::{GraphError, Mailbox};
use crate::ids::{EventId, UserId};
use crate::message::{AgendaRef, ChangeType, Changes, EnrolmentRef, Hint, LinkRef};
use crate::store::typed::{self, Read};
use crate::store::{RowRange, StoreError, Table};
use crate::work::desk::{Desk, Office};
use crate::work::{WorkError, alerts, brake, gather, ledger, mailbox};
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt, stream};

/// Hints looked at side by side, so that their reads share batches.
const SIDE_BY_SIDE: usize = 40;

/// What became of a message's hints, for the log line.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    pub irrelevant: usize,
    pub judged: usize,
    pub postponed: usize,
}

/// Looks into every hint of a message. An error means that the whole message must come again: all of it may be repeated.
pub async fn observe(office: &Office, changes: &Changes) -> Result<Observed, WorkError> {
    let desk = office.desk(&changes.tenant)?;
    let arrived = office.clock.now();
    let outcomes: Vec<Outcome> = stream::iter(changes.hints.clone())
        .map(|hint| async move { hinted(office, desk, &hint, arrived).await })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let mut observed = Observed::default();
    for outcome in outcomes {
        match outcome {
            Outcome::Irrelevant => observed.irrelevant += 1,
            Outcome::Judged => observed.judged += 1,
            Outcome::Postponed => observed.postponed += 1,
        }
    }
    Ok(observed)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Irrelevant,
    Judged,
    Postponed,
}

async fn hinted(office: &Office, desk: &Desk, hint: &Hint, arrived: DateTime<Utc>) -> Result<Outcome, WorkError> {
    match hint {
        Hint::Changed { .. } | Hint::Invited { .. } => new_hint(office, desk, hint, 0, arrived).await,
        Hint::Again { hint, tries, agenda } => {
            let outcome = new_hint(office, desk, hint, *tries, arrived).await?;
            ledger::forget(office.tables.as_ref(), agenda).await?;
            Ok(outcome)
        }
        Hint::Look { link, enrolment, agenda } => look(office, desk, link, enrolment, agenda).await,
        Hint::Resynced { mailbox, asked } => {
            mailbox::resynced(office, &desk.tenant.name, mailbox, *asked).await?;
            Ok(Outcome::Judged)
        }
    }
}

/// Judges a hint, or puts it on the agenda when Graph does not answer.
async fn new_hint(
    office: &Office,
    desk: &Desk,
    hint: &Hint,
    tries: u32,
    arrived: DateTime<Utc>,
) -> Result<Outcome, WorkError> {
    let judged = match hint {
        Hint::Changed { mailbox, event, change } => changed(office, desk, mailbox, event, *change, arrived).await,
        Hint::Invited { mailbox, organizer, event } => invited(office, desk, mailbox, organizer, event).await,
        Hint::Look { .. } | Hint::Again { .. } | Hint::Resynced { .. } => Ok(Outcome::Irrelevant),
    };
    match judged {
        Ok(outcome) => Ok(outcome),
        Err(Stop::Work(error)) => Err(error),
        Err(Stop::Graph(trouble)) => {
            alerts::graph_trouble(office, desk, &trouble).await?;
            match trouble {
                // No mailbox of ours (any more): what happens there is not ours to know.
                GraphError::NoMailbox(_) | GraphError::Refused(_) => Ok(Outcome::Irrelevant),
                GraphError::NotFound(_)
                | GraphError::Unauthorized(_)
                | GraphError::Credential { .. }
                | GraphError::Quota(_)
                | GraphError::Conflict(_)
                | GraphError::TooLong { .. }
                | GraphError::Validation(_)
                | GraphError::Throttled { .. }
                | GraphError::Unavailable(_)
                | GraphError::Invalid(_) => {
                    postpone(office, desk, hint, tries).await?;
                    Ok(Outcome::Postponed)
                }
            }
        }
    }
}

/// Puts a hint on the agenda: 30 seconds, doubling to an hour.
pub async fn postpone(office: &Office, desk: &Desk, hint: &Hint, tries: u32) -> Result<(), StoreError> {
    let due = whole_millis(office.clock.now() + retry::unreadable(tries));
    let what = What::Hint { hint: hint.clone(), tries: tries.saturating_add(1) };
    let entry = Entry { tenant: desk.tenant.name.clone(), due, what };
    ledger::schedule(office.tables.as_ref(), &entry).await.map(|_| ())
}

/// Why a hint could not be judged now.
enum Stop {
    Work(WorkError),
    Graph(GraphError),
}

impl From<WorkError> for Stop {
    fn from(error: WorkError) -> Self {
        Stop::Work(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Work(error.into())
    }
}

impl From<GraphError> for Stop {
    fn from(error: GraphError) -> Self {
        Stop::Graph(error)
    }
}

async fn changed(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    event: &EventId,
    change: ChangeType,
    arrived: DateTime<Utc>,
) -> Result<Outcome, Stop> {
    let at = Link::reference(&desk.tenant.name, mailbox, event);
    if let Some(link) = load_link(office, &at).await? {
        judge_link(office, desk, &link, &at).await?;
        return Ok(Outcome::Judged);
    }
    match change {
        ChangeType::Created | ChangeType::Updated => {
            match desk.graph.event(&Mailbox::Id(mailbox.clone()), event, &desk.select).await? {
                Some(found) => sighted(office, desk, mailbox, &found).await,
                // Gone before we could look: invited and declined within moments.
                None => vanished(office, desk, mailbox, arrived).await,
            }
        }
        ChangeType::Deleted => vanished(office, desk, mailbox, arrived).await,
    }
}

/// An event that is not linked is there: link it when it is ours.
async fn sighted(office: &Office, desk: &Desk, mailbox: &UserId, event: &Event) -> Result<Outcome, Stop> {
    let Some(session) = recognise(event, &desk.tenant.recognise) else { return Ok(Outcome::Irrelevant) };
    if event.is_organizer {
        return Ok(Outcome::Irrelevant);
    }
    let Some(person) = desk.people.person(desk.graph.as_ref(), mailbox).await? else { return Ok(Outcome::Irrelevant) };
    let Some(learner) = person.learner.clone() else {
        alerts::raise(office, &desk.tenant.name, "learner-without-key", alerts::STEP_LEARNER_KEY).await?;
        return Ok(Outcome::Irrelevant);
    };
    let link = Link {
        tenant: desk.tenant.name.clone(),
        mailbox: mailbox.clone(),
        event: Some(event.id.clone()),
        ical_uid: event.ical_uid.clone(),
        original_start: event.original_start,
        organizer: event.organizer.as_ref().map(|address| desk.people.hash(address)),
        organizer_event: None,
        organizer_asked: false,
        listed_at: None,
        session,
        learner,
        start: event.start,
        end: event.end,
    };
    let at = Link::reference(&desk.tenant.name, mailbox, &event.id);
    keep(office, &link, &at).await?;
    let reading = judge(&gather::with_copy(event), &link, began(office, &link).await?, office.clock.now());
    apply(office, desk, &link, &at, &reading).await?;
    meet_organizer(office, desk, &link, &at).await?;
    Ok(Outcome::Judged)
}

/// The learner is in the list of an organizer's event that has no link: made from the organizer's copy.
async fn invited(
    office: &Office,
    desk: &Desk,
    mailbox: &UserId,
    organizer: &UserId,
    event: &EventId,
) -> Result<Outcome, Stop> {
    let at = Link::reference_by_organizer(&desk.tenant.name, mailbox, event);
    if let Some(link) = load_link(office, &at).await? {
        judge_link(office, desk, &link, &at).await?;
        return Ok(Outcome::Judged);
    }
    let Some(found) = desk.graph.event(&Mailbox::Id(organizer.clone()), event, &desk.select).await? else {
        return Ok(Outcome::Irrelevant);
    };
    let Some(session) = recognise(&found, &desk.tenant.recognise) else { return Ok(Outcome::Irrelevant) };
    let Some(person) = desk.people.person(desk.graph.as_ref(), mailbox).await? else { return Ok(Outcome::Irrelevant) };
    let (Some(learner), true) = (person.learner.clone(), gather::entry_of(desk, &found, &person).is_some()) else {
        return Ok(Outcome::Irrelevant);
    };
    let link = Link {
        tenant: desk.tenant.name.clone(),
        mailbox: mailbox.clone(),
        event: None,
        ical_uid: found.ical_uid.clone(),
        original_start: found.original_start,
        organizer: found.organizer.as_ref().map(|address| desk.people.hash(address)),
        organizer_event: Some(found.id.clone()),
        organizer_asked: true,
        listed_at: Some(office.clock.now()),
        session,
        learner,
        start: found.start,
        end: found.end,
    };
    keep(office, &link, &at).await?;
    judge_link(office, desk, &link, &at).await?;
    Ok(Outcome::Judged)
}

/// An event that we never linked is gone. Where organizers' calendars are readable, they tell whether it was an invitation
/// of ours; else nobody can, and the gap is the resync's to count.
async fn vanished(office: &Office, desk: &Desk, mailbox: &UserId, arrived: DateTime<Utc>) -> Result<Outcome, Stop> {
    if desk.tenant.watch.organizers.is_empty() {
        return Ok(Outcome::Irrelevant);
    }
    let Some(person) = desk.people.person(desk.graph.as_ref(), mailbox).await? else { return Ok(Outcome::Irrelevant) };
    let view = desk.organizers.since(office, desk, arrived).await?;
    let known = known_parts(office, desk, mailbox).await?;
    let mut outcome = Outcome::Irrelevant;
    for invitation in view.of(&person) {
        if !known.contains(&invitation.part_key) {
            outcome = Box::pin(invited(office, desk, mailbox, &invitation.organizer, &invitation.event)).await?;
        }
    }
    Ok(outcome)
}

/// Part keys of the calendar items that are linked for this mailbox.
///
/// No notification names a link that was made from the organizer's copy. Where a kill has left one without its place in the
/// enrolment, the hint that made it must come upon it again, so it does not count as known.
pub async fn known_parts(office: &Office, desk: &Desk, mailbox: &UserId) -> Result<Vec<String>, StoreError> {
    let mut known = Vec::new();
    for link in links_of(office, desk, mailbox).await?.into_iter().map(|read| read.value) {
        let key = link.part_key();
        let whole = match &link.event {
            Some(_) => true,
            None => {
                let row = ledger::load(office.tables.as_ref(), &link.enrolment()).await?;
                row.is_some_and(|row| row.value.parts.iter().any(|part| part.key == key))
            }
        };
        if whole {
            known.push(key);
        }
    }
    Ok(known)
}

pub async fn links_of(office: &Office, desk: &Desk, mailbox: &UserId) -> Result<Vec<Read<Link>>, StoreError> {
    let partition = Link::partition(&desk.tenant.name, mailbox);
    typed::scan(office.tables.as_ref(), Table::Links, &partition, RowRange::all(), usize::MAX).await
}

pub async fn load_link(office: &Office, at: &LinkRef) -> Result<Option<Link>, StoreError> {
    let found = typed::get(office.tables.as_ref(), Table::Links, &at.partition, &at.row).await?;
    Ok(found.map(|read: Read<Link>| read.value))
}

/// Stores a link, after the session it belongs to is listed and before its enrolment, which can be derived from it.
async fn keep(office: &Office, link: &Link, at: &LinkRef) -> Result<(), StoreError> {
    let tables = office.tables.as_ref();
    ledger::note_session(tables, &link.tenant, &link.session, &link.enrolment()).await?;
    typed::insert_if_absent(tables, Table::Links, &at.partition, &at.row, link).await?;
    Ok(())
}

/// A look that was due. Its agenda row goes when the ledger does not need it any more.
async fn look(
    office: &Office,
    desk: &Desk,
    at: &LinkRef,
    enrolment: &EnrolmentRef,
    agenda: &AgendaRef,
) -> Result<Outcome, WorkError> {
    let tables = office.tables.as_ref();
    if let Some(link) = load_link(office, at).await? {
        judge_link(office, desk, &link, at).await?;
    }
    let needed = ledger::load(tables, enrolment).await?.is_some_and(|row| needs(&row.value, agenda));
    if !needed {
        ledger::forget(tables, agenda).await?;
    }
    Ok(Outcome::Judged)
}

/// True when this wake-up is one that the row needs.
pub fn needs(row: &Enrolment, agenda: &AgendaRef) -> bool {
    entries(row).iter().any(|entry| entry.reference() == *agenda)
}

/// Gathers the evidence about a link, judges it and writes what follows. Trouble with Graph is evidence of its own kind.
pub async fn judge_link(office: &Office, desk: &Desk, link: &Link, at: &LinkRef) -> Result<Reading, WorkError> {
    let gathered = gather::gather(desk, link).await;
    let reading = judge(&gathered.evidence, link, began(office, link).await?, office.clock.now());
    let link = learn(office, link, at, &reading).await?;
    apply(office, desk, &link, at, &reading).await?;
    if matches!(gathered.evidence.organizer, OrganizerCopy::NotAsked) && reading.verdict != Verdict::Unknown {
        meet_organizer(office, desk, &link, at).await?;
    }
    Ok(reading)
}

async fn began(office: &Office, link: &Link) -> Result<Option<DateTime<Utc>>, StoreError> {
    let row = ledger::load(office.tables.as_ref(), &link.enrolment()).await?;
    Ok(row.and_then(|row| row.value.generation_began))
}

/// Writes what a reading means into the enrolment; makes the row when there is none.
async fn apply(office: &Office, desk: &Desk, link: &Link, at: &LinkRef, reading: &Reading) -> Result<(), WorkError> {
    let tables = office.tables.as_ref();
    let policy = &desk.tenant.policy;
    let enrolment = link.enrolment();
    for _ in 0..typed::TRIES {
        let now = office.clock.now();
        let old = ledger::load(tables, &enrolment).await?;
        let next = match &old {
            Some(old) => match see::see(&old.value, link, at, reading, policy, now) {
                Some(next) => next,
                None => return Ok(()),
            },
            None => {
                let fresh = Enrolment::watched(link, whole_millis(now));
                see::see(&fresh, link, at, reading, policy, now).unwrap_or(fresh)
            }
        };
        let counted = match brake::is_new_decision(old.as_ref().map(|old| &old.value), &next) {
            true => Some(brake::count(office, desk, &next).await?),
            false => None,
        };
        let written = ledger::commit(tables, old.as_ref(), next).await;
        if let (Err(_), Some(key)) = (&written, &counted) {
            brake::uncount(office, &link.tenant, key).await?;
        }
        match written {
            Ok(row) => {
                alerts::for_state(office, &row).await?;
                tracing::info!(
                    tenant = %row.tenant,
                    enrolment = %ledger::id_of(&enrolment),
                    verdict = reading.verdict.word(),
                    evidence = reading.source.word(),
                    row = reading.row,
                    state = row.state.word(),
                    "judged"
                );
                return Ok(());
            }
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(StoreError::Unavailable("an enrolment is written by too many at once".into()).into())
}

/// Reads the organizer's copy once for a new link, so that later the organizer's cancelling and dropping can be told from a
/// removal (rows 9 and 10 of the table).
async fn meet_organizer(office: &Office, desk: &Desk, link: &Link, at: &LinkRef) -> Result<(), WorkError> {
    if link.organizer_asked || desk.tenant.watch.organizers.is_empty() {
        return Ok(());
    }
    let now = office.clock.now();
    let seen = gather::organizers_copy(desk, link).await;
    let (event, listed) = match seen {
        OrganizerCopy::There { event, entry, .. } => (Some(event), entry.is_some()),
        OrganizerCopy::Gone | OrganizerCopy::NotOurs | OrganizerCopy::NotAsked => (None, false),
        // Asked again at the next look.
        OrganizerCopy::Unreadable => return Ok(()),
    };
    change_link(office, at, |stored| {
        let mut next = stored.clone();
        next.organizer_asked = true;
        next.organizer_event = stored.organizer_event.clone().or_else(|| event.clone());
        if listed && next.listed_at.is_none() {
            next.listed_at = Some(now);
        }
        next
    })
    .await?;
    Ok(())
}

/// Remembers in the link what a reading taught: newer times, the organizer's copy, and where a moved copy is now.
async fn learn(office: &Office, link: &Link, at: &LinkRef, reading: &Reading) -> Result<Link, WorkError> {
    let now = office.clock.now();
    if let Some(event) = &reading.event
        && link.event.as_ref() != Some(event)
    {
        // Under a new id: from now on notifications name that one. The old link stays, for hints that still name it.
        let moved = Link { event: Some(event.clone()), ..link.clone() };
        let at = Link::reference(&link.tenant, &link.mailbox, event);
        typed::insert_if_absent(office.tables.as_ref(), Table::Links, &at.partition, &at.row, &moved).await?;
    }
    let stored = change_link(office, at, |stored| {
        let mut next = stored.clone();
        next.start = reading.start.or(stored.start);
        next.end = reading.end.or(stored.end);
        if let Some(event) = &reading.organizer_event {
            next.organizer_event = Some(event.clone());
            next.organizer_asked = true;
        }
        if reading.listed && next.listed_at.is_none() {
            next.listed_at = Some(now);
        }
        next
    })
    .await?;
    Ok(stored.unwrap_or_else(|| link.clone()))
}

async fn change_link<F>(office: &Office, at: &LinkRef, mut change: F) -> Result<Option<Link>, StoreError>
where
    F: FnMut(&Link) -> Link,
{
    typed::update(office.tables.as_ref(), Table::Links, &at.partition, &at.row, |stored: Option<&Link>| {
        let stored = stored?;
        let next = change(stored);
        (next != *stored).then_some(next)
    })
    .await
}
