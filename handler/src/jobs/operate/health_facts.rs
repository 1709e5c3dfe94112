//! What a tenant's health follows from, as it stands in the ledger; the valve and the mailboxes are added by
//! whoever reads them anyway.

use crate::enrolment::policy::PolicyMode;
use crate::ids::TenantName;
use crate::jobs::context::AppContext;
use crate::jobs::operate::health::{Facts, OpenAlert};
use crate::ledger::alert_changes::{self, CONNECTED};
use crate::ledger::alert_kind::AlertKind;
use crate::ledger::alerts::{self, Alert};
use crate::store::StoreError;

pub(super) async fn of_tenant(app: &AppContext, name: &TenantName) -> Result<Facts, StoreError> {
    let tenant = app.tenants.get(name).map(|context| &context.tenant);
    let open = alerts::open(&app.ledger, name).await?;
    let changes = alert_changes::all(&app.ledger, name).await?;
    let is_open = |kind: AlertKind| open.iter().any(|alert| alert.kind == kind);
    let ended = changes.iter().filter_map(|(word, changes)| {
        let kind = AlertKind::of(word).filter(|kind| !is_open(*kind))?;
        Some((kind, changes.changed))
    });
    let connected = changes.iter().find(|(word, _)| word == CONNECTED).map(|(_, changes)| changes.changed);
    Ok(Facts {
        ended: ended.collect(),
        connected,
        is_closed: tenant.is_some_and(|tenant| tenant.is_closed()),
        observes: tenant.is_none_or(|tenant| tenant.policy.mode == PolicyMode::Observe),
        alerts: open
            .into_iter()
            .map(|Alert { kind, since, count, step, .. }| OpenAlert { kind, since, count, step })
            .collect(),
        ..Facts::default()
    })
}
