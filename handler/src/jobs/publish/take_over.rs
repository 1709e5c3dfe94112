//! What stands of a session in a calendar, and no row tells of: it was written by a ledger that was lost, or
//! restored.
//!
//! Guarantees: it is taken over by its own key, without a mail, before anything is written of the session
//! there; who declined and holds no place any more is written to no more. One look-up for a session and a
//! calendar stands for one before each invitation, as long as the ledger is kept without a gap
//! ([`super::unbroken`]); what can't be taken over now is looked for again.

use crate::calendar::event::{Answer, Response};
use crate::graph::port::Mailbox;
use crate::ids::{Address, UserId};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::act::{EventContext, Progress};
use crate::jobs::publish::facts::{SessionFacts, row_of};
use crate::jobs::publish::look_up::{self, Found};
use crate::jobs::publish::organizers::Organizers;
use crate::jobs::publish::published::Published;
use crate::jobs::publish::unbroken;
use crate::ledger::Read;
use crate::ledger::source_sessions::{self, SourceSession, TakenOver};
use crate::publishing::content::Fingerprints;
use crate::publishing::event_key::EventKey;
use crate::publishing::policy::Publisher;
use crate::publishing::wish::Wish;
use crate::publishing::written::{Stand, Written};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Whose events are taken over, and by whom.
pub(super) struct TakeOver<'a> {
    pub(super) app: &'a AppContext,
    pub(super) context: &'a TenantContext,
    pub(super) publisher: &'a Publisher,
}

impl TakeOver<'_> {
    /// Fills what [`SessionFacts`] know of the ledger, and rows of what is found.
    pub(super) async fn run(
        &self,
        facts: &mut SessionFacts,
        organizers: &mut Organizers,
        published: &mut Published,
    ) -> Result<(), JobError> {
        let now = self.app.ledger.now().await?;
        let unbroken = unbroken::read(&self.app.ledger, &self.context.tenant.name, now).await?;
        facts.ledger_born = unbroken.map(|unbroken| unbroken.born);
        if facts.source.is_over(now) {
            return Ok(());
        }
        let since = unbroken.and_then(|unbroken| unbroken.since);
        let calendars = [Some(&self.publisher.organizer), self.publisher.calendar.as_ref()];
        let calendars: BTreeSet<&Address> = calendars.into_iter().flatten().collect();
        for address in calendars {
            let known = facts.source.taken_over.get(address);
            let known = known.filter(|known| known.namespace == self.publisher.namespace);
            if known.is_some_and(|known| since.is_some_and(|since| known.at >= since)) {
                facts.known_in.insert(address.clone());
                continue;
            }
            let unknown = self.unknown(facts, address);
            if unknown.is_empty() {
                continue;
            }
            let organizer = organizers.of(self.context, address).await?;
            if self.in_calendar(facts, &organizer, &unknown, now, published).await? {
                self.note(facts, address, now).await?;
            }
        }
        Ok(())
    }

    /// What would stand there, or may stand there though nobody wants it, and of which nothing is known.
    fn unknown(&self, facts: &SessionFacts, address: &Address) -> Vec<EventKey> {
        let is_unknown = |key: &EventKey| {
            let row = row_of(facts.written.get(key), key, self.publisher);
            row.organizer == *address && row.stand == Stand::None && row.act.is_none()
        };
        let mut keys = facts.keys();
        keys.extend(facts.own_keys());
        let mut unknown: Vec<EventKey> = keys.into_iter().filter(is_unknown).collect();
        // Learners' events say what becomes of the session's own.
        unknown.sort_by_key(|key| key.audience.is_learners());
        unknown
    }

    /// Whether all that stands there has a row now.
    async fn in_calendar(
        &self,
        facts: &mut SessionFacts,
        organizer: &UserId,
        unknown: &[EventKey],
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<bool, JobError> {
        let (mailbox, session) = (Mailbox::Id(organizer.clone()), &facts.source.session.id);
        let (graph, namespace) = (self.context.graph.as_ref(), &self.publisher.namespace);
        let mut found = match look_up::of_session(graph, &mailbox, session, namespace).await {
            Ok(found) => found,
            // Each is looked for by itself, and waits where that fails, too.
            Err(failure) => {
                tracing::warn!(tenant = %self.context.tenant.name, %session, %failure,
                    "what stands of a session can't be read");
                return Ok(false);
            }
        };
        // Whoever was killed while they took one over has left a row that tells of no event yet.
        for key in facts.written.keys().filter(|key| !unknown.contains(key)) {
            found.remove(&key.search(namespace));
        }
        let (mut is_all, wanted) = (true, facts.keys());
        for key in unknown {
            let found = found.remove(&key.search(namespace));
            if found.is_none() && (key.audience.is_learners() || !wanted.contains(key)) {
                continue;
            }
            let (app, context, publisher) = (self.app, self.context, self.publisher);
            let (organizer, mailbox) = (organizer.clone(), mailbox.clone());
            let event = EventContext { app, context, publisher, facts, key, organizer, mailbox };
            match event.take_over(found.as_ref(), now, published).await {
                Ok((read, is_known)) => {
                    facts.written.extend(read.map(|read| (key.clone(), read)));
                    is_all &= is_known;
                }
                // Somebody else is at it.
                Err(JobError::Store(lost)) if lost.is_lost_race() => {
                    published.wait(now);
                    is_all = false;
                }
                Err(other) => return Err(other),
            }
        }
        for left in found.values() {
            tracing::warn!(tenant = %self.context.tenant.name, session = %left.session,
                event = %left.event.id, "an event of ours stands for nobody that the LMS tells of");
        }
        Ok(is_all && found.is_empty())
    }

    async fn note(
        &self,
        facts: &mut SessionFacts,
        address: &Address,
        now: DateTime<Utc>,
    ) -> Result<(), JobError> {
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        let known = TakenOver { at: now, namespace: self.publisher.namespace.clone() };
        let note = |row: Option<&SourceSession>| {
            let mut next = row?.clone();
            next.taken_over.insert(address.clone(), known.clone());
            Some(next)
        };
        source_sessions::update(ledger, tenant, &facts.source.session.id, note).await?;
        facts.known_in.insert(address.clone());
        Ok(())
    }
}

impl EventContext<'_> {
    /// Its row, and whether that tells all: not where nobody knows what is wanted of it, or Graph is away.
    async fn take_over(
        &self,
        found: Option<&Found>,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<(Option<Read<Written>>, bool), JobError> {
        let read = self.facts.written.get(self.key).cloned();
        let row = row_of(read.as_ref(), self.key, self.publisher);
        // The meeting beside it may be there, too, and whoever is told of it must be told the same.
        let read = self.meet(read.as_ref(), &row, now, published).await?.or(read);
        let row = row_of(read.as_ref(), self.key, self.publisher);
        let Some(found) = found else { return Ok((read, true)) };
        if self.facts.waits(self.key, now).is_some() {
            return Ok((read, false));
        }
        let made_at = Some(found.event.created.unwrap_or(now));
        let standing = Written { stand: Stand::Stands, made_at, ..row.clone() };
        let wanted = match self.facts.wish(self.key, &standing) {
            Wish::Stand { content, .. } => content.fingerprints(),
            Wish::CallOff { .. } => {
                if let Some(at) = self.declined_at(found) {
                    published.count("let_go");
                    let at = at.unwrap_or(now);
                    let gone = row.gone(Stand::LetGo { at });
                    let next = Written { invitation: found.invitation, made_at, ..gone };
                    return Ok((Some(self.write(read.as_ref(), next).await?), true));
                }
                Fingerprints::default()
            }
            Wish::LetGo { .. } => Fingerprints::default(),
            Wish::Hold(_) => return Ok((read, false)),
        };
        match self.adopt(read.as_ref(), &row, found, &wanted, now, published).await? {
            Progress::Written(read) => Ok((Some(*read), true)),
            Progress::Waits(until) | Progress::Spent(until) => {
                published.wait(until);
                Ok((read, false))
            }
        }
    }

    /// When the learner declined it, where Graph says so.
    fn declined_at(&self, found: &Found) -> Option<Option<DateTime<Utc>>> {
        let mut people = found.event.attendees.iter().filter(|_| self.key.audience.is_learners());
        let Response { answer, at } = people.find(|one| !one.is_resource)?.response;
        (answer == Answer::Declined).then_some(at)
    }
}
