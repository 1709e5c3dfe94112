//! Open alerts are ledger rows: one per tenant and kind, said again until somebody resolves what it names.

use crate::cancellation::enrolment::Enrolment;
use crate::cancellation::table::State;
use crate::cancellation::valve::{Valve, ValveState};
use crate::graph::GraphError;
use crate::ids::TenantName;
use crate::store::{RowRange, StoreError, Table, typed};
use crate::work::desk::{Desk, Office};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub kind: String,
    pub since: DateTime<Utc>,
    /// The mending step, in one sentence.
    pub step: String,
}

pub const STEP_LEARNER_KEY: &str = "The directory does not fill the field that learner.key names for some invited people; fill it or choose another field.";

fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~alerts")
}

/// Opens an alert; one that is open already stays as it is.
pub async fn raise(office: &Office, tenant: &TenantName, kind: &str, step: &str) -> Result<(), StoreError> {
    let alert = Alert { kind: kind.to_owned(), since: office.clock.now(), step: step.to_owned() };
    if typed::insert_if_absent(office.tables.as_ref(), Table::Connections, &partition(tenant), kind, &alert).await? {
        tracing::warn!(tenant = %tenant, alert = kind, step, "alert");
    }
    Ok(())
}

/// Closes an alert whose cause is gone.
pub async fn resolve(office: &Office, tenant: &TenantName, kind: &str) -> Result<(), StoreError> {
    office.tables.delete(Table::Connections, &partition(tenant), kind, None).await
}

/// Takes back those of these kinds that are open: where mostly none is, this is one look instead of as many writes.
pub async fn resolve_any(office: &Office, tenant: &TenantName, kinds: &[&str]) -> Result<(), StoreError> {
    let open = open(office, tenant).await?;
    for kind in kinds.iter().filter(|kind| open.iter().any(|alert| alert.kind == **kind)) {
        resolve(office, tenant, kind).await?;
    }
    Ok(())
}

pub async fn open(office: &Office, tenant: &TenantName) -> Result<Vec<Alert>, StoreError> {
    let rows =
        typed::scan(office.tables.as_ref(), Table::Connections, &partition(tenant), RowRange::all(), 1000).await?;
    Ok(rows.into_iter().map(|read| read.value).collect())
}

/// Says every open alert again, so that a log that is watched can't forget one.
pub async fn say_again(office: &Office) -> Result<(), StoreError> {
    for tenant in office.desks.keys() {
        for alert in open(office, tenant).await? {
            tracing::warn!(tenant = %tenant, alert = alert.kind, since = %alert.since, step = alert.step, "alert is open");
        }
    }
    Ok(())
}

pub const BRAKE: &str = "brake";
pub const STEP_BRAKE: &str = "Unusually many declines within a short time: see whether a script or a sync client made them, then open the valve.";

pub const TAKE_BACK: &str = "take-back";

/// `expired`, `review` and a place that is wanted back are never left in silence.
pub async fn for_state(office: &Office, row: &Enrolment) -> Result<(), StoreError> {
    if row.taken_back.is_some() {
        let step = "Learners accepted again after their place had been cancelled; list them with state=taken-back, give the place back in the LMS or tell the learner, then ignore each.";
        raise(office, &row.tenant, TAKE_BACK, step).await?;
    }
    match row.state {
        State::Expired => {
            let step = "Cancellations came too late; list them with state=expired and tell the training administrator.";
            raise(office, &row.tenant, "expired", step).await
        }
        State::Review => {
            let step = "Cancellations wait for a person; list them with state=review and approve or ignore each.";
            raise(office, &row.tenant, "review", step).await
        }
        State::Watched | State::Waiting | State::Running | State::Done => Ok(()),
    }
}

/// A closed valve is never left in silence, nor is an alert left open once it is open again. The brake's own alert goes when a
/// person opens the valve, since the brake may hold single learners behind an open one.
pub async fn for_valve(office: &Office, tenant: &TenantName, valve: &Valve) -> Result<(), StoreError> {
    match valve.state {
        ValveState::CredentialBroken => {
            let step = "The LMS does not accept our credential: mend the connection's secret, then open the valve.";
            raise(office, tenant, "lms-credential", step).await
        }
        ValveState::EndpointGone => {
            let step = "The LMS says that its endpoint is gone: correct lms.url, then open the valve.";
            raise(office, tenant, "lms-gone", step).await
        }
        ValveState::BreakerOpen => {
            let step = "The LMS is down; cancellations wait and go on by themselves when it answers.";
            raise(office, tenant, "lms-breaker", step).await
        }
        ValveState::Braked => raise(office, tenant, BRAKE, STEP_BRAKE).await,
        ValveState::Open => {
            for kind in ["lms-breaker", "lms-credential", "lms-gone"] {
                resolve(office, tenant, kind).await?;
            }
            Ok(())
        }
        ValveState::Stopped => Ok(()),
    }
}

/// Trouble with Graph that a person must mend.
pub async fn graph_trouble(office: &Office, desk: &Desk, trouble: &GraphError) -> Result<(), StoreError> {
    match trouble {
        GraphError::Credential { hint, .. } => raise(office, &desk.tenant.name, "graph-credential", hint).await,
        GraphError::Unauthorized(_) => {
            let step = "Graph does not accept our token; check the app registration and its consent.";
            raise(office, &desk.tenant.name, "graph-unauthorized", step).await
        }
        GraphError::Invalid(_) => {
            let step = "Graph refuses a request of ours; report it with the request-id in the log.";
            tracing::error!(tenant = %desk.tenant.name, %trouble, "Graph refuses a request");
            raise(office, &desk.tenant.name, "graph-invalid", step).await
        }
        GraphError::NotFound(_)
        | GraphError::NoMailbox(_)
        | GraphError::Refused(_)
        | GraphError::Quota(_)
        | GraphError::Conflict(_)
        | GraphError::TooLong { .. }
        | GraphError::Validation(_)
        | GraphError::Throttled { .. }
        | GraphError::Unavailable(_) => Ok(()),
    }
}

pub const DIRECTORY: &str = "directory";
pub const DIRECTORY_SHRUNK: &str = "directory-shrunk";

/// Graph answers again, and shows the directory.
pub async fn graph_well(office: &Office, desk: &Desk) -> Result<(), StoreError> {
    resolve_any(office, &desk.tenant.name, &["graph-credential", "graph-unauthorized", DIRECTORY]).await
}
