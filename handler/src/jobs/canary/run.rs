//! The row of the canary: the test that is under way, and how the last ones went.
//!
//! Guarantees: one at a time for each tenant; every state is written before what follows from it is done, so
//! that whoever is killed leaves behind what is to be done next; whoever writes a step writes it over the
//! very state that was read, and else leaves it to whoever was faster. Nothing personal is kept: people by
//! their object ids, the learner by the enrolment's opaque reference.

use crate::canary_kit::Test;
use crate::enrolment::attempt::OutcomeKind;
use crate::enrolment::lms_answer::LmsOutcome;
use crate::ids::{EventId, ICalUid, TenantName, UserId};
use crate::jobs::canary::stage::Stuck;
use crate::ledger::Ledger;
use crate::ledger::tenant_rows::Singleton;
use crate::messages::EnrolmentRef;
use crate::store::StoreError;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use strum::IntoStaticStr;

/// So many of the past ones are kept.
const KEPT: usize = 14;

const RUNS: Singleton<Runs> = Singleton::new("canary");

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    #[serde(default)]
    pub current: Option<Run>,
    /// The newest first.
    #[serde(default)]
    pub past: VecDeque<Run>,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Names it, here and at Graph.
    pub id: String,
    pub began: DateTime<Utc>,
    /// Who asked for it; `None`: its day has come.
    #[serde(default)]
    pub by: Option<String>,
    pub session: String,
    pub state: State,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Where the event is made, and who declines it; known from the second state on.
    #[serde(default)]
    pub organizer: Option<UserId>,
    #[serde(default)]
    pub learner: Option<UserId>,
    #[serde(default)]
    pub enrolment: Option<EnrolmentRef>,
    #[serde(default)]
    pub generation: u32,
    #[serde(default)]
    pub event: Option<EventId>,
    #[serde(default)]
    pub ical_uid: Option<ICalUid>,
    /// The test learner's own.
    #[serde(default)]
    pub copy: Option<EventId>,
    #[serde(default)]
    pub invited: Option<DateTime<Utc>>,
    #[serde(default)]
    pub linked: Option<DateTime<Utc>>,
    #[serde(default)]
    pub declined: Option<DateTime<Utc>>,
    /// When the LMS had answered.
    #[serde(default)]
    pub answered: Option<DateTime<Utc>>,
    #[serde(default)]
    pub answer: Option<OutcomeKind>,
    #[serde(default)]
    pub failed: Option<Failed>,
    /// What became of giving the place back; `None`: it was not tried.
    #[serde(default)]
    pub given_back: Option<String>,
    #[serde(default)]
    pub tries: u32,
    /// What went wrong last, in the words of whoever refused; no reason to fail as long as there is time.
    #[serde(default)]
    pub trouble: Option<String>,
    /// What could not be taken away.
    #[serde(default)]
    pub left_behind: Option<String>,
}

/// Each is written before what is done in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// The place is made ready.
    Begun,
    /// The invitation is sent, unless it is there.
    Inviting,
    /// It is there, and is to be linked.
    Invited,
    /// The place knows it; the test learner's copy is looked for.
    Linked,
    /// The copy is declined, unless it was.
    Declining,
    /// It is declined; the LMS is to answer.
    Declined,
    /// Well or ill, it is decided; the event is taken away.
    TakingAway,
    /// The place is to be given back.
    GivingBack,
    /// The LMS is being asked for it.
    AskingBack,
    Over,
}

impl State {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// At which stage it hung, and what was seen there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    pub stage: Stuck,
    pub why: String,
    pub at: DateTime<Utc>,
}

impl Run {
    pub fn begin(id: String, session: String, by: Option<String>, now: DateTime<Utc>) -> Self {
        Self {
            id,
            began: now,
            by,
            session,
            state: State::Begun,
            since: now,
            organizer: None,
            learner: None,
            enrolment: None,
            generation: 0,
            event: None,
            ical_uid: None,
            copy: None,
            invited: None,
            linked: None,
            declined: None,
            answered: None,
            answer: None,
            failed: None,
            given_back: None,
            tries: 0,
            trouble: None,
            left_behind: None,
        }
    }

    /// The same in another state.
    #[must_use]
    pub fn into(self, state: State, now: DateTime<Utc>) -> Self {
        Self { state, since: now, trouble: None, ..self }
    }

    /// It has failed; what was made of it is taken away.
    #[must_use]
    pub fn fail(self, stage: Stuck, why: impl Into<String>, now: DateTime<Utc>) -> Self {
        let failed = Some(Failed { stage, why: why.into(), at: now });
        Self { failed, ..self.into(State::TakingAway, now) }
    }

    /// What the kit is told of it; `None` before it is known who takes part.
    pub fn test(&self) -> Option<Test<'_>> {
        let (organizer, learner) = (self.organizer.as_ref()?, self.learner.as_ref()?);
        Some(Test { id: &self.id, organizer, learner })
    }

    /// It came to the LMS, and the LMS said that the place is gone.
    pub fn has_passed(&self) -> bool {
        self.failed.is_none() && self.answered.is_some()
    }

    /// The LMS itself took the place away by this decline: else it only said that there was none.
    pub fn is_proved(&self) -> bool {
        self.answer == Some(OutcomeKind::Lms(LmsOutcome::Done))
    }

    /// From the decline to the LMS's answer.
    pub fn took(&self) -> Option<chrono::Duration> {
        Some((self.answered? - self.declined?).max(chrono::Duration::zero()))
    }
}

pub async fn runs(ledger: &Ledger, tenant: &TenantName) -> Result<Runs, StoreError> {
    Ok(RUNS.if_readable(ledger, tenant).await?.unwrap_or_default())
}

/// Begins one unless one is under way; false: one is. A row that can't be read is written anew.
pub async fn begin(ledger: &Ledger, tenant: &TenantName, run: &Run) -> Result<bool, StoreError> {
    let mut is_begun = false;
    RUNS.update(ledger, tenant, |known| {
        let known = known.cloned().unwrap_or_default();
        is_begun = known.current.is_none();
        is_begun.then(|| Runs { current: Some(run.clone()), ..known })
    })
    .await?;
    Ok(is_begun)
}

/// Writes `next` over `old`; false: somebody else has written meanwhile.
pub async fn replace(
    ledger: &Ledger,
    tenant: &TenantName,
    old: &Run,
    next: &Run,
) -> Result<bool, StoreError> {
    let mut is_written = false;
    RUNS.update(ledger, tenant, |known| {
        let known = known.filter(|known| known.current.as_ref() == Some(old));
        is_written = known.is_some();
        let mut runs = known?.clone();
        if next.state == State::Over {
            runs.current = None;
            runs.past.push_front(next.clone());
            runs.past.truncate(KEPT);
        } else {
            runs.current = Some(next.clone());
        }
        Some(runs)
    })
    .await?;
    Ok(is_written)
}
