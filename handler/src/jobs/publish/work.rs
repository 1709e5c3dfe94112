//! `publish-session`: reads what a message names, or looks at the events of its sessions.
//!
//! Guarantees: a message may be lost, doubled or late; what it says is only where to look. Whoever is killed
//! on the way has lost nothing: a session stays due until it was looked at, and what was read is read again.

use crate::config::{Publish, PublishSource};
use crate::ids::{SessionId, TenantName};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::lms_source::LmsSource;
use crate::jobs::publish::merge_places::{self, Reading};
use crate::jobs::publish::merge_sessions::{self, Merged};
use crate::jobs::publish::publish_session::{call_off_all, publish};
use crate::jobs::publish::{calendars, chosen, hurry, push, source_state, withdraw};
use crate::ledger::source_sessions::{self, SourceSession, Weighed};
use crate::lms::{self, Budget, RosterReach};
use crate::messages::{Sessions, SessionsTask};
use crate::publishing::policy::{Chosen, PublishState};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// No reading takes longer: the host's `functionTimeout` is five minutes.
const READING: Duration = Duration::from_secs(180);
/// Nothing is begun later than this, so that what was begun comes to its end.
const LOOKING: Duration = Duration::from_secs(90);

/// What was done, in words for the log, and what is to be done next.
#[derive(Debug, Default)]
pub struct Worked {
    pub done: BTreeMap<&'static str, usize>,
    pub next: Vec<Sessions>,
}

impl Worked {
    fn count(&mut self, what: &'static str, so_many: usize) {
        if so_many > 0 {
            *self.done.entry(what).or_default() += so_many;
        }
    }
}

pub async fn work(app: &AppContext, message: &Sessions) -> Result<Worked, JobError> {
    let context = app.context(&message.tenant)?;
    let mut worked = Worked::default();
    let Some(publish) = context.tenant.publish.as_ref().filter(|_| context.tenant.active) else {
        return Ok(worked);
    };
    match (publish.publisher.policy.state, message.task) {
        (PublishState::Off, SessionsTask::Withdraw) => {}
        (PublishState::Off, _) | (PublishState::Preview | PublishState::On, SessionsTask::Withdraw) => {
            return Ok(worked);
        }
        (PublishState::Preview | PublishState::On, _) => {}
    }
    let work = Work { app, context, publish, name: &message.tenant };
    let ids: BTreeSet<SessionId> = message.sessions.iter().cloned().collect();
    match message.task {
        SessionsTask::Read => work.read(&mut worked).await?,
        SessionsTask::Places => work.places(&ids, &mut worked).await?,
        SessionsTask::Look => work.look(&ids, &mut worked).await?,
        SessionsTask::Withdraw => work.withdraw(&ids, &mut worked).await?,
        SessionsTask::Calendars => calendars::compare(app, context, publish, &mut worked.done).await?,
        SessionsTask::Compare => {
            if let Some(merged) = push::compare(app, work.name, publish).await? {
                work.count(&merged, &mut worked);
                work.then(SessionsTask::Look, &merged.changed, &mut worked);
            }
        }
    }
    Ok(worked)
}

struct Work<'a> {
    app: &'a AppContext,
    context: &'a TenantContext,
    publish: &'a Publish,
    name: &'a TenantName,
}

impl Work<'_> {
    fn source(&self) -> Option<&dyn lms::Source> {
        match self.publish.source {
            PublishSource::Lms | PublishSource::From(_) => self.context.lms.source(),
            PublishSource::Push(_) => None,
        }
    }

    /// All sessions, and all places where the LMS tells them at once.
    async fn read(&self, worked: &mut Worked) -> Result<(), JobError> {
        let Some(lms) = self.source() else { return Ok(()) };
        let ledger = &self.app.ledger;
        let budget = Budget::of(READING);
        let source = LmsSource { lms, budget };
        let began = ledger.now().await?;
        source_state::begin(ledger, self.name, began).await?;
        let pass = lms.sessions(budget).await;
        worked.count("sessions", pass.found.len());
        source_state::note(ledger, self.name, &pass, began).await?;
        source_state::note_entries(ledger, self.name, &pass).await?;
        let limits = self.publish.vanish;
        let merged = merge_sessions::merge(self.app, self.name, &source, &pass, began, limits).await?;
        self.count(&merged, worked);
        match lms.roster_reach() {
            RosterReach::Nothing => {}
            // Those of which nobody knows yet who is in them; the others have their times.
            RosterReach::Session => self.then(SessionsTask::Places, &merged.changed, worked),
            RosterReach::All => {
                let now = ledger.now().await?;
                let known = source_sessions::all(ledger, self.name).await?;
                let covered =
                    known.into_iter().filter(|row| row.value.gone.is_none() && !row.value.is_over(now));
                let covered = covered.map(|row| row.value.session.id.clone()).collect();
                self.roster(lms, None, &covered, budget, worked).await?;
            }
        }
        Ok(())
    }

    async fn places(&self, sessions: &BTreeSet<SessionId>, worked: &mut Worked) -> Result<(), JobError> {
        let Some(lms) = self.source().filter(|lms| lms.roster_reach() == RosterReach::Session) else {
            return Ok(());
        };
        let budget = Budget::of(READING);
        let mut left = sessions.clone();
        for session in sessions {
            // The rest is read by a message of its own, not half.
            if budget.left() < READING / 2 {
                self.then(SessionsTask::Places, &left, worked);
                return Ok(());
            }
            let now = self.app.ledger.now().await?;
            let ask = |row: Option<&SourceSession>| {
                Some(SourceSession { places_asked_at: Some(now), ..row?.clone() })
            };
            source_sessions::update(&self.app.ledger, self.name, session, ask).await?;
            self.roster(lms, Some(session), &[session.clone()].into(), budget, worked).await?;
            left.remove(session);
        }
        Ok(())
    }

    async fn roster(
        &self,
        lms: &dyn lms::Source,
        of: Option<&SessionId>,
        covered: &BTreeSet<SessionId>,
        budget: Budget,
        worked: &mut Worked,
    ) -> Result<(), JobError> {
        let ledger = &self.app.ledger;
        let began = ledger.now().await?;
        let pass = lms.roster(of, budget).await;
        worked.count("places", pass.found.len());
        for doubt in &pass.doubts {
            let of = of.map(ToString::to_string).unwrap_or_default();
            tracing::warn!(tenant = %self.name, session = of, %doubt, "a reading of places is doubtful");
        }
        source_state::note_entries(ledger, self.name, &pass).await?;
        let reading = Reading { pass: &pass, covered, began };
        let source = LmsSource { lms, budget };
        let limits = self.publish.vanish;
        let merged = merge_places::merge(self.app, self.name, &source, &reading, limits).await?;
        self.count(&merged, worked);
        self.then(SessionsTask::Look, &merged.changed, worked);
        Ok(())
    }

    fn count(&self, merged: &Merged, worked: &mut Worked) {
        worked.count("changed", merged.changed.len());
        worked.count("gone", merged.gone);
        worked.count("held_back", usize::from(merged.held_back.is_some()));
    }

    fn then(&self, task: SessionsTask, sessions: &BTreeSet<SessionId>, worked: &mut Worked) {
        let ids: Vec<SessionId> = sessions.iter().cloned().collect();
        worked.next.extend(Sessions::of_each(self.name, task, &ids));
    }

    async fn look(&self, sessions: &BTreeSet<SessionId>, worked: &mut Worked) -> Result<(), JobError> {
        let ends = Instant::now() + LOOKING;
        let chosen = chosen::chosen(self.context, self.publish).await?;
        for session in sessions {
            // They are due still.
            if Instant::now() >= ends {
                worked.count("left", 1);
                continue;
            }
            self.look_at(session, &chosen, ends, worked).await?;
        }
        Ok(())
    }

    /// What does not get its turn gets it in the next round.
    async fn withdraw(&self, sessions: &BTreeSet<SessionId>, worked: &mut Worked) -> Result<(), JobError> {
        if !withdraw::is_asked(self.app, self.name).await? {
            return Ok(());
        }
        let ends = Instant::now() + LOOKING;
        for session in sessions {
            let publisher = &self.publish.publisher;
            let done = call_off_all(self.app, self.context, publisher, session, ends).await?;
            done.done.iter().for_each(|(what, count)| worked.count(what, *count));
            // Should it be published again one day, somebody looks at it.
            let now = self.app.ledger.now().await?;
            let news = |row: Option<&SourceSession>| Some(row?.clone().with_news(now));
            source_sessions::update(&self.app.ledger, self.name, session, news).await?;
        }
        Ok(())
    }

    async fn look_at(
        &self,
        session: &SessionId,
        chosen: &Chosen,
        ends: Instant,
        worked: &mut Worked,
    ) -> Result<(), JobError> {
        let ledger = &self.app.ledger;
        let began = ledger.now().await?;
        let Some(row) = source_sessions::load(ledger, self.name, session).await? else { return Ok(()) };
        // Of rows that were looked at already another message speaks.
        if row.due.is_none_or(|due| due > began) {
            return Ok(());
        }
        let granted = row.weighed.filter(|weighed| weighed.granted.is_some());
        let may = granted.map_or(0, |weighed| weighed.mails);
        let publisher = &self.publish.publisher;
        let done = publish(self.app, self.context, publisher, chosen, session, may, ends).await?;
        done.done.iter().for_each(|(what, count)| worked.count(what, *count));
        let left = done.due.mails.saturating_sub(done.sent);
        let is_too_much = left > 0 && done.due.mails > may;
        worked.count("counted", usize::from(is_too_much));
        let write = |now: Option<&SourceSession>| {
            let now = now?;
            // News since then is weighed anew, by whoever looks at that.
            let is_news = now.due != row.due;
            Some(match (is_news, left) {
                (true, _) => SourceSession { woken_at: None, ..now.clone() },
                (false, 0) => SourceSession { weighed: None, ..now.looked_at(began, done.next) },
                (false, mails) if is_too_much => SourceSession {
                    weighed: Some(Weighed {
                        mails,
                        invitations: done.due.invitations,
                        changes: done.due.changes,
                        cancellations: done.due.cancellations,
                        granted: None,
                        is_held: false,
                    }),
                    ..now.looked_at(began, row.due)
                },
                // The rest of what was granted goes out when it may.
                (false, mails) => SourceSession {
                    weighed: granted.map(|granted| Weighed { mails, ..granted }),
                    ..now.looked_at(began, done.next.or(Some(began)))
                },
            })
        };
        source_sessions::update(ledger, self.name, session, write).await?;
        if let Some(until) = done.spent {
            hurry::by(ledger, self.name, until).await?;
        }
        Ok(())
    }
}
