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
use crate::store::StoreError;
use crate::store::typed::{self, Read};
use crate::work::desk::{Desk, Office};
use crate::work::{WorkError, alerts, brake, gather, ledger, links, mailbox, poison, status};
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use std::collections::HashSet;

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
    // Graph often says the same thing several times in one breath.
    let mut seen = HashSet::new();
    let distinct = changes.hints.iter().filter(|hint| seen.insert(*hint)).cloned();
    // That a mailbox is compared is true once everything that the comparison found has been judged.
    let (marks, reasons): (Vec<Hint>, Vec<Hint>) = distinct.partition(|hint| matches!(hint, Hint::Resynced { .. }));
    let mut observed = Observed::default();
    for hints in [reasons, marks] {
        // All of them come to their end before an error counts, so that one in trouble holds up no other.
        let outcomes: Vec<Result<Outcome, WorkError>> = stream::iter(hints)
            .map(|hint| async move { hinted(office, desk, &hint, arrived).await })
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        observed.count(outcomes)?;
    }
    Ok(observed)
}

impl Observed {
    fn count(&mut self, outcomes: Vec<Result<Outcome, WorkError>>) -> Result<(), WorkError> {
        for outcome in outcomes {
            match outcome? {
                Outcome::Irrelevant => self.irrelevant += 1,
                Outcome::Judged => self.judged += 1,
                Outcome::Postponed => self.postponed += 1,
            }
        }
        Ok(())
    }
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
                // It will not be understood by itself; a person finds it, and the next resync goes on without it.
                GraphError::Invalid(why) if tries >= GIVE_UP => {
                    let text = serde_json::to_string(hint).unwrap_or_default();
                    poison::keep(office, "regrets-changes", &text, &why.to_string()).await?;
                    Ok(Outcome::Irrelevant)
                }
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

/// Tries, over more than a day, after which a hint that Graph calls invalid is kept for a person instead.
const GIVE_UP: u32 = 32;

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
    if let Some(link) = links::load(office, &at).await? {
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
    // Looked up only now, so that the many changes that are none of ours cost no read for it.
    if mailbox::load(office.tables.as_ref(), &desk.tenant.name, mailbox).await?.is_none() {
        status::count_dropped(office, &desk.tenant.name, &[("mailbox_not_watched", 1)]).await?;
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
    links::keep(office, &link, &at).await?;
    // The sight that made the link may be old by now; what is decided is decided on a reading that follows the ledger's.
    judge_link(office, desk, &link, &at).await?;
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
    if let Some(link) = links::load(office, &at).await? {
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
    links::keep(office, &link, &at).await?;
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
    let invitations = view.of(&person);
    if invitations.is_empty() {
        return Ok(Outcome::Irrelevant);
    }
    let known = links::known_parts(office, desk, mailbox).await?;
    let mut outcome = Outcome::Irrelevant;
    for invitation in invitations.into_iter().filter(|invitation| !known.contains(&invitation.part_key)) {
        match Box::pin(invited(office, desk, mailbox, &invitation.organizer, &invitation.event)).await? {
            Outcome::Irrelevant => {}
            judged @ (Outcome::Judged | Outcome::Postponed) => outcome = judged,
        }
    }
    Ok(outcome)
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
    if let Some(link) = links::load(office, at).await? {
        judge_link(office, desk, &link, at).await?;
    }
    let row = ledger::load(tables, enrolment).await?;
    if !row.as_ref().is_some_and(|row| needs(&row.value, agenda)) {
        if let Some(row) = &row {
            ledger::file(tables, &row.value).await?;
        }
        ledger::forget_stale(tables, agenda, tables.now().await?, office.timing.rewake).await?;
    }
    Ok(Outcome::Judged)
}

/// True when this wake-up is one that the row needs.
pub fn needs(row: &Enrolment, agenda: &AgendaRef) -> bool {
    entries(row).iter().any(|entry| entry.reference() == *agenda)
}

/// Gathers the evidence about a link, judges it and writes what follows. Trouble with Graph is evidence of its own kind.
///
/// The row is read before the calendar, and written only if it is still the same: a reading that somebody else has overtaken
/// is thrown away and taken anew, so that an old one never overwrites a newer one.
pub async fn judge_link(office: &Office, desk: &Desk, link: &Link, at: &LinkRef) -> Result<Reading, WorkError> {
    let enrolment = link.enrolment();
    for _ in 0..typed::TRIES {
        let old = ledger::load(office.tables.as_ref(), &enrolment).await?;
        let began = old.as_ref().and_then(|row| row.value.generation_began);
        let evidence = gather::gather(desk, link).await;
        let reading = judge(&evidence, link, began, office.clock.now());
        let learned = links::learn(office, link, at, &reading).await?;
        match apply(office, desk, old.as_ref(), &learned, at, &reading).await {
            Ok(()) => {
                if matches!(evidence.organizer, OrganizerCopy::NotAsked) && reading.verdict != Verdict::Unknown {
                    links::meet_organizer(office, desk, &learned, at).await?;
                }
                return Ok(reading);
            }
            Err(lost) if lost.is_lost_race() => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(StoreError::Unavailable("an enrolment is written by too many at once".into()).into())
}

/// Writes what a reading means into the enrolment as it was read before; makes the row when there was none.
async fn apply(
    office: &Office,
    desk: &Desk,
    old: Option<&Read<Enrolment>>,
    link: &Link,
    at: &LinkRef,
    reading: &Reading,
) -> Result<(), StoreError> {
    let policy = &desk.tenant.policy;
    let now = office.clock.now();
    let next = match old {
        Some(old) => match see::see(&old.value, link, at, reading, policy, now) {
            Some(next) => next,
            None => return Ok(()),
        },
        None => {
            let fresh = Enrolment::watched(link, whole_millis(now));
            see::see(&fresh, link, at, reading, policy, now).unwrap_or(fresh)
        }
    };
    let counted = match brake::is_new_decision(old.map(|old| &old.value), &next) {
        true => Some(brake::count(office, desk, &next).await?),
        false => None,
    };
    let written = ledger::commit(office.tables.as_ref(), old, next).await;
    if let (Err(_), Some(key)) = (&written, &counted) {
        brake::uncount(office, &link.tenant, key).await?;
    }
    let row = written?;
    alerts::for_state(office, &row).await?;
    tracing::info!(
        tenant = %row.tenant,
        enrolment = %ledger::id_of(&row.reference()),
        verdict = reading.verdict.word(),
        evidence = reading.source.word(),
        row = reading.row,
        state = row.state.word(),
        "judged"
    );
    Ok(())
}
