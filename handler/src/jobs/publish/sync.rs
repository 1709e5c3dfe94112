//! `sync-sessions`: which readings of a source are due, and whose events are to be looked at.
//!
//! Guarantees: a session that is due is due until somebody has looked at it, so that a lost message loses
//! nothing; mails go out only after all that are due at the same time were counted together
//! ([`crate::publishing::send_gate`]); one round sends no more messages than can be worked off until the
//! next; what a mailbox may send in a minute is ready for it each minute, in the order in which people wait;
//! tenants isolated from each other ([`crate::jobs::timer_run`]).

use crate::config::{Publish, PublishSource};
use crate::ids::{SessionId, TenantName};
use crate::jobs::JobError;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::publish::{calendars, hurry, send_gate, source_state, unbroken, withdraw};
use crate::jobs::timer_run::{TenantTurn, TimerRun, in_turn};
use crate::jobs::timing::Timing;
use crate::ledger::Read;
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::sent_mail;
use crate::ledger::snapshots;
use crate::ledger::source_sessions::{self, SourceSession, Weighed};
use crate::lms::RosterReach;
use crate::messages::{Sessions, SessionsTask};
use crate::publishing::budget::Allowed;
use crate::publishing::policy::PublishState;
use crate::sessions::session::SessionState;
use crate::store::StoreError;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use parking_lot::Mutex;
use std::collections::BTreeMap;

/// Of each kind, of a tenant, in a round.
const SESSIONS: usize = 1_000;
/// Who starts so soon is read more often.
const SOON: TimeDelta = TimeDelta::hours(24);
const MINUTE: TimeDelta = TimeDelta::minutes(1);
pub const SOONER: TimeDelta = TimeDelta::minutes(15);
/// Rows written side by side.
const SIDE_BY_SIDE: usize = 8;

/// One round: what is to be read, what is counted, who may be mailed.
pub async fn plan(app: &AppContext, trace: Option<&str>) -> Result<Vec<Sessions>, JobError> {
    over_tenants(app, TimerRun::begin("sync-sessions", app.timing.budgets.plan), Run::Whole, trace).await
}

/// What does not wait for a round ([`hurry`]), and what is withdrawn. Nobody is mailed by it who may not be
/// by now: that is counted in rounds alone.
pub async fn between(app: &AppContext, trace: Option<&str>) -> Result<Vec<Sessions>, JobError> {
    over_tenants(app, TimerRun::begin("publish-due", app.timing.budgets.dispatch), Run::Between, trace).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    Whole,
    Between,
}

async fn over_tenants(
    app: &AppContext,
    timer: TimerRun,
    run: Run,
    trace: Option<&str>,
) -> Result<Vec<Sessions>, JobError> {
    let planned: &Mutex<BTreeMap<TenantName, Vec<Sessions>>> = &Mutex::default();
    let went = timer.over_tenants(app, move |name, context| async move {
        let Some(publish) = &context.tenant.publish else { return Ok(TenantTurn::Done) };
        match publish.publisher.policy.state {
            PublishState::Off => {
                let messages = withdraw::plan(app, &name).await?;
                planned.lock().insert(name.clone(), messages);
                return Ok(TenantTurn::Done);
            }
            PublishState::Preview | PublishState::On if run == Run::Between => {}
            PublishState::Preview | PublishState::On => withdraw::forget(app, &name).await?,
        }
        let mut round = Round { app, name: &name, context: &context, publish, messages: Vec::new() };
        let done = match run {
            Run::Whole => round.run().await,
            Run::Between => round.between().await,
        };
        // What was marked as sent is sent, whatever failed after it.
        planned.lock().insert(name.clone(), round.messages);
        done?;
        Ok(TenantTurn::Done)
    });
    let went = went.await;
    let messages = in_turn(std::mem::take(&mut *planned.lock()).into_values());
    let messages = messages.into_iter().map(|one| Sessions { trace: trace.map(str::to_owned), ..one });
    let messages: Vec<Sessions> = messages.collect();
    match went {
        Err(failure) if messages.is_empty() => Err(failure),
        Ok(()) | Err(_) => Ok(messages),
    }
}

struct Round<'a> {
    app: &'a AppContext,
    name: &'a TenantName,
    context: &'a TenantContext,
    publish: &'a Publish,
    messages: Vec<Sessions>,
}

type Row = Read<SourceSession>;

impl Round<'_> {
    async fn run(&mut self) -> Result<(), JobError> {
        let ledger = &self.app.ledger;
        let now = ledger.now().await?;
        unbroken::beat(ledger, self.name, now).await?;
        let reads = matches!(self.publish.source, PublishSource::Lms | PublishSource::From(_));
        let reach = self.context.lms.source().filter(|_| reads).map(|source| source.roster_reach());
        if reach.is_some() && self.is_read_due().await? {
            self.messages.push(self.message(SessionsTask::Read, Vec::new()));
        }
        if !reads && snapshots::whole(ledger, self.name).await?.is_some() {
            self.messages.push(self.message(SessionsTask::Compare, Vec::new()));
        }
        if self.publish.writes() && calendars::is_due(self.app, self.name, now).await? {
            self.messages.push(self.message(SessionsTask::Calendars, Vec::new()));
        }
        let rows = source_sessions::all(ledger, self.name).await?;
        if reach == Some(RosterReach::Session) {
            self.rosters(&rows, now).await?;
        }
        let granted = match self.publish.publisher.policy.state {
            PublishState::Off | PublishState::Preview => Vec::new(),
            PublishState::On => self.grant(&rows, now).await?,
        };
        self.looks(&rows, &granted, now).await
    }

    async fn between(&mut self) -> Result<(), JobError> {
        let ledger = &self.app.ledger;
        let now = ledger.now().await?;
        if hurry::take(ledger, self.name, now).await? {
            let rows = source_sessions::all(ledger, self.name).await?;
            self.looks(&rows, &[], now).await?;
        }
        Ok(())
    }

    async fn is_read_due(&self) -> Result<bool, StoreError> {
        let Timing { sources, rewake, .. } = self.app.timing;
        source_state::is_due(&self.app.ledger, self.name, self.publish.every / sources, rewake).await
    }

    fn message(&self, task: SessionsTask, sessions: Vec<SessionId>) -> Sessions {
        Sessions::of(self.name.clone(), task, sessions)
    }

    /// Marks rows, then names their sessions in messages.
    async fn send<F>(&mut self, task: SessionsTask, rows: Vec<&Row>, mark: F) -> Result<(), StoreError>
    where
        F: Fn(&SourceSession) -> SourceSession + Sync,
    {
        let (ledger, name) = (&self.app.ledger, self.name);
        let ids: Vec<SessionId> = rows.iter().map(|row| row.value.session.id.clone()).collect();
        let writes: Vec<_> =
            ids.iter().map(|id| source_sessions::update(ledger, name, id, |row| row.map(&mark))).collect();
        let _: Vec<_> = stream::iter(writes).buffer_unordered(SIDE_BY_SIDE).try_collect().await?;
        self.messages.extend(Sessions::of_each(name, task, &ids));
        Ok(())
    }

    /// Whose places are to be read.
    async fn rosters(&mut self, rows: &[Row], now: DateTime<Utc>) -> Result<(), StoreError> {
        let sources = self.app.timing.sources;
        let (every, sooner) = (self.publish.every / sources, SOONER / sources);
        let is_due = |row: &&Row| {
            let row = &row.value;
            let starts_soon = row.session.start().is_some_and(|start| start <= now + SOON);
            let every = if starts_soon { every.min(sooner) } else { every };
            row.session.state == SessionState::Scheduled
                && row.gone.is_none()
                && !row.is_over(now)
                && row.places_asked_at.is_none_or(|at| at + every <= now)
        };
        let due = earliest(rows.iter().filter(is_due).collect());
        self.send(SessionsTask::Places, due, |row| SourceSession {
            places_asked_at: Some(now),
            ..row.clone()
        })
        .await
    }

    /// Whose events are to be looked at: those that were not counted yet, and those that may mail.
    async fn looks(
        &mut self,
        rows: &[Row],
        granted: &[SessionId],
        now: DateTime<Utc>,
    ) -> Result<(), JobError> {
        let rewake = self.app.timing.rewake;
        let is_due = |row: &&Row| {
            let row = &row.value;
            // Who was not let out before it was over is looked at once more, and is done with.
            let waits = row.weighed.is_some_and(|one| one.granted.is_none()) && !row.is_over(now);
            is_due(row, now)
                && (!waits || granted.contains(&row.session.id))
                && row.woken_at.is_none_or(|at| at + rewake <= now)
        };
        let due = rows.iter().filter(is_due);
        let (mailing, others): (Vec<&Row>, Vec<&Row>) =
            due.partition(|row| row.value.weighed.is_some() && !row.value.is_over(now));
        let mut due = earliest(others);
        due.extend(self.next_to_mail(mailing, now).await?);
        let woken = |row: &SourceSession| SourceSession { woken_at: Some(now), ..row.clone() };
        Ok(self.send(SessionsTask::Look, due, woken).await?)
    }

    /// No more of those that may mail than the mailbox sends in the next minutes: the others would be looked
    /// at in vain.
    async fn next_to_mail<'r>(
        &self,
        mut rows: Vec<&'r Row>,
        now: DateTime<Utc>,
    ) -> Result<Vec<&'r Row>, StoreError> {
        if rows.is_empty() {
            return Ok(rows);
        }
        let (ledger, publisher) = (&self.app.ledger, &self.publish.publisher);
        let limits = publisher.limits.faster(self.app.timing.pace.events.minutes);
        match sent_mail::ask(ledger, self.name, &publisher.organizer, limits, now).await? {
            Allowed::At(then) if then > now + MINUTE => {
                hurry::by(ledger, self.name, then).await?;
                return Ok(Vec::new());
            }
            Allowed::Now | Allowed::At(_) => {}
        }
        rows.sort_by_key(|row| turn(&row.value, now));
        let enough = limits.messages_a_minute.saturating_mul(2);
        let (mut mails, mut taken) = (0_u32, 0);
        for row in &rows {
            if mails >= enough {
                break;
            }
            mails = mails.saturating_add(row.value.weighed.map_or(0, |weighed| weighed.mails));
            taken += 1;
        }
        if taken < rows.len() {
            hurry::by(ledger, self.name, now + MINUTE).await?;
        }
        rows.truncate(taken);
        Ok(rows)
    }

    /// Who may mail from now on.
    async fn grant(&self, rows: &[Row], now: DateTime<Utc>) -> Result<Vec<SessionId>, JobError> {
        let (ledger, name) = (&self.app.ledger, self.name);
        let above = u32::try_from(self.publish.publisher.policy.confirm_above).unwrap_or(u32::MAX);
        let waiting = |is_held: bool| {
            let rows = rows.iter().filter(|row| {
                let weighed = row.value.weighed.filter(|one| one.granted.is_none() && one.is_held == is_held);
                is_due(&row.value, now) && !row.value.is_over(now) && weighed.is_some()
            });
            rows.collect::<Vec<&Row>>()
        };
        let (held, new) = (waiting(true), waiting(false));
        let mut granted = Vec::new();
        let mut left = Vec::new();
        // Those whom a person was shown first: their word was about these.
        for (rows, is_held) in [(held, true), (new, false)] {
            if rows.is_empty() {
                continue;
            }
            let may = send_gate::take(ledger, name, mails(&rows), is_held, above).await?;
            let at = may.then_some(now);
            // Those that were held before, and are still, are so already.
            for row in rows.iter().filter(|_| may || !is_held) {
                self.write_down(&row.value, |old| Weighed { granted: at, is_held: !may, ..old }).await?;
            }
            if may {
                granted.extend(rows.iter().map(|row| row.value.session.id.clone()));
            } else {
                left.extend(rows);
            }
        }
        let (sessions, mails) = (u32::try_from(left.len()).unwrap_or(u32::MAX), mails(&left));
        // The alert first: killed in between, the next round writes the row.
        if mails > 0 {
            alerts::raise_about(ledger, name, AlertKind::PublishHeld, u64::from(mails)).await?;
        }
        send_gate::hold(ledger, name, sessions, mails).await?;
        if mails == 0 {
            alerts::resolve(ledger, name, AlertKind::PublishHeld).await?;
        }
        Ok(granted)
    }

    /// Only as it was counted: news since then is counted anew.
    async fn write_down(
        &self,
        seen: &SourceSession,
        change: impl Fn(Weighed) -> Weighed,
    ) -> Result<(), StoreError> {
        let write = |row: Option<&SourceSession>| {
            let row = row.filter(|row| row.weighed == seen.weighed && row.due == seen.due)?;
            let weighed = row.weighed.map(&change);
            (weighed != row.weighed).then(|| SourceSession { weighed, woken_at: None, ..row.clone() })
        };
        source_sessions::update(&self.app.ledger, self.name, &seen.session.id, write).await?;
        Ok(())
    }
}

/// Before others: what starts within a day, and cancellations; then what starts first.
fn turn(row: &SourceSession, now: DateTime<Utc>) -> (bool, Option<DateTime<Utc>>) {
    let start = row.session.start();
    let is_soon = start.is_some_and(|start| start <= now + SOON);
    let cancels = row.weighed.is_some_and(|weighed| weighed.cancellations > 0);
    (!is_soon && !cancels, start)
}

fn is_due(row: &SourceSession, now: DateTime<Utc>) -> bool {
    row.due.is_some_and(|due| due <= now)
}

fn mails(rows: &[&Row]) -> u32 {
    let mails = rows.iter().filter_map(|row| row.value.weighed);
    mails.fold(0, |sum: u32, one| sum.saturating_add(one.mails))
}

/// What starts first, and no more than can be worked off.
fn earliest(mut rows: Vec<&Row>) -> Vec<&Row> {
    rows.sort_by_key(|row| (row.value.session.start().is_none(), row.value.session.start()));
    rows.truncate(SESSIONS);
    rows
}
