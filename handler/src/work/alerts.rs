//! Open alerts are ledger rows: one per tenant and kind, said again until somebody resolves what it names.

use crate::cancellation::agenda::review_partition;
use crate::cancellation::enrolment::Enrolment;
use crate::cancellation::table::State;
use crate::cancellation::valve::{Valve, ValveState};
use crate::graph::GraphError;
use crate::ids::TenantName;
use crate::store::{RowRange, StoreError, Table, typed};
pub use crate::work::alert_kind::{AlertKind, Ends};
use crate::work::desk::{Desk, Office};
use crate::work::rows;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    pub kind: AlertKind,
    /// How many things it is about. One that is about a state of affairs counts 1.
    #[serde(default = "one")]
    pub count: u64,
    pub since: DateTime<Utc>,
    /// The mending step.
    pub step: String,
}

fn one() -> u64 {
    1
}

fn partition(tenant: &TenantName) -> String {
    format!("{tenant}~alerts")
}

/// Opens an alert; one that is open already stays as it is.
pub async fn raise(office: &Office, tenant: &TenantName, kind: AlertKind) -> Result<(), StoreError> {
    raise_with(office, tenant, kind, kind.step()).await
}

/// The same, where more is known of what mends it.
pub async fn raise_with(office: &Office, tenant: &TenantName, kind: AlertKind, step: &str) -> Result<(), StoreError> {
    let alert = Alert { kind, count: 1, since: office.clock.now(), step: step.to_owned() };
    let key = kind.as_str();
    if typed::insert_if_absent(office.tables.as_ref(), Table::Connections, &partition(tenant), key, &alert).await? {
        tracing::warn!(tenant = %tenant, alert = key, step, "alert");
    }
    Ok(())
}

/// Closes an alert whose cause is gone.
pub async fn resolve(office: &Office, tenant: &TenantName, kind: AlertKind) -> Result<(), StoreError> {
    office.tables.delete(Table::Connections, &partition(tenant), kind.as_str(), None).await
}

/// Takes back those of these kinds that are open: where mostly none is, this is one look instead of as many writes.
pub async fn resolve_any(office: &Office, tenant: &TenantName, kinds: &[AlertKind]) -> Result<(), StoreError> {
    let open = open(office, tenant).await?;
    for kind in kinds.iter().filter(|kind| open.iter().any(|alert| alert.kind == **kind)) {
        resolve(office, tenant, *kind).await?;
    }
    Ok(())
}

/// The open alerts of a tenant. One of a kind that a newer build knows is passed over, and that is an alert of its own.
pub async fn open(office: &Office, tenant: &TenantName) -> Result<Vec<Alert>, StoreError> {
    let all = RowRange::all();
    let rows = rows::readable(office, tenant, Table::Connections, &partition(tenant), all, 1000).await?;
    Ok(rows.into_iter().map(|read| read.value).collect())
}

/// Says every open alert again, so that a log that is watched can't forget one.
pub async fn say_again(office: &Office) -> Result<(), StoreError> {
    for tenant in office.desks.keys() {
        for Alert { kind, since, step, .. } in open(office, tenant).await? {
            tracing::warn!(tenant = %tenant, alert = kind.as_str(), since = %since, step, "alert is open");
        }
    }
    Ok(())
}

/// `expired`, `review` and a place that is wanted back are never left in silence.
pub async fn for_state(office: &Office, row: &Enrolment) -> Result<(), StoreError> {
    if row.taken_back.is_some() {
        raise(office, &row.tenant, AlertKind::TakeBack).await?;
    }
    match row.state {
        State::Expired => raise(office, &row.tenant, AlertKind::Expired).await,
        State::Review => raise(office, &row.tenant, AlertKind::Review).await,
        State::Watched | State::Waiting | State::Running | State::Done => Ok(()),
    }
}

/// Takes the alert `review` back where nothing waits for a person any more.
pub async fn review_may_be_over(office: &Office, tenant: &TenantName) -> Result<(), StoreError> {
    let partition = review_partition(tenant);
    let waits = office.tables.scan(Table::Agenda, &partition, RowRange::all(), 1).await?;
    if waits.rows.is_empty() { resolve(office, tenant, AlertKind::Review).await } else { Ok(()) }
}

/// What an open valve ends.
pub const OF_THE_VALVE: [AlertKind; 3] = [AlertKind::LmsBreaker, AlertKind::LmsCredential, AlertKind::LmsGone];

/// A closed valve is never left in silence, nor is an alert left open once it is open again. The brake's own alert goes when a
/// person opens the valve, since the brake may hold single learners behind an open one.
pub async fn for_valve(office: &Office, tenant: &TenantName, valve: &Valve) -> Result<(), StoreError> {
    match valve.state {
        ValveState::CredentialBroken => raise(office, tenant, AlertKind::LmsCredential).await,
        ValveState::EndpointGone => raise(office, tenant, AlertKind::LmsGone).await,
        ValveState::BreakerOpen => {
            let step = format!("{} {}.", AlertKind::LmsBreaker.step(), valve.why);
            raise_with(office, tenant, AlertKind::LmsBreaker, &step).await
        }
        ValveState::Braked => raise(office, tenant, AlertKind::Brake).await,
        ValveState::Open => {
            for kind in OF_THE_VALVE {
                resolve(office, tenant, kind).await?;
            }
            if valve.outages == 0 && valve.suspects.is_empty() {
                resolve(office, tenant, AlertKind::LmsAnswer).await?;
            }
            Ok(())
        }
        ValveState::Stopped => Ok(()),
    }
}

/// Trouble with Graph that a person must mend.
pub async fn graph_trouble(office: &Office, desk: &Desk, trouble: &GraphError) -> Result<(), StoreError> {
    let tenant = &desk.tenant.name;
    match trouble {
        GraphError::Credential { hint, .. } => raise_with(office, tenant, AlertKind::GraphCredential, hint).await,
        GraphError::Unauthorized(_) => raise(office, tenant, AlertKind::GraphUnauthorized).await,
        GraphError::Invalid(_) => {
            tracing::error!(tenant = %tenant, %trouble, "Graph refuses a request");
            raise(office, tenant, AlertKind::GraphInvalid).await
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

/// A training session's organizer is a name of Exchange's own directory that nobody can tell the address of.
pub async fn unknown_organizer(office: &Office, desk: &Desk) -> Result<(), StoreError> {
    raise(office, &desk.tenant.name, AlertKind::OrganizerUnknown).await
}

/// The organizer's list holds somebody whom nobody can tell.
pub async fn unknown_attendee(office: &Office, desk: &Desk) -> Result<(), StoreError> {
    raise(office, &desk.tenant.name, AlertKind::AttendeeUnknown).await
}

/// Graph answers again, and shows the directory.
pub async fn graph_well(office: &Office, desk: &Desk) -> Result<(), StoreError> {
    let over = [AlertKind::GraphCredential, AlertKind::GraphUnauthorized, AlertKind::Directory];
    resolve_any(office, &desk.tenant.name, &over).await
}
