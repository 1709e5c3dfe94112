//! A person has a test run now.

use crate::ids::TenantName;
use crate::jobs::canary::advance;
use crate::jobs::canary::told;
use crate::jobs::context::AppContext;
use crate::jobs::operate::canary_json::Canary;
use crate::jobs::operate::operator::{Attribution, OperatorError};
use crate::ledger::audit;

const NONE: &str =
    "has no canary: [tenant.….canary] in the configuration names a test learner and a test session";

/// What is known of the tenant's tests.
pub async fn show(app: &AppContext, tenant: &TenantName) -> Result<Canary, OperatorError> {
    let unknown = || OperatorError::NotFound(format!("tenant `{tenant}` is not configured"));
    let context = app.tenants.get(tenant).ok_or_else(unknown)?;
    match told::all(app, context).await? {
        Some(told) => Ok(told),
        None => Err(OperatorError::NotFound(format!("tenant `{tenant}` {NONE}"))),
    }
}

/// Begins one; the next planning round carries it on.
pub async fn run(
    app: &AppContext,
    tenant: &TenantName,
    signed: &Attribution,
) -> Result<Canary, OperatorError> {
    signed.check()?;
    let unknown = || OperatorError::NotFound(format!("tenant `{tenant}` is not configured"));
    let context = app.tenants.get(tenant).ok_or_else(unknown)?;
    let Some(canary) = &context.tenant.canary else {
        return Err(OperatorError::Conflict(format!("tenant `{tenant}` {NONE}")));
    };
    if !context.tenant.active {
        return Err(OperatorError::Conflict(format!("tenant `{tenant}` is switched off")));
    }
    let (by, reason) = (signed.by.trim(), signed.reason.trim());
    // The audit first, as of every decision of a person's.
    audit::append(&app.ledger, tenant, by, &format!("A test decline is asked for: {reason}")).await?;
    if advance::begin(&app.ledger, tenant, canary, Some(by.to_owned())).await?.is_none() {
        return Err(OperatorError::Conflict(
            "a test decline is under way already; `regrets canary` shows how far it is".to_owned(),
        ));
    }
    show(app, tenant).await
}
