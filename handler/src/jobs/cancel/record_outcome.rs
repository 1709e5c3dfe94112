//! What became of an attempt, written down in the order that survives a kill.

use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::lms_answer::{LmsOutcome, Reply};
use crate::enrolment::lms_order;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::{Valve, ValveState};
use crate::ids::TenantName;
use crate::jobs::alerting;
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::alerts::{self, AlertKind};
use crate::ledger::{Read, enrolments, valves};
use crate::messages::EnrolmentRef;
use crate::store::StoreError;
use chrono::{DateTime, Utc};

/// What an answer does to the valve, around the write of its row. A kill at any line leaves neither a breaker
/// open that the LMS has answered, nor a closed valve that nobody is told of: what opens the valve is written
/// before the row, and what closes it after the alert and the row.
pub(super) struct ValveMoves {
    at: EnrolmentRef,
    reply: Reply,
    now: DateTime<Utc>,
    closes: bool,
}

impl ValveMoves {
    pub(super) async fn before_the_row(
        app: &AppContext,
        context: &TenantContext,
        at: &EnrolmentRef,
        reply: Reply,
        now: DateTime<Utc>,
    ) -> Result<Self, StoreError> {
        let tenant = &context.tenant.name;
        let valve = valves::valve(&app.ledger, tenant, now).await?;
        let after = valve.after(&reply, at, now);
        let closed = after.as_ref().filter(|valve| valve.state != ValveState::Open);
        let moves = after.is_some() || valve.state != ValveState::Open;
        if let Some(closed) = closed {
            alerting::reflect_valve(app, tenant, closed).await?;
        } else if moves && reply.outcome != LmsOutcome::Unexpected {
            move_valve(app, tenant, &reply, at, now).await?;
        }
        Ok(Self { at: at.clone(), closes: closed.is_some(), reply, now })
    }

    pub(super) async fn after_the_row(
        self,
        app: &AppContext,
        context: &TenantContext,
    ) -> Result<(), StoreError> {
        if !self.closes {
            return Ok(());
        }
        let valve = move_valve(app, &context.tenant.name, &self.reply, &self.at, self.now).await?;
        reopen(app, context, &valve).await
    }
}

/// Writes down what became of the attempt. `claimed`: the row as its claim was written.
pub(super) async fn record(
    app: &AppContext,
    context: &TenantContext,
    claimed: Read<Enrolment>,
    token: &str,
    reply: &Reply,
) -> Result<(), StoreError> {
    let ledger = &app.ledger;
    let now = ledger.now().await?;
    let tenant = &context.tenant.name;
    let at = &claimed.value.reference();
    if reply.is_no_answer() {
        alerts::raise(&app.ledger, tenant, AlertKind::LmsAnswer).await?;
    }
    let moves = ValveMoves::before_the_row(app, context, at, reply.clone(), now).await?;
    let deemed = deem(app, context, at, reply, now).await?;
    let dice = rand::random::<f64>();
    let (policy, retry) = (&context.tenant.policy, context.tenant.lms.retry);
    let recorded = |row: &Enrolment| lms_order::record(row, token, &deemed, policy, retry, dice, now);
    // Read anew where the LMS took so long that somebody may have taken over: what a claim that is lost would
    // have led to must not even leave a wake-up.
    let is_in_force = claimed.value.attempt.claim.as_ref().is_some_and(|claim| claim.until > now);
    let row = match is_in_force {
        true => enrolments::update_known(ledger, claimed, recorded).await?.map(|row| row.value),
        false => enrolments::update(ledger, at, recorded).await?,
    };
    if let Some(row) = row {
        alerting::raise_causes(app, &row).await?;
    }
    moves.after_the_row(app, context).await
}

async fn move_valve(
    app: &AppContext,
    tenant: &TenantName,
    reply: &Reply,
    of: &EnrolmentRef,
    now: DateTime<Utc>,
) -> Result<Valve, StoreError> {
    valves::change_valve(&app.ledger, tenant, now, |valve| valve.after(reply, of, now)).await?;
    let valve = valves::valve(&app.ledger, tenant, now).await?;
    alerting::reflect_valve(app, tenant, &valve).await?;
    Ok(valve)
}

/// An answer that no receiver gives is noted at the valve before the row: killed in between, the attempt is
/// made again and counts once. Where it is the last of so many that they are an outage, the others wait again
/// before this row does: as long as it is claimed somebody is sure to come by, and puts back whom a kill has
/// left with a person.
async fn deem(
    app: &AppContext,
    context: &TenantContext,
    at: &EnrolmentRef,
    reply: &Reply,
    now: DateTime<Utc>,
) -> Result<Reply, StoreError> {
    if reply.outcome != LmsOutcome::Unexpected {
        return Ok(reply.clone());
    }
    let valve = move_valve(app, &context.tenant.name, reply, at, now).await?;
    reopen(app, context, &valve).await?;
    let outcome = if valve.deems_outage(at) { LmsOutcome::Outage } else { reply.outcome };
    Ok(Reply { outcome, ..reply.clone() })
}

/// Has whoever went to a person for what turned out to be an outage wait again. One that is still claimed
/// stays noted: what becomes of it may be written as if nobody knew yet.
pub(super) async fn reopen(
    app: &AppContext,
    context: &TenantContext,
    valve: &Valve,
) -> Result<(), StoreError> {
    if valve.reopen.is_empty() {
        return Ok(());
    }
    let (ledger, tenant) = (&app.ledger, &context.tenant);
    let now = ledger.now().await?;
    let mut settled = Vec::new();
    for suspect in &valve.reopen {
        let dice = rand::random::<f64>();
        let back = |row: &Enrolment| {
            lms_order::after_all_an_outage(
                row,
                suspect.not_before,
                &tenant.policy,
                tenant.lms.retry,
                dice,
                now,
            )
        };
        let row = enrolments::update(ledger, &suspect.enrolment, back).await?;
        if row.is_none_or(|row| row.state != State::Running) {
            settled.push(suspect);
        }
    }
    alerting::review_may_be_over(app, &tenant.name).await?;
    valves::change_valve(&app.ledger, &tenant.name, now, |valve| {
        let reopen =
            valve.reopen.iter().filter(|known| !settled.contains(known)).cloned().collect::<Vec<_>>();
        (reopen != valve.reopen).then(|| Valve { reopen, ..valve.clone() })
    })
    .await
}
