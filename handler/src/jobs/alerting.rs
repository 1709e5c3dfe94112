//! Which alerts follow from a row, a valve, or an answer of Graph's.

use crate::enrolment::delay::{Delay, whose_delay};
use crate::enrolment::enrolment::Enrolment;
use crate::enrolment::transitions::State;
use crate::enrolment::valve::{Valve, ValveState};
use crate::graph::{GraphError, Mending};
use crate::ids::{TenantName, hash};
use crate::jobs::context::{AppContext, TenantContext};
use crate::ledger::agenda::{self, stamp};
use crate::ledger::alert_kind::{AlertKind, Ends};
use crate::ledger::alerts::{none_left, note, open, raise, raise_with, resolve, resolve_any, resolve_member};
use crate::ledger::enrolment_ids;
use crate::store::StoreError;
use chrono::{DateTime, Utc};

/// What of this row a person must know, each with the moment that tells it from another of the same row.
fn causes(app: &AppContext, row: &Enrolment) -> Vec<(AlertKind, DateTime<Utc>)> {
    let mut causes = Vec::new();
    // Of the test learner its own alert tells.
    if row.canary {
        return causes;
    }
    causes.extend(row.taken_back.map(|at| (AlertKind::TakeBack, at)));
    match row.state {
        State::Review => {
            causes.extend(row.attempt.review.as_ref().map(|review| (AlertKind::Review, review.since)));
        }
        State::Expired => {
            let policy = app.tenants.get(&row.tenant).map(|context| &context.tenant.policy);
            let kind = match policy.map(|policy| whose_delay(row, policy)) {
                Some(Delay::Learners) => AlertKind::DeclinedLate,
                Some(Delay::Ours) | None => AlertKind::Expired,
            };
            causes.extend(row.attempt.outcome.as_ref().map(|outcome| (kind, outcome.at)));
        }
        State::Watched | State::Waiting | State::Running | State::Done => {}
    }
    causes
}

fn member_of(row: &Enrolment, since: DateTime<Utc>) -> String {
    format!(
        "{}~{}",
        hash(&format!("{}.{}", enrolment_ids::id_of(&row.reference()), row.generation)),
        stamp(since)
    )
}

/// `expired`, `review` and a place that is wanted back are never left in silence.
pub async fn raise_causes(app: &AppContext, row: &Enrolment) -> Result<(), StoreError> {
    for (kind, since) in causes(app, row) {
        note(&app.ledger, &row.tenant, kind, &member_of(row, since)).await?;
    }
    Ok(())
}

/// What is seen to by this change of a row, or with `None` by its end: `review` and `take-back` end with
/// their last.
pub async fn resolve_causes(
    app: &AppContext,
    before: &Enrolment,
    after: Option<&Enrolment>,
) -> Result<(), StoreError> {
    let still = after.map(|after| causes(app, after)).unwrap_or_default();
    for (kind, since) in causes(app, before).into_iter().filter(|cause| !still.contains(cause)) {
        match kind.ends() {
            Ends::ByItself => {
                resolve_member(&app.ledger, &before.tenant, kind, &member_of(before, since)).await?
            }
            // It came too late all the same.
            Ends::Acknowledged => {}
        }
    }
    Ok(())
}

/// Takes the alert `review` back where nothing waits for a person any more.
pub async fn review_may_be_over(app: &AppContext, tenant: &TenantName) -> Result<(), StoreError> {
    match agenda::nobody_waits_for_person(&app.ledger, tenant).await? {
        true => none_left(&app.ledger, tenant, AlertKind::Review).await,
        false => Ok(()),
    }
}

/// What an open valve ends.
pub const OF_THE_VALVE: [AlertKind; 3] =
    [AlertKind::LmsBreaker, AlertKind::LmsCredential, AlertKind::LmsGone];

/// A closed valve is never left in silence, nor is an alert left open once it is open again. The brake's own
/// alert goes when a person opens the valve, since the brake may hold single learners behind an open one.
pub async fn reflect_valve(app: &AppContext, tenant: &TenantName, valve: &Valve) -> Result<(), StoreError> {
    match valve.state {
        ValveState::CredentialBroken => raise(&app.ledger, tenant, AlertKind::LmsCredential).await,
        ValveState::EndpointGone => raise(&app.ledger, tenant, AlertKind::LmsGone).await,
        ValveState::BreakerOpen => {
            let step = format!("{} {}.", AlertKind::LmsBreaker.step(), valve.why);
            raise_with(&app.ledger, tenant, AlertKind::LmsBreaker, &step).await
        }
        ValveState::Braked => raise(&app.ledger, tenant, AlertKind::Brake).await,
        ValveState::Open => {
            for kind in OF_THE_VALVE {
                resolve(&app.ledger, tenant, kind).await?;
            }
            if valve.outages == 0 && valve.suspects.is_empty() {
                resolve(&app.ledger, tenant, AlertKind::LmsAnswer).await?;
            }
            Ok(())
        }
        ValveState::Stopped => Ok(()),
    }
}

/// A failure of Graph that a person must mend.
pub async fn graph_failure(
    app: &AppContext,
    context: &TenantContext,
    failure: &GraphError,
) -> Result<(), StoreError> {
    let tenant = &context.tenant.name;
    match failure.mending() {
        // Nobody was asked for a token, and another alert says why.
        Some(Mending::Credential { .. }) if context.tenant.has_no_credential() => Ok(()),
        Some(Mending::Credential { hint }) => {
            raise_with(&app.ledger, tenant, AlertKind::GraphCredential, hint).await
        }
        Some(Mending::Unauthorized) => raise(&app.ledger, tenant, AlertKind::GraphUnauthorized).await,
        Some(Mending::Invalid) => {
            tracing::error!(tenant = %tenant, trouble = %failure, "Graph refuses a request");
            raise(&app.ledger, tenant, AlertKind::GraphInvalid).await
        }
        None => Ok(()),
    }
}

/// Whether secrets of this tenant are missing, as it was found when its configuration was read.
pub async fn for_secrets(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let (tenant, kind) = (&context.tenant.name, AlertKind::SecretMissing);
    let Some(step) = context.tenant.why_closed() else {
        return resolve_any(&app.ledger, tenant, &[kind]).await;
    };
    let known = open(&app.ledger, tenant).await?.into_iter().find(|alert| alert.kind == kind);
    if known.is_some_and(|known| known.step != step) {
        // Another secret is missing than the one that somebody may have acknowledged.
        resolve(&app.ledger, tenant, kind).await?;
    }
    raise_with(&app.ledger, tenant, kind, &step).await
}

/// A training session's organizer is a name of Exchange's own directory that nobody can tell the address of.
pub async fn unknown_organizer(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    raise(&app.ledger, &context.tenant.name, AlertKind::OrganizerUnknown).await
}

/// The organizer's list holds somebody whom nobody can tell.
pub async fn unknown_attendee(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    raise(&app.ledger, &context.tenant.name, AlertKind::AttendeeUnknown).await
}

/// Graph answers again, and shows the directory.
pub async fn graph_well(app: &AppContext, context: &TenantContext) -> Result<(), StoreError> {
    let over = [AlertKind::GraphCredential, AlertKind::GraphUnauthorized, AlertKind::Directory];
    resolve_any(&app.ledger, &context.tenant.name, &over).await
}
