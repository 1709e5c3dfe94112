//! From a hint to the ledger. A hint is never a fact, only a reason to look.
//!
//! Guarantees: any order and repetition of hints ends in the same ledger; an irrelevant change costs no
//! write, two point reads and one part of a batch; a hint that can't be judged because Graph does not answer,
//! or not soon, stands on the agenda until it can, and holds no slot of the host meanwhile.

use crate::graph::GraphError;
use crate::invocation_deadline;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::outcome::HintOutcome;
use crate::jobs::observe::{judge, learner_event, new_link, organizer_event, postponed_hints};
use crate::jobs::operate::dead_letters;
use crate::jobs::{GraphOutcome as _, JobError, alerting, unit_context};
use crate::ledger::agenda::{self, needs};
use crate::ledger::{audit, enrolments, links, mailboxes};
use crate::messages::{AgendaRef, Changes, EnrolmentRef, Hint, LinkRef, queue};
use futures::{StreamExt, stream};
use std::collections::HashMap;

/// Hints looked at side by side, so that their reads share batches.
const SIDE_BY_SIDE: usize = 40;

/// What became of a message's hints, for the log line.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Observed {
    pub irrelevant: usize,
    pub judged: usize,
    pub postponed: usize,
}

/// Looks into every hint of a message. An error means that the whole message must come again: all of it may
/// be repeated.
pub async fn observe(app: &AppContext, changes: &Changes) -> Result<Observed, JobError> {
    invocation_deadline::within(all(app, changes)).await.unwrap_or(Err(JobError::OutOfTime))
}

async fn all(app: &AppContext, changes: &Changes) -> Result<Observed, JobError> {
    let context = app.context(&changes.tenant)?;
    let distinct = distinct(&changes.hints).into_iter();
    // That a mailbox is compared is true once everything that the comparison found has been judged.
    let (marks, reasons): (Vec<Hint>, Vec<Hint>) =
        distinct.partition(|hint| matches!(hint, Hint::Resynced { .. }));
    let mut observed = Observed::default();
    for hints in [reasons, marks] {
        // All of them come to their end before an error counts, so that one that fails holds up no other.
        let outcomes: Vec<Result<HintOutcome, JobError>> = stream::iter(hints)
            .map(|hint| async move { hinted(app, context, &hint).await })
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        observed.count(outcomes)?;
    }
    Ok(observed)
}

/// Graph often says the same thing several times in one breath, and several things about one event.
fn distinct(hints: &[Hint]) -> Vec<Hint> {
    let mut places = HashMap::new();
    let mut distinct: Vec<Hint> = Vec::with_capacity(hints.len());
    for hint in hints {
        let key = match hint {
            Hint::Changed { .. } | Hint::Organized { .. } => hint.subject(),
            // Each of these has an entry of the agenda, or a moment, that it is about.
            Hint::Look { .. } | Hint::Again { .. } | Hint::Invited { .. } | Hint::Resynced { .. } => {
                format!("{hint:?}")
            }
        };
        match places.get(&key).and_then(|place: &usize| distinct.get_mut(*place)) {
            Some(first) => *first = first.merged(hint),
            None => {
                places.insert(key, distinct.len());
                distinct.push(hint.clone());
            }
        }
    }
    distinct
}

impl Observed {
    /// In a word, to ask the log by.
    pub fn outcome(&self) -> &'static str {
        match (self.postponed, self.judged) {
            (0, 0) => "irrelevant",
            (0, _) => "judged",
            _ => "postponed",
        }
    }

    fn count(&mut self, outcomes: Vec<Result<HintOutcome, JobError>>) -> Result<(), JobError> {
        for outcome in outcomes {
            match outcome? {
                HintOutcome::Irrelevant => self.irrelevant += 1,
                HintOutcome::Judged => self.judged += 1,
                HintOutcome::Postponed => self.postponed += 1,
            }
        }
        Ok(())
    }
}

/// A hint that somebody else's work has found: judged, or on the agenda, when this comes back.
pub(crate) async fn at_once(app: &AppContext, context: &TenantContext, hint: &Hint) -> Result<(), JobError> {
    hinted(app, context, hint).await.map(|_| ())
}

async fn hinted(app: &AppContext, context: &TenantContext, hint: &Hint) -> Result<HintOutcome, JobError> {
    if !context.tenant.active {
        return put_off(app, context, hint).await;
    }
    match hint {
        Hint::Changed { .. } | Hint::Invited { .. } | Hint::Organized { .. } => {
            let outcome = new_hint(app, context, hint, 0).await?;
            if outcome == HintOutcome::Postponed {
                postponed_hints::postpone(app, context, hint, 0).await?;
            }
            Ok(outcome)
        }
        Hint::Again { hint, tries, agenda } => {
            let tenant = &context.tenant.name;
            let Some(turn) = postponed_hints::take(app, tenant, hint, *tries, agenda).await? else {
                return Ok(HintOutcome::Irrelevant);
            };
            let outcome = new_hint(app, context, &turn.hint, turn.tries).await?;
            match outcome {
                HintOutcome::Postponed => postponed_hints::again(app, context, &turn, agenda).await?,
                HintOutcome::Irrelevant | HintOutcome::Judged => {
                    postponed_hints::judged(app, tenant, turn, agenda).await?
                }
            }
            Ok(outcome)
        }
        Hint::Look { link, enrolment, agenda } => look(app, context, link, enrolment, agenda).await,
        Hint::Resynced { mailbox, asked } => {
            mailboxes::resynced(&app.ledger, &context.tenant.name, mailbox, *asked).await?;
            Ok(HintOutcome::Judged)
        }
    }
}

/// On its way when the tenant was switched off: it waits on the agenda until that is on again. That a mailbox
/// was compared counts no more, and a look that stands nowhere is asked for by the next comparison.
async fn put_off(app: &AppContext, context: &TenantContext, hint: &Hint) -> Result<HintOutcome, JobError> {
    match hint {
        Hint::Changed { .. } | Hint::Invited { .. } | Hint::Organized { .. } => {
            postponed_hints::postpone(app, context, hint, 0).await?;
        }
        Hint::Again { agenda, .. } | Hint::Look { agenda, .. } => {
            agenda::renew(&app.ledger, agenda).await?;
        }
        Hint::Resynced { .. } => return Ok(HintOutcome::Irrelevant),
    }
    Ok(HintOutcome::Postponed)
}

/// Judges a hint; [`HintOutcome::Postponed`] when Graph does not answer, or not to all that is to be known,
/// and when the LMS can't be read for the session.
async fn new_hint(
    app: &AppContext,
    context: &TenantContext,
    hint: &Hint,
    tries: u32,
) -> Result<HintOutcome, JobError> {
    let judging = async {
        match hint {
            Hint::Changed { mailbox, event, change } => {
                learner_event::changed(app, context, mailbox, event, *change).await
            }
            Hint::Invited { mailbox, organizer, event } => {
                new_link::link_invitation(app, context, mailbox, organizer, event).await
            }
            Hint::Organized { organizer, event } => {
                organizer_event::followed(app, context, organizer, event).await
            }
            Hint::Look { .. } | Hint::Again { .. } | Hint::Resynced { .. } => Ok(HintOutcome::Irrelevant),
        }
    };
    let Some(judged) = invocation_deadline::judging(judging).await else {
        tracing::info!(tenant = %context.tenant.name, "a hint takes too long; it goes on the agenda");
        return Ok(HintOutcome::Postponed);
    };
    let judged = match judged {
        Err(JobError::LmsUnreadable | JobError::BeingWritten) if tries >= GIVE_UP => {
            return Ok(HintOutcome::Irrelevant);
        }
        Err(JobError::LmsUnreadable | JobError::BeingWritten) => return Ok(HintOutcome::Postponed),
        answer => answer.graph()?,
    };
    match judged {
        // It is judged but for an organizer whom nobody can read; the next comparison asks them again.
        Ok(HintOutcome::Postponed) if tries >= GIVE_UP => Ok(HintOutcome::Judged),
        Ok(outcome) => Ok(outcome),
        Err(failure) => {
            alerting::graph_failure(app, context, &failure).await?;
            if let GraphError::Invalid(why) = &failure
                && tries >= GIVE_UP
            {
                // It will not be understood by itself; a person finds it, and the next resync goes on without
                // it.
                let text = serde_json::to_string(hint).unwrap_or_default();
                dead_letters::keep(app, queue::CHANGES, &text, &why.to_string()).await?;
                return Ok(HintOutcome::Irrelevant);
            }
            // No mailbox of ours (any more): what happens there is not ours to know.
            Ok(if failure.is_not_ours() { HintOutcome::Irrelevant } else { HintOutcome::Postponed })
        }
    }
}

/// Tries, over more than a day, after which a hint that Graph calls invalid is kept for a person instead, and
/// an organizer, or an LMS, that can't be read is left to the next comparison.
const GIVE_UP: u32 = 32;

/// A look that was due. Its agenda row goes when the ledger does not need it any more.
async fn look(
    app: &AppContext,
    context: &TenantContext,
    at: &LinkRef,
    enrolment: &EnrolmentRef,
    agenda: &AgendaRef,
) -> Result<HintOutcome, JobError> {
    let ledger = &app.ledger;
    let judging = async {
        Ok::<_, JobError>(match links::load(&app.ledger, at).await? {
            // What planned the look caused it, and is known to the row.
            Some(link) => unit_context::untraced(judge::judge_link(app, context, &link, at)).await?.row,
            None => None,
        })
    };
    let Some(judged) = invocation_deadline::judging(judging).await else {
        // One that a comparison asked for stands nowhere but in this message.
        if !agenda::stands(ledger, agenda).await? {
            return Err(JobError::OutOfTime);
        }
        tracing::info!(tenant = %context.tenant.name, "a look takes too long; the next tick wakes it again");
        agenda::renew(ledger, agenda).await?;
        return Ok(HintOutcome::Postponed);
    };
    let judged = judged?;
    let row = match judged.filter(|row| row.value.reference() == *enrolment) {
        Some(row) => Some(row),
        None => enrolments::load(ledger, enrolment).await?,
    };
    if !row.as_ref().is_some_and(|row| needs(&row.value, agenda)) {
        if let Some(row) = row.filter(|row| !row.value.state.is_on_its_way()) {
            audit::file(ledger, &row.value).await?;
        }
        agenda::forget_stale(ledger, agenda, ledger.now().await?, app.timing.rewake).await?;
    }
    Ok(HintOutcome::Judged)
}
