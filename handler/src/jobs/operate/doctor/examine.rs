//! Goes through the checks, one after the other.
//!
//! Guarantees: it ends in time, whatever is looked at does: a check that does not come back in [`PATIENCE`]
//! has failed, and what there is no time for is said not to have been looked at. It leaves nothing behind
//! but the row by which tables are proved writable, and where it is killed at the wrong moment one
//! subscription, which lives for minutes and is deleted as an orphan before ([`super::webhook`]).

use super::check::{Check, CheckId, Look, Outcome};
use super::list::CHECKS;
use super::order::{Needs, Standings, in_order};
use super::report::{Diagnosis, Finding};
use super::subject::{Deployment, Visit};
use super::switched_off;
use crate::ids::TenantName;
use crate::jobs::context::{AppContext, TenantContext};
use crate::jobs::surroundings::Surroundings;
use futures::future::BoxFuture;
use futures::{StreamExt as _, stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// No check takes longer.
pub(super) const PATIENCE: Duration = Duration::from_secs(25);
/// Nor do all of them, where a person waits: the platform hangs up after 230 seconds.
pub const WHOLE: Duration = Duration::from_secs(150);
const NO_TIME: &str = "not looked at: there was no time left";
/// Tenants that are looked at side by side.
const AT_ONCE: usize = 4;

impl Needs for Check {
    fn id(&self) -> CheckId {
        self.id
    }

    fn needs(&self) -> &[CheckId] {
        self.needs
    }
}

/// Looks at the deployment, and at these tenants of it. Nobody is called for one that is switched off.
pub async fn examine(
    app: &AppContext,
    around: &Surroundings,
    is_wanted: impl Fn(&TenantName) -> bool + Send,
    until: Instant,
) -> Diagnosis {
    let mut standings = Standings::default();
    let deployment = Deployment { app, around };
    let mut findings = Vec::new();
    for check in in_order(CHECKS) {
        if let Look::Deployment(look) = check.look {
            findings.push(one(check, &mut standings, until, || look(&deployment)).await);
        }
    }
    let wanted: Vec<(TenantName, Arc<TenantContext>)> = app
        .tenants
        .iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, context)| (name.clone(), Arc::clone(context)))
        .collect();
    let visits = wanted.into_iter().map(|(name, context)| {
        let standings = standings.clone();
        // Boxed: the compiler can't see that it may go to another thread otherwise.
        let visit: BoxFuture<'_, (TenantName, Vec<Finding>)> =
            Box::pin(async move { (name, tenant(app, around, &context, standings, until).await) });
        visit
    });
    let visits: Vec<_> = visits.collect();
    let tenants: BTreeMap<_, _> = stream::iter(visits).buffer_unordered(AT_ONCE).collect().await;
    let cut = findings.iter().chain(tenants.values().flatten()).any(|finding| finding.seen == NO_TIME);
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Diagnosis { version, at: app.ledger.clock.now(), deployment: findings, tenants, cut }
}

async fn tenant(
    app: &AppContext,
    around: &Surroundings,
    context: &Arc<TenantContext>,
    mut standings: Standings,
    until: Instant,
) -> Vec<Finding> {
    let visit = Visit::new(app, around, context);
    let mut findings = Vec::new();
    let alone = [switched_off::CHECK];
    let checks = if context.tenant.active { CHECKS } else { &alone };
    for check in in_order(checks) {
        if let Look::Tenant(look) = check.look {
            findings.push(one(check, &mut standings, until, || look(&visit)).await);
        }
    }
    findings
}

async fn one<Looking: Future<Output = Outcome>>(
    check: &Check,
    standings: &mut Standings,
    until: Instant,
    look: impl FnOnce() -> Looking,
) -> Finding {
    if let Some(fault) = standings.behind(check.needs) {
        standings.note_behind(check.id, fault);
        return Finding::behind(check, fault);
    }
    let now = Instant::now();
    let outcome = if now >= until {
        Outcome::skipped(NO_TIME)
    } else {
        match timeout_at(until.min(now + PATIENCE), look()).await {
            Ok(outcome) => outcome,
            Err(_) => Outcome::failed(
                format!("no answer within {} s", now.elapsed().as_secs()),
                "See what is in the way of this connection (network, proxy, firewall), and ask again.",
            ),
        }
    };
    standings.note(check.id, outcome.verdict);
    Finding::of(check, outcome)
}

/// Where not even the configuration can be used: that is told, and nothing else is looked at.
pub fn unconfigured(outcome: Outcome, at: chrono::DateTime<chrono::Utc>) -> Diagnosis {
    let mut findings = Vec::new();
    let mut outcome = Some(outcome);
    for check in in_order(CHECKS) {
        findings.push(match outcome.take() {
            Some(outcome) => Finding::of(check, outcome),
            None => Finding::behind(check, CheckId::Configuration),
        });
    }
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Diagnosis { version, at, deployment: findings, tenants: BTreeMap::new(), cut: false }
}
