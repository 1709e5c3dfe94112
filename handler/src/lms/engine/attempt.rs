//! One call of the connector, from its first request to its last: its time, what it has learned, what it has
//! sent.
//!
//! Guarantees of each request:
//! - it is sent within the connection's rate, its number of requests at once and its pauses, or not at all;
//! - nothing that may write is begun with less than its time-out left, nor without the time and the room to
//!   read back what became of it ([`Attempt::make_room`]);
//! - a credential that is refused is fetched anew once, and what was refused sent again: it was not carried
//!   out.

use super::answer::Answer;
use super::at::At;
use super::auth::credential::Credential;
use super::auth::failure::{AuthFailure, FailureKind};
use super::classify::{Judgement, judge};
use super::core::Core;
use super::effect::Effect;
use super::finding::{End, Finding};
use super::lookup_cache::Key;
use super::rate_headers;
use super::redact::Redactor;
use super::request::Unsigned;
use super::seen::Seen;
use super::variables::{PageAt, Scope, Subject, Taken};
use crate::lms::Budget;
use crate::lms::exchange::{self, Ended, Limits};
use crate::lms::health::clock_ahead;
use crate::lms::recipe::connector::RecipeKind;
use crate::lms::recipe::words::{StepOutcome, Verdict};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::{Instant, sleep_until, timeout_at};

/// A read is not begun with less.
const LEAST: Duration = Duration::from_secs(1);
/// As much of a write's answer as is read.
const WRITE_LIMIT: usize = 64 * 1024;

pub(super) struct Attempt<'a> {
    pub(super) core: &'a Core,
    pub(super) subject: Subject<'a>,
    pub(super) budget: Budget,
    pub(super) taken: Taken,
    /// Starts within the rate that are taken already.
    reserved: VecDeque<Instant>,
    /// How long reading back takes at most, once something was written.
    pub(super) reads_back: Duration,
    began: bool,
    /// Something that may have changed the LMS has left this machine.
    pub(super) wrote: bool,
    refreshed: bool,
    /// What was remembered and used.
    pub(super) cached: Vec<Key>,
    /// Nothing that was remembered is used.
    pub(super) fresh: bool,
    /// The whole connection is asked to wait.
    pub(super) pause: Option<Duration>,
    pub(super) redactor: Redactor,
    /// How far the LMS's clock is ahead of ours, by its last answer.
    pub(super) clock_ahead: Option<TimeDelta>,
    /// When it began.
    now: DateTime<Utc>,
    /// Only what changed since is asked for, where the LMS can tell that.
    pub(super) since: Option<DateTime<Utc>>,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(core: &'a Core, subject: Subject<'a>, budget: Budget) -> Self {
        Self {
            core,
            subject,
            budget,
            taken: Taken::default(),
            reserved: VecDeque::new(),
            reads_back: Duration::ZERO,
            began: false,
            wrote: false,
            refreshed: false,
            cached: Vec::new(),
            fresh: false,
            pause: None,
            redactor: core.traffic.redactor.for_learner(subject.learner()),
            clock_ahead: None,
            now: core.clock.now(),
            since: None,
        }
    }

    /// Whether any request has left.
    pub(super) fn has_asked(&self) -> bool {
        self.began
    }

    pub(super) fn scope<'s>(&'s self, page: Option<PageAt<'s>>) -> Scope<'s> {
        Scope {
            tenant: &self.core.tenant,
            settings: &self.core.settings,
            subject: self.subject,
            taken: &self.taken,
            page: page.unwrap_or_default(),
            now: self.now,
            since: self.since,
        }
    }

    /// Takes room for the first write and for reading back, all of it or none. `count` requests in all.
    pub(super) fn make_room(
        &mut self,
        count: usize,
        writes: Duration,
        reads: Duration,
    ) -> Result<(), Finding> {
        if self.budget.left() < writes + reads {
            return Err(no_room(format!(
                "not sent: {} s are left of this attempt, and writing and reading back may take {} s",
                self.budget.left().as_secs(),
                (writes + reads).as_secs()
            )));
        }
        let before = |time: Duration| self.budget.ends.checked_sub(time).unwrap_or_else(Instant::now);
        match self.core.traffic.pace.reserve_all(count, before(writes + reads), before(reads)) {
            Some(reserved) => {
                self.reserved = reserved;
                self.reads_back = reads;
                Ok(())
            }
            None => Err(no_room(
                "not sent: the connection's rate leaves no room to write and read back within this attempt"
                    .to_owned(),
            )),
        }
    }

    /// One request, and what its answer means.
    pub(super) async fn ask(
        &mut self,
        at: At<'_>,
        unsigned: Unsigned,
    ) -> Result<(Answer, Judgement), Finding> {
        let effect = Effect::of(at.request);
        let mut is_again = false;
        loop {
            let credential = self.credential(at).await?;
            for secret in credential.secrets() {
                self.redactor.hide(secret);
            }
            let outgoing = unsigned
                .clone()
                .sign(&credential)
                .map_err(|error| Finding::outcome(StepOutcome::ConfigBroken, error.to_string()))?;
            let permit = self.room(at, is_again).await?;
            self.seen().request(at, &outgoing);
            let limits = Limits {
                ends: self.budget.ends.min(Instant::now() + at.request.timeout),
                most: match effect {
                    Effect::Reads => self.core.file.service.read_limit,
                    Effect::Writes => WRITE_LIMIT,
                },
                may_write: effect == Effect::Writes,
                setting: "base_url",
            };
            self.began = true;
            let wrote_before = self.wrote;
            self.wrote |= effect == Effect::Writes;
            let ended = exchange::run(&self.core.http, outgoing, limits).await;
            drop(permit);
            let answer = match ended {
                Ended::Answered(answer) => Answer::read_as(answer, at.request.expect, self.now),
                other @ (Ended::Redirected { .. }
                | Ended::NotReached(_)
                | Ended::Lost(_)
                | Ended::Impossible(_)) => {
                    if matches!(other, Ended::NotReached(_) | Ended::Impossible(_)) {
                        self.wrote = wrote_before;
                    }
                    let finding = not_answered(other, effect);
                    self.seen().nothing(at, &finding);
                    return Err(finding);
                }
            };
            let judged = self.judged(at, &answer)?;
            self.seen().answer(at, &answer, judged.verdict);
            // 403 is mostly about what we may do, and not about who we are.
            let is_refused =
                judged.verdict == Verdict::Outcome(StepOutcome::AuthBroken) && answer.status != 403;
            if is_refused && !self.refreshed && self.core.sign_in.give_up(&credential).await {
                self.refreshed = true;
                is_again = true;
                continue;
            }
            return Ok((answer, judged));
        }
    }

    /// None where the request goes to somebody else: it is none of theirs, and nobody is signed in for it.
    async fn credential(&self, at: At<'_>) -> Result<Credential, Finding> {
        if !at.request.is_signed {
            return Ok(Credential::default());
        }
        match timeout_at(self.budget.ends, self.core.sign_in.credential()).await {
            Ok(Ok(credential)) => Ok(credential),
            Ok(Err(failure)) => Err(no_credential(failure)),
            Err(_) => Err(no_room("not sent: no token within this attempt".to_owned())),
        }
    }

    pub(super) fn seen(&self) -> Seen<'_> {
        Seen { trace: self.core.traffic.trace(), redactor: &self.redactor }
    }

    fn judged(&mut self, at: At<'_>, answer: &Answer) -> Result<Judgement, Finding> {
        let now = self.core.clock.now();
        self.clock_ahead = clock_ahead(&answer.headers, now).or(self.clock_ahead);
        let judged = judge(answer, at.request, &at.step.rules, &self.scope(None), now)
            .map_err(|error| Finding::outcome(StepOutcome::ConfigBroken, error.to_string()))?;
        let asked = judged.retry_after.filter(|_| judged.pauses);
        let counted = rate_headers::pause(&self.core.file.service, answer, now);
        if let Some(pause) = asked.max(counted) {
            self.core.paused.extend(pause);
            self.pause = self.pause.max(Some(pause));
        }
        Ok(judged)
    }

    /// Waits until a request may go.
    async fn room(
        &mut self,
        at: At<'_>,
        is_again: bool,
    ) -> Result<tokio::sync::SemaphorePermit<'a>, Finding> {
        let effect = Effect::of(at.request);
        let needs = match effect {
            Effect::Reads => LEAST,
            Effect::Writes => at.request.timeout + self.reads_back,
        };
        let latest = self.budget.ends.checked_sub(needs).unwrap_or_else(Instant::now);
        let latest = if self.began { latest } else { latest.min(self.budget.starts) };
        let core = self.core;
        let Ok(Ok(permit)) = timeout_at(latest, core.slots.acquire()).await else {
            return Err(no_room(
                "not sent: too many requests of this connection are on their way".to_owned(),
            ));
        };
        if let Some(until) = core.paused.until() {
            if until > latest {
                let left = until.saturating_duration_since(Instant::now());
                let why = "not sent: the LMS has asked that nothing be sent for a while".to_owned();
                return Err(Finding { retry_after: Some(left), ..no_room(why) });
            }
            sleep_until(until).await;
        }
        // Room was made for the first write, and for reading back: that is kept for it.
        let is_meant = match effect {
            Effect::Writes => !self.wrote && !is_again,
            Effect::Reads => self.wrote && matches!(at.recipe, RecipeKind::Verify | RecipeKind::Read),
        };
        let reserved = if is_meant { self.reserved.pop_front() } else { None };
        match reserved.or_else(|| core.traffic.pace.reserve(latest)) {
            // Sleeping until now would give the thread away all the same.
            Some(start) if start <= Instant::now() => {}
            Some(start) => sleep_until(start).await,
            None => {
                return Err(no_room(
                    "not sent: the connection's rate leaves no room within this attempt".to_owned(),
                ));
            }
        }
        // The waits may have ended late.
        if self.budget.left() < needs {
            return Err(no_room(format!("not sent: {} s are left", self.budget.left().as_secs())));
        }
        Ok(permit)
    }
}

fn no_room(why: String) -> Finding {
    Finding::because(End::NoRoom, why)
}

fn no_credential(failure: AuthFailure) -> Finding {
    let outcome = match failure.kind {
        FailureKind::Rejected => StepOutcome::AuthBroken,
        FailureKind::Config => StepOutcome::ConfigBroken,
        FailureKind::Outage => StepOutcome::Retry,
    };
    Finding {
        words: failure.words,
        status: failure.status,
        retry_after: failure.retry_after,
        ..Finding::outcome(outcome, failure.why)
    }
}

fn not_answered(ended: Ended, effect: Effect) -> Finding {
    let lost = effect.not_as_promised();
    match ended {
        Ended::NotReached(why) => Finding::outcome(StepOutcome::Retry, why),
        Ended::Lost(why) => Finding::outcome(lost, why),
        Ended::Impossible(why) => Finding::outcome(StepOutcome::ConfigBroken, why),
        Ended::Redirected { status, why, .. } => {
            Finding { status: Some(status.as_u16()), ..Finding::outcome(StepOutcome::ConfigBroken, why) }
        }
        Ended::Answered(_) => Finding::outcome(lost, "an answer"),
    }
}
