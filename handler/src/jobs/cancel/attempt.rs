//! `cancel-enrolment`: one attempt to carry one decision to the LMS.
//!
//! Guarantees: the LMS is called only under a claim that one conditional write gave; only while the valve is
//! open, the deadline is ahead, and the evidence, read again, still says so; whoever is killed in between is
//! found by the claim's wake-up. What has to be waited for too long goes back on the agenda, but for an LMS
//! that has the order: its answer is waited for as long as it may take ([`crate::lms::webhook::ANSWER`]),
//! because nobody would know what became of an order that was hung up on.

use crate::enrolment::attempt::SentOrder;
use crate::enrolment::decision::Decision;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::{LmsOutcome, Reach, Reply};
use crate::enrolment::lms_order::{self, BUDGET};
use crate::enrolment::transitions::State;
use crate::invocation_deadline;
use crate::jobs::JobError;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::cancel::before_sending::before_the_lms;
use crate::jobs::cancel::give_back::give_back;
use crate::jobs::cancel::rate_admission;
use crate::jobs::cancel::record_outcome::record;
use crate::jobs::cancel::reread::read_place;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::{Read, agenda, audit, enrolment_ids, enrolments};
use crate::lms::{Budget, Order};
use crate::messages::Cancellation;
use chrono::{DateTime, Utc};
use std::ops::ControlFlow::{Break, Continue};

pub async fn cancel(app: &AppContext, message: &Cancellation) -> Result<AttemptResult, JobError> {
    invocation_deadline::within(attempt(app, message)).await.unwrap_or(Err(JobError::OutOfTime))
}

async fn attempt(app: &AppContext, message: &Cancellation) -> Result<AttemptResult, JobError> {
    let ledger = &app.ledger;
    let context = app.context(&message.tenant)?;
    let at = &message.enrolment;
    if !context.tenant.active {
        // On its way when the tenant was switched off; asked no more, it waits until that is on again.
        agenda::renew(ledger, &message.agenda).await?;
        return Ok(AttemptResult::PutBack);
    }

    let now = ledger.now().await?;
    let row = match enrolments::load(ledger, at).await? {
        Some(found) if agenda::needs(&found.value, &message.agenda) => found,
        stale => {
            if let Some(stale) = stale {
                audit::file(ledger, &stale.value).await?;
            }
            agenda::forget_stale(ledger, &message.agenda, now, app.timing.rewake).await?;
            return Ok(AttemptResult::Stale);
        }
    };
    let row = match row.value.state {
        State::Waiting => row,
        State::Running => match taken_over(app, context, row).await? {
            Some(row) => row,
            None => return Ok(AttemptResult::Lost),
        },
        State::Done => return read_place(app, context, message, row).await,
        State::Watched if row.value.attempt.give_back.is_some() => {
            return give_back(app, context, message, row).await;
        }
        State::Watched | State::Expired | State::Review => return Ok(AttemptResult::Stale),
    };
    let row = match invocation_deadline::judging(before_the_lms(app, context, message, row)).await {
        Some(checked) => match checked? {
            Continue(row) => row,
            Break(attempt) => return Ok(attempt),
        },
        None => {
            tracing::info!(tenant = %message.tenant, "a cancellation takes too long; the next tick wakes it \
                                                      again");
            agenda::renew(ledger, &message.agenda).await?;
            return Ok(AttemptResult::PutBack);
        }
    };

    if !rate_admission::may_ask(app, context, message.free_until).await? {
        agenda::renew(ledger, &message.agenda).await?;
        return Ok(AttemptResult::PutBack);
    }

    // The claim: one conditional write. Everything up to here may be done twice, nothing after it. Its lease
    // and the LMS's budget begin now, whatever time the calendar took.
    let now = ledger.now().await?;
    let budget = Budget::of(BUDGET).starting_by(invocation_deadline::judges_until());
    let token = uuid::Uuid::new_v4().to_string();
    let (lease, by) = (app.timing.lease, context.lms.identity());
    let mut claimed = false;
    let row = enrolments::update_known(ledger, row, |row| {
        let next = lms_order::claim(row, &token, by.as_ref(), &context.tenant.policy, now, lease)
            .filter(|_| due(row, now));
        claimed = next.is_some();
        next
    })
    .await?;
    let (true, Some(row)) = (claimed, row) else { return Ok(AttemptResult::Lost) };

    let Some(order) = order(&row.value) else { return Ok(AttemptResult::Lost) };
    let reply = match invocation_deadline::has_judged() {
        // There might be no time to write down what it answers.
        true => not_tried(),
        false => invocation_deadline::not_counted(context.lms.cancel(&order, budget)).await,
    };
    record(app, context, row, &token, &reply).await?;
    Ok(AttemptResult::Asked(reply))
}

/// The claim itself took so long that the LMS is not asked under it.
fn not_tried() -> Reply {
    Reply {
        message: Some("not sent: the ledger took too long".to_owned()),
        ..Reply::new(LmsOutcome::Outage, Reach::NotTried)
    }
}

fn due(row: &Enrolment, now: DateTime<Utc>) -> bool {
    row.attempt.due.is_some_and(|due| due <= now)
}

/// A claim that ran out: the LMS may have been reached or not. It waits again, with that doubt, and goes the
/// whole way of a first attempt; who is in the pilot is read anew for it. `None`: the claim is in force, or
/// somebody was faster.
async fn taken_over(
    app: &AppContext,
    context: &TenantContext,
    row: Read<Enrolment>,
) -> Result<Option<Read<Enrolment>>, JobError> {
    let ledger = &app.ledger;
    let now = ledger.now().await?;
    context.users.forget_named().await;
    let row = enrolments::update_known(ledger, row, |row| lms_order::lapse(row, now)).await?;
    Ok(row.filter(|row| row.value.state == State::Waiting))
}

/// The order for the LMS; the same id for every attempt of this decision.
fn order(row: &Enrolment) -> Option<Order> {
    let SentOrder { decision, session_start, number } = row.attempt.order.clone()?;
    let Decision { verdict, evidence, declined_at, decided_at, .. } = decision;
    Some(Order {
        id: enrolment_ids::order_id(&row.reference(), row.generation, number),
        tenant: row.tenant.clone(),
        session: row.session.clone(),
        learner: row.learner.clone(),
        generation: row.generation,
        decision: number.max(1),
        verdict,
        evidence,
        declined_at,
        decided_at,
        session_start,
        attempt: row.attempt.tries,
        may_be_repeated: row.maybe_effected,
    })
}
