//! One attempt to give back at the LMS what was cancelled there ([`crate::enrolment::give_back`]).
//!
//! Guarantees: those of a cancellation's attempt ([`super::attempt`]). The LMS is asked only under a claim
//! that one conditional write gave, only while the valve is open and the deadline is ahead, and only where
//! the evidence, read again, still says that the learner takes part. Whoever is killed in between is found by
//! the claim's wake-up, and the next attempt tells the connector that it may be a repetition.

use crate::calendar::reading::Strength;
use crate::enrolment::attempt::GiveBack;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::give_back;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply, RestoreOutcome, Restored};
use crate::enrolment::lms_order::BUDGET;
use crate::enrolment::transitions::StateColumn;
use crate::invocation_deadline;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::cancel::before_sending::{held_back, in_time, linked, settle};
use crate::jobs::cancel::rate_admission;
use crate::jobs::cancel::record_outcome::ValveMoves;
use crate::jobs::cancel::rollout::{self, Rollout};
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::observe::judge::{self, Known};
use crate::jobs::observe::readable_mailboxes::ReadableMailboxes;
use crate::jobs::{JobError, alerting};
use crate::ledger::{Read, agenda, enrolment_ids, enrolments};
use crate::lms::{Budget, Order};
use crate::messages::Cancellation;
use crate::store::StoreError;
use std::ops::ControlFlow::{self, Break, Continue};

const CANT: &str = "This connection can't give places back.";
const OBSERVES: &str = "Mode observe: the LMS is not asked.";

type Checked = ControlFlow<AttemptResult, Read<Enrolment>>;

pub(super) async fn give_back(
    app: &AppContext,
    context: &TenantContext,
    message: &Cancellation,
    row: Read<Enrolment>,
) -> Result<AttemptResult, JobError> {
    let ledger = &app.ledger;
    let row = match row.value.stand() == StateColumn::BackRunning {
        false => row,
        true => {
            let now = ledger.now().await?;
            match enrolments::update_known(ledger, row, |row| give_back::lapse(row, now)).await? {
                Some(row) if row.value.stand() != StateColumn::BackRunning => row,
                Some(_) | None => return Ok(AttemptResult::Lost),
            }
        }
    };
    if !give_back::is_wanted(&row.value) {
        return Ok(AttemptResult::Stale);
    }
    let row = match invocation_deadline::judging(before_the_lms(app, context, message, row)).await {
        Some(checked) => match checked? {
            Continue(row) => row,
            Break(result) => return Ok(result),
        },
        None => return put_back(app, message).await,
    };
    if !rate_admission::may_ask(app, context, message.free_until).await? {
        return put_back(app, message).await;
    }

    // The claim, as of a cancellation: nothing after it may be done twice.
    let now = ledger.now().await?;
    let budget = Budget::of(BUDGET).starting_by(invocation_deadline::judges_until());
    let token = uuid::Uuid::new_v4().to_string();
    let (lease, by, policy) = (app.timing.lease, context.lms.identity(), &context.tenant.policy);
    let mut claimed = false;
    let row = enrolments::update_known(ledger, row, |row| {
        let next = give_back::claim(row, &token, by.as_ref(), policy, now, lease);
        claimed = next.is_some();
        next
    })
    .await?;
    let (true, Some(row)) = (claimed, row) else { return Ok(AttemptResult::Lost) };
    let Some(order) = row.value.attempt.give_back.as_ref().map(|wanted| order(&row.value, wanted)) else {
        return Ok(AttemptResult::Lost);
    };
    let reply = match invocation_deadline::has_judged() {
        true => Restored::new(RestoreOutcome::Outage, Reach::NotTried),
        false => invocation_deadline::not_counted(context.lms.restore(&order, budget)).await,
    };
    record(app, context, row, &token, &reply).await?;
    Ok(AttemptResult::GaveBack(reply))
}

async fn put_back(app: &AppContext, message: &Cancellation) -> Result<AttemptResult, JobError> {
    agenda::renew(&app.ledger, &message.agenda).await?;
    Ok(AttemptResult::PutBack)
}

/// All that may still keep it from the LMS.
async fn before_the_lms(
    app: &AppContext,
    context: &TenantContext,
    message: &Cancellation,
    row: Read<Enrolment>,
) -> Result<Checked, JobError> {
    let (ledger, policy) = (&app.ledger, &context.tenant.policy);
    let now = ledger.now().await?;
    let row = match in_time(app, row, |row| give_back::judge_deadline(row, policy, now)).await? {
        Continue(row) => row,
        settled => return Ok(settled),
    };
    if !context.lms.can_restore() {
        return settle(app, row, |row| give_back::to_person(row, CANT, now)).await;
    }
    if let Some(until) = held_back(app, context, message, &row.value, now).await? {
        enrolments::update_known(ledger, row, |row| give_back::later(row, until)).await?;
        return Ok(Break(AttemptResult::PutBack));
    }
    // A learner who declined again meanwhile does not get it back.
    let place = linked(app, &row.value).await?;
    let mut mailboxes = ReadableMailboxes::default();
    mailboxes.ask(app, context, &place).await?;
    let again = judge::judge_linked(app, context, &place, Known { row: Some(row), mailboxes }).await?;
    let is_unreadable = again.items.iter().any(|item| item.reading.strength() == Strength::None);
    let row = match again.row {
        Some(row) if give_back::is_wanted(&row.value) => row,
        Some(row) => {
            // What was decided may be due at the very moment of this wake-up, and is the same row of the
            // agenda then.
            if agenda::needs(&row.value, &message.agenda) {
                agenda::renew(ledger, &message.agenda).await?;
            }
            return Ok(Break(AttemptResult::Settled));
        }
        None => return Ok(Break(AttemptResult::Settled)),
    };
    let row = match in_time(app, row, |row| give_back::judge_deadline(row, policy, now)).await? {
        Continue(row) => row,
        settled => return Ok(settled),
    };
    let since = row.value.attempt.give_back.as_ref().map(|wanted| wanted.decided_at);
    let is_patient = since.is_some_and(|since| now < since + policy.recheck);
    if (is_unreadable || invocation_deadline::has_asked()) && is_patient {
        let until = now + app.timing.valve_rest;
        enrolments::update_known(ledger, row, |row| give_back::later(row, until)).await?;
        return Ok(Break(AttemptResult::PutBack));
    }
    match rollout::acts_for(app, context, &row.value).await? {
        Rollout::Act => Ok(Continue(row)),
        Rollout::Observe => settle(app, row, |row| give_back::to_person(row, OBSERVES, now)).await,
        Rollout::Unknown => {
            let until = now + app.timing.rewake;
            enrolments::update_known(ledger, row, |row| give_back::later(row, until)).await?;
            Ok(Break(AttemptResult::PutBack))
        }
    }
}

/// What was cancelled, as the connector is told it. No cancellation of this generation has its id.
fn order(row: &Enrolment, wanted: &GiveBack) -> Order {
    Order {
        id: enrolment_ids::order_id(&row.reference(), row.generation, 0),
        tenant: row.tenant.clone(),
        session: row.session.clone(),
        learner: row.learner.clone(),
        generation: row.generation,
        decision: 0,
        verdict: wanted.decision.verdict,
        evidence: wanted.decision.evidence,
        declined_at: wanted.decision.declined_at,
        decided_at: wanted.decided_at,
        session_start: row.start.or(wanted.decision.session_start),
        attempt: wanted.tries,
        may_be_repeated: wanted.maybe_effected,
    }
}

async fn record(
    app: &AppContext,
    context: &TenantContext,
    claimed: Read<Enrolment>,
    token: &str,
    reply: &Restored,
) -> Result<(), StoreError> {
    let ledger = &app.ledger;
    let now = ledger.now().await?;
    let at = claimed.value.reference();
    let moves = ValveMoves::before_the_row(app, context, &at, of_the_connection(reply), now).await?;
    let dice = rand::random::<f64>();
    let (policy, retry) = (&context.tenant.policy, context.tenant.lms.retry);
    let recorded = |row: &Enrolment| give_back::record(row, token, reply, policy, retry, dice, now);
    if let Some(row) = enrolments::update(ledger, &at, recorded).await? {
        alerting::raise_causes(app, &row).await?;
    }
    moves.after_the_row(app, context).await
}

/// What the answer says of the connection, whatever it says of the place.
fn of_the_connection(reply: &Restored) -> Reply {
    let outcome = match reply.outcome {
        RestoreOutcome::Outage => LmsOutcome::Outage,
        RestoreOutcome::CredentialBroken => LmsOutcome::CredentialBroken,
        RestoreOutcome::Unclear => LmsOutcome::Unclear,
        RestoreOutcome::GivenBack
        | RestoreOutcome::Waitlisted
        | RestoreOutcome::Requested
        | RestoreOutcome::AlreadyHeld
        | RestoreOutcome::Full
        | RestoreOutcome::Closed
        | RestoreOutcome::Refused
        | RestoreOutcome::UnknownLearner
        | RestoreOutcome::UnknownSession => LmsOutcome::Done,
    };
    Reply {
        outcome,
        message: None,
        status: reply.status,
        retry_after: reply.retry_after,
        pause: reply.pause,
        reach: reply.reach,
        before: None,
        after: None,
    }
}
