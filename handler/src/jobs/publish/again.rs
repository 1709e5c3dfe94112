//! What people took away in organizers' calendars is made again, or left at that: by a person's word.
//!
//! Guarantees: no more people are mailed than the person was shown; who said it, and why, stands in the audit
//! before it has an effect; nothing is made again that nobody wants any more, that is over, or whose learner
//! has declined; what was put back meanwhile is taken as it is, and mails nobody. Killed anywhere and said
//! again, it does the rest, and nothing twice.

use crate::config::Publish;
use crate::ids::{Address, LearnerKey, SessionId, TenantName};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::jobs::operate::publish_json::{Again, AgainSession, StoppedCalendar};
use crate::jobs::publish::decide::{found, none};
use crate::jobs::publish::facts::SessionFacts;
use crate::jobs::publish::publish_session::{rooms, words};
use crate::jobs::publish::{chosen, vanished};
use crate::ledger::source_sessions::SourceSession;
use crate::ledger::{Read, audit, organizer_calendars, source_sessions, written_events};
use crate::publishing::event_key::Audience;
use crate::publishing::mails::mails;
use crate::publishing::plan::{Plan, plan};
use crate::publishing::policy::{Chosen, PublishState, Publishing};
use crate::publishing::wish::CallOff;
use crate::publishing::written::{Act, Stand, Written};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What is meant; all of it, where nothing is named.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The LMS's id.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// What the LMS knows the learner by.
    #[serde(default)]
    pub learner: Option<LearnerKey>,
    /// A calendar in which nothing is written any more.
    #[serde(default)]
    pub organizer: Option<Address>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    #[serde(default)]
    pub session: Option<SessionId>,
    #[serde(default)]
    pub learner: Option<LearnerKey>,
    #[serde(default)]
    pub organizer: Option<Address>,
    /// Nothing is made again, and what is to be written into the calendar is written again.
    #[serde(default)]
    pub leave: bool,
    /// As many as were shown: more are not mailed.
    pub mails: u64,
    pub by: String,
    pub reason: String,
}

/// Sessions that are shown one by one.
const SHOWN: usize = 100;
/// Whoever was killed before that is followed by somebody who looks.
const WRITTEN_BY_THEN: TimeDelta = TimeDelta::minutes(5);

/// Of one session: what would be made again.
struct Gone {
    session: SessionId,
    title: String,
    start: Option<DateTime<Utc>>,
    /// Those that are to be made again, and how many each mails.
    rows: Vec<(Read<Written>, u64)>,
    /// Those that nobody wants any more.
    unwanted: u64,
}

struct Asked<'a> {
    app: &'a AppContext,
    context: &'a TenantContext,
    publish: &'a Publish,
    named: Named,
    now: DateTime<Utc>,
}

impl<'a> Asked<'a> {
    async fn of(app: &'a AppContext, tenant: &TenantName, named: Named) -> Result<Self, OperatorError> {
        let context = found(app, tenant)?;
        let publish = context.tenant.publish.as_ref();
        let publish = publish.ok_or_else(|| OperatorError::NotFound(none(tenant)))?;
        if named.learner.is_some() && named.session.is_none() {
            return Err(OperatorError::Wrong("a learner is named by session and learner".to_owned()));
        }
        Ok(Self { app, context, publish, named, now: app.ledger.now().await? })
    }

    /// It is not there, and a person is to say what becomes of it.
    fn is_meant(&self, row: &Written, stopped: &BTreeSet<Address>) -> bool {
        let is_gone = row.missing.is_some() || matches!(row.stand, Stand::TakenAway { .. });
        let is_over = row.end.is_some_and(|end| end <= self.now);
        let is_theirs = match (&self.named.learner, &row.key.audience) {
            (None, _) => true,
            (Some(named), Audience::Learner(learner)) => named == learner,
            (Some(_), Audience::Session | Audience::Calendar) => false,
        };
        let is_there = match &self.named.organizer {
            Some(named) => *named == row.organizer,
            // Of a calendar in which nothing is written a word of its own is needed.
            None => !stopped.contains(&row.organizer),
        };
        is_gone && row.act.is_none() && !is_over && is_theirs && is_there
    }

    async fn gone(&self) -> Result<Vec<Gone>, OperatorError> {
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        let stopped = vanished::stopped(self.app, self.context).await?;
        let chosen = match chosen::chosen(self.context, self.publish).await {
            Ok(chosen) => chosen,
            // Then nobody is written to.
            Err(JobError::Store(failure)) => return Err(failure.into()),
            Err(_) => Chosen::These(BTreeSet::new()),
        };
        let mut all = Vec::new();
        for known in source_sessions::all(ledger, tenant).await? {
            let session = known.value.session;
            if self.named.session.as_ref().is_some_and(|named| *named != session.id) {
                continue;
            }
            let mut rows = written_events::of_session(ledger, tenant, &session.id).await?;
            rows.retain(|read| self.is_meant(&read.value, &stopped));
            if !rows.is_empty() {
                let (rows, unwanted) = self.weighed(&session.id, rows, &chosen).await?;
                let (start, title) = (session.start(), session.title);
                all.push(Gone { session: session.id, title, start, rows, unwanted });
            }
        }
        all.sort_by_key(|one| (one.start.is_none(), one.start));
        Ok(all)
    }

    /// Those that would be made again now, with how many each mails; and how many would not.
    async fn weighed(
        &self,
        session: &SessionId,
        rows: Vec<Read<Written>>,
        chosen: &Chosen,
    ) -> Result<(Vec<(Read<Written>, u64)>, u64), OperatorError> {
        let (context, publisher) = (self.context, &self.publish.publisher);
        let with = (chosen, words(context, publisher), publisher, rooms(context, publisher).await);
        let tenant = &context.tenant.name;
        let Some(facts) = SessionFacts::read(self.app, tenant, session, with).await? else {
            return Ok((Vec::new(), rows.len() as u64));
        };
        // What would be mailed is counted, whether it is let out or not.
        let policy = Publishing { state: PublishState::On, ..publisher.policy.clone() };
        let (mut wanted, mut unwanted) = (Vec::new(), 0);
        for read in rows {
            let next = wanted_back(&read.value, self.now);
            let wish = facts.wish(&next.key, &next);
            match plan(&wish, &next, &policy, self.now) {
                Plan::Do(act @ Act::Create { .. }) => {
                    wanted.push((read, u64::from(mails(&act, wish.content(), &next))));
                }
                Plan::Do(Act::Update { .. } | Act::Attendees { .. } | Act::Cancel { .. })
                | Plan::LetGo { .. }
                | Plan::Settle { .. }
                | Plan::Unsettle
                | Plan::Nothing(_) => unwanted += 1,
            }
        }
        Ok((wanted, unwanted))
    }

    async fn shown(&self, gone: &[Gone]) -> Result<Again, OperatorError> {
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        let stopped = organizer_calendars::all(ledger, tenant).await?.into_iter().filter_map(|one| {
            let organizer = one.organizer.as_str().to_owned();
            one.stopped.map(|stopped| StoppedCalendar {
                organizer,
                since: stopped.since.into(),
                events: stopped.events,
                of: stopped.of,
                cause: stopped.cause.words(),
            })
        });
        let back = gone.iter().filter(|one| !one.rows.is_empty());
        let sessions = back.clone().take(SHOWN).map(|one| AgainSession {
            session: one.session.to_string(),
            title: one.title.clone(),
            start: one.start.map(Into::into),
            events: one.rows.len(),
            mails: one.mails(),
        });
        Ok(Again {
            tenant: tenant.clone(),
            sessions: back.clone().count(),
            events: gone.iter().map(|one| one.rows.len()).sum(),
            mails: gone.iter().map(Gone::mails).sum(),
            unwanted: gone.iter().map(|one| one.unwanted).sum(),
            stopped: stopped.collect(),
            of: sessions.collect(),
        })
    }

    /// What is to be made again of one session.
    async fn make(&self, one: &Gone) -> Result<(), OperatorError> {
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        // Killed on the way, somebody looks at what was written by then.
        let until = self.now + WRITTEN_BY_THEN;
        let begin = |row: Option<&SourceSession>| {
            Some(SourceSession { changing_until: Some(until), ..row?.clone().with_news(self.now) })
        };
        source_sessions::update(ledger, tenant, &one.session, begin).await?;
        for (read, _) in &one.rows {
            let next = wanted_back(&read.value, self.now);
            match written_events::write(ledger, tenant, Some(read), next).await {
                // Somebody was at it: shown again, it is as they have left it.
                Err(lost) if lost.is_lost_race() => {}
                written => drop(written?),
            }
        }
        Ok(())
    }

    /// What waited for the calendar waits no longer.
    async fn wake(&self) -> Result<(), OperatorError> {
        if self.named.organizer.is_none() || self.named.session.is_some() {
            return Ok(());
        }
        let (ledger, tenant) = (&self.app.ledger, &self.context.tenant.name);
        for known in source_sessions::all(ledger, tenant).await? {
            let waits = |due: DateTime<Utc>| due > self.now && due <= self.now + vanished::STOPPED;
            if known.value.due.is_some_and(waits) {
                source_sessions::look_by(ledger, tenant, &known.value.session.id, self.now).await?;
            }
        }
        Ok(())
    }

    /// Sessions are looked at soon.
    async fn hurry(&self, sessions: impl Iterator<Item = &SessionId>) -> Result<(), OperatorError> {
        for session in sessions {
            source_sessions::note_news(&self.app.ledger, &self.context.tenant.name, session).await?;
        }
        Ok(())
    }
}

impl Gone {
    fn mails(&self) -> u64 {
        self.rows.iter().map(|(_, mails)| mails).sum()
    }
}

/// The row of an event that is to be there again: under the next number, so that it is another one.
fn wanted_back(row: &Written, now: DateTime<Utc>) -> Written {
    row.gone(Stand::CalledOff { at: now, why: CallOff::TakenAway })
}

/// What was taken away, and how many would be mailed if it were made again.
pub async fn show(app: &AppContext, tenant: &TenantName, named: Named) -> Result<Again, OperatorError> {
    let asked = Asked::of(app, tenant, named).await?;
    asked.shown(&asked.gone().await?).await
}

/// A person wants it made again, or left at that.
pub async fn ask(app: &AppContext, tenant: &TenantName, said: &Wanted) -> Result<Again, OperatorError> {
    let signed = Attribution { by: said.by.clone(), reason: said.reason.clone() };
    signed.check()?;
    let Wanted { session, learner, organizer, .. } = said.clone();
    let asked = Asked::of(app, tenant, Named { session, learner, organizer }).await?;
    let Named { session, organizer, .. } = &asked.named;
    if session.is_none() && organizer.is_none() {
        return Err(OperatorError::Wrong("say what is to be made again: session, or organizer".to_owned()));
    }
    if said.leave && (organizer.is_none() || session.is_some()) {
        return Err(OperatorError::Wrong("what is left at that is a whole organizer's calendar".to_owned()));
    }
    let gone = asked.gone().await?;
    let shown = asked.shown(&gone).await?;
    let is_stopped = match organizer {
        Some(organizer) => shown.stopped.iter().any(|one| one.organizer == organizer.as_str()),
        None => false,
    };
    if shown.events == 0 && !is_stopped {
        return Err(OperatorError::Conflict(format!(
            "nothing of that is missed in calendars of tenant `{tenant}`"
        )));
    }
    let mails = if said.leave { 0 } else { shown.mails };
    if mails > said.mails {
        return Err(OperatorError::Conflict(format!(
            "{mails} people would be mailed, and not {}: look at it once more, and say how many",
            said.mails
        )));
    }
    let (by, reason) = (signed.by.trim(), signed.reason.trim());
    let of = match (session, organizer) {
        (Some(session), _) => format!("of session {session}"),
        (None, Some(organizer)) => format!("of {}", organizer.as_str()),
        (None, None) => String::new(),
    };
    let what = match said.leave {
        true => format!("What was taken out of the calendar {of} is left at that: {reason}"),
        false => format!("{} events {of} that were taken away are made again: {reason}", shown.events),
    };
    audit::append(&app.ledger, tenant, by, &what).await?;
    if !said.leave {
        for one in &gone {
            asked.make(one).await?;
        }
    }
    // After its rows: before that, what they say of it would be taken for a person's doing, one by one.
    if let (Some(organizer), None) = (organizer, session) {
        organizer_calendars::update(&app.ledger, tenant, organizer, |known| known.go_on()).await?;
        vanished::tell(&app.ledger, tenant, None).await?;
    }
    asked.hurry(gone.iter().map(|one| &one.session)).await?;
    asked.wake().await?;
    show(app, tenant, asked.named.clone()).await
}
