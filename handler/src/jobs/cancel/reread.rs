//! Reading the LMS, through the same valve as everything else.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::Place;
use crate::enrolment::lms_order::BUDGET;
use crate::enrolment::lms_reread;
use crate::invocation_deadline;
use crate::jobs::cancel::attempt_result::AttemptResult;
use crate::jobs::cancel::before_sending::held_back;
use crate::jobs::cancel::rate_admission;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::{JobError, alerting};
use crate::ledger::{Read, agenda, enrolments};
use crate::lms::Budget;
use crate::messages::Cancellation;

/// The learner's answer came again after the place had been given up: whether somebody has given it anew, the
/// LMS is read for, through the same valve as everything else. Reading twice harms nobody, so there is no
/// claim.
pub(super) async fn read_place(
    app: &AppContext,
    context: &TenantContext,
    message: &Cancellation,
    row: Read<Enrolment>,
) -> Result<AttemptResult, JobError> {
    let ledger = &app.ledger;
    let now = ledger.now().await?;
    if let Some(until) = held_back(app, context, message, &row.value, now).await? {
        enrolments::update_known(ledger, row, |row| lms_reread::read_later(row, until)).await?;
        return Ok(AttemptResult::PutBack);
    }
    if !rate_admission::may_ask(app, context, message.free_until).await? {
        agenda::renew(ledger, &message.agenda).await?;
        return Ok(AttemptResult::PutBack);
    }
    // Nothing is changed by it, so that whoever waits no longer may hang up.
    let budget = Budget::of(BUDGET).starting_by(invocation_deadline::asks_until());
    let reading =
        invocation_deadline::judging(context.lms.place(&row.value.session, &row.value.learner, budget));
    let place = reading.await.unwrap_or(Place::Unknown);
    let (dice, now) = (rand::random::<f64>(), ledger.now().await?);
    let (policy, retry) = (&context.tenant.policy, context.tenant.lms.retry);
    if let Some(row) =
        enrolments::update_known(ledger, row, |row| lms_reread::read(row, place, policy, retry, dice, now))
            .await?
    {
        alerting::raise_causes(app, &row.value).await?;
    }
    Ok(AttemptResult::Settled)
}
