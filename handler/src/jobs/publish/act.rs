//! One act on one event: looked up where it may have been done, counted, written down, done, and written
//! down as done.
//!
//! Guarantees:
//! - The row says what Graph is asked for before Graph is asked. Whoever is killed from there on leaves
//!   an act that may have been done; the next looks for the event by its own key, and repeats nothing
//!   that was.
//! - Nothing is looked for before whatever was on its way must have arrived; a look-up that fails changes
//!   nothing.
//! - Before an event is made it is looked for, unless all that stands of the session is known
//!   ([`super::take_over`]) and nothing of this one was ever asked for: a lost ledger makes no second one.
//! - What was certainly not done is forgotten, and planned anew: nobody gets what nobody wants any more.
//! - What the mailbox sends is counted before it is sent.

use crate::calendar::event::Event;
use crate::graph::GraphError;
use crate::graph::port::Mailbox;
use crate::ids::{Address, LearnerKey, UserId};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::facts::SessionFacts;
use crate::jobs::publish::look_up::{self, Found};
use crate::jobs::publish::published::Published;
use crate::jobs::publish::{compose, link, vanished};
use crate::jobs::timing::EventPace;
use crate::jobs::{GraphOutcome, JobError};
use crate::ledger::written_events::{self, Published as PublishedAs};
use crate::ledger::{Read, organizer_calendars, sent_mail};
use crate::publishing::budget::Allowed;
use crate::publishing::carried_out::{carried_out, says};
use crate::publishing::content::{AttendeeKind, Content, Field, Fingerprints, listed};
use crate::publishing::event_key::{Audience, EventKey, Invitation};
use crate::publishing::mails::mails;
use crate::publishing::policy::Publisher;
use crate::publishing::written::{Act, Meeting, Stand, Underway, Written};
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray as _;

/// What one event is looked at with.
pub(super) struct EventContext<'a> {
    pub(super) app: &'a AppContext,
    pub(super) context: &'a TenantContext,
    pub(super) publisher: &'a Publisher,
    pub(super) facts: &'a SessionFacts,
    pub(super) key: &'a EventKey,
    /// In whose calendar it stands, or will.
    pub(super) organizer: UserId,
    pub(super) mailbox: Mailbox,
}

pub(super) enum Progress {
    /// The row is another; it is planned anew.
    Written(Box<Read<Written>>),
    Waits(DateTime<Utc>),
    /// The mailbox may send nothing before.
    Spent(DateTime<Utc>),
}

/// What came of a list that was written.
pub(super) enum Listing {
    Done,
    Failed(GraphError),
    /// They are listed, and whose answers theirs are is not written down.
    NotLinked(GraphError),
}

impl EventContext<'_> {
    pub(super) fn pace(&self) -> EventPace {
        self.app.timing.pace.events
    }

    pub(super) async fn write(
        &self,
        read: Option<&Read<Written>>,
        next: Written,
    ) -> Result<Read<Written>, StoreError> {
        written_events::write(&self.app.ledger, &self.context.tenant.name, read, next).await
    }

    pub(super) async fn found(&self) -> Result<Option<Found>, GraphError> {
        let graph = self.context.graph.as_ref();
        look_up::newest(graph, &self.mailbox, self.key, &self.publisher.namespace).await
    }

    /// An act whose end nobody wrote down.
    pub(super) async fn look_back(
        &self,
        read: Option<&Read<Written>>,
        row: &Written,
        underway: &Underway,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        let arrived = underway.since + self.pace().on_its_way;
        if now < arrived {
            return Ok(Progress::Waits(arrived));
        }
        let found = match self.found().await {
            Ok(found) => found,
            Err(failure) => return Ok(self.away(&failure, now)),
        };
        let not_done = Written { act: None, ..row.clone() };
        let next = match (&underway.act, found) {
            (Act::Create { invitation, wanted }, Some(found)) if found.invitation == *invitation => {
                return self.adopt(read, row, &found, wanted, now, published).await;
            }
            (Act::Create { .. }, _) => not_done,
            // What was to be undone carries the same revision before and after.
            (Act::Update { wanted, .. }, Some(found)) => match found.revision == Some(wanted.revision())
                && !(row.undo.contains(&Field::When) && row.shows(&found.event))
            {
                true => {
                    published.count("changed");
                    let span = found.event.start.or(row.start).zip(found.event.end.or(row.end));
                    let undone = row.undone_still(wanted);
                    Written { undone, ..row.stands(wanted.clone(), span.unwrap_or((now, now))) }
                        .showing(Some(&found.event))
                }
                false => not_done,
            },
            // The same list once more mails nobody.
            (Act::Attendees { .. }, Some(_)) => not_done,
            (Act::Update { .. } | Act::Attendees { .. }, None) => {
                return self.taken_away(read, row, now, published).await;
            }
            (Act::Cancel { .. }, Some(_)) => not_done,
            (Act::Cancel { why }, None) => {
                published.count("called_off");
                row.gone(Stand::CalledOff { at: underway.since, why: why.clone() })
            }
        };
        Ok(Progress::Written(Box::new(self.write(read, next).await?)))
    }

    pub(super) async fn act(
        &self,
        read: Option<&Read<Written>>,
        row: &Written,
        act: Act,
        content: Option<&Content>,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        // Since this session was read, more may have vanished than may be believed.
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        if organizer_calendars::is_stopped(ledger, tenant, &row.organizer).await? {
            return Ok(Progress::Waits(now + vanished::STOPPED));
        }
        let found = match self.is_looked_for(&act, read.is_some(), row) {
            true => match self.found().await {
                Ok(found) => found,
                Err(failure) => return Ok(self.away(&failure, now)),
            },
            false => None,
        };
        match (&act, &found) {
            // The ledger was lost, or a call arrived later than anybody waited.
            (Act::Create { invitation, wanted }, Some(found))
                if found.invitation >= *invitation || row.is_wanted_back() =>
            {
                return self.adopt(read, row, found, wanted, now, published).await;
            }
            (Act::Attendees { .. }, None) => return self.taken_away(read, row, now, published).await,
            (Act::Update { .. } | Act::Cancel { .. }, None) if row.event.is_none() => {
                return self.taken_away(read, row, now, published).await;
            }
            (
                Act::Create { .. } | Act::Update { .. } | Act::Attendees { .. } | Act::Cancel { .. },
                None | Some(_),
            ) => {}
        }
        // Judging is large, and seldom.
        let unread = Box::pin(self.unread_answers(&act, row, found.as_ref(), now));
        if let Some(until) = unread.await? {
            published.count("answers_first");
            return Ok(Progress::Waits(until));
        }
        let (all, says) = (content, content.map(|content| says(&act, content, row)));
        let content = says.as_deref();
        let recipients = mails(&act, content, row);
        let limits = self.publisher.limits.faster(self.pace().minutes);
        if recipients > 0 {
            match sent_mail::take(ledger, tenant, &row.organizer, recipients, limits, now).await? {
                Allowed::Now => published.sent = published.sent.saturating_add(recipients),
                Allowed::At(then) => return Ok(Progress::Spent(then)),
            }
        }
        let is_new = matches!(act, Act::Create { .. });
        let known = found.as_ref().filter(|_| !is_new).map(|found| found.event.id.clone());
        let event = known.or_else(|| row.event.clone());
        let underway = Some(Underway { act: act.clone(), since: now });
        let begun = content.filter(|content| content.online).map(|_| match &row.meeting {
            Some(known) => Meeting { is_of_event: true, ..known.clone() },
            None => Meeting::begun(now, true),
        });
        let meeting = begun.or_else(|| row.meeting.clone());
        let for_all = if is_new { self.is_for_all() } else { row.for_all };
        let row = Written { act: underway, event: event.clone(), meeting, for_all, ..row.clone() };
        let read = self.write(read, row.clone()).await?;
        let graph = self.context.graph.as_ref();
        let done = match (&act, content, &event) {
            (Act::Create { invitation, wanted }, Some(content), _) => {
                let names = (self.publisher.namespace.as_str(), self.facts.ledger_born);
                let new = compose::new_event(self.key, names, *invitation, content, wanted);
                match graph.create_event(&self.mailbox, &new).await {
                    Ok(event) => {
                        published.count("created");
                        return self
                            .made(&read, &row, (&event, false), *invitation, wanted.clone(), now)
                            .await;
                    }
                    Err(failure) => Err(failure),
                }
            }
            (Act::Update { fields, wanted }, Some(content), Some(event)) => {
                let says = compose::fields(content, fields, wanted);
                graph.change_event(&self.mailbox, event, &says).await
            }
            (Act::Attendees { .. }, Some(content), Some(event)) => {
                match Box::pin(self.list(event, content, found.as_ref(), &row.listed)).await? {
                    Listing::Done => Ok(None),
                    Listing::Failed(failure) => Err(failure),
                    // The act stays under way: the same list once more mails nobody.
                    Listing::NotLinked(failure) => return Ok(self.away(&failure, now)),
                }
            }
            (Act::Cancel { why }, _, Some(event)) => {
                let found = found.map(|found| found.event);
                self.call_off(event, why, found.as_ref()).await.map(|()| None)
            }
            // Nothing to write, or nowhere: what was planned is planned anew.
            (Act::Create { .. } | Act::Update { .. } | Act::Attendees { .. } | Act::Cancel { .. }, _, _) => {
                let next = Written { act: None, ..row };
                return Ok(Progress::Written(Box::new(self.write(Some(&read), next).await?)));
            }
        };
        match done {
            Ok(shown) => self.done(&read, (&row, shown.as_ref()), &act, all, now, published).await,
            Err(failure) => self.failed(&read, &row, &act, &failure, now, published).await,
        }
    }

    /// Whether the event is looked for before this act.
    fn is_looked_for(&self, act: &Act, has_row: bool, row: &Written) -> bool {
        match act {
            Act::Create { .. } => has_row || !self.facts.known_in.contains(&row.organizer),
            Act::Attendees { .. } => true,
            // Whether anybody is invited rules how it is called off.
            Act::Cancel { .. } => row.event.is_none() || !self.key.audience.is_learners(),
            Act::Update { .. } => row.event.is_none(),
        }
    }

    /// It stands, by an answer; or it was found, and nobody knows what it was made as.
    async fn made(
        &self,
        read: &Read<Written>,
        row: &Written,
        (event, is_found): (&Event, bool),
        invitation: Invitation,
        wanted: Fingerprints,
        now: DateTime<Utc>,
    ) -> Result<Progress, JobError> {
        match self.linked(event).await.graph()? {
            Ok(()) => {}
            // The act stays under way, so that what is missing is done when it is looked up.
            Err(failure) => return Ok(self.away(&failure, now)),
        }
        // Before anything else is written of it: of an online meeting the text never is.
        let is_known = !is_found && row.meeting.as_ref().is_none_or(|meeting| !meeting.is_of_event);
        let meeting = match self.met(row, event, is_known, now).await.graph()? {
            Ok(meeting) => meeting,
            Err(failure) => return Ok(self.away(&failure, now)),
        };
        let span = event.start.zip(event.end).unwrap_or((now, now));
        let next = Written {
            invitation,
            event: Some(event.id.clone()),
            ical_uid: event.ical_uid.clone(),
            listed: event.attendees.iter().map(|one| listed(&one.address)).collect(),
            meeting,
            made_at: Some(event.created.unwrap_or(now)),
            for_all: self.is_for_all(),
            ..row.stands(wanted, span)
        }
        .showing(Some(event));
        Ok(Progress::Written(Box::new(self.write(Some(read), next).await?)))
    }

    /// It stands, and nobody wrote that down; or what was written is lost. What it says is known where
    /// it was told just this; else it is told anew. Who is listed is read; of a learner's, its key says it.
    pub(super) async fn adopt(
        &self,
        read: Option<&Read<Written>>,
        row: &Written,
        found: &Found,
        wanted: &Fingerprints,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        let kind = |is_resource| match is_resource {
            true => AttendeeKind::Room,
            false => AttendeeKind::Instructor,
        };
        let list = found.event.attendees.iter().map(|one| (one.address.clone(), kind(one.is_resource)));
        let is_told = found.revision == Some(wanted.revision());
        let is_listed = self.key.audience.is_learners() || wanted.lists(&list.collect::<BTreeMap<_, _>>());
        let same: BTreeSet<Field> = Field::VARIANTS
            .iter()
            .copied()
            .filter(|field| if *field == Field::Attendees { is_listed } else { is_told })
            .collect();
        let wanted = Fingerprints::default().with(wanted, &same);
        let read = match read {
            Some(read) => read.clone(),
            None => self.write(None, row.clone()).await?,
        };
        published.count("found");
        let row = Written { relisted: self.relisted(row, &found.event, now), ..row.clone() };
        self.made(&read, &row, (&found.event, true), found.invitation, wanted, now).await
    }

    async fn met(
        &self,
        row: &Written,
        event: &Event,
        is_known: bool,
        now: DateTime<Utc>,
    ) -> Result<Option<Meeting>, JobError> {
        if is_known || self.key.audience != Audience::Session {
            return Ok(None);
        }
        match self.context.graph.written_event(&self.mailbox, &event.id).await? {
            // Whether it is late is seen when it is read again.
            Some(shown) => self.seen_meeting(row, &shown, now, &mut Published::default()).await,
            None => Ok(row.meeting.clone()),
        }
    }

    async fn linked(&self, event: &Event) -> Result<(), JobError> {
        let learner = match &self.key.audience {
            Audience::Learner(learner) => learner,
            Audience::Session if self.facts.for_all => {
                return Box::pin(self.link_all(event, &BTreeSet::new())).await;
            }
            Audience::Session => {
                let Some(uid) = &event.ical_uid else { return Ok(()) };
                let session = self.key.session.clone();
                let row = Some(self.key.row());
                let published = PublishedAs { session, is_of_instructors: true, is_for_all: false, row };
                let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
                return Ok(written_events::note_session(ledger, tenant, uid, &published).await?);
            }
            // Nobody is invited to it.
            Audience::Calendar => return Ok(()),
        };
        let whose: (&LearnerKey, Option<&Address>) = (
            learner,
            event.attendees.iter().find(|attendee| !attendee.is_resource).map(|attendee| &attendee.address),
        );
        link::link(self.app, self.context, &self.organizer, event, self.key, whose).await
    }

    /// Graph has taken it. `all`: what is wanted, whether this act has written it or not.
    async fn done(
        &self,
        read: &Read<Written>,
        (row, shown): (&Written, Option<&Event>),
        act: &Act,
        all: Option<&Content>,
        now: DateTime<Utc>,
        published: &mut Published,
    ) -> Result<Progress, JobError> {
        let next = carried_out(row, act, all, &self.publisher.policy.sends, now);
        let next = match act {
            Act::Update { .. } => next.showing(shown),
            Act::Create { .. } | Act::Attendees { .. } | Act::Cancel { .. } => next,
        };
        published.count(match act {
            Act::Create { .. } => "created",
            Act::Update { .. } => "changed",
            Act::Attendees { .. } => "listed",
            Act::Cancel { .. } => "called_off",
        });
        Ok(Progress::Written(Box::new(self.write(Some(read), next).await?)))
    }
}
