//! The place of the test session is given back, so that the next test has one to take away.
//!
//! Guarantees: only what the LMS was seen to take away by this test is given back; through an open valve and
//! within the connection's rate; that the LMS is asked is written before it is, and who finds that nobody
//! wrote down an answer says so to the connector, which reads before it writes. Not given back, it is no
//! failure: the next test then shows only that the LMS answers.

use crate::enrolment::canary as place;
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::RestoreOutcome;
use crate::enrolment::lms_order::BUDGET;
use crate::enrolment::valve::Passage;
use crate::invocation_deadline;
use crate::jobs::JobError;
use crate::jobs::canary::next::{Step, of_run};
use crate::jobs::canary::run::{Run, State};
use crate::jobs::cancel::rate_admission;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::{enrolment_ids, enrolments, valves};
use crate::lms::{Budget, Order};
use chrono::{DateTime, Duration, Utc};

/// What is not given back by then is left.
const PATIENCE: Duration = Duration::hours(6);

/// Nobody asks for longer than this.
const LEASE: Duration = Duration::minutes(5);

pub(super) async fn step(
    app: &AppContext,
    context: &TenantContext,
    run: &Run,
    is_fresh: bool,
) -> Result<Step, JobError> {
    let now = app.ledger.now().await?;
    let began = run.answered.unwrap_or(run.since);
    let row = match of_run(app, run).await? {
        Some(row) if began + PATIENCE > now => row,
        _ => return Ok(Step::next(run.clone().into(State::Over, now))),
    };
    if run.state == State::AskingBack {
        if is_fresh {
            return ask(app, context, run, &row, now).await;
        }
        // Whoever asked may still be at it; later than that they did not come back.
        if run.since + LEASE > now {
            return Ok(Step::Wait(None));
        }
    }
    wait_for_room(app, context, run, now).await
}

async fn wait_for_room(
    app: &AppContext,
    context: &TenantContext,
    run: &Run,
    now: DateTime<Utc>,
) -> Result<Step, JobError> {
    let valve = valves::valve(&app.ledger, &context.tenant.name, now).await?;
    if context.tenant.is_closed() || valve.passage(now) != Passage::Free {
        return Ok(Step::Wait(Some("the valve is not open".to_owned())));
    }
    if !rate_admission::may_look(app, context, BUDGET).await? {
        return Ok(Step::Wait(None));
    }
    Ok(Step::next(Run { tries: run.tries + 1, ..run.clone().into(State::AskingBack, now) }))
}

async fn ask(
    app: &AppContext,
    context: &TenantContext,
    run: &Run,
    row: &Enrolment,
    now: DateTime<Utc>,
) -> Result<Step, JobError> {
    let Some(order) = order(run, row, now) else {
        return Ok(Step::next(run.clone().into(State::Over, now)));
    };
    let budget = Budget::of(BUDGET).starting_by(invocation_deadline::judges_until());
    let reply = context.lms.restore(&order, budget).await;
    let now = app.ledger.clock.now();
    let word = reply.outcome.word();
    match reply.outcome {
        RestoreOutcome::Outage | RestoreOutcome::CredentialBroken => {
            let next = run.clone().into(State::GivingBack, now);
            Ok(Step::next(Run { trouble: Some(format!("the LMS answered {word}")), ..next }))
        }
        RestoreOutcome::GivenBack
        | RestoreOutcome::Waitlisted
        | RestoreOutcome::Requested
        | RestoreOutcome::AlreadyHeld
        | RestoreOutcome::Full
        | RestoreOutcome::Closed
        | RestoreOutcome::Refused
        | RestoreOutcome::UnknownLearner
        | RestoreOutcome::UnknownSession
        | RestoreOutcome::Unclear => {
            let said = format!("The canary asked the LMS to give the place back: {word}.");
            let told = |row: &Enrolment| place::told_of_giving_back(row, run.generation, &said, now);
            enrolments::update(&app.ledger, &row.reference(), told).await?;
            let next = run.clone().into(State::Over, now);
            Ok(Step::next(Run { given_back: Some(word.to_owned()), ..next }))
        }
    }
}

/// What was cancelled, under the number of the generation that the next test begins: no cancellation has that
/// id.
fn order(run: &Run, row: &Enrolment, now: DateTime<Utc>) -> Option<Order> {
    let sent = row.attempt.order.as_ref()?;
    let generation = row.generation + 1;
    Some(Order {
        id: enrolment_ids::order_id(&row.reference(), generation, 0),
        tenant: row.tenant.clone(),
        session: row.session.clone(),
        learner: row.learner.clone(),
        generation,
        decision: 0,
        verdict: sent.decision.verdict,
        evidence: sent.decision.evidence,
        declined_at: sent.decision.declined_at,
        decided_at: run.answered.unwrap_or(now),
        session_start: row.start.or(sent.session_start),
        attempt: run.tries,
        may_be_repeated: run.tries > 1,
    })
}
